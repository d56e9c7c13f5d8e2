"""TX003: the explanation states the totals that the tables print."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX003",
    name="收支总额与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年预算支出总表》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            # 三、支出预算情况说明
            2031年度支出预算103.00万元。
            """,
        near_miss={"103.00万元": "1300000元"},
        because="单位不同而金额相等",
    ),
)
def totals(report: Report) -> Iterator[Outcome]:
    """The totals in the explanation equal the tables.

    ## 查什么
    说明中的收入总计、支出总计、本年收入、上年结转和各项收入来源与收支总表、收入总表、支出总表、财政拨款表（或公开01
    至05、07、08）是否一致。

    ## 为什么要查
    被引用的正是这些句子；只改了表而没有改文字是最常见的差错。

    ## 不报的情形
    四舍五入的尾差；上年数、年初预算和增减额；没有识别出对应报表的总额。
    """
    yield from table_checks(report, "TX003")
