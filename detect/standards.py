"""Public cost standards as data: a CSV file to records, and which of them a price falls under."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import resources

from detect.expressions import Price, prepared, prices
from detect.prices import quoted_prices
from detect.wording import plain
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report
from models.table import Cell

_PLACES = {"山西": r"山西|晋财|晋政|太原|大同|阳泉|长治|晋城|朔州|晋中|运城|忻州|临汾|吕梁"}
"""Names by which a document shows the province it belongs to."""
_FIRST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Standard:
    """One line of the file.

    Attributes:
        item: Chinese name.
        words, not_words: patterns that the name of a price must and must not match.
        per: sets of units, any of which the price must be per.
        low, high: in yuan; None for no bound.
        region: `全国`, `中央` (a yardstick elsewhere) or a province.
        since, until: years in which it applies; None for no end.
        basis: to be cited.
        note: Chinese, classes and exceptions.
    """

    item: str
    words: re.Pattern[str]
    not_words: re.Pattern[str] | None
    per: tuple[frozenset[str], ...]
    low: Decimal | None
    high: Decimal | None
    region: str
    since: int
    until: int | None
    basis: Citation
    note: str


@dataclass(frozen=True, slots=True)
class Priced:
    """A price with its name: a cost indicator or a price in the text of a form."""

    form: ProjectForm
    name: str
    price: Price
    cell: Cell


@lru_cache(maxsize=1)
def standards() -> tuple[Standard, ...]:
    """Every standard of `vocabulary/standards.csv`."""
    text = resources.files("detect.vocabulary").joinpath("standards.csv").read_text(encoding="utf-8")
    return tuple(_standard(row) for row in csv.DictReader(text.splitlines()))


def _standard(row: dict[str, str]) -> Standard:
    return Standard(
        item=row["item"],
        words=re.compile(row["words"]),
        not_words=re.compile(row["not_words"]) if row["not_words"] else None,
        per=tuple(frozenset(units.split("/")) for units in row["per"].split("|")),
        low=Decimal(row["low"]) if row["low"] else None,
        high=Decimal(row["high"]) if row["high"] else None,
        region=row["region"],
        since=int(row["since"]),
        until=int(row["until"]) if row["until"] else None,
        basis=Citation(row["basis"]),
        note=row["note"],
    )


def priced_things(report: Report) -> Iterator[Priced]:
    """The prices of all target forms with their names, each indicator once."""
    for form in report.project_forms:
        if form.kind != "target":
            continue
        rows: set[int] = set()
        for item in form.indicators:
            own = prices(prepared(item.value))
            if len(own) == 1 and item.name and item.value_cell.row not in rows:
                rows.add(item.value_cell.row)
                yield Priced(form, item.name, own[0], item.value_cell)
        for quoted in quoted_prices(form):
            yield Priced(form, quoted.label, quoted.price, quoted.field.cell)


def standards_for(report: Report, thing: Priced, name: str = "") -> Iterator[Standard]:
    """The standards that a price falls under, by name, units, year and province of the document.

    Args:
        report: whose year and place decide.
        thing: the price.
        name: what is searched for the words of a standard; the thing's own name when empty.
    """
    per = frozenset(thing.price.per) - {"年"}
    for standard in standards():
        words = name or thing.name
        if not standard.words.search(words) or (standard.not_words and standard.not_words.search(words)):
            continue
        if per not in standard.per or not _applies(report, standard):
            continue
        yield standard


def _applies(report: Report, standard: Standard) -> bool:
    if report.year is None or report.year < standard.since or (standard.until or report.year) < report.year:
        return False
    return standard.region not in _PLACES or _is_in(report, standard.region)


def _is_in(report: Report, region: str) -> bool:
    place = re.compile(_PLACES[region])
    first = (plain(block.text) for block in report.document.blocks if block.page < _FIRST_PAGES)
    return bool(place.search(report.entity)) or any(place.search(text) for text in first)
