"""A text to what stays of it when it is filled in anew for another year or by another organisation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detect.similar import bare
from detect.wording import plain

NUMBER = "#"
NAME = "◇"
_NUMBERS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ORGANISATION = re.compile(r"[一-龥]{2}[市县][一-龥]{2,10}?(?:局|委员会|办公室|人民法院|人民检察院)")


def numbers(text: str) -> list[str]:
    """The numbers of a text in order, without separators: as many as its skeleton has signs for them."""
    return [found.replace(",", "") for found in _NUMBERS.findall(plain(text))]


def skeleton(text: str, names: Sequence[str] = ()) -> str:
    """The text without punctuation, with `#` for numbers and `◇` for names of organisations.

    Args:
        text: as printed.
        names: of the text's own organisation and place, longest first.
    """
    words = plain(text)
    for name in names:
        if name:
            words = words.replace(name, NAME)
    return bare(_NUMBERS.sub(NUMBER, _ORGANISATION.sub(NAME, words)))
