"""SE003: a project that spent nothing has no full marks for what it produced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_number
from detect.conclude import CellPlace, conclude, or_passed
from detect.registry import Outcome, rule
from detect.wording import plain
from models.citation import Citation
from models.finding import Skip
from models.form import Funding, ProjectForm, Scores
from models.report import Report
from models.table import Cell

PASS_SHARE = Decimal("0.6")
"""Share of the full marks from which a part counts as achieved: 60 of 100 is the lowest grade above 差.

Source: 财预〔2020〕10号.
"""
_FULL = re.compile(r"(\d{1,3})分")


@rule(
    id="SE003",
    name="零执行项目的自评得分",
    severity="error",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
)
def zero_execution(report: Report) -> Iterator[Outcome]:
    """Without any execution, output and benefit do not score like a project that was carried out.

    ## What it checks
    Self-evaluations with a budget whose executed amount is zero: the scores of 产出 and 效益 against their full marks.

    ## Why it matters
    Such a score says that the result was reached without the money, or that nobody looked.

    ## What it leaves alone
    Projects without a budget; scores below 60 % of the full marks; forms without full marks in their labels.
    """
    for form in report.project_forms:
        if form.kind != "self_evaluation" or form.scores is None:
            continue
        executed = next((item for item in form.fundings if "执行" in item.name), None)
        budget = next((item for item in form.fundings if "执行" not in item.name and _number(item)), None)
        if executed is None or budget is None or _number(executed) is None:
            yield Skip("SE003", f"项目“{form.project}”零执行", "没有识别出预算金额或执行金额，未作核对")
            continue
        judged = _judge(report, form, form.scores, executed, budget) if _number(executed) == 0 else ()
        yield from or_passed(judged, f"项目“{form.project}”零执行")


def _number(funding: Funding) -> Decimal | None:
    number = parse_number(funding.total.text)
    return number[0] if number else None


def _judge(report: Report, form: ProjectForm, scores: Scores, executed: Funding, budget: Funding) -> Iterator[Outcome]:
    achieved: list[tuple[str, Cell]] = []
    for label, cell in scores.parts:
        full = _FULL.search(label)
        points = parse_number(plain(cell.text).removesuffix("分"))
        is_result = "产出" in label or "效益" in label
        if full and points and is_result and points[0] >= PASS_SHARE * int(full.group(1)):
            achieved.append((label.split("(")[0], cell))
    if not achieved:
        return
    named = "、".join(f"{label}得{cell.text.strip()}" for label, cell in achieved)
    execution = form.text("execution")
    others: list[CellPlace] = [(form.table, execution.cell)] if execution is not None else []
    yield conclude(
        zero_execution,
        report.document,
        key=f"selfeval:{form.project}:零执行",
        message=(
            f"《{form.title}》项目“{form.project}”{budget.name}{budget.total.text.strip()}，{executed.name}为"
            f"{executed.total.text.strip()}，预算执行率为0，而{named}，总分{scores.total.text.strip()}，"
            "资金没有支出，产出和效益得分应相应扣减。"
        ),
        places=[(form.table, cell) for _, cell in achieved],
        others=[(form.table, executed.total), *others, (form.table, scores.total)],
        expected="产出、效益得分相应扣减",
        observed=named,
    )
