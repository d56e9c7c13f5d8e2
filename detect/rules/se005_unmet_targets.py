"""SE005: a part of the score is not full where one of its targets was missed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.amounts import parse_number
from detect.conclude import conclude, or_passed
from detect.registry import Outcome, rule
from detect.targets import is_missed
from detect.wording import plain
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

_FULL = re.compile(r"(\d{1,3})分")


@rule(
    id="SE005",
    name="未完成指标与得分",
    severity="warning",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
)
def unmet_targets(report: Report) -> Iterator[Outcome]:
    """产出, 效益 and 满意度 have full marks only where every number reached its target.

    ## What it checks
    Rows of self-evaluations with a number as target and a smaller number in the same unit as result, against the score
    of their part and the full marks in its label.

    ## Why it matters
    A missed target without a deduction makes the score worthless for next year's money.

    ## What it leaves alone
    Targets where less is better (cost, errors, time), results in words, parts without full marks in their label.
    """
    for form in report.project_forms:
        if form.kind != "self_evaluation" or form.scores is None:
            continue
        yield from or_passed(_form(report, form), f"项目“{form.project}”未完成指标")


def _form(report: Report, form: ProjectForm) -> Iterator[Outcome]:
    missed: dict[str, list[Indicator]] = {}
    for item in form.indicators:
        if is_missed(item):
            missed.setdefault(item.level1, []).append(item)
    for level1, items in missed.items():
        yield from _part(report, form, level1, items)


def _part(report: Report, form: ProjectForm, level1: str, items: list[Indicator]) -> Iterator[Outcome]:
    full = _FULL.search(level1)
    assert form.scores is not None
    cells = [cell for label, cell in form.scores.parts if label == level1]
    points = [number[0] for cell in cells if (number := parse_number(plain(cell.text).removesuffix("分")))]
    if not full or not points or len(points) != len(cells) or sum(points) < int(full.group(1)):
        return
    rows = "；".join(
        f"“{item.name}”目标{item.value}、完成{plain(item.done.text)}" for item in items if item.done is not None
    )
    yield conclude(
        unmet_targets,
        report.document,
        key=f"selfeval:{form.project}:{level1}",
        message=(
            f"《{form.title}》项目“{form.project}”{rows}，没有达到目标值，{level1}仍得满分{full.group(1)}分，应按完成"
            "程度扣分。"
        ),
        places=[(form.table, item.done) for item in items if item.done is not None],
        others=[(form.table, cell) for cell in cells],
        expected=f"低于{full.group(1)}分",
        observed=f"{full.group(1)}分",
    )
