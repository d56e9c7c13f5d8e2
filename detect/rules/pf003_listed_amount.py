"""PF003: the money of a project form equals what the list of projects gives the project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from detect.checks import Check, Naming, cell_operand, operand_of
from detect.facts import Place
from detect.localise import is_unit_slip
from detect.pairing import pair
from detect.registry import Outcome, rule
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report


@rule(
    id="PF003",
    name="绩效目标表金额与项目支出预算表",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def listed_amount(report: Report) -> Iterator[Outcome]:
    """年度资金总额 of a project form equals 合计 of the project in 表十二 (or 表十三).

    ## What it checks
    Forms whose project stands exactly once in the lists, both amounts brought to yuan.

    ## Why it matters
    Targets are approved for an amount; a form with another amount was not updated with the budget, or the reverse.

    ## What it leaves alone
    Differences within rounding; amounts that differ by the factor of the unit (PF002 reports those); projects that
    several units carry under one name.
    """
    for form, place in pair(report).pairs:
        check = _check(report, form, place)
        if check is not None:
            yield check


def _check(report: Report, form: ProjectForm, place: Place) -> Check | None:
    funding = form.funding("year")
    if funding is None or not funding.unit:
        return None
    name = f"《{form.title}》项目“{form.project}”的{funding.name}"
    naming = Naming("project", form.project, f"{funding.name}/{funding.name}", funding.name, name, funding.unit)
    total = cell_operand(report.document, form.table.id, funding.total, naming)
    listed = replace(operand_of(place, report.document), sign=1)
    one, other = total.interval_source.value, listed.interval_source.value
    if one and other and is_unit_slip(one, other, total):
        return None
    return Check("绩效目标表年度资金总额等于项目支出预算表该项目合计", total, (listed,))
