"""PF005: the parts that a project form names add up to the total it states, and that to the money of the year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from detect.breakdowns import Breakdown, breakdowns
from detect.checks import Passed
from detect.conclude import CellPlace, conclude, or_passed, unless_misread
from detect.expressions import Stated, prepared
from detect.pairing import agree, pair, year_amount
from detect.prices import contradictions, explains
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Severity
from models.form import FormText, ProjectForm
from models.money import Amount, yuan_text
from models.report import Report

_FIELDS = ("overview", "basis", "need", "plan", "goal_year")


@rule(
    id="PF005",
    name="项目支出明细与总额",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 陨石标本巡展费 | > | >
            项目资金（元） | 年度资金总额： | 165,000 | > | >
            ^ | 单位自筹 | 165,000 | > | >
            项目概况 | > | 需16.5万元，其中：展柜租用9万元、讲解劳务8.5万元。 | > | >
            """,
        near_miss={"劳务8.5万元": "劳务7.5万元"},
        because="两项之和等于总额",
    ),
)
def breakdown(report: Report) -> Iterator[Outcome]:
    """The parts that the text of a form names add up to the total stated before them.

    ## 查什么
    绩效目标表文字中“需……万元，其中……”所列各项之和与总额是否一致；各项印证的总额与年度资金总额是否一致。

    ## 为什么要查
    资金是按这个测算批的；各项超过总额，必有一项被改过。

    ## 不报的情形
    说的是另外的钱（上年、合同、已付）；带“约”而相差不到一成的；各项之和小于总额，没有写全部列完、也与年度资金总额不符的只作提示。
    """
    found = pair(report)
    listed = {id(form): place.fact.amount for form, place in (*found.pairs, *found.renamed)}
    for form in report.project_forms:
        if form.kind != "target":
            continue
        for field in form.texts:
            if field.id in _FIELDS and field.text:
                yield from _field(report, form, field, listed.get(id(form)))


def _field(report: Report, form: ProjectForm, field: FormText, listed: Amount | None) -> Iterator[Outcome]:
    money = year_amount(form)
    for number, item in enumerate(breakdowns(prepared(field.cell.text))):
        total = item.total or _as_stated(money)
        if total is None or (len(item.parts) < 2 and item.total is None):
            continue
        key = f"project:{form.project}:{field.label}:{number}"
        scope = f"项目“{form.project}”{field.label}中的{total.text}"
        if not replace(item, total=total).holds():
            yield _wrong_sum(report, form, field, item, total, item.sum - total.value, key)
        elif item.total is not None and len(item.parts) > 1 and money is not None:
            yield from or_passed(_other_total(report, form, field, item, money, listed, key), scope)
        else:
            yield Passed(scope)


def _as_stated(money: Amount | None) -> Stated | None:
    if money is None:
        return None
    return Stated(0, 0, yuan_text(money.value, "万元"), money.value, *money.interval, 2, "万元")


def _wrong_sum(
    report: Report, form: ProjectForm, field: FormText, item: Breakdown, total: Stated, gap: Decimal, key: str
) -> Outcome:
    parts = "＋".join(part.text for part in item.parts)
    named = f"写明总额{total.text}" if item.total is not None else f"分项列支，年度资金总额为{total.text}"
    money = year_amount(form)
    confirmed = money is not None and money.interval[0] <= item.sum <= money.interval[1]
    severity: Severity = "error" if gap > 0 or confirmed else "warning" if item.is_complete else "hint"
    reasons = [found for found in contradictions(form) if explains(found, field, item)]
    reason, cells = "", _money_cell(form)
    if len(reasons) == 1:
        cell = reasons[0].items[-1]
        reason = f"。成本指标“{cell.name}”为{cell.value}，“{reasons[0].quoted.label}”按此计算则各项之和与总额相符"
        cells = [*cells, *((form.table, one.value_cell) for one in reasons[0].items)]
    elif confirmed and item.total is not None:
        reason = "。各项之和与年度资金总额相符"
    direction = "超出" if gap > 0 else "少于"
    finding = conclude(
        breakdown,
        report.document,
        key=key,
        severity=severity,
        message=(
            f"《{form.title}》项目“{form.project}”的{field.label}{named}，所列各项之和为{yuan_text(item.sum, '万元')}"
            f"（{parts}），{direction}总额{yuan_text(abs(gap), '万元')}{reason}。"
        ),
        places=[(form.table, field.cell)],
        others=cells,
        expected=yuan_text(item.sum if confirmed else total.value, "万元"),
        observed=yuan_text(total.value if confirmed else item.sum, "万元"),
        difference=yuan_text(-gap if confirmed else gap, "万元"),
    )
    return unless_misread(finding, item.sum, total.value, f"项目“{form.project}”{field.label}中的{total.text}")


def _other_total(
    report: Report,
    form: ProjectForm,
    field: FormText,
    item: Breakdown,
    money: Amount,
    listed: Amount | None,
    key: str,
) -> Iterator[Outcome]:
    """The parts confirm a total that is neither the money of the year nor that of the whole period."""
    total = item.total
    if total is None or total.low > money.interval[1] or total.high is None or total.high < money.interval[0]:
        if total is None or (listed is not None and not agree(listed, money)):
            return
        ratio = total.value / money.value if money.value else Decimal(0)
        if ratio != ratio.to_integral_value() and ratio:
            yield conclude(
                breakdown,
                report.document,
                key=key + ":总额",
                severity="warning",
                message=(
                    f"《{form.title}》项目“{form.project}”的{field.label}测算总额{total.text}（各项之和相符），"
                    f"年度资金总额为{yuan_text(money.value, '万元')}，相差"
                    f"{yuan_text(abs(total.value - money.value), '万元')}。"
                ),
                places=[(form.table, field.cell), *_money_cell(form)],
                expected=yuan_text(money.value, "万元"),
                observed=yuan_text(total.value, "万元"),
                difference=yuan_text(total.value - money.value, "万元"),
            )


def _money_cell(form: ProjectForm) -> Sequence[CellPlace]:
    funding = form.funding("year")
    return [(form.table, funding.total)] if funding is not None else []
