"""QT006: what was spent on “三公” is not above its budget."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed, operand_of
from detect.conclude import conclude
from detect.facts import Ledger
from detect.prose import passages
from detect.registry import Example, Outcome, rule
from detect.wording import quoted
from models.citation import Citation
from models.finding import Severity
from models.money import yuan_text
from models.report import Report

_REASON = re.compile(r"原因|主要(?:是|为|系)|由于|因为|追加|调整|新成立")


@rule(
    id="QT006",
    name="“三公”经费决算与预算",
    severity="warning",
    category="quota",
    basis=Citation("《中华人民共和国预算法》", "第十三条"),
    example=Example(
        """
            《2031年财政拨款“三公”经费支出决算表》万元
            合计 | > | 因公出国（境）费 | > | 公务用车购置及运行费 | > | > | > | > | > | 公务接待费 | >
            ^ | ^ | ^ | ^ | 小计 | > | 公务用车购置费 | > | 公务用车运行费 | > | ^ | ^
            预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数
            4.80 | 6.30 | 0.00 | 0.00 | 3.60 | 3.60 | 0.00 | 0.00 | 3.60 | 3.60 | 1.20 | 2.70
            """,
        near_miss={"6.30": "4.10", "2.70": "0.50"},
        because="没有超过预算",
    ),
)
def beyond_budget(report: Report) -> Iterator[Outcome]:
    """The final total of “三公” expenses does not exceed their budget of the whole year.

    ## 查什么
    “三公”经费支出决算表的决算数合计是否大于预算数合计；说明中写有原因的（年中追加、新成立单位等）只作提示。

    ## 为什么要查
    各单位的支出必须以经批准的预算为依据，未列入预算的不得支出；“三公”经费更不得超预算。

    ## 不报的情形
    某一项超过而合计没有超过；四舍五入的尾差；任一栏没有填列。
    """
    ledger = Ledger(report)
    planned, spent = (ledger.one("f09", "amount", column) for column in ("budget.total", "final.total"))
    if planned is None or spent is None or planned.fact.amount is None or spent.fact.amount is None:
        return
    budget, final = planned.fact.amount, spent.fact.amount
    if final.interval[0] <= budget.interval[1]:
        yield Passed("“三公”经费决算合计")
        return
    unit = spent.form.unit
    is_explained = any(
        "三公" in quoted(f"{one.section}{one.subsection}{one.text}") and _REASON.search(one.text)
        for one in passages(report.document)
    )
    severity: Severity | None = "hint" if is_explained else None
    yield conclude(
        beyond_budget,
        report.document,
        key="f09:合计",
        severity=severity,
        message=(
            f"《{spent.form.name}》“三公”经费决算数{yuan_text(final.value, unit)}，"
            f"大于预算数{yuan_text(budget.value, unit)}，超出{yuan_text(final.value - budget.value, unit)}。"
            f"支出应以经批准的预算为依据，请核实预算调整手续{'和所述原因' if is_explained else '，并说明原因'}。"
        ),
        places=[(spent.form.table, spent.fact.cell)],
        others=[operand_of(planned, report.document).evidence],
        expected=f"不超过{yuan_text(budget.value, unit)}",
        observed=yuan_text(final.value, unit),
        difference=yuan_text(final.value - budget.value, unit),
    )
