"""A report to the passages of it that can be compared with those of other documents, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from detect.conclude import CellPlace
from detect.prose import Passage, passages
from detect.skeletons import skeleton
from models.archive import Excerpt, Source
from models.document import Document
from models.form import ProjectForm
from models.report import Report

MIN_SKELETON = 16
"""Characters below which two authors may write the same passage: review practice takes runs of twenty characters for
copied, and a passage is counted here without its punctuation."""
_FIELDS = frozenset(
    {
        "overview", "basis", "need", "measures", "plan", "goal_period", "goal_year", "strategy", "conclusion",
        "experience", "problems",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """An excerpt with where it stands.

    Attributes:
        form: that holds it; None for prose.
        cells: that print it; none for prose.
        passage: None for a form.
    """

    excerpt: Excerpt
    form: ProjectForm | None
    cells: tuple[CellPlace, ...] = ()
    passage: Passage | None = None


def written(report: Report, source: Source) -> Iterator[Written]:
    """The fields and the indicators of forms, then the paragraphs of prose, that are long enough to be compared."""
    names = tuple(name for name in (source.entity, source.region) if name)
    for one in (*_of_forms(report), *_of_prose(report.document)):
        bones = skeleton(one.excerpt.text, names)
        if len(bones) >= MIN_SKELETON:
            yield replace(one, excerpt=replace(one.excerpt, skeleton=bones))


def _of_forms(report: Report) -> Iterator[Written]:
    for form in report.project_forms:
        for text in form.texts:
            if text.id in _FIELDS:
                label = f"{name_of(form)}的{text.label}"
                yield Written(_excerpt(text.id, label, text.text, text.cell.page), form, ((form.table, text.cell),))
        sides = {item.side for item in form.indicators}
        rows = [item for item in form.indicators if item.side == ("year" if "year" in sides else "period")]
        named = [item for item in rows if item.name and item.value]
        if named:
            words = "；".join(f"{item.name}{item.value}" for item in named)
            cells = tuple((form.table, item.value_cell) for item in named)
            label = f"{name_of(form)}的绩效指标"
            yield Written(_excerpt("indicators", label, words, named[0].name_cell.page), form, cells)


def _of_prose(document: Document) -> Iterator[Written]:
    for passage in passages(document):
        if not passage.is_heading:
            page = document.blocks[passage.blocks[0]].page
            label = passage.section or passage.part or f"第{page + 1}页正文"
            yield Written(_excerpt("prose", label, passage.printed, page), None, (), passage)


def _excerpt(field: str, label: str, text: str, page: int) -> Excerpt:
    return Excerpt(field, label, text, "", page)


def name_of(form: ProjectForm) -> str:
    """How messages call the form of a project."""
    return f"项目“{form.project}”" if form.project and form.kind != "overall" else f"《{form.title}》"
