"""What the number-reading network tells apart, and which printed characters stand for which class."""

from __future__ import annotations

import unicodedata

from ocr.engine import AMOUNT_ALPHABET

BLANK = 0
OTHER = 1 + len(AMOUNT_ALPHABET)
"""Class of ink that is no part of a number; neighbours of this class are one."""

CLASSES: tuple[str, ...] = ("", *AMOUNT_ALPHABET, "\ufffd")
"""Reading of every class, the blank first and `OTHER` last."""

_DASHES = "−–—"


def labels_of(text: str) -> list[int]:
    """The classes of a printed line: full-width forms and dashes as `ocr.engine` counts them, blanks left out."""
    labels: list[int] = []
    for character in text:
        if character.isspace():
            continue
        plain = "-" if character in _DASHES else unicodedata.normalize("NFKC", character)
        label = 1 + AMOUNT_ALPHABET.index(plain) if len(plain) == 1 and plain in AMOUNT_ALPHABET else OTHER
        if label != OTHER or labels[-1:] != [OTHER]:
            labels.append(label)
    return labels
