"""PF006: quantity times price gives the amount that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude, unless_misread
from detect.expressions import Formula, formulas, prepared
from detect.registry import Example, Outcome, rule
from detect.spoken import spoken_formulas
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
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 陨石标本巡展费 | > | >
            项目资金（元） | 年度资金总额： | 90,000 | > | >
            ^ | 单位自筹 | 90,000 | > | >
            项目概况 | > | 展柜租用9万元（6个×25000元/个）。 | > | >
            """,
        near_miss={"25000": "15000"},
        because="6×15000＝9万元",
    ),
)
def quantity_price(report: Report) -> Iterator[Outcome]:
    """An amount equals the product of quantities and price that is printed to explain it.

    ## 查什么
    金额与括号内说明它的算式（数量×单价，可连乘、可相加）是否相等；“10名，每人每月3000元，全年共需36万元”一类说法同样核对。

    ## 为什么要查
    资金是按算式批的；改了数量、单价、金额中的一个，算式就不成立。

    ## 不报的情形
    按所印位数四舍五入；带“≤”“≥”“约”的数只作上下限；没有写明月数或人数的月单价、人均单价（列入“未检查”）。
    """
    for form in report.project_forms:
        for field in form.texts:
            text = prepared(field.cell.text)
            for number, formula in enumerate((*formulas(text), *spoken_formulas(text))):
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
