"""Prices of a document to the public cost standards that they fall under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detect.expressions import Price, prepared, prices
from detect.prices import quoted_prices
from detect.vocabulary import vocabulary
from detect.vocabulary.standards import Standard
from detect.wording import plain
from models.form import ProjectForm
from models.report import Report
from models.table import Cell

_FIRST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Priced:
    """A price with its name: a cost indicator or a price in the text of a form."""

    form: ProjectForm
    name: str
    price: Price
    cell: Cell


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

    Where the place has a standard of its own for an item, the national one is not meant.

    Args:
        report: whose year and place decide.
        thing: the price.
        name: what is searched for the words of a standard; the thing's own name when empty.
    """
    per = frozenset(thing.price.per) - {"年"}
    words = name or thing.name
    found = [
        standard
        for standard in vocabulary().standards
        if standard.words.search(words)
        and not (standard.not_words and standard.not_words.search(words))
        and per in standard.per
        and _applies(report, standard)
    ]
    own = {standard.item for standard in found if standard.places is not None}
    yield from (standard for standard in found if standard.places is not None or standard.item not in own)


def _applies(report: Report, standard: Standard) -> bool:
    if report.year is None or report.year < standard.since or (standard.until or report.year) < report.year:
        return False
    return standard.places is None or _is_in(report, standard.places)


def _is_in(report: Report, place: re.Pattern[str]) -> bool:
    first = (plain(block.text) for block in report.document.blocks if block.page < _FIRST_PAGES)
    return bool(place.search(report.entity)) or any(place.search(text) for text in first)
