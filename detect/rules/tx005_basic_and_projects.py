"""TX005: the explanation splits expenditure as the tables do."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX005",
    name="基本支出和项目支出与文字说明",
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
            2031年度支出预算130.00万元，其中：基本支出80.00万元；项目支出55.00万元。
            """,
        near_miss={"55.00万元": "50.00万元"},
        because="与报表一致",
    ),
)
def basic_and_projects(report: Report) -> Iterator[Outcome]:
    """Basic and project expenditure, 人员经费 and 公用经费 in the explanation equal the tables.

    ## 查什么
    说明中的基本支出、项目支出、人员经费、公用经费与支出总表和经济科目表（或公开03、05、06）是否一致。

    ## 为什么要查
    压减一般性支出，看的就是办公与办事的划分。

    ## 不报的情形
    四舍五入的尾差；上年数和增减额；没有识别出对应报表的金额。
    """
    yield from table_checks(report, "TX005")
