"""UC001: a price among the cost indicators is the price that the calculation of the form uses."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude, trust, unless_misread
from detect.prices import CEILING, Contradiction, contradictions, is_explained, quoted_prices
from detect.reconcile import SURE
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Severity
from models.form import ProjectForm
from models.report import Report


@rule(
    id="UC001",
    name="成本指标单价与测算单价",
    severity="warning",
    category="unit_cost",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 陨石标本巡展费 | > | >
            项目资金（元） | 年度资金总额： | 165,000 | > | >
            ^ | 单位自筹 | 165,000 | > | >
            项目概况 | > | 需16.5万元，其中：展柜9万元（6个×15000元/个）、讲解7.5万元（150人次×500元/人次）。 | > | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 成本指标 | 展柜租用单价 | ≤15元/个
            """,
        near_miss={"≤15元/个": "≤20000元/个"},
        because="是测算单价的上限",
    ),
)
def price_in_text(report: Report) -> Iterator[Outcome]:
    """A cost indicator per unit agrees with the price of the same thing in the calculation.

    ## 查什么
    以单价表示的成本指标，与概况测算中同一事物（名称有共同字词、单位相同；含“每人每月3000元”一类说法）的单价是否一致：等于
    单价，或为不超过其十倍的上限。

    ## 为什么要查
    评价的是指标，批准的是测算；差一千倍的单价是单位写错。

    ## 不报的情形
    测算没有单价、或分几档单价的事物；单位不同；改正后测算就加得起来的单价（由 PF005 报出）；识别不确定的指标。
    """
    for form in report.project_forms:
        wrong = [found for found in contradictions(form) if not is_explained(found)]
        for found in wrong:
            yield _finding(report, form, found)
        if not wrong and any(True for _ in quoted_prices(form)):
            yield Passed(f"项目“{form.project}”的成本指标单价")


def _finding(report: Report, form: ProjectForm, found: Contradiction) -> Outcome:
    item, other = found.items[-1], found.quoted
    high, low = max(found.price.yuan, other.price.yuan), min(found.price.yuan, other.price.yuan)
    ratio = high / low if low else Decimal(0)
    severity: Severity = "error" if ratio >= CEILING else "warning"
    times = f"，相差{ratio:.0f}倍，明显不合理" if ratio >= CEILING else ""
    finding = conclude(
        price_in_text,
        report.document,
        key=f"project:{form.project}:{item.name}",
        severity=severity,
        message=(
            f"《{form.title}》项目“{form.project}”的成本指标“{item.name}”为{item.value}，{other.field.label}按"
            f"{other.price.text}测算“{other.label}”，两处单价不符{times}。"
        ),
        places=[(form.table, one.value_cell) for one in found.items],
        others=[(form.table, item.name_cell), (form.table, other.field.cell)],
        expected=other.price.text,
        observed=item.value,
    )
    if trust(report.document, [(form.table, one.value_cell) for one in found.items]) >= SURE:
        return finding
    scope = f"项目“{form.project}”的“{item.name}”"
    return unless_misread(finding, found.price.yuan, other.price.yuan, scope)
