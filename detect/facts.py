"""A document to a report: which forms its tables are, every amount in them, whose disclosure it is and of what year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from detect.amounts import parse_printed
from detect.forms import read_form
from detect.headers import Grid, starts_with_data
from detect.vocabulary import vocabulary
from detect.wording import heading, plain
from models.document import Document
from models.fact import Fact
from models.report import Column, DocumentKind, FormTable, Line, Report

_ENTITY = re.compile(r"(?:部门|单位|编制单位|预算单位|部门\(单位\))(?:名称)?[::](.+?)(?:金额单位|单位[::]|$)")
# The name alone on the cover, perhaps with the year or 汇总 behind it.
_COVER = re.compile(
    r"^((?!目录)[^\d:,。、]{3,24}(?:局|委|厅|部|办公室|委员会|院|中心|站|校|联合会|处|所|馆|队|团|公司))(?:\(.{1,8}\))?(?:20\d\d.*)?$"
)
_UNIT_OF_MONEY = re.compile(r"^(?:人民币)?(?:亿元|万元|千元|元|[亿万千]$)")
_YEAR = re.compile(r"(20\d\d)年")


def extract(document: Document) -> Report:
    """Everything the rules need; a document without any known form gives a report of kind 其他 with what was found."""
    forms = _with_parts([read_form(document, table) for table in document.tables])
    facts = tuple(fact for form in forms for fact in _facts(form))
    return Report(document, _kind(document, forms), _year(document, forms), _entity(document), forms, facts)


SHARED_LINES = 0.2
"""Share of equal lines below which two tables with one title are pages of one form, not the forms of two units: units
share most of their codes, pages of one form share none (but perhaps a total that is printed on each)."""


def _with_parts(forms: list[FormTable]) -> tuple[FormTable, ...]:
    """Mark the tables that print one form page by page.

    Either they share a title on pages that follow each other and have different lines, or one begins with data and
    goes on where the table before ends.
    """
    parts: set[int] = set()
    for index, (one, other) in enumerate(pairwise(forms)):
        if starts_with_data(Grid(other.table)):
            parts |= {index, index + 1}
            continue
        title = heading(one.table.title)
        if not title or title != heading(other.table.title) or not one.lines or not other.lines:
            continue
        if not 0 <= other.table.pages[0] - one.table.pages[-1] <= 1:
            continue
        first, second = ({(line.block, line.id) for line in form.lines if not line.is_total} for form in (one, other))
        if len(first & second) <= SHARED_LINES * min(len(first), len(second)):
            parts |= {index, index + 1}
    return tuple(replace(form, is_part=index in parts) for index, form in enumerate(forms))


def _facts(form: FormTable) -> Iterator[Fact]:
    grid = Grid(form.table)
    for line in form.lines:
        for column in form.columns:
            if column.block == line.block:
                cell = grid.cell(line.row, column.index)
                counted = counted_in(form, line)
                amount = parse_printed(cell.text, counted or form.unit, 0 if counted else form.decimals)
                yield Fact(
                    form.form, form.table.id, line.id, column.id, f"{row_label(line)}“{column.name}”", amount, cell
                )


def counted_in(form: FormTable, line: Line) -> str:
    """The unit of a row that counts things (`辆`); empty where it prints money."""
    return vocabulary().by_id[form.form].counted_in(line.id) if form.form else ""


def row_label(line: Line) -> str:
    """How messages call a row: code and name, or the name as printed."""
    return f"{line.code} {line.name}".strip() if line.code else line.name or line.id


def _kind(document: Document, forms: tuple[FormTable, ...]) -> DocumentKind:
    found = Counter(vocabulary().by_id[form.form].document for form in forms if form.form)
    if found["final"] > found["budget"]:
        return "决算公开"
    if found["budget"]:
        return "预算公开"
    first = "".join(plain(block.text) for block in document.blocks[:12])
    if "决算" in first:
        return "决算公开"
    return "预算公开" if "预算" in first else "其他"


def _year(document: Document, forms: tuple[FormTable, ...]) -> int | None:
    titles = [text for form in forms if form.form for text in (form.table.title, *form.table.meta)]
    for texts in (titles, [block.text for block in document.blocks[:40]]):
        years = Counter(year for text in texts for year in _YEAR.findall(plain(text)))
        if years:
            return int(years.most_common(1)[0][0])
    return None


def _entity(document: Document) -> str:
    names: Counter[str] = Counter()
    for table in document.tables:
        for text in table.meta:
            if (found := _ENTITY.search(plain(text))) and not _UNIT_OF_MONEY.match(found.group(1)):
                names[found.group(1)] += 1
    for block in document.blocks:
        if (
            block.role in ("unit", "caption", "note", "paragraph", "heading", "title")
            and len(block.text) < 60
            and (found := _ENTITY.search(plain(block.text)))
            and not _UNIT_OF_MONEY.match(found.group(1))
        ):
            names[found.group(1)] += 1
    if not names:
        covers = (_COVER.match(plain(block.text)) for block in document.blocks if block.page == 0)
        names.update(found.group(1) for found in covers if found)
    return names.most_common(1)[0][0].removesuffix("(汇总)") if names else ""


def is_torn(grid: Grid, form: FormTable, row: int) -> bool:
    """Whether an amount of the row goes on in the next: it lacks decimals, and one or two digits stand below it."""
    if not form.decimals or not 0 <= row < form.table.n_rows - 1:
        return False
    return any(
        re.fullmatch(r"\d{1,2}", plain(grid.text(row + 1, column.index)))
        and re.search(rf"\.\d{{0,{form.decimals - 1}}}$", plain(grid.text(row, column.index)))
        for column in form.columns
    )


@dataclass(frozen=True, slots=True)
class Place:
    """One amount with the table, line and column that it belongs to."""

    form: FormTable
    line: Line
    column: Column
    fact: Fact


class Ledger:
    """The facts of a report by form, line and column."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._places: dict[tuple[str, str, str], list[Place]] = {}
        self._by_table: dict[str, list[Place]] = {}
        self._by_cell: dict[tuple[str, int, int, str], Place] = {}
        self._tables: Counter[str] = Counter(form.form for form in report.forms if form.form)
        by_cell = {(fact.table, fact.line, fact.column, fact.cell.row, fact.cell.col): fact for fact in report.facts}
        for form in report.forms:
            grid = Grid(form.table)
            for line in form.lines:
                for column in form.columns:
                    if line.block != column.block:
                        continue
                    cell = grid.cell(line.row, column.index)
                    fact = by_cell[form.table.id, line.id, column.id, cell.row, cell.col]
                    place = Place(form, line, column, fact)
                    self._places.setdefault((form.form or form.table.id, line.id, column.id), []).append(place)
                    self._by_table.setdefault(form.table.id, []).append(place)
                    self._by_cell[form.table.id, line.row, column.index, line.id] = place

    def is_unique(self, form_id: str) -> bool:
        """Whether exactly one table of the document is this form."""
        return self._tables[form_id] == 1

    def of_table(self, table: str) -> list[Place]:
        """Every place of one table, line by line."""
        return self._by_table.get(table, [])

    def at(self, form: FormTable, line: Line, column: Column) -> list[Place]:
        """The place where a line and a column of one table meet: one, or none when they belong to different blocks."""
        place = self._by_cell.get((form.table.id, line.row, column.index, line.id))
        return [place] if place is not None else []

    def all_of(self, form_id: str, line: str, column: str) -> list[Place]:
        """Every place with this identity; the column `amount` also means the only column of the line's block."""
        found = self._places.get((form_id, line, column), [])
        if not found and column == "amount":
            found = [
                place
                for (form, name, other), places in self._places.items()
                if form == form_id and name == line and other.endswith(".amount")
                for place in places
            ]
        return found

    def one(self, form_id: str, line: str, column: str) -> Place | None:
        """The place with this identity; None when there is none or more than one."""
        found = self.all_of(form_id, line, column)
        return found[0] if len(found) == 1 and self.is_unique(form_id) else None

    def lines_of(self, form_id: str) -> list[Line]:
        """The lines of a form that stands in the document once."""
        return (
            [line for form in self.report.forms if form.form == form_id for line in form.lines]
            if self.is_unique(form_id)
            else []
        )
