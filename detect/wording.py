"""Printed words made comparable: width, spaces, years and numbering taken off."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

_YEAR = re.compile(r"(?:19|20)\d\d(?:年度|年)?")
_UNIT_NOTE = re.compile(r"[(\[【](?:单位[::])?(?:人民币)?(?:万元|元|千元|辆|台|套|台/套)[)\]】]")
_NUMBERING = re.compile(
    r"^(?:[(（]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）]?[、.,，．]\s*|[(（](?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）]"
    r"|[①②③④⑤⑥⑦⑧⑨⑩]|(?:其中)[::]?)+"
)
_PUNCTUATION = re.compile(r"[\s\"'“”‘’「」《》〈〉<>、,.。·:;()\[\]【】_\-—–/]+")
_LATIN = re.compile(r"[A-Za-z]+")
_QUOTES = re.compile(r"[“”„\"'‘’`″]")


def plain(text: str) -> str:
    """Full-width forms and all white space taken off; nothing else changed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def without_year(text: str) -> str:
    """The text without years; a text that is only a year becomes `Y`."""
    rest = _YEAR.sub("Y", text)
    return rest if rest == "Y" else rest.replace("Y", "")


@lru_cache(maxsize=65536)
def heading(text: str) -> str:
    """A header cell or title reduced to what distinguishes it: no year, unit note, space or punctuation."""
    rest = without_year(plain(text))
    rest = _UNIT_NOTE.sub("", rest)
    return _PUNCTUATION.sub("", rest)


@lru_cache(maxsize=65536)
def row_name(text: str) -> str:
    """A row label reduced to what distinguishes it: no numbering, space or punctuation."""
    rest = plain(text)
    while (shorter := _NUMBERING.sub("", rest)) != rest and shorter:
        rest = shorter
    rest = _UNIT_NOTE.sub("", rest)
    return _PUNCTUATION.sub("", rest)


@lru_cache(maxsize=65536)
def fixed_name(text: str) -> str:
    """A row label that is compared with official names, which have no Latin letters: stray ones come from marks."""
    return _LATIN.sub("", row_name(text)) or row_name(text)


@lru_cache(maxsize=262144)
def similarity(one: str, other: str) -> float:
    """Between 0 and 1; 1 for equal texts. The higher, the more alike (Ratcliff-Obershelp on characters)."""
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def quoted(text: str) -> str:
    """The text with one kind of quotation mark, for patterns that mention `“三公”`."""
    return _QUOTES.sub('"', text)
