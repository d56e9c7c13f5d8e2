"""PF006: quantity times price gives the amount that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude, unless_misread
from detect.expressions import Formula, formulas, prepared
from detect.registry import Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.form import FormText, ProjectForm
from models.money import yuan_text
from models.report import Report


@rule(
    id="PF006",
    name="数量×单价与所列金额",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def quantity_price(report: Report) -> Iterator[Outcome]:
    """An amount equals the product of quantities and price that is printed to explain it.

    ## What it checks
    Products in the bracket behind an amount (`4.50万元（30人×1500元/人）`), sums of products, and amounts that follow
    a product after an equals sign or 共, in every field of a project form.

    ## Why it matters
    The product is the calculation the money was approved on; it fails when quantity, price or amount was changed alone.

    ## What it leaves alone
    Amounts rounded as printed; numbers marked ≤, ≥ or 约 count as bounds; prices per month or per person without the
    number of months or persons beside them (a skip says so).
    """
    for form in report.project_forms:
        for field in form.texts:
            for number, formula in enumerate(formulas(prepared(field.cell.text))):
                if formula.holds():
                    yield Passed(f"项目“{form.project}”{field.label}中的{formula.amount.text}")
                else:
                    yield _outcome(report, form, field, formula, number)


def _outcome(report: Report, form: ProjectForm, field: FormText, formula: Formula, number: int) -> Outcome:
    amount, value = formula.amount, formula.value
    text = "＋".join(product.text for product in formula.products)
    if any(product.is_open for product in formula.products):
        return Skip("PF006", f"项目“{form.project}”{field.label}", f"“{text}”中单价的计量单位没有对应数量，未作核对")
    gap = amount.value - value
    finding = conclude(
        quantity_price,
        report.document,
        key=f"project:{form.project}:{field.label}:{number}",
        message=(
            f"《{form.title}》项目“{form.project}”的{field.label}列支{amount.text}，按所列{text}计算为"
            f"{yuan_text(value, amount.unit)}，{'多列' if gap > 0 else '少列'}{yuan_text(abs(gap), amount.unit)}"
            f"{_repaired(formula)}。"
        ),
        places=[(form.table, field.cell)],
        expected=yuan_text(value, amount.unit),
        observed=yuan_text(amount.value, amount.unit),
        difference=yuan_text(gap, amount.unit),
    )
    return unless_misread(finding, amount.value, value, f"项目“{form.project}”{field.label}中的{amount.text}")


def _repaired(formula: Formula) -> str:
    """A remark with the whole quantity that would give the amount, where there is just one quantity to change."""
    if len(formula.products) != 1:
        return ""
    product = formula.products[0]
    remarks = []
    for number, unit in product.quantities:
        if "月" in unit or "年" in unit or not product.value or not number:
            continue
        fitting = formula.amount.value * number / product.value
        if fitting == fitting.to_integral_value() and fitting > Decimal(0):
            remarks.append(f"{fitting:f}".partition(".")[0] + unit)
    return f"（与该金额相符的数量为{'、'.join(remarks)}，表中为{product.text}）" if remarks else ""
