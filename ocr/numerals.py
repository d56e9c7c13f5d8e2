"""How numbers are printed: what is well formed, how many decimals a column has, and what punctuation must be."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

WELL_FORMED = re.compile(r"\(?-?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?%?\)?")

_NUMBER_LIKE = re.compile(r"[,.]*[-(]?[\d,.]*\d[\d,.]*[%),.]*")

_DASHES = str.maketrans("−–—", "---")

LEAST_AGREEING = 3
"""A column has a number of decimals when at least so many of its numbers have it, ..."""

AGREEING_SHARE = 0.8
"""... and so large a share of those that have decimals at all."""


def plain(text: str) -> str:
    """The text in half width, without blanks, every dash a hyphen."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())


def is_number_like(text: str) -> bool:
    """Whether plain `text` is made of digits and a number's punctuation alone, however they are put together."""
    return _NUMBER_LIKE.fullmatch(text) is not None


def is_well_formed(text: str, decimals: int | None = None) -> bool:
    """Whether plain `text` is a number as one prints it.

    Args:
        text: from `plain`.
        decimals: of the other numbers of the column, if they agree.
    """
    found = WELL_FORMED.fullmatch(text)
    if found is None or (text.startswith("(") != text.endswith(")")):
        return False
    return decimals is None or len(found["decimals"] or "") in (decimals, 0)


def decimals_of(texts: Iterable[str]) -> int | None:
    """How many decimals the numbers of a column are printed with; none when they do not agree.

    Args:
        texts: plain; what is no well-formed number is passed over, whole numbers say nothing (a zero, a count).
    """
    found = (WELL_FORMED.fullmatch(text) for text in texts)
    counts = Counter(len(match["decimals"]) for match in found if match and match["decimals"])
    if not counts:
        return None
    decimals, most = counts.most_common(1)[0]
    return decimals if most >= LEAST_AGREEING and most >= AGREEING_SHARE * counts.total() else None


def settle_punctuation(text: str, decimals: int | None) -> str:
    """The one well-formed number with the digits of `text` in their groups, or `text` when there is none or several.

    No digit is added, dropped or changed, and groups are neither joined nor cut: `1,234,56` can only be 1,234.56,
    `1.234.56` as well; `0.00.` and `.4,865.00` end or begin with a speck. `.50` may be 50 or 0.50 and stays.

    Args:
        text: plain.
        decimals: of the other numbers of the column, if they agree.
    """
    if not is_number_like(text) or is_well_formed(text, decimals):
        return text
    body = text.strip(",.")
    sign, tail = body[: body.startswith("-")], body[len(body) - body.endswith("%") :]
    groups = re.split(r"[,.]+", body.removeprefix("-").removesuffix("%").strip(",."))
    if len(groups) < 2:
        return text
    as_decimal = ",".join(groups[:-1]) + "." + groups[-1]
    ways = [as_decimal] if decimals else [as_decimal, ",".join(groups)]
    fitting = [way for way in ways if _fits(way, decimals)]
    return sign + fitting[0] + tail if len(fitting) == 1 else text


def _fits(text: str, decimals: int | None) -> bool:
    """Whether a number is well formed and has all the decimals of its column."""
    found = WELL_FORMED.fullmatch(text)
    return found is not None and (decimals is None or len(found["decimals"] or "") == decimals)
