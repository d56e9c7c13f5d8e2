"""TX003: the explanation states the totals that the tables print."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX003",
    name="收支总额与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def totals(report: Report) -> Iterator[Outcome]:
    """The totals in the explanation equal the tables.

    ## What it checks
    收入总计, 支出总计, the year's income, what is carried over, and the sources of income that the sections on income,
    expenditure and 财政拨款 state, against 表一, 三, 四, 五 or 公开01 to 05, 07 and 08.

    ## Why it matters
    It is these sentences that are quoted, and an amount changed in the table only is the commonest slip.

    ## What it leaves alone
    Differences within rounding; last year's amounts, original budgets and changes; a total that no recognised table
    prints.
    """
    yield from table_checks(report, "TX003")
