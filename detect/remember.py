"""A report to what is remembered of it: where it comes from, its numbers, and its passages."""

from __future__ import annotations

import re

from detect.excerpts import written
from detect.observations import seen_prices, seen_projects, seen_ratios, seen_totals
from detect.wording import plain
from models.archive import Memory, Source
from models.document import Document
from models.report import Report

_REGION = re.compile(r"^(?:中共)?(?P<place>[^\d省]{2,5}?[市县])(?=[^\d])")
_SCOPE = re.compile(r"(部门|单位)(?:综合)?(?:预算|决算)")
_FIRST_BLOCKS = 12


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
    return Memory(source, observations, tuple(one.excerpt for one in written(report, source)))


def _scope(document: Document) -> str:
    first = (plain(block.text) for block in document.blocks[:_FIRST_BLOCKS])
    return next((found.group(1) for text in first if (found := _SCOPE.search(text))), "")
