"""UC001: a price among the cost indicators is the price that the calculation of the form uses."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude, trust, unless_misread
from detect.prices import CEILING, Contradiction, contradictions, is_explained, quoted_prices
from detect.reconcile import SURE
from detect.registry import Outcome, rule
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
)
def price_in_text(report: Report) -> Iterator[Outcome]:
    """A cost indicator per unit agrees with the price of the same thing in the calculation.

    ## What it checks
    Indicators such as `≤2000元/人/月` against prices per the same units in 项目概况, where their names share words:
    equal to the price, or a ceiling from the price up to ten times as much.

    ## Why it matters
    The indicator is what is evaluated, the calculation what was approved; a price of a thousandth is a slip of the
    unit.

    ## What it leaves alone
    Things that the calculation does not price, other units, and a price whose correction makes the parts of the
    calculation add up (PF005 names it); indicators whose own reading is doubtful.
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
