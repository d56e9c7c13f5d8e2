"""Texts to what they share: equal but for punctuation and years, alike, and the longest run in common."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from detect.wording import plain

SAME = 0.95
"""Similarity from which two texts are one with a slip of the pen or of the reading. Source: review practice."""
_IGNORED = re.compile(r"[\s,，。.、;；:：“”\"'‘’()（）《》〈〉【】\[\]!！?？—…-]+")
_YEARS = re.compile(r"^(?:20\d\d年(?:度)?(?:内)?|每年|年内|本年(?:度)?)")


@lru_cache(maxsize=8192)
def bare(text: str) -> str:
    """The text reduced to what its author says: no punctuation, no white space."""
    return _IGNORED.sub("", plain(text))


@lru_cache(maxsize=8192)
def without_leading_year(text: str) -> str:
    """The same without a year at its beginning, which turns a goal of several years into one of the year."""
    return _YEARS.sub("", bare(text))


_CITED = re.compile(
    r"《[^《》]*(?:《[^《》]*》[^《》]*)*》|[^，。；、;,]{0,12}[〔\[【(（]\d{4}[〕\]】)）]\d+号"
    r"|(?:^|(?<=[，。；、;,]))(?:按照|根据|依据)?(?:(?:20\d\d|本)年(?:度)?)?[^，。；、;,]{0,12}"
    r"(?:方案|办法|规定|条例|通知|细则|规程)(?=等|[，。；、;,]|$)"
)


@lru_cache(maxsize=8192)
def without_citations(text: str) -> str:
    """The bare text without cited documents: two authors may cite the same law."""
    return bare(_CITED.sub("", text))


@lru_cache(maxsize=8192)
def likeness(one: str, other: str) -> float:
    """Between 0 and 1 on the bare texts; the higher, the more alike. Cheap where the lengths already differ."""
    left, right = bare(one), bare(other)
    if left == right:
        return 1.0
    if not left or not right or min(len(left), len(right)) < SAME * max(len(left), len(right)):
        return 0.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SAME else 0.0


def longest_run(one: str, other: str) -> str:
    """The longest text that stands in both, as in the first one without punctuation."""
    left, right = bare(one), bare(other)
    found = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
    return left[found.a : found.a + found.size]
