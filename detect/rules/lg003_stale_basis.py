"""LG003: a project does not rest on the budget notice of another year."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Outcome, rule
from detect.texts import Text, cell_texts, conclude_text
from models.citation import Citation
from models.finding import Severity
from models.report import Report

_TITLE = re.compile(r"《(?P<title>[^《》]{6,80})》")
_BUDGET = re.compile(r"(?:编制|编报)[^》]{0,16}?(?P<year>20\d\d)年(?:度)?[^》]{0,8}预算")
_WORK = re.compile(r"(?:开展|做好)(?P<year>20\d\d)年度?[^》]{0,40}(?:工作|编报|编制|申报)[^》]{0,6}通知")
_PLAN = re.compile(r"(?P<year>20\d\d)[-—–~～至]20\d\d年(?:中长期|中期)?财政规划")
WORK_AGE_YEARS = 2
"""A notice on work of the year before last cannot order work of this budget; one of last year may still be carried out
when the budget begins."""


@rule(
    id="LG003",
    name="立项依据的年度",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def stale_basis(report: Report) -> Iterator[Outcome]:
    """The notices that a target form names as its basis are those of its year.

    ## What it checks
    Titles in 《》: a notice on compiling the budget of another year, a notice on one year's work that is two or more
    years old, and (as a hint) a medium-term plan that begins with another year.

    ## Why it matters
    The basis was copied from an earlier application; whether anybody ordered the work of this year is open.

    ## What it leaves alone
    Laws, regulations and plans; documents that are named by number only; final accounts.
    """
    year = report.year
    tables = {form.table.id for form in report.project_forms if form.kind == "target"}
    if year is None or report.kind == "决算公开" or not tables:
        return
    found: dict[tuple[str, int, Severity], list[tuple[Text, int]]] = defaultdict(list)
    for text in cell_texts(report.document):
        if text.table is None or text.table.id not in tables:
            continue
        for cited in _TITLE.finditer(text.text):
            stated = _stale(cited.group("title"), year)
            if stated is not None:
                found[cited.group("title"), *stated].append((text, cited.start()))
    if not found:
        yield Passed("立项依据的年度")
    for (title, stated_year, severity), places in found.items():
        count = f"等{len(places)}处" if len(places) > 1 else ""
        yield conclude_text(
            stale_basis,
            report.document,
            places,
            key=f"{title[:30]}",
            severity=severity,
            message=f"以《{title}》{count}为依据，该文件针对{stated_year}年，本文件为{year}年度，疑似沿用以前年度的依据，请核实。",
            expected=f"{year}年",
            observed=f"{stated_year}年",
        )


def _stale(title: str, year: int) -> tuple[int, Severity] | None:
    if (budget := _BUDGET.search(title)) and int(budget.group("year")) != year:
        return int(budget.group("year")), "warning"
    if (work := _WORK.search(title)) and year - int(work.group("year")) >= WORK_AGE_YEARS:
        return int(work.group("year")), "warning"
    if (plan := _PLAN.search(title)) and int(plan.group("year")) < year:
        return int(plan.group("year")), "hint"
    return None
