"""TX002: the explanation of the operating expenses states what the table prints."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, Operand, operand_of
from detect.facts import Ledger
from detect.narrative import amounts_after, sections
from detect.registry import Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_WORDS = r"机关运行经费(?:财政拨款)?(?:支出)?(?:预算|决算)?(?:总额|合计)?"


@rule(
    id="TX002",
    name="机关运行经费表与文字说明",
    severity="error",
    category="cross_table",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
)
def operating_expenses(report: Report) -> Iterator[Outcome]:
    """The operating expenses (机关运行经费) in the explanation equal the table.

    ## What it checks
    The first amount that the explanation states against 部门合计 of 表十一, or against lines 5 and 6 of 公开10.

    ## Why it matters
    The law asks for an explanation of exactly this amount.

    ## What it leaves alone
    Differences within rounding; last year's amount and changes; a table or text that states none.
    """
    ledger = Ledger(report)
    table = _table(report, ledger)
    stated = [
        operand
        for part in sections(report.document)
        if "机关运行" in part.title or "其他重要事项" in part.title
        for operand in amounts_after(report.document, part, _WORDS, "机关运行经费")
    ]
    if not table or not stated:
        if table:
            yield Skip("TX002", "机关运行经费", "没有识别出文字说明中的机关运行经费金额，未作核对")
        return
    yield Check("文字说明的机关运行经费等于报表金额", stated[0], tuple(table))


def _table(report: Report, ledger: Ledger) -> list[Operand]:
    total = ledger.one("b11", "total", "total")
    if total is not None:
        return [operand_of(total, report.document)]
    lines = (ledger.one("f10", name, "amount") for name in ("operating.administrative", "operating.civil"))
    found = [operand_of(place, report.document) for place in lines if place is not None]
    return found if any(operand.state == "number" for operand in found) else []
