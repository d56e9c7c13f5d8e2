"""TX001: the explanation of “三公” expenses states what the table prints."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX001",
    name="“三公”经费表与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
)
def three_public(report: Report) -> Iterator[Outcome]:
    """The total and the items of “三公” expenses in the explanation equal the table.

    ## What it checks
    The section on “三公” expenses against 表十 or 公开09 (final figures): total, 出国, 接待, 用车, 购置, 运行.

    ## Why it matters
    The law asks for an explanation of exactly these amounts, and it is what citizens read.

    ## What it leaves alone
    Differences within rounding; last year's amounts and changes; amounts quoted for single groups or visits; an item
    that the section states twice with different amounts (a skip says so).
    """
    yield from table_checks(report, "TX001")
