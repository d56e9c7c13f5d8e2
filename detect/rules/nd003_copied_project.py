"""ND003: two projects do not carry the same passage."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.similar import SAME, bare, likeness, without_citations
from detect.wording import row_name, similarity
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

_FIELDS = ("overview", "basis", "need", "measures", "plan", "goal_period", "goal_year", "experience")


@rule(
    id="ND003",
    name="不同项目内容雷同",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | 穹幕清洗费
            项目实施计划 | 三月公开招标确定服务商，四月起按季度清洗。
            《虚构市项目支出绩效目标表》
            项目名称 | 陨石标本征集
            项目实施计划 | 三月公开招标确定服务商，四月起按季度清洗。
            """,
        near_miss={"陨石标本征集": "穹幕清洗费（二期）"},
        because="名称相近，是同一工作的两期",
    ),
    thresholds=(
        Threshold("min_length", "字", "除引用文件外达到此长度才比较", "两人不会写出这么长的相同句子", low=1, high=1000),
        Threshold("usual", "张", "达到此数的表都有的文字视为套话", "一份文件三张表都有的是套话", low=3, high=1000),
        Threshold(
            "related", "比例", "项目名称相似达到此数的视为同一工作", "名称过半相同的多为同一工作的各部分", low=0, high=1
        ),
    ),
)
def copied_project(report: Report, *, min_length: int = 12, usual: int = 3, related: float = 0.6) -> Iterator[Outcome]:
    """The text of one project does not stand in the form of another one.

    ## 查什么
    各项目绩效目标表的文字两两比较，是否有整栏相同（不计标点，允许二十分之一的字不同）。

    ## 为什么要查
    两个项目中至少有一个没有想过怎么做。

    ## 不报的情形
    三张以上的表都有的套话；名称相近的项目；几个单位的同一项目；除引用文件外只有几个字的栏。
    """
    texts = [
        (form, text)
        for form in report.project_forms
        if form.kind == "target" and form.project
        for text in form.texts
        if text.id in _FIELDS and len(without_citations(text.text)) >= min_length
    ]
    pairs: dict[tuple[str, str], list[tuple[tuple[ProjectForm, FormText], tuple[ProjectForm, FormText]]]] = {}
    for one, other in _alike(texts):
        if similarity(row_name(one[0].project), row_name(other[0].project)) >= related:
            continue
        if len({id(form) for form, text in texts if likeness(text.text, one[1].text) >= SAME}) >= usual:
            continue
        pairs.setdefault((one[0].project, other[0].project), []).append((one, other))
    if texts and not pairs:
        yield Passed("不同项目的文字")
    for (first, second), found in pairs.items():
        labels = "；".join(f"“{first}”的{one.label}与“{second}”的{other.label}" for (_, one), (_, other) in found[:4])
        form = found[0][0][0]
        yield conclude(
            copied_project,
            report.document,
            key=f"project:{first}:{second}",
            message=f"《{form.title}》{labels}内容相同，均为“{found[0][0][1].text[:60]}”，应按各项目实际分别填写。",
            places=[(item.table, text.cell) for pair in found for item, text in pair],
            expected="各项目分别填写",
            observed="内容相同",
        )


def _alike(texts: list[tuple[ProjectForm, FormText]]) -> list[tuple[tuple[ProjectForm, FormText], ...]]:
    """Pairs of texts of different forms that are the same; only texts of about one length are compared."""
    order = sorted(range(len(texts)), key=lambda index: len(bare(texts[index][1].text)))
    lengths = [len(bare(texts[index][1].text)) for index in order]
    pairs = []
    for at, index in enumerate(order):
        for later in range(at + 1, len(order)):
            if lengths[at] < SAME * lengths[later]:
                break
            one, other = texts[index], texts[order[later]]
            if one[0] is not other[0] and likeness(one[1].text, other[1].text) >= SAME:
                pairs.append(tuple(sorted((index, order[later]))))
    return [(texts[one], texts[other]) for one, other in sorted(pairs)]
