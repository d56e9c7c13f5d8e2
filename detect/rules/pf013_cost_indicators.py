"""PF013: what the cost indicators allow does not exceed the money of the year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.expressions import Stated, prepared, stated_amounts
from detect.pairing import year_amount
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.money import YUAN_PER_UNIT, Amount, yuan_text
from models.report import Report

_TOTAL = re.compile(r"总|合计|全部|整体|项目成本|资金投入|预算")
_AMOUNT_ONLY = re.compile(r"^(?:≤|<|不超过|不高于|=)?\d[\d,]*(?:\.\d+)?(?:万元|元)(?:/年|以内)?$")
_ONE = re.compile(r"单|每|人均|平均|标准|工资|补贴|补助")
"""Indicators whose amount may be that of one person or one piece."""


@rule(
    id="PF013",
    name="成本指标与年度资金总额",
    severity="warning",
    category="project",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 陨石标本巡展费 | > | >
            项目资金（元） | 年度资金总额： | 165,000 | > | >
            ^ | 单位自筹 | 165,000 | > | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 成本指标 | 场地费 | ≤8.50万元
            ^ | ^ | ^ | 展柜租用费 | ≤9.00万元
            """,
        near_miss={"≤8.50万元": "≤7.50万元"},
        because="两项之和不超过年度资金",
    ),
)
def cost_indicators(report: Report) -> Iterator[Outcome]:
    """Neither one cost indicator nor the sum of the parts exceeds 年度资金总额.

    ## 查什么
    以金额表示的成本指标，单个或全部相加是否超过年度资金总额。

    ## 为什么要查
    超出资金的成本付不出，这样的指标也永远不会完不成。

    ## 不报的情形
    按人、按件的单价；四舍五入的尾差；没有年度资金的表。
    """
    for form in report.project_forms:
        money = year_amount(form)
        if form.kind == "target" and money is not None and money.value:
            yield from _form(report, form, money)


def _form(report: Report, form: ProjectForm, money: Amount) -> Iterator[Outcome]:
    costs: list[tuple[Indicator, Stated]] = []
    for item in form.indicators:
        value = prepared(item.value)
        is_cost = "成本" in item.level1 + item.level2 and item.side == "year"
        if is_cost and item.name and _AMOUNT_ONLY.match(value) and not _ONE.search(item.name):
            costs += [(item, amount) for amount in stated_amounts(value.removesuffix("/年"))[:1]]
    limit = money.value + money.half_step
    over = [(item, amount) for item, amount in costs if amount.value > limit + _half_step(amount)]
    parts = [(item, amount) for item, amount in costs if not _TOTAL.search(item.name)]
    total = sum((amount.value for _, amount in parts), Decimal(0))
    slack = sum((_half_step(amount) for _, amount in parts), Decimal(0))
    if not over and len(parts) > 1 and total > limit + slack:
        over = parts
    if not over:
        if costs:
            yield Passed(f"项目“{form.project}”的成本指标")
        return
    gap = (total if len(over) > 1 else over[0][1].value) - money.value
    named = "、".join(f"“{item.name}”{item.value}" for item, _ in over)
    funding = form.funding("year")
    others: list[CellPlace] = [(form.table, funding.total)] if funding is not None else []
    yield conclude(
        cost_indicators,
        report.document,
        key=f"project:{form.project}:成本指标",
        message=(
            f"《{form.title}》项目“{form.project}”的成本指标{named}，{'合计' if len(over) > 1 else ''}超出年度资金总额"
            f"{yuan_text(money.value, '万元')}，多{yuan_text(gap, '万元')}。"
        ),
        places=[(form.table, item.value_cell) for item, _ in over],
        others=others,
        expected=f"不超过{yuan_text(money.value, '万元')}",
        observed=named,
        difference=yuan_text(gap, "万元"),
    )


def _half_step(amount: Stated) -> Decimal:
    return YUAN_PER_UNIT[amount.unit].scaleb(-amount.decimals) / 2
