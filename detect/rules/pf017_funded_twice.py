"""PF017: what basic expenditure pays for is not paid for by a project as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import CellPlace, Place, conclude
from detect.facts import Ledger
from detect.facts import Place as Amounted
from detect.prose import half_width
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report

_OBJECTS = {
    "物业管理费": ("item:物业管理费", "c30209", re.compile(r"物业(?:管理|服务)?费")),
    "水电费": ("item:电费", "c30206", re.compile(r"水电费|电费|水[，、]?电[，、费及]")),
    "取暖费": ("item:取暖费", "c30208", re.compile(r"取暖费|采暖费|供暖费|供热费")),
}
"""Of each expense: the line in the form by subject, the one in the form by code, and how a project names it."""
_FIELDS = ("overview", "plan")


@rule(
    id="PF017",
    name="同一费用在基本支出和项目中安排",
    severity="hint",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《2031年一般公共预算安排基本支出分经济科目表（不含上年结转）》万元
            部门预算支出经济科目名称 | 政府预算支出经济科目名称 | 2031年预算数 | > | >
            ^ | ^ | 合计 | 人员经费 | 公用经费
            合计 | > | 10.00 | | 10.00
            商品和服务支出 | | 10.00 | | 10.00
            物业管理费 | 办公经费 | 10.00 | | 10.00
            《虚构市项目支出绩效目标表》
            项目名称 | 天文馆运行
            项目概况 | 支付讲解员劳务费、物业费等。
            """,
        near_miss={"劳务费、物业费等": "劳务费等"},
        because="项目没有安排物业费",
    ),
)
def funded_twice(report: Report) -> Iterator[Outcome]:
    """No project pays for property management, water, electricity or heating that basic expenditure pays for.

    ## 查什么
    基本支出的经济科目表列有物业管理费、电费、取暖费，项目的概况或实施计划又写明支付同一费用。全文件合为一项提示。

    ## 为什么要查
    同一笔费用可能安排了两次，或者公用经费不够而从项目里支出。

    ## 不报的情形
    基本支出没有该项金额；自评表和整体绩效目标表。提示不等于重复：两处可能各有所指。
    """
    ledger = Ledger(report)
    paid: dict[str, Amounted] = {}
    for name, (item, code, _) in _OBJECTS.items():
        found = [*ledger.all_of("b06", item, "total"), *ledger.all_of("b15", code, "total")]
        stated = [place for place in found if place.fact.amount is not None and place.fact.amount.value]
        if stated:
            paid[name] = stated[0]
    forms = [form for form in report.project_forms if form.kind == "target" and form.texts]
    if not paid or not forms:
        return
    twice = [(name, form, place) for name in paid for form in forms if (place := _named(form, name)) is not None]
    if not twice:
        yield Passed("同一费用")
        return
    doubled = [name for name in paid if any(own == name for own, _, _ in twice)]
    told = "；".join(
        f"{name}（基本支出{paid[name].fact.cell.text.strip()}{paid[name].form.unit}，项目"
        f"{'、'.join(f'“{form.project}”' for own, form, _ in twice if own == name)}）"
        for name in doubled
    )
    others: list[Place] = [(paid[name].form.table, paid[name].fact.cell) for name in doubled]
    yield conclude(
        funded_twice,
        report.document,
        key="project:document:重复安排",
        message=f"同一费用在基本支出和项目中都有安排：{told}，请核实是否重复。",
        places=list(dict.fromkeys(place for _, _, place in twice)),
        others=others,
    )


def _named(form: ProjectForm, name: str) -> CellPlace | None:
    """The field of a form that says that it pays for the expense; None when none does."""
    pattern = _OBJECTS[name][2]
    for field in form.texts:
        if field.id in _FIELDS and pattern.search(half_width(field.text)):
            return form.table, field.cell
    return None
