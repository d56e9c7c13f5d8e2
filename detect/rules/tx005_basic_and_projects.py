"""TX005: the explanation splits expenditure as the tables do."""

from __future__ import annotations

from collections.abc import Iterator

from detect.narrative import table_checks
from detect.registry import Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="TX005",
    name="基本支出和项目支出与文字说明",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def basic_and_projects(report: Report) -> Iterator[Outcome]:
    """Basic and project expenditure, 人员经费 and 公用经费 in the explanation equal the tables.

    ## What it checks
    The sections on expenditure and on basic expenditure against 表三 and 表六, or 公开03, 05 and 06.

    ## Why it matters
    The split between running the office and doing its work is what the limits on public expenses hang on.

    ## What it leaves alone
    Differences within rounding; last year's amounts and changes; parts that no recognised table prints.
    """
    yield from table_checks(report, "TX005")
