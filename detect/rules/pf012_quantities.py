"""PF012: a quantity of the calculation is the quantity that the indicators promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude
from detect.expressions import formulas, prepared
from detect.registry import Outcome, rule
from models.citation import Citation
from models.form import FormText, Indicator, ProjectForm
from models.report import Report

_VALUE = re.compile(r"^(?P<mark>[≥>≤<=]?)(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>[^\d/%]{1,6})(?:/年)?$")
_TIME = re.compile(r"^个?(?:月|年|天|日|季度|小时|周)$")
_GENERAL = re.compile(r"数量|数目|人数|次数|面积|个数|项目|服务|工作|开展|聘请|聘用|租用|租赁|购置|发放|完成")
_BREAK = re.compile(r"[、，。;；:：()（）]")


@rule(
    id="PF012",
    name="测算数量与数量指标",
    severity="warning",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def quantities(report: Report) -> Iterator[Outcome]:
    """The quantity that an amount was calculated on agrees with the quantity indicator of the same thing.

    ## What it checks
    Quantities of products that give their amount, against the one indicator of 数量 in the same unit that shares two
    characters with the words before the amount.

    ## Why it matters
    Money for more than is promised, or a promise that was not paid for.

    ## What it leaves alone
    Months, years and days; products that do not give their amount (PF006 reports those); units that several indicators
    or several products share without a name in common.
    """
    for form in report.project_forms:
        for field in form.texts:
            if field.id in ("overview", "plan"):
                yield from _field(report, form, field)


def _field(report: Report, form: ProjectForm, field: FormText) -> Iterator[Outcome]:
    text = prepared(field.cell.text)
    for formula in formulas(text):
        if not formula.holds() or any(product.is_open for product in formula.products):
            continue
        label = _BREAK.split(text[: formula.amount.start])[-1]
        for product in formula.products:
            for number, unit in product.quantities:
                if unit and not _TIME.match(unit) and len(formula.products) == 1:
                    yield from _compare(report, form, field, label, number, unit, product.text)


def _compare(
    report: Report, form: ProjectForm, field: FormText, label: str, number: Decimal, unit: str, product: str
) -> Iterator[Outcome]:
    alike: list[tuple[Indicator, str, Decimal]] = []
    for item in form.indicators:
        found = _VALUE.match(item.value)
        if found and "数量" in item.level2 and found.group("unit") == unit and _shares(item.name, label):
            alike.append((item, found.group("mark"), Decimal(found.group("number").replace(",", ""))))
    if not alike or len({item.name for item, _, _ in alike}) != 1:
        return
    wrong = [entry for entry in alike if not _agrees(number, entry[1], entry[2])]
    if len(wrong) < len(alike):
        yield Passed(f"项目“{form.project}”的“{alike[0][0].name}”")
    else:
        item = wrong[-1][0]
        yield conclude(
            quantities,
            report.document,
            key=f"project:{form.project}:{item.name}",
            message=(
                f"《{form.title}》项目“{form.project}”的{field.label}按{product}测算“{label}”，数量指标“{item.name}”为"
                f"{item.value}，两处数量不符。"
            ),
            places=[(form.table, entry[0].value_cell) for entry in wrong],
            others=[(form.table, field.cell)],
            expected=f"{number:f}{unit}",
            observed=item.value,
        )


def _shares(name: str, label: str) -> bool:
    one, other = _GENERAL.sub(" ", name), _GENERAL.sub(" ", label)
    return any(" " not in one[at : at + 2] and one[at : at + 2] in other for at in range(len(one) - 1) if len(one) > 1)


def _agrees(number: Decimal, mark: str, promised: Decimal) -> bool:
    if mark in ("≥", ">"):
        return number >= promised
    if mark in ("≤", "<"):
        return number <= promised
    return number == promised
