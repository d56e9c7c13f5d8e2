"""Printed numbers to exact amounts with the step they were printed in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from detect.wording import plain
from models.money import YUAN_PER_UNIT, Amount

_NUMBER = re.compile(r"^([-+−－]?)[¥￥]?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,8}))?$")
_BRACKETED = re.compile(r"^\((.+)\)$")
_BLANK = re.compile(r"^[-—–－/_*.]*$")
_CODE = re.compile(r"^\d{3}(?:\d{2}){0,2}$")
_UNIT = re.compile(r"(亿元|万元|千元|元)")
_UNIT_LINE = re.compile(r"单位[::]?(?:人民币)?(亿元|万元|千元|元)")
MAX_DIGITS = 15
"""More digits than any public budget needs (10^13 yuan and two decimals): a longer run is no amount."""


def is_blank(text: str) -> bool:
    """Whether nothing, or only a dash, is printed."""
    return bool(_BLANK.match(plain(text)))


def is_code(text: str) -> bool:
    """Whether the text looks like a 类, 款 or 项 code of the functional or economic classification."""
    return bool(_CODE.match(plain(text))) and plain(text)[0] in "12345"


def parse_number(text: str) -> tuple[Decimal, int] | None:
    """The number and how many decimals are printed; None when the text is no number.

    Thousands separators, a currency sign, a leading minus and accountants' brackets are understood. A wrongly grouped
    number (`1,23,4`) is none: it may be two cells run together.
    """
    bare = plain(text).replace("，", ",")
    if bracketed := _BRACKETED.match(bare):
        bare = "-" + bracketed.group(1)
    found = _NUMBER.match(bare)
    if not found or len(found.group(2).replace(",", "")) > MAX_DIGITS:
        return None
    sign, whole, decimals = found.group(1), found.group(2).replace(",", ""), found.group(3) or ""
    number = Decimal(f"{whole}.{decimals}" if decimals else whole)
    return (-number if sign in ("-", "−", "－") else number), len(decimals)


def usual_decimals(texts: Iterable[str]) -> int:
    """How many decimals the amounts of a table are usually printed with.

    Spreadsheets drop trailing zeros, so one `12.5` among `7.25` and `3.14` does not say that it was rounded to tenths.
    Integers say nothing (`0`, `23`) unless there is nothing else.
    """
    count: Counter[int] = Counter()
    for text in texts:
        if (number := parse_number(text)) is not None and number[1]:
            count[number[1]] += 1
    return count.most_common(1)[0][0] if count else 0


ALWAYS = 0.9
"""Share of amounts with the usual decimals from which a table is taken to print them always: spreadsheets that drop
trailing zeros do so for one amount in ten."""


def always_prints(texts: Iterable[str], decimals: int) -> bool:
    """Whether nearly all amounts but zero carry `decimals` decimals; False for fewer than ten amounts."""
    printed = [number[1] for text in texts if (number := parse_number(text)) is not None and number[0]]
    return decimals > 0 and len(printed) >= 10 and sum(one == decimals for one in printed) > ALWAYS * len(printed)


def parse_amount(text: str, unit_yuan: Decimal, decimals: int = 0) -> Amount | None:
    """The amount in yuan; None when the text is blank or no number.

    Args:
        text: as printed.
        unit_yuan: yuan per printed unit.
        decimals: of the table (`usual_decimals`); a number printed with fewer keeps the table's step.
    """
    if (number := parse_number(text)) is None:
        return None
    value, printed = number
    return Amount(value * unit_yuan, unit_yuan * Decimal(1).scaleb(-max(printed, decimals)))


def parse_printed(text: str, unit: str, decimals: int = 0) -> Amount | None:
    """What is printed in `unit`; None when the text is blank or no number.

    A whole number of things that are counted (`3辆`) is exact; an amount of money or a score may have been rounded.
    """
    amount = parse_amount(text, yuan_per(unit), decimals)
    is_count = unit and unit not in YUAN_PER_UNIT and unit != "分"
    if amount is None or not is_count or amount.value != amount.value.to_integral_value():
        return amount
    return Amount(amount.value, Decimal(0))


def find_unit(texts: Iterable[str]) -> str:
    """The unit stated by a line such as `单位：万元`; empty when none of the texts states one."""
    for text in texts:
        if found := _UNIT_LINE.search(plain(text)):
            return found.group(1)
    return ""


def unit_in(text: str) -> str:
    """The first unit named anywhere in the text; empty when there is none."""
    found = _UNIT.search(plain(text))
    return found.group(1) if found else ""


def yuan_per(unit: str) -> Decimal:
    """Yuan per unit; 1 for an unknown unit, so that sums inside one table still can be checked."""
    return YUAN_PER_UNIT.get(unit, Decimal(1))
