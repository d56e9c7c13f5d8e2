"""`report.html`: one self-contained page for the auditor, with every finding beside its place on the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.errors import CaishenError
from models.finding import SEVERITY_ORDER, Evidence, Finding
from models.geometry import Box
from models.table import Cell
from service.export.equations import PlaceKey, Working, place_key, working
from service.export.findings_json import check_counts
from service.export.numbers import printed_number, quantities
from service.export.pictures import Crop, MarkedBox, crop, page_data_uri
from service.export.wording import (
    CATEGORY_LABEL,
    READING_LABEL,
    READING_MEANING,
    SEVERITY_LABEL,
    in_showing_order,
    lead_and_rest,
    page_span,
    pages_of,
    percent,
    place_name,
    qualifier,
    table_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from models.document import Document
    from models.page import Page
    from models.report import Report
    from service.export.pictures import PagePicture

LOW_CONFIDENCE: Final = 0.8
"""Numbers read with less are listed for a look at the page: below it the engine is wrong too often to be silent."""
_SERVICE: Final = Path(__file__).parent.parent
_MOST_DOUBTFUL_CELLS: Final = 60
_LONGEST_QUOTE: Final = 160


@dataclass(frozen=True, slots=True)
class Place:
    """One piece of evidence as the report lists it.

    Attributes:
        number: of the box on the pictures, from 1; 0 when it has no box.
        doubts: other readings and damage of that cell, in Chinese; empty when there is nothing to say.
    """

    number: int
    where: str
    text: str
    doubts: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding with all that is shown of it.

    Attributes:
        lead: the first sentence of the message.
        rest: the sentences after it.
    """

    number: int
    finding: Finding
    lead: str
    rest: str
    where: str
    places: tuple[Place, ...]
    workings: tuple[Working, ...]
    crops: tuple[Crop, ...]


@dataclass(frozen=True, slots=True)
class DoubtfulCell:
    """A number that was read with low confidence."""

    where: str
    text: str
    confidence: float
    doubts: str


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Checks that could not be made for one reason.

    Attributes:
        rules: their ids and names.
        scope: what was not checked; empty when it is all that these rules do.
    """

    rules: str
    scope: str
    reason: str


def report_html(report: Report, picture: PagePicture, *, at: datetime) -> str:
    """The report as one HTML text without any outside request.

    Args:
        report: what the audit said.
        picture: makes pictures of pages; only pages with evidence are asked for. A page that cannot
            be rendered is shown by its boxes alone.
        at: time printed at the foot.
    """
    pages = {page.index: page for page in report.document.pages}
    context = report_context(report, lambda index: _picture_or_none(pages[index], picture), at=at)
    environment = Environment(
        loader=FileSystemLoader((_SERVICE / "templates", _SERVICE / "static")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    return environment.get_template("report.html").render(context).lstrip()


def report_context(report: Report, picture_address: Callable[[int], str | None], *, at: datetime) -> dict[str, object]:
    """What the template of the report is given.

    Args:
        report: what the audit said.
        picture_address: address or data URI of the picture of a page with evidence, by its index; None where there
            is none.
        at: time printed at the head.
    """
    document = report.document
    cells = {table.id: {(cell.row, cell.col): cell for cell in table.cells} for table in document.tables}
    pages = {page.index: page for page in document.pages}
    entries = [
        _entry(number, finding, report, cells, pages)
        for number, finding in enumerate(in_showing_order(report.findings), 1)
    ]
    shown = sorted({part.page for entry in entries for part in entry.crops})
    doubtful = _doubtful_cells(report)
    return {
        "report": report,
        "document": document,
        "entries": entries,
        "pictures": {index: picture_address(index) for index in shown},
        "pages": pages,
        "severities": SEVERITY_ORDER,
        "severity_label": SEVERITY_LABEL,
        "severity_counts": Counter(entry.finding.severity for entry in entries),
        "rules": _rules(report),
        "not_checked": _not_checked(report),
        "rule_names": {outcome.rule: outcome.name for outcome in report.outcomes},
        "category_label": CATEGORY_LABEL,
        "reading_label": READING_LABEL,
        "reading_meaning": READING_MEANING,
        "reading_counts": Counter(entry.finding.reading for entry in entries),
        "checks": check_counts(report),
        "unread": [page for page in document.pages if page.problem],
        "by_picture": page_span(tuple(page.index for page in document.pages if page.source == "ocr")),
        "marked": [page for page in document.pages if page.watermark > 0],
        "mark_phrases": list(dict.fromkeys(page.watermark_phrase for page in document.pages if page.watermark_phrase)),
        "doubtful": doubtful[:_MOST_DOUBTFUL_CELLS],
        "n_doubtful": len(doubtful),
        "low_confidence": LOW_CONFIDENCE,
        "version": version("caishen"),
        "at": at,
    }


def _entry(
    number: int,
    finding: Finding,
    report: Report,
    cells: dict[str, dict[tuple[int, int], Cell]],
    pages: dict[int, Page],
) -> Entry:
    numbers: dict[PlaceKey, int] = {}
    numbered: list[tuple[int, Evidence]] = []
    operands = [term for equation in finding.equations for term in (equation.total, *equation.terms)]
    # A form has dozens of blank lines that count as nothing: framing them would hide the ones that matter.
    blank = {place_key(term.evidence) for term in operands if term.value is None}
    for place in (*finding.evidence, *(term.evidence for term in operands)):
        key = place_key(place)
        if place.box is None or place.page not in pages or (key in blank and place is not finding.evidence[0]):
            continue
        if key not in numbers:
            numbers[key] = len(numbered) + 1
            numbered.append((numbers[key], place))
    in_equations = {place_key(term.evidence) for term in operands}
    listed = [place for place in finding.evidence if place_key(place) not in in_equations]
    # Other readings and damage of the disputed place are what a reader must know first, also beside an equation.
    if finding.evidence and finding.evidence[0] not in listed and _doubts(finding.evidence[0], cells):
        listed.insert(0, finding.evidence[0])
    lead, rest = lead_and_rest(finding.message)
    return Entry(
        number=number,
        finding=finding,
        lead=lead,
        rest=rest,
        where=table_name(report.document, finding.evidence[0]) if finding.evidence else "",
        places=tuple(
            Place(
                numbers.get(place_key(place), 0), place_name(report, place), _quote(place.text), _doubts(place, cells)
            )
            for place in listed
        ),
        workings=tuple(
            working(equation, numbers, lambda place: qualifier(report, place)) for equation in finding.equations
        ),
        crops=_crops(finding, numbered, report.document, cells),
    )


def _crops(
    finding: Finding,
    numbered: list[tuple[int, Evidence]],
    document: Document,
    cells: dict[str, dict[tuple[int, int], Cell]],
) -> tuple[Crop, ...]:
    pages = {page.index: page for page in document.pages}
    first_on: dict[int, Evidence] = {}
    marks: dict[int, list[MarkedBox]] = {index: [] for index in pages_of(finding) if index in pages}
    for place in finding.evidence:
        first_on.setdefault(place.page, place)
    for number, place in numbered:
        assert place.box is not None
        marks.setdefault(place.page, []).append(MarkedBox(number, place.box, is_disputed=number == 1))
        if first_on.setdefault(place.page, place).box is None:
            first_on[place.page] = place
    return tuple(
        crop(pages[index], table_name(document, first_on[index]), tuple(boxes), _row_label(first_on[index], cells))
        for index, boxes in marks.items()
    )


def _row_label(place: Evidence, cells: dict[str, dict[tuple[int, int], Cell]]) -> Box | None:
    """The nearest cell on the left in the same row that says something other than a number."""
    if place.table is None or place.row is None or place.col is None:
        return None
    table = cells.get(place.table, {})
    for column in range(place.col - 1, -1, -1):
        cell = table.get((place.row, column))
        if cell is not None and cell.text and cell.page == place.page and printed_number(cell.text) is None:
            return cell.box
    return None


def _quote(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "……"


def _doubts(place: Evidence, cells: dict[str, dict[tuple[int, int], Cell]]) -> str:
    if place.table is None or place.row is None or place.col is None:
        return ""
    cell = cells.get(place.table, {}).get((place.row, place.col))
    return "" if cell is None else _doubts_of_cell(cell)


def _doubts_of_cell(cell: Cell) -> str:
    parts = []
    if cell.alternatives:
        readings = "、".join(f"“{reading.text}”（{percent(reading.probability)}）" for reading in cell.alternatives[:3])
        parts.append(f"另可读作{readings}")
    if cell.damaged:
        parts.append("此处有水印或印章压字，清除时触及笔画")
    if cell.confidence < LOW_CONFIDENCE:
        parts.append(f"识别把握{percent(cell.confidence)}")
    return "；".join(parts)


def _doubtful_cells(report: Report) -> list[DoubtfulCell]:
    """Numbers read with low confidence, or under a removed mark, least sure first."""
    found = []
    for table in report.document.tables:
        numbers = quantities(table)
        for cell in table.cells:
            if (cell.row, cell.col) in numbers and (cell.confidence < LOW_CONFIDENCE or cell.damaged):
                where = place_name(report, Evidence(cell.page, cell.box, cell.text, table.id, cell.row, cell.col))
                found.append(DoubtfulCell(where, cell.text, cell.confidence, _doubts_of_cell(cell)))
    return sorted(found, key=lambda cell: cell.confidence)


def _not_checked(report: Report) -> list[NotChecked]:
    """The checks that were not made; rules that did nothing at all for the same reason share a line."""
    names = {outcome.rule: outcome.name for outcome in report.outcomes}
    whole: dict[str, list[str]] = {}
    for skip in report.skips:
        if skip.scope == names.get(skip.rule):
            whole.setdefault(skip.reason, []).append(f"{skip.rule} {skip.scope}")
    return [NotChecked("、".join(rules), "", reason) for reason, rules in whole.items()] + [
        NotChecked(f"{skip.rule} {names.get(skip.rule, '')}".strip(), skip.scope, skip.reason)
        for skip in report.skips
        if skip.scope != names.get(skip.rule)
    ]


def _rules(report: Report) -> list[tuple[str, int]]:
    """Rules with findings, with how many, most first."""
    counts = Counter(finding.rule for finding in report.findings)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _picture_or_none(page: Page, picture: PagePicture) -> str | None:
    try:
        return page_data_uri(page, picture)
    except CaishenError:
        return None
