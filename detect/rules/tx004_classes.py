"""TX004: the explanation states the expenditure classes that the tables print."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX004",
    name="科目支出与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def classes(report: Report) -> Iterator[Outcome]:
    """The amount of every expenditure class in the explanation equals the table.

    ## What it checks
    The classes named in the sections on 财政拨款 and 一般公共预算 against 表四 and 表五, or 公开05.

    ## Why it matters
    A class is what the money is spent on; a slip here misstates a policy.

    ## What it leaves alone
    Differences within rounding; classes that the table has no line for; original budgets of final accounts; 款 and 项.
    """
    yield from table_checks(report, "TX004")
