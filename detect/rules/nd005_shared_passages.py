"""ND005: long passages do not stand in the forms of different projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.similar import SAME, likeness, longest_run, without_citations
from detect.wording import row_name, similarity
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

RUN = 20
"""Characters without punctuation that two authors do not write alike by chance. Source: review practice."""
RELATED = 0.6
"""Similarity of two names from which the projects are parts of one work and may share their text."""
_FIELDS = ("overview", "need", "measures", "plan", "goal_period", "goal_year")

Entry = tuple[ProjectForm, FormText, str]


@rule(
    id="ND005",
    name="不同项目共用文字段落",
    severity="hint",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def shared_passages(report: Report) -> Iterator[Outcome]:
    """Two projects with different names do not share twenty characters and more.

    ## What it checks
    Runs of at least twenty characters, without punctuation and cited documents, that stand in the fields of two forms.
    All of a document are one hint, with the runs.

    ## Why it matters
    A passage of another project was left standing.

    ## What it leaves alone
    Fields that are equal as a whole (ND003 reports those), passages of at least three projects, projects with similar
    names, forms of whole departments.
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
        for at in range(len(words) - RUN + 1):
            where[words[at : at + RUN]].setdefault(form.project, index)
    found: dict[tuple[str, str], tuple[Entry, Entry]] = {}
    for projects in where.values():
        if len(projects) != 2:
            continue
        (first, one), (second, other) = projects.items()
        if (first, second) in found or similarity(row_name(first), row_name(second)) >= RELATED:
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
