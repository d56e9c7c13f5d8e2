"""Which characters Chinese print has: those that recognition is asked for."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

LEVEL_THREE = Path(__file__).with_name("charset.txt")
"""The characters of 通用规范汉字表 (8,105; the State Council, 2013) that GB 2312 lacks: of names, places and science.
From Unicode's Unihan database (kTGH)."""

STRUCK_NOUGHTS = frozenset("θΘ∅⊖⊘")
"""A 0 that the edge of a mark crosses looks like these, which no budget prints."""


def is_printed(character: str) -> bool:
    """Whether a class of the recognition network may stand in a Chinese document.

    Kept are the blank, ASCII, GB 2312 (with its Greek and kana), the general table of Chinese characters, and
    every sign and number that is no letter. Not kept are traditional and rare characters, accented and phonetic
    letters, pictures, and `STRUCK_NOUGHTS`.

    Args:
        character: one, or none for the blank.
    """
    return character not in STRUCK_NOUGHTS and (
        character.isascii()
        or _is_in_gb2312(character)
        or character in _level_three()
        or (character <= "\uffff" and not unicodedata.category(character).startswith("L"))
    )


def _is_in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _level_three() -> frozenset[str]:
    return frozenset(LEVEL_THREE.read_text(encoding="utf-8").replace("\n", ""))
