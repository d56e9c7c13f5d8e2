"""Public cost standards: rows of a CSV file to records."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib import resources

from models.citation import Citation

HEADINGS = (
    "item", "words", "not_words", "per", "low", "high", "region", "since", "until", "basis", "source", "note",
)  # fmt: skip
"""Columns of a file of standards."""
NATIONAL = ("全国", "中央")
_NEEDED = ("item", "words", "region", "since", "basis")


class BadStandard(ValueError):
    """A row that is no standard.

    Attributes:
        column: heading of the wrong cell.
        reason: Chinese.
    """

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Standard:
    """One line of the file.

    Attributes:
        item: Chinese name.
        words, not_words: patterns that the name of a price must and must not match.
        per: sets of units, any of which the price must be per.
        low, high: in yuan; None for no bound.
        region: `全国`, `中央` (a yardstick elsewhere) or the name of a province or city.
        places: what a document of that region is recognised by; None where the standard is national.
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
    places: re.Pattern[str] | None
    since: int
    until: int | None
    basis: Citation
    note: str


@lru_cache(maxsize=1)
def shipped_standards() -> tuple[Standard, ...]:
    """Every standard of `standards.csv`."""
    text = resources.files("detect.vocabulary").joinpath("standards.csv").read_text(encoding="utf-8")
    return tuple(standard_of(row) for row in csv.DictReader(text.splitlines()))


def standard_of(row: Mapping[str, str]) -> Standard:
    """A row as a standard; `region` may name places behind the region itself, joined by `|`.

    Raises:
        BadStandard: a cell is missing or makes no sense.
    """
    cells = {name: (row.get(name) or "").strip() for name in HEADINGS}
    for name in _NEEDED:
        if not cells[name]:
            raise BadStandard(name, "没有填写")
    low, high = (_money(name, cells[name]) for name in ("low", "high"))
    if low is None and high is None:
        raise BadStandard("high", "low 和 high 至少要填一个")
    regions = [name for name in cells["region"].split("|") if name]
    return Standard(
        item=cells["item"],
        words=_pattern("words", cells["words"]),
        not_words=_pattern("not_words", cells["not_words"]) if cells["not_words"] else None,
        per=tuple(frozenset(units.split("/")) for units in cells["per"].split("|")),
        low=low,
        high=high,
        region=regions[0],
        places=None if regions[0] in NATIONAL else re.compile("|".join(map(re.escape, regions))),
        since=_year("since", cells["since"]),
        until=_year("until", cells["until"]) if cells["until"] else None,
        basis=Citation(cells["basis"]),
        note=cells["note"],
    )


def _money(name: str, text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "")) if text else None
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and (not number.is_finite() or number <= 0):
        raise BadStandard(name, f"“{text}”不是金额（以元为单位的数字）")
    return number


def _year(name: str, text: str) -> int:
    if not re.fullmatch(r"20\d\d", text):
        raise BadStandard(name, f"“{text}”不是年份（如 2026）")
    return int(text)


def _pattern(name: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise BadStandard(name, f"“{text}”不是正确的匹配式（{error}）") from error
