"""UC002: hired staff of one document costs about the same a head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude
from detect.pairing import year_amount
from detect.registry import Outcome, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.money import yuan_text
from models.report import Report

_STAFF = re.compile(r"聘用|见习|临时工|编外|公益性?岗位|辅助人员|工资|劳务派遣")
_OTHER_COST = re.compile(r"培训|设备|系统|物业|租赁|差旅|会议")
_HEADS = re.compile(r"^[≥≤=]?(\d{1,4})[人名](?:/年)?$")
TIMES = 3
"""How many times the cost of another project's head is worth a look. Source: comparable projects lie between 0.6 and 2
times each other in review practice."""
MIN_PROJECTS = 2
"""Projects with staff that a document must have to be compared at all."""


@rule(
    id="UC002",
    name="聘用人员人均费用",
    severity="hint",
    category="unit_cost",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def staff_cost(report: Report) -> Iterator[Outcome]:
    """Money of the year by heads is not three times that of the cheapest other project for hired staff.

    ## What it checks
    Projects whose name speaks of hired staff, with one indicator of 数量 in 人 and the money of the year.

    ## Why it matters
    A head that costs several times another one has other money in it, or one of the numbers is wrong.

    ## What it leaves alone
    Documents with a single such project; projects with other costs in their name. A few projects prove nothing: this
    is always a hint.
    """
    known = [
        (form, heads, cost) for form in report.project_forms if (found := _per_head(form)) for heads, cost in [found]
    ]
    if len(known) < MIN_PROJECTS:
        return
    cheapest = min(known, key=lambda entry: entry[2])
    for form, heads, cost in known:
        funding = form.funding("year")
        if cost < TIMES * cheapest[2] or funding is None:
            yield Passed(f"项目“{form.project}”的人均费用")
            continue
        yield conclude(
            staff_cost,
            report.document,
            key=f"project:{form.project}:人均",
            message=(
                f"《{form.title}》项目“{form.project}”年度资金{yuan_text(cost * _count(heads), '万元')}，“{heads.name}”"
                f"{heads.value}，人均{yuan_text(cost, '万元')}（每月{cost / 12:.2f}元），是同一文件中"
                f"“{cheapest[0].project}”人均{yuan_text(cheapest[2], '万元')}的{cost / cheapest[2]:.1f}倍，"
                "请核实人数和标准。"
            ),
            places=[(form.table, heads.value_cell), (form.table, funding.total)],
            others=[(cheapest[0].table, cheapest[1].value_cell)],
            observed=yuan_text(cost, "万元"),
        )


def _count(item: Indicator) -> int:
    found = _HEADS.match(item.value)
    return int(found.group(1)) if found else 0


def _per_head(form: ProjectForm) -> tuple[Indicator, Decimal] | None:
    money = year_amount(form)
    if form.kind != "target" or money is None or not _STAFF.search(form.project) or _OTHER_COST.search(form.project):
        return None
    heads = [item for item in form.indicators if "数量" in item.level2 and _count(item)]
    if len({item.value_cell.row for item in heads}) != 1:
        return None
    return heads[-1], (money.value / _count(heads[-1])).quantize(Decimal("0.01"))
