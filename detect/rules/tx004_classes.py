"""TX004: the explanation states the expenditure classes that the tables print."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX004",
    name="科目支出与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年一般公共预算支出预算表（不含上年结转）》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 100.00 | 60.00 | 40.00
            221 | 住房保障支出 | 30.00 | 20.00 | 10.00
            # 五、一般公共预算支出情况说明
            一般公共预算当年支出130.00万元，主要用于：科学技术支出110.00万元、住房保障支出30.00万元。
            """,
        near_miss={"110.00万元": "100.00万元"},
        because="与报表一致",
    ),
)
def classes(report: Report) -> Iterator[Outcome]:
    """The amount of every expenditure class in the explanation equals the table.

    ## 查什么
    财政拨款、一般公共预算说明中各类支出的金额与表四、表五（或公开05）是否一致。

    ## 为什么要查
    一类支出就是一项政策的钱，写错就是说错政策。

    ## 不报的情形
    四舍五入的尾差；报表没有的科目；决算中的年初预算；款和项。
    """
    yield from table_checks(report, "TX004")
