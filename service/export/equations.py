"""Equations laid out term by term, in the unit that they were printed in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from models.finding import Equation, Evidence, Term
from models.money import YUAN_PER_UNIT
from service.export.numbers import plain, printed_number

PlaceKey = tuple[object, ...]
_WITH_UNIT: Final = re.compile(r"(.*?)(亿元|万元|千元|元)")
_UNIT_NAME: Final = {factor: name for name, factor in YUAN_PER_UNIT.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One operand as a reader checks it.

    Attributes:
        sign: `＋`, `－`, `＝` of the total (`≤` where it is a part), or empty for a first positive term.
        place: number of the box on the pictures, counted from 1; 0 when there is none.
        yuan: the value in yuan where the operands were printed in different units; else empty.
    """

    sign: str
    label: str
    text: str
    place: int
    yuan: str


@dataclass(frozen=True, slots=True)
class Working:
    """One equation as a working paper shows it.

    Attributes:
        unit: that `computed` and `difference` are in: `万元`, `元`, or empty when the figures are counts or unknown.
        blanks: names of the operands that are blank and count as nothing.
        computed: sum of the operands; empty where one operand is compared with the total.
        is_bound: the total may be less than the operands, not more.
        total: what is printed as the result.
        difference: printed result less computed sum; empty when the result is blank.
    """

    name: str
    unit: str
    rows: tuple[Row, ...]
    blanks: tuple[str, ...]
    computed: str
    is_bound: bool
    total: Row
    difference: str


def working(equation: Equation, place_numbers: dict[PlaceKey, int], qualifier: Callable[[Evidence], str]) -> Working:
    """Lays out one equation.

    Args:
        equation: what was checked.
        place_numbers: numbers of the boxes by `place_key`.
        qualifier: tells places apart (column, table) where two operands have the same label.
    """
    labels = Counter(term.label for term in (equation.total, *equation.terms))
    terms = [term for term in equation.terms if term.value is not None]
    factors = {factor for term in (equation.total, *terms) if (factor := _yuan_per_printed_unit(term)) is not None}
    is_mixed = len(factors) > 1
    factor = Decimal(1) if is_mixed or not factors else next(iter(factors))
    decimals = 2 if is_mixed else max((_decimals(term.text) for term in (equation.total, *terms)), default=0)

    # Thousands are separated as they are on the page.
    separator = "," if is_mixed or any("," in plain(term.text) for term in (equation.total, *terms)) else ""

    def label(term: Term) -> str:
        more = qualifier(term.evidence) if labels[term.label] > 1 else ""
        return f"{term.label}（{more}）" if more else term.label

    def row(term: Term, sign: str) -> Row:
        yuan = f"{term.value:,.2f}" if is_mixed and term.value is not None else ""
        text = term.text or ("（空白）" if term.value is None else f"{term.value / factor:,f}")
        return Row(
            sign,
            label(term),
            text,
            place_numbers.get(place_key(term.evidence), 0),
            yuan,
        )

    computed = sum((term.sign * term.value for term in terms if term.value is not None), Decimal(0))
    is_comparison = len(equation.terms) == 1 and equation.terms[0].sign > 0
    rows = []
    for position, term in enumerate(terms):
        sign = "－" if term.sign < 0 else "" if position == 0 else "＋"
        rows.append(row(term, sign))
    total_value = equation.total.value
    return Working(
        name=equation.name,
        unit=_unit_name(factor, is_mixed=is_mixed, is_known=bool(factors)),
        rows=tuple(rows),
        blanks=tuple(label(term) for term in equation.terms if term.value is None),
        computed="" if is_comparison else _figure(computed / factor, decimals, separator),
        is_bound=equation.relation == "<=",
        total=row(equation.total, "≤" if equation.relation == "<=" else "＝"),
        difference=""
        if total_value is None
        else _figure((total_value - computed) / factor, decimals, separator, signed=True),
    )


def place_key(place: Evidence) -> PlaceKey:
    """What makes two places the same: the cell, or the box on the page."""
    if place.table is not None and place.row is not None:
        return place.table, place.row, place.col
    return place.page, place.box, place.text


def _unit_name(factor: Decimal, *, is_mixed: bool, is_known: bool) -> str:
    if is_mixed:
        return "元"
    # A factor of one may also be a head count or a percentage: no unit is claimed.
    return _UNIT_NAME.get(factor, "") if is_known and factor != 1 else ""


def _yuan_per_printed_unit(term: Term) -> Decimal | None:
    """How many yuan one printed unit is; None for nothing, zero, or a text that is no number."""
    bare = plain(term.text)
    with_unit = _WITH_UNIT.fullmatch(bare)
    if with_unit and printed_number(with_unit.group(1)) is not None:
        return YUAN_PER_UNIT[with_unit.group(2)]
    number = printed_number(bare)
    if not number or not term.value:
        return None
    factor = term.value / number
    return factor if factor in _UNIT_NAME else None


def _decimals(text: str) -> int:
    found = re.search(r"\.(\d+)", plain(text))
    return len(found.group(1)) if found else 0


def _figure(value: Decimal, decimals: int, separator: str, *, signed: bool = False) -> str:
    exact = max(decimals, -int(value.normalize().as_tuple().exponent)) if value else decimals
    return f"{value:{'+' if signed else ''}{separator}.{exact}f}"
