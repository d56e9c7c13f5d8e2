"""TX002: the explanation of operating expenses states what the table prints."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX002",
    name="机关运行经费表与文字说明",
    severity="error",
    category="narrative",
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
    yield from table_checks(report, "TX002")
