"""A report to what is remembered of it: where it comes from, its numbers, and its passages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.observations import seen_prices, seen_projects, seen_ratios, seen_totals
from detect.prose import passages
from detect.skeletons import skeleton
from detect.wording import plain
from models.archive import Excerpt, Memory, Source
from models.document import Document
from models.form import ProjectForm
from models.report import Report

MIN_SKELETON = 16
"""Characters below which two authors may write the same passage: review practice takes runs of twenty characters for
copied, and a passage is counted here without its punctuation."""
_REGION = re.compile(r"^(?:中共)?(?P<place>[^\d省]{2,5}?[市县])(?=[^\d])")
_SCOPE = re.compile(r"(部门|单位)(?:综合)?(?:预算|决算)")
_FIRST_BLOCKS = 12
_FIELDS = frozenset(
    {
        "overview", "basis", "need", "measures", "plan", "goal_period", "goal_year", "strategy", "conclusion",
        "experience", "problems",
    }
)  # fmt: skip


def source_of(report: Report) -> Source:
    """Where the report comes from, as others are told."""
    region = _REGION.match(report.entity)
    return Source(
        report.document.sha256,
        report.document.name,
        report.entity,
        report.kind,
        report.year,
        _scope(report.document),
        region.group("place") if region else "",
    )


def memory_of(report: Report) -> Memory:
    """All that is remembered of a document whose facts, forms and claims are known; findings are not remembered."""
    source = source_of(report)
    seen = (*seen_prices(report), *seen_projects(report), *seen_ratios(report))
    observations = (*(one.observation for one in seen), *seen_totals(report))
    return Memory(source, observations, tuple(excerpts(report, source)))


def excerpts(report: Report, source: Source) -> Iterator[Excerpt]:
    """The fields and the indicators of forms, then the paragraphs of prose, that are long enough to be compared."""
    names = tuple(name for name in (source.entity, source.region) if name)
    found = (*_of_forms(report), *_of_prose(report.document))
    for field, label, text, page in found:
        bones = skeleton(text, names)
        if len(bones) >= MIN_SKELETON:
            yield Excerpt(field, label, text, bones, page)


def _of_forms(report: Report) -> Iterator[tuple[str, str, str, int]]:
    for form in report.project_forms:
        for text in form.texts:
            if text.id in _FIELDS:
                yield text.id, f"{name_of(form)}的{text.label}", text.text, text.cell.page
        sides = {item.side for item in form.indicators}
        rows = [item for item in form.indicators if item.side == ("year" if "year" in sides else "period")]
        words = "；".join(f"{item.name}{item.value}" for item in rows if item.name and item.value)
        if words:
            yield "indicators", f"{name_of(form)}的绩效指标", words, rows[0].name_cell.page


def _of_prose(document: Document) -> Iterator[tuple[str, str, str, int]]:
    for passage in passages(document):
        if not passage.is_heading:
            page = document.blocks[passage.blocks[0]].page
            yield "prose", passage.section or passage.part or f"第{page + 1}页正文", passage.printed, page


def name_of(form: ProjectForm) -> str:
    """How messages call the form of a project."""
    return f"项目“{form.project}”" if form.project and form.kind != "overall" else f"《{form.title}》"


def _scope(document: Document) -> str:
    first = (plain(block.text) for block in document.blocks[:_FIRST_BLOCKS])
    return next((found.group(1) for text in first if (found := _SCOPE.search(text))), "")
