"""TX002: the explanation of operating expenses states what the table prints."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX002",
    name="机关运行经费表与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            《2031年财政拨款安排机关运行经费预算表》万元
            单位名称 | 2031预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            部门合计 | 10.00 | 10.00 | |
            虚构市天文馆 | 10.00 | 10.00 | |
            # 八、机关运行经费增减变动原因说明
            机关运行经费财政拨款预算12.00万元，上年为9.00万元。
            """,
        near_miss={"12.00万元": "10.00万元"},
        because="与报表一致",
    ),
)
def operating_expenses(report: Report) -> Iterator[Outcome]:
    """The operating expenses (机关运行经费) in the explanation equal the table.

    ## 查什么
    说明中的机关运行经费与表十一的部门合计（决算为公开10第5、6行）是否一致。

    ## 为什么要查
    预算法要求说明的正是这个金额。

    ## 不报的情形
    四舍五入的尾差；上年数和增减额；表或说明没有写金额的。
    """
    yield from table_checks(report, "TX002")
