"""ND005: long passages do not stand in the forms of different projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.similar import SAME, likeness, longest_run, without_citations
from detect.wording import row_name, similarity
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

_FIELDS = ("overview", "need", "measures", "plan", "goal_period", "goal_year")

Entry = tuple[ProjectForm, FormText, str]


@rule(
    id="ND005",
    name="不同项目共用文字段落",
    severity="hint",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | 穹幕清洗费
            项目概况 | 为进一步提高本馆公共文化服务能力和水平满足市民需要，每季度清洗穹幕。
            《虚构市项目支出绩效目标表》
            项目名称 | 陨石标本征集
            项目概况 | 为进一步提高本馆公共文化服务能力和水平满足市民需要，征集陨石二十件。
            """,
        near_miss={"和水平满足市民需要，征集": "，征集"},
        because="连续相同的不足二十字",
    ),
    thresholds=(
        Threshold("run", "字", "连续相同达到此长度起报", "审核惯例：连续二十字相同不会是偶然", low=8, high=1000),
        Threshold(
            "related", "比例", "项目名称相似达到此数的视为同一工作", "名称过半相同的多为同一工作的各部分", low=0, high=1
        ),
    ),
)
def shared_passages(report: Report, *, run: int = 20, related: float = 0.6) -> Iterator[Outcome]:
    """Two projects with different names do not share twenty characters and more.

    ## 查什么
    不同项目的文字（不计标点和引用的文件）是否有一段连续相同。全文件合为一项提示。

    ## 为什么要查
    别的项目的文字留了下来。

    ## 不报的情形
    整栏相同的（由 ND003 报出）；三个以上项目都有的文字；名称相近的项目；整体绩效目标表。
    """
    texts: list[Entry] = [
        (form, text, without_citations(text.text))
        for form in report.project_forms
        if form.kind == "target" and form.project and not form.is_list
        for text in form.texts
        if text.id in _FIELDS
    ]
    where: dict[str, dict[str, int]] = defaultdict(dict)
    for index, (form, _, words) in enumerate(texts):
        for at in range(len(words) - run + 1):
            where[words[at : at + run]].setdefault(form.project, index)
    found: dict[tuple[str, str], tuple[Entry, Entry]] = {}
    for projects in where.values():
        if len(projects) != 2:
            continue
        (first, one), (second, other) = projects.items()
        if (first, second) in found or similarity(row_name(first), row_name(second)) >= related:
            continue
        if likeness(texts[one][1].text, texts[other][1].text) < SAME:
            found[first, second] = (texts[one], texts[other])
    if texts and not found:
        yield Passed("不同项目的文字段落")
    if found:
        named = "；".join(
            f"“{first}”{one[1].label}与“{second}”{other[1].label}共有“{longest_run(one[2], other[2])[:40]}”"
            for (first, second), (one, other) in list(found.items())[:6]
        )
        yield conclude(
            shared_passages,
            report.document,
            key="project:document:共用段落",
            message=f"不同项目的绩效目标表共用文字段落：{named}，请核对是否照抄。",
            places=[(form.table, text.cell) for pair in found.values() for form, text, _ in pair],
        )
