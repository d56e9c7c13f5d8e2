"""TX001: the explanation of “三公” expenses states what the table prints."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX001",
    name="“三公”经费表与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            《2031年财政拨款安排“三公”经费支出预算表》万元
            项目 | 2031年预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            公务接待费 | 1.20 | 1.20 | |
            公务用车购置及运行费 | 3.60 | 3.60 | |
            ②公务用车运行维护费 | 3.60 | 3.60 | |
            合计 | 4.80 | 4.80 | |
            # 七、“三公”经费增减变动原因说明
            2031年“三公”经费预算4.80万元，其中：公务接待费2.10万元；公务用车运行维护费3.60万元。
            """,
        near_miss={"2.10万元": "1.2万元"},
        because="与报表相等，位数少不是差错",
    ),
)
def three_public(report: Report) -> Iterator[Outcome]:
    """The total and the items of “三公” expenses in the explanation equal the table.

    ## 查什么
    “三公”经费说明中的总额和各项（出国、接待、用车、购置、运行）与表十（决算为公开09的决算数）是否一致。

    ## 为什么要查
    预算法要求说明的正是这些金额，也是公众看的。

    ## 不报的情形
    四舍五入的尾差；上年数和增减额；单个批次的金额；同一项目写了两个不同金额的（列入“未检查”）。
    """
    yield from table_checks(report, "TX001")
