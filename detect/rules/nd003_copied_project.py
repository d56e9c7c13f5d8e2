"""ND003: two projects do not carry the same passage."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.similar import SAME, bare, likeness, without_citations
from detect.wording import row_name, similarity
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

_FIELDS = ("overview", "basis", "need", "measures", "plan", "goal_period", "goal_year", "experience")
MIN_LENGTH = 12
"""Characters from which two independent authors do not write the same sentence."""
USUAL = 3
"""Forms of one document with the same passage from which it is a phrase that everybody carries."""
RELATED = 0.6
"""Similarity of two names from which the projects are parts of one work and may share their text."""


@rule(
    id="ND003",
    name="不同项目内容雷同",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def copied_project(report: Report) -> Iterator[Outcome]:
    """The text of one project does not stand in the form of another one.

    ## What it checks
    Every field of every target form against the fields of the other forms, equal but for punctuation and at most one
    character in twenty.

    ## Why it matters
    One of the two projects was not thought about.

    ## What it leaves alone
    Passages of at least three forms (phrases that everybody carries); projects with similar names; one project of
    several units; texts of a few characters besides the documents they cite.
    """
    texts = [
        (form, text)
        for form in report.project_forms
        if form.kind == "target" and form.project
        for text in form.texts
        if text.id in _FIELDS and len(without_citations(text.text)) >= MIN_LENGTH
    ]
    pairs: dict[tuple[str, str], list[tuple[tuple[ProjectForm, FormText], tuple[ProjectForm, FormText]]]] = {}
    for one, other in _alike(texts):
        if similarity(row_name(one[0].project), row_name(other[0].project)) >= RELATED:
            continue
        if len({id(form) for form, text in texts if likeness(text.text, one[1].text) >= SAME}) >= USUAL:
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
