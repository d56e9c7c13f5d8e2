"""Printed dates to periods: `2025年6月底前`, `4-5月`, `2026.01.01`, `第三季度`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_YEAR = r"(?:(?P<year>20\d\d)[年./-])?"
_MONTHS = re.compile(
    rf"^(?:每年)?{_YEAR}(?P<first>1[0-2]|0?[1-9])(?:月)?(?:[-—~至](?P<last>1[0-2]|0?[1-9]))?"
    r"(?:月(?:份)?|[./-](?P<day1>\d{1,2})日?)(?:(?P<day2>\d{1,2})日)?(?:底|初|中旬|上旬|下旬|末)?(?:之?[前内])?(?:完成)?$"
)
_QUARTER = re.compile(rf"^{_YEAR}第?(?P<quarter>[一二三四1234])季度(?:末|内|前)?$")
_YEAR_ONLY = re.compile(r"^(?P<year>20\d\d)年(?:内|底前|末|底)?$")


@dataclass(frozen=True, slots=True)
class Period:
    """Months counted from January of year 0 (year × 12 + month − 1); without a year, from January.

    Attributes:
        begin, end: first and last month that are meant.
        has_year: whether the year is printed.
    """

    begin: int
    end: int
    has_year: bool


def read_period(text: str) -> Period | None:
    """The period that a text without white space states; None when it states none (`每季度`, `按进度`)."""
    bare = text.lstrip("≤<=")
    if found := _MONTHS.match(bare):
        year = int(found.group("year") or 0)
        first, last = int(found.group("first")), int(found.group("last") or found.group("first"))
        if "月" in bare or found.group("year"):
            return Period(year * 12 + first - 1, year * 12 + last - 1, bool(year))
    if found := _QUARTER.match(bare):
        year, quarter = int(found.group("year") or 0), "一二三四1234".index(found.group("quarter")) % 4
        return Period(year * 12 + quarter * 3, year * 12 + quarter * 3 + 2, bool(year))
    if found := _YEAR_ONLY.match(bare):
        year = int(found.group("year"))
        return Period(year * 12, year * 12 + 11, has_year=True)
    return None
