"""SE008: the projects of the self-evaluations did not spend more than all projects together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_amount, yuan_per
from detect.checks import Passed
from detect.conclude import Place, conclude
from detect.facts import Ledger
from detect.registry import Example, Outcome, rule
from detect.wording import row_name
from models.citation import Citation
from models.finding import Skip
from models.form import ProjectForm
from models.money import Amount, yuan_text
from models.report import Report
from models.table import Cell


@rule(
    id="SE008",
    name="自评执行金额与项目支出决算",
    severity="warning",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
    example=Example(
        """
            《支出决算表》万元
            科目代码 | 科目名称 | 本年支出合计 | 基本支出 | 项目支出 | 上缴上级支出 | 经营支出 | 对附属单位补助支出
            合计 | > | 25.00 | 10.00 | 15.00 | | |
            206 | 科学技术支出 | 25.00 | 10.00 | 15.00 | | |
            《虚构市项目支出绩效自评表》
            项目名称 | > | 流星雨观测活动经费 | > | > | > | >
            项目年初预算金额（万元） | 20.00 | 实际到位金额（万元） | 20.00 | 实际执行金额（万元） | 18.00 | >
            市财政 | 20.00 | 市财政 | 20.00 | 市财政 | 18.00 | >
            """,
        near_miss={"25.00 | 10.00 | 15.00": "29.00 | 10.00 | 19.00"},
        because="自评的项目可以只是一部分",
    ),
)
def more_than_spent(report: Report) -> Iterator[Outcome]:
    """What the evaluated projects spent, taken together, is not more than all projects spent.

    ## 查什么
    决算公开所附项目自评表的实际执行金额（同名项目取一次）合计，是否大于支出决算表的项目支出合计。

    ## 为什么要查
    自评的执行金额大于决算，执行率和得分就没有依据。

    ## 不报的情形
    小于项目支出决算的（自评项目可以只是一部分）；四舍五入的尾差；金额没有识别出来的表（列入“未检查”）。
    """
    whole = Ledger(report).one("f03", "total", "project")
    forms = {row_name(form.project): form for form in report.project_forms if form.kind == "self_evaluation"}
    if whole is None or whole.fact.amount is None or not forms:
        return
    spent: list[tuple[Place, Amount]] = []
    for form in forms.values():
        found = _spent(form)
        if found is None:
            yield Skip("SE008", f"项目“{form.project}”的执行金额", "没有识别出实际执行金额，未计入合计")
            continue
        spent.append(((form.table, found[0]), found[1]))
    if not spent:
        return
    total = sum((amount.value for _, amount in spent), Decimal(0))
    slack = sum((amount.half_step for _, amount in spent), whole.fact.amount.half_step)
    if total <= whole.fact.amount.value + slack:
        yield Passed("自评执行金额合计")
        return
    over = total - whole.fact.amount.value
    yield conclude(
        more_than_spent,
        report.document,
        key="selfeval:document:执行金额",
        message=(
            f"{len(spent)}个自评项目实际执行金额合计{yuan_text(total, '万元')}，大于《{whole.form.name}》的项目支出"
            f"{yuan_text(whole.fact.amount.value, '万元')}，多{yuan_text(over, '万元')}。"
        ),
        places=[place for place, _ in spent],
        others=[(whole.form.table, whole.fact.cell)],
        expected=f"不大于{yuan_text(whole.fact.amount.value, '万元')}",
        observed=yuan_text(total, "万元"),
        difference=yuan_text(over, "万元"),
    )


def _spent(form: ProjectForm) -> tuple[Cell, Amount] | None:
    """The cell and the amount that the form says was spent."""
    funding = next((item for item in form.fundings if "执行" in item.name), None)
    cell = funding.total if funding is not None else form.execution.spent if form.execution is not None else None
    unit = funding.unit if funding is not None else form.table.unit or "万元"
    amount = parse_amount(cell.text, yuan_per(unit)) if cell is not None else None
    return (cell, amount) if cell is not None and amount is not None else None
