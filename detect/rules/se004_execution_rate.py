"""SE004: the execution rate of a self-evaluation follows from its amounts, and its points from the rate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_number
from detect.conclude import conclude, or_passed
from detect.expressions import prepared
from detect.registry import Example, Outcome, rule
from detect.wording import plain
from models.citation import Citation
from models.finding import Skip
from models.form import FormText, ProjectForm
from models.report import Report
from models.table import Cell

_RATE = re.compile(
    r"(?P<a>\d[\d,]*(?:\.\d+)?)(?:万?元)?[/÷](?P<b>\d[\d,]*(?:\.\d+)?)(?:万?元)?[)]?[×*xX]100%=[(]?(?P<p>\d+(?:\.\d+)?)%"
)
_FULL = re.compile(r"(\d{1,3})分")
HUNDRED = Decimal(100)


@rule(
    id="SE004",
    name="预算执行率及得分",
    severity="error",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | 流星雨观测活动经费 | > | > | > | >
            项目年初预算金额（万元） | 20.00 | 实际到位金额（万元） | 20.00 | 实际执行金额（万元） | 18.00 | >
            市财政 | 20.00 | 市财政 | 20.00 | 市财政 | 18.00 | >
            项目执行情况（10分） | > | 预算执行率=18.00/20.00×100%=92.00% | > | > | > | 9分
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 全年完成值 | 自评得分
            ^ | 产出指标（50分） | 数量指标 | 观测场次 | ≥12场 | 12场 | 50分
            ^ | 效益指标（30分） | 社会效益指标 | 参加人数 | ≥800人 | 900人 | 30分
            ^ | 满意度指标（10分） | 服务对象满意度 | 参加者满意度 | ≥90% | 95% | 10分
            总分 | > | > | > | > | > | 99分
            自评结论 | > | 得分99分，等级为优。 | > | > | > | >
            """,
        near_miss={"=92.00%": "=90%"},
        because="18÷20＝90%，位数少不是差错",
    ),
)
def execution_rate(report: Report) -> Iterator[Outcome]:
    """预算执行率 is 执行 / 到位, with the amounts of the same form, and its points are that share of the full marks.

    ## 查什么
    印出的预算执行率是否等于执行÷到位，算式中的金额是否与本表一致，执行率得分是否为满分乘执行率。

    ## 为什么要查
    这是自评得分中唯一的纯算术。

    ## 不报的情形
    执行率和得分四舍五入的尾差；没有写算式的表（列入“未检查”）。
    """
    for form in report.project_forms:
        if form.kind != "self_evaluation":
            continue
        text = next((item for item in form.texts if item.id == "execution" and _RATE.search(prepared(item.text))), None)
        if text is None:
            yield Skip("SE004", f"项目“{form.project}”预算执行率", "没有识别出执行率算式，未作核对")
            continue
        yield from or_passed(_check(report, form, text), f"项目“{form.project}”预算执行率")


def _check(report: Report, form: ProjectForm, text: FormText) -> Iterator[Outcome]:
    found = _RATE.search(prepared(text.text))
    assert found is not None
    spent, received = (Decimal(found.group(name).replace(",", "")) for name in "ab")
    printed = Decimal(found.group("p"))
    half = Decimal(1).scaleb(-len(found.group("p").partition(".")[2])) / 2
    faults: list[str] = []
    places = [(form.table, text.cell)]
    if received and abs(spent / received * HUNDRED - printed) > half:
        rate = (spent / received * HUNDRED).quantize(Decimal("0.01"))
        faults.append(f"{found.group('a')}÷{found.group('b')}×100%应为{rate}%，写为{found.group('p')}%")
    for value, word in ((spent, "执行"), (received, "到位")):
        total = next((item.total for item in form.fundings if word in item.name), None)
        number = parse_number(total.text) if total is not None else None
        if total is not None and number is not None and number[0] != value:
            faults.append(f"算式中的{word}金额为{value:f}，表中为{total.text.strip()}")
            places.append((form.table, total))
    points = _points(form)
    if points is not None and received and not faults:
        cell, score, decimals, full = points
        due = min(Decimal(full), spent / received * full)
        slack = Decimal(1).scaleb(-decimals) / 2 + half / HUNDRED * full
        if abs(due - score) > slack:
            faults.append(f"执行率{printed}%应得{due.quantize(Decimal('0.01'))}分，自评得{cell.text.strip()}")
            places.append((form.table, cell))
    if faults:
        yield conclude(
            execution_rate,
            report.document,
            key=f"selfeval:{form.project}:执行率",
            message=f"《{form.title}》项目“{form.project}”预算执行率有误：{'；'.join(faults)}。",
            places=places,
        )


def _points(form: ProjectForm) -> tuple[Cell, Decimal, int, int] | None:
    """The cell of the points for execution with their number, decimals and full marks."""
    if form.scores is None:
        return None
    for label, cell in form.scores.parts:
        full = _FULL.search(label)
        number = parse_number(plain(cell.text).removesuffix("分"))
        if "执行" in label and full and number:
            return cell, number[0], number[1], int(full.group(1))
    return None
