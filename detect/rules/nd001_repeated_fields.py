"""ND001: the fields of a performance form say different things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.similar import SAME, bare, likeness
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

_FIELDS = ("overview", "basis", "need", "measures", "plan", "goal_period", "goal_year")
_GOALS = {"goal_period": "goal", "goal_year": "goal"}
MIN_FIELDS = 3
"""Equal fields from which a form was filled by copying. Source: review practice for the completeness of targets."""
MIN_LENGTH = 8
"""Characters below which two fields may be equal by chance (按年度计划实施)."""
MANY = 3
"""Forms with the same fault from which one finding names them all."""


@rule(
    id="ND001",
    name="绩效目标表各栏内容雷同",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def repeated_fields(report: Report) -> Iterator[Outcome]:
    """概况, 依据, 必要性, 措施, 计划 and 目标 are not three times the same text.

    ## What it checks
    Fields of one form that are equal but for punctuation and at most one character in twenty; the two goals count once.

    ## Why it matters
    A plan that repeats the description plans nothing.

    ## What it leaves alone
    Two equal fields; texts of a few characters; forms of whole departments.
    """
    found: list[tuple[ProjectForm, Sequence[FormText]]] = []
    for form in report.project_forms:
        if form.kind != "target" or not form.texts:
            continue
        group = _largest(form)
        if group:
            found.append((form, group))
        else:
            yield Passed(f"项目“{form.project}”各栏")
    if len(found) >= MANY:
        named = "；".join(f"“{form.project}”{'、'.join(text.label for text in group)}" for form, group in found[:12])
        more = f"；等{len(found)}张表" if len(found) > 12 else ""
        yield conclude(
            repeated_fields,
            report.document,
            key="project:document:雷同",
            message=f"{len(found)}张绩效目标表有三栏以上填写同一段文字：{named}{more}。各栏应分别填写。",
            places=[(form.table, text.cell) for form, group in found for text in group],
        )
        return
    for form, group in found:
        labels = "、".join(text.label for text in group)
        yield conclude(
            repeated_fields,
            report.document,
            key=f"project:{form.project}:雷同",
            message=(
                f"《{form.title}》项目“{form.project}”的{labels}{len(group)}栏内容相同，均为“{group[0].text[:60]}”，"
                "各栏应分别填写。"
            ),
            places=[(form.table, text.cell) for text in group],
            expected="各栏分别填写",
            observed=f"{len(group)}栏相同",
        )


def _largest(form: ProjectForm) -> Sequence[FormText]:
    """The largest group of fields with one text; empty when there are fewer than three of them."""
    texts = [text for text in form.texts if text.id in _FIELDS and len(bare(text.text)) >= MIN_LENGTH]
    best: list[FormText] = []
    for text in texts:
        group = [other for other in texts if likeness(text.text, other.text) >= SAME]
        if len(group) > len(best):
            best = group
    kinds = {_GOALS.get(text.id, text.id) for text in best}
    return best if len(kinds) >= MIN_FIELDS else []
