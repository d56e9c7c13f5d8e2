"""ND002: the goal of the year is not the goal of the whole period."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.amounts import parse_number
from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.similar import SAME, bare, likeness, without_leading_year
from models.citation import Citation
from models.finding import Severity
from models.form import FormText, ProjectForm
from models.report import Report

MANY = 3
"""Forms with the same fault from which one finding names them all."""
EVERY = 5
"""Forms of a document from which equal goals in all of them are a habit."""
MIN_LENGTH = 10
"""Characters below which two goals may be equal by chance."""
_ONE_YEAR = re.compile(r"^1年|一次性")


@rule(
    id="ND002",
    name="年度目标照抄实施期目标",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def copied_goal(report: Report) -> Iterator[Outcome]:
    """In a project of several years the goal of the year is a part of the goal of the period.

    ## What it checks
    实施期目标 and 年度目标 of one form, without punctuation and without a year at the beginning. Equal goals in
    projects of one year are right; where every form of a document has them, it is one hint.

    ## Why it matters
    A goal of three years cannot be reached every year anew, or it is none.

    ## What it leaves alone
    Projects of one year, short goals.
    """
    equal: list[tuple[ProjectForm, FormText, FormText]] = []
    for form in report.project_forms:
        period, year = form.text("goal_period"), form.text("goal_year")
        if form.kind != "target" or period is None or year is None or len(bare(year.text)) < MIN_LENGTH:
            continue
        if likeness(without_leading_year(period.text), without_leading_year(year.text)) >= SAME:
            equal.append((form, period, year))
        else:
            yield Passed(f"项目“{form.project}”的年度目标")
    several = [item for item in equal if _is_longer(item[0])]
    if several:
        yield from _findings(report, several, "warning")
    elif len(equal) >= EVERY and len(equal) == len([form for form in _all(report) if form.text("goal_period")]):
        yield from _findings(report, equal, "hint")


def _all(report: Report) -> list[ProjectForm]:
    return [form for form in report.project_forms if form.kind == "target"]


def _is_longer(form: ProjectForm) -> bool:
    """Whether the project lasts more than a year: by 项目期, else by the money of the period."""
    duration, attribute = form.text("duration"), form.text("attribute")
    if duration is not None:
        return not _ONE_YEAR.match(duration.text)
    if attribute is not None:
        return not _ONE_YEAR.search(attribute.text)
    period, year = form.funding("period"), form.funding("year")
    numbers = [parse_number(item.total.text) for item in (period, year) if item is not None]
    return len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None and numbers[0][0] > numbers[1][0]


def _findings(
    report: Report, found: list[tuple[ProjectForm, FormText, FormText]], severity: Severity
) -> Iterator[Outcome]:
    if len(found) >= MANY:
        named = "、".join(f"“{form.project}”" for form, _, _ in found[:12])
        yield conclude(
            copied_goal,
            report.document,
            key="project:document:年度目标",
            severity=severity,
            message=f"{len(found)}张绩效目标表的年度目标与实施期目标相同：{named}等。年度目标应按当年任务分解。",
            places=[(form.table, text.cell) for form, period, year in found for text in (year, period)],
        )
        return
    for form, period, year in found:
        only = "只比实施期目标多出年份" if bare(period.text) != bare(year.text) else "与实施期目标相同"
        yield conclude(
            copied_goal,
            report.document,
            key=f"project:{form.project}:年度目标",
            severity=severity,
            message=(
                f"《{form.title}》项目“{form.project}”的年度目标{only}（“{year.text[:60]}”），项目期为多年，年度目标应"
                "分解到当年。"
            ),
            places=[(form.table, year.cell), (form.table, period.cell)],
            expected="当年的目标",
            observed="与实施期目标相同",
        )
