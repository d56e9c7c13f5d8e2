"""PF012: a quantity of the calculation is the quantity that the indicators promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude
from detect.expressions import formulas, prepared
from detect.registry import Example, Outcome, rule
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
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 陨石标本巡展费 | > | >
            项目资金（元） | 年度资金总额： | 165,000 | > | >
            ^ | 单位自筹 | 165,000 | > | >
            项目概况 | > | 需16.5万元，其中：展柜9万元（6个×15000元/个）、讲解7.5万元（150人次×500元/人次）。 | > | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 租用展柜数量 | 4个
            """,
        near_miss={"租用展柜数量 | 4个": "租用展柜数量 | 6个"},
        because="与测算数量一致",
    ),
)
def quantities(report: Report) -> Iterator[Outcome]:
    """The quantity that an amount was calculated on agrees with the quantity indicator of the same thing.

    ## 查什么
    测算金额所用的数量，与名称有共同字词、单位相同的数量指标是否一致。

    ## 为什么要查
    要了更多的钱而少做了事，或者多承诺而没有安排钱。

    ## 不报的情形
    月、年、天；算不出其金额的算式（由 PF006 报出）；几个指标或几个算式共用单位而名称没有共同字词的。
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
