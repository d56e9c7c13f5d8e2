"""What a quantity in a sentence speaks of, in the few words that messages and keys have room for."""

from __future__ import annotations

import re

from detect.claims import Mention

LONGEST_NAME = 24
_BEFORE = re.compile(
    r"^(?:.*?20\d\d年(?:度)?|[（(][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[.、．]|[^，。]{2,20}(?:局|委员会|中心)(?=.{4}))?"
    r"(?:其中[：:]?|和|收入包括)?"
)


def thing(mention: Mention) -> str:
    """What a quantity speaks of, without year, numbering and connection: for messages and keys."""
    return _BEFORE.sub("", mention.claim.subject)[-LONGEST_NAME:] or "金额"
