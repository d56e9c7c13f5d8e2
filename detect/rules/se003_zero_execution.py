"""SE003: a project that spent nothing has no full marks for what it produced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_number
from detect.conclude import CellPlace, conclude, or_passed
from detect.registry import Example, Outcome, Threshold, rule
from detect.wording import plain
from models.citation import Citation
from models.finding import Skip
from models.form import Funding, ProjectForm, Scores
from models.report import Report
from models.table import Cell

_FULL = re.compile(r"(\d{1,3})分")


@rule(
    id="SE003",
    name="零执行项目的自评得分",
    severity="error",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | 流星雨观测活动经费 | > | > | > | >
            项目年初预算金额（万元） | 20.00 | 实际到位金额（万元） | 20.00 | 实际执行金额（万元） | 0 | >
            市财政 | 20.00 | 市财政 | 20.00 | 市财政 | 0 | >
            项目执行情况（10分） | > | 预算执行率=0/20.00×100%=0.00% | > | > | > | 0分
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 全年完成值 | 自评得分
            ^ | 产出指标（50分） | 数量指标 | 观测场次 | ≥12场 | 12场 | 50分
            ^ | 效益指标（30分） | 社会效益指标 | 参加人数 | ≥800人 | 900人 | 30分
            ^ | 满意度指标（10分） | 服务对象满意度 | 参加者满意度 | ≥90% | 95% | 10分
            总分 | > | > | > | > | > | 90分
            自评结论 | > | 得分90分，等级为优。 | > | > | > | >
            """,
        near_miss={"12场 | 50分": "0场 | 10分", "900人 | 30分": "0人 | 5分"},
        because="产出和效益已经扣分",
    ),
    thresholds=(
        Threshold(
            "pass_share",
            "比例",
            "产出或效益得分占满分达到此比例视为已实现",
            "财预〔2020〕10号：60分为“中”，以下为“差”",
            low=0,
            high=1,
        ),
    ),
)
def zero_execution(report: Report, *, pass_share: Decimal = Decimal("0.6")) -> Iterator[Outcome]:
    """Without any execution, output and benefit do not score like a project that was carried out.

    ## 查什么
    有预算而执行金额为零的项目，产出和效益的得分是否还达到及格以上。

    ## 为什么要查
    等于说没有花钱也做成了，或者没有人看过。

    ## 不报的情形
    没有预算的项目；得分低于满分六成的；没有印满分的表。
    """
    for form in report.project_forms:
        if form.kind != "self_evaluation" or form.scores is None:
            continue
        executed = next((item for item in form.fundings if "执行" in item.name), None)
        budget = next((item for item in form.fundings if "执行" not in item.name and _number(item)), None)
        if executed is None or budget is None or _number(executed) is None:
            yield Skip("SE003", f"项目“{form.project}”零执行", "没有识别出预算金额或执行金额，未作核对")
            continue
        judged = _judge(report, form, form.scores, executed, budget, pass_share) if _number(executed) == 0 else ()
        yield from or_passed(judged, f"项目“{form.project}”零执行")


def _number(funding: Funding) -> Decimal | None:
    number = parse_number(funding.total.text)
    return number[0] if number else None


def _judge(
    report: Report, form: ProjectForm, scores: Scores, executed: Funding, budget: Funding, pass_share: Decimal
) -> Iterator[Outcome]:
    achieved: list[tuple[str, Cell]] = []
    for label, cell in scores.parts:
        full = _FULL.search(label)
        points = parse_number(plain(cell.text).removesuffix("分"))
        is_result = "产出" in label or "效益" in label
        if full and points and is_result and points[0] >= pass_share * int(full.group(1)):
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
