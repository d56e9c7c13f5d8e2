"""SE006: points stay within the full marks of their row, follow from the result, and add up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_number
from detect.checks import Check, Naming, Operand, Passed, cell_operand
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.targets import is_missed
from detect.wording import plain
from models.citation import Citation
from models.form import Execution, Indicator, Mark, ProjectForm
from models.report import Report
from models.table import Cell

MIN_ROWS = 4
"""Rows with marks below which the table of marks was not read."""
SCORE_DECIMALS = 2
"""Scores are stated, not rounded: two decimals are as fine as any form prints them."""
HUNDRED = Decimal(100)


@rule(
    id="SE006",
    name="分值与得分",
    severity="error",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | > | 流星雨观测活动经费 | > | > | > | >
            项目资金（万元） | | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 得分
            ^ | 年度资金总额 | > | 20.00 | 20.00 | 18.00 | 10 | 9
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
            ^ | 产出指标 | 数量指标 | 观测场次 | ≥12场 | 12场 | 25 | 25
            ^ | ^ | 质量指标 | 到场率 | ≥90% | 95% | 25 | 25
            ^ | 效益指标 | 社会效益指标 | 参加人数 | ≥800人 | 900人 | 30 | 33
            ^ | 满意度指标 | 服务对象满意度指标 | 参加者满意度 | ≥90% | 95% | 10 | 10
            总分 | > | > | > | > | > | 100 | 102
            """,
        near_miss={"30 | 33": "30 | 28", "100 | 102": "100 | 97"},
        because="得分不超过分值，合计相符",
    ),
)
def marks(report: Report) -> Iterator[Outcome]:
    """In forms with 分值 and 得分 row by row, points are at most the full marks, and both add up to their totals.

    ## 查什么
    按行列出分值和得分的自评表：得分不超过分值，各行之和等于总分，执行率得分与金额相符，没有完成的目标不得满分。

    ## 为什么要查
    全国大多采用这种表，总分决定等级。

    ## 不报的情形
    没有分值的行；按部分给分的表（由 SE001 核对）；四舍五入的尾差。
    """
    for form in report.project_forms:
        if len(form.marks) < MIN_ROWS:
            continue
        yield from _rows(report, form)
        if form.total_mark is not None:
            yield from _sums(report, form, form.total_mark)
        if form.execution is not None:
            yield from _execution(report, form, form.execution)


def _number(cell: Cell | None) -> tuple[Decimal, int] | None:
    return parse_number(plain(cell.text).removesuffix("分").removesuffix("%")) if cell is not None else None


def _slack(decimals: int) -> Decimal:
    """Half a printed step, and half a hundredth for the result itself, which was rounded before."""
    return Decimal(1).scaleb(-decimals) / 2 + Decimal("0.005")


def _operand(report: Report, form: ProjectForm, label: str, column: str, cell: Cell) -> Operand:
    name = f"《{form.title}》项目“{form.project}”{label}的{column}"
    naming = Naming("selfeval", form.project, f"{label}/{column}", label, name, "分", SCORE_DECIMALS)
    return cell_operand(report.document, form.table.id, cell, naming)


def _sums(report: Report, form: ProjectForm, total: Mark) -> Iterator[Outcome]:
    points = tuple(_operand(report, form, mark.label, "得分", mark.points) for mark in form.marks)
    yield Check("总分等于各项得分之和", _operand(report, form, "总分", "得分", total.points), points)
    if total.full is not None:
        full = tuple(_operand(report, form, mark.label, "分值", mark.full) for mark in form.marks if mark.full)
        yield Check("总分值等于各项分值之和", _operand(report, form, "总分", "分值", total.full), full)


def _rows(report: Report, form: ProjectForm) -> Iterator[Outcome]:
    targets: dict[int, Indicator] = {item.value_cell.row: item for item in form.indicators}
    spent = _number(form.execution.spent) if form.execution is not None else None
    budget = _number(form.execution.budget) if form.execution is not None else None
    is_idle = spent is not None and budget is not None and spent[0] == 0 < budget[0]
    rewarded: list[Mark] = []
    for mark in form.marks:
        full, points = _number(mark.full), _number(mark.points)
        if full is None or points is None or mark.full is None:
            continue
        item = targets.get(mark.row)
        if points[0] > full[0]:
            yield _finding(report, form, mark, f"得分{mark.points.text.strip()}超过分值{mark.full.text.strip()}")
        elif item is not None and item.done is not None and is_missed(item) and points[0] == full[0]:
            what = f"目标值{item.value}、完成值{plain(item.done.text)}，没有完成仍得满分{mark.points.text.strip()}"
            yield _finding(report, form, mark, what, item.done)
        else:
            yield Passed(f"项目“{form.project}”{mark.label}得分")
            is_result = item is not None and ("产出" in item.level1 or "效益" in item.level1)
            if is_result and points[0] == full[0] > 0:
                rewarded.append(mark)
    if is_idle and rewarded and form.execution is not None:
        yield conclude(
            marks,
            report.document,
            key=f"selfeval:{form.project}:零执行",
            message=(
                f"《{form.title}》项目“{form.project}”全年执行数为{form.execution.spent.text.strip()}，预算没有执行，而"
                f"“{rewarded[0].label}”等{len(rewarded)}项产出、效益指标得满分，应相应扣减。"
            ),
            places=[(form.table, mark.points) for mark in rewarded],
            others=[(form.table, form.execution.spent), (form.table, form.execution.budget)],
        )


def _finding(report: Report, form: ProjectForm, mark: Mark, what: str, done: Cell | None = None) -> Outcome:
    cells = [cell for cell in (mark.full, done) if cell is not None]
    return conclude(
        marks,
        report.document,
        key=f"selfeval:{form.project}:{mark.label}",
        message=f"《{form.title}》项目“{form.project}”的“{mark.label}”{what}。",
        places=[(form.table, mark.points)],
        others=[(form.table, cell) for cell in cells],
        observed=mark.points.text.strip(),
    )


def _execution(report: Report, form: ProjectForm, execution: Execution) -> Iterator[Outcome]:
    spent, budget, rate = (_number(cell) for cell in (execution.spent, execution.budget, execution.rate))
    if spent is None or budget is None or not budget[0]:
        return
    due = spent[0] / budget[0] * HUNDRED
    faults: list[str] = []
    places = []
    is_percent = execution.rate is not None and "%" in plain(execution.rate.text)
    if rate is not None and execution.rate is not None and is_percent and abs(due - rate[0]) > _slack(rate[1]):
        faults.append(f"执行率应为{due:.2f}%，填列{execution.rate.text.strip()}")
        places.append((form.table, execution.rate))
    full, points = _number(execution.full), _number(execution.points)
    if full is not None and points is not None and execution.points is not None and not faults:
        earned = min(full[0], due / HUNDRED * full[0])
        if abs(earned - points[0]) > _slack(points[1]):
            faults.append(f"执行率{due:.2f}%应得{earned:.2f}分，自评得{execution.points.text.strip()}分")
            places.append((form.table, execution.points))
    if not faults:
        yield Passed(f"项目“{form.project}”执行率")
        return
    yield conclude(
        marks,
        report.document,
        key=f"selfeval:{form.project}:执行率",
        message=(
            f"《{form.title}》项目“{form.project}”全年执行数{execution.spent.text.strip()}、全年预算数"
            f"{execution.budget.text.strip()}，{'；'.join(faults)}。"
        ),
        places=places,
        others=[(form.table, execution.spent), (form.table, execution.budget)],
    )
