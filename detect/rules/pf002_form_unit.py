"""PF002: both amounts of a project form are printed in the form's unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_amount, yuan_per
from detect.checks import Passed
from detect.projects import fundings, is_target_form, project_name
from detect.reconcile import SURE
from detect.registry import Outcome, rule
from models.citation import Citation
from models.finding import Evidence, Finding
from models.form import Funding
from models.money import yuan_text
from models.report import Report
from models.table import Table

LONGEST_PERIOD = Decimal(99)
"""Years of the longest period that the forms allow (99年 stands for a permanent project): the money of the whole
period is at most this many times that of one year."""
FACTOR = Decimal(10_000)


@rule(
    id="PF002",
    name="绩效目标表金额单位",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def form_unit(report: Report) -> Iterator[Outcome]:
    """The year's money and the money of the whole period of a project are in the same unit.

    ## What it checks
    Target forms that print both amounts: their ratio lies between 1 and 99 years.

    ## Why it matters
    A form in 元 that is filled in 万元 understates the project ten thousand times.

    ## What it leaves alone
    Ratios that no factor of 10,000 brings into that range: they are another fault, if any.
    """
    for table in report.document.tables:
        if not is_target_form(table):
            continue
        found = {("year" if "年度" in funding.name else "period"): funding for funding in fundings(table)}
        if set(found) == {"year", "period"}:
            yield from _compare(table, found["year"], found["period"])


def _compare(table: Table, year: Funding, period: Funding) -> Iterator[Outcome]:
    unit = yuan_per(year.unit)
    one, all_years = parse_amount(year.total.text, unit), parse_amount(period.total.text, unit)
    if one is None or all_years is None or not one.value or not all_years.value:
        return
    project = project_name(table)
    ratio = all_years.value / one.value
    if 1 <= ratio / FACTOR <= LONGEST_PERIOD:
        wrong, right = year, one.value * FACTOR
    elif 1 <= ratio * FACTOR <= LONGEST_PERIOD:
        wrong, right = period, all_years.value * FACTOR
    else:
        yield Passed(f"项目“{project}”金额单位")
        return
    other = period if wrong is year else year
    name = f"《{table.title}》项目“{project}”的{wrong.name}"
    printed = (one if wrong is year else all_years).value
    cells = [wrong.total, *(cell for _, cell in wrong.sources if cell.text.strip(" 0")), other.total]
    yield Finding(
        key=f"PF002:project:{project}:{wrong.name}",
        rule="PF002",
        category="project",
        severity="error" if wrong.total.confidence >= SURE else "hint",
        confidence=wrong.total.confidence,
        reading="real" if wrong.total.confidence >= SURE else "undecided",
        message=(
            f"{name}填列{wrong.total.text}，表内金额单位为{year.unit or '元'}，而{other.name}为{other.total.text}，"
            f"两者相差一万倍以上，疑似以万元填列，应为{yuan_text(right, year.unit)}。"
        ),
        evidence=tuple(Evidence(cell.page, cell.box, cell.text, table.id, cell.row, cell.col) for cell in cells),
        basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
        expected=yuan_text(right, year.unit),
        observed=yuan_text(printed, year.unit),
        difference=yuan_text(right - printed, year.unit),
    )
