"""Words told from what is left of a mark's phrase: by what they say, and by their ink, which must be the mark's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.page import Reading, Word
from ocr.phrase import letters, plain

Mask = NDArray[np.bool_]

OF_MARK = 0.85
"""Share of a fragment's ink that lies in the mark's strokes; of text across them it is their share of the area."""

OF_STROKES = 0.5
"""Share of the strokes there that is inked: small print inside one broad stroke covers a quarter of it."""

EDGE_PX = 3
"""A stroke's blurred edge that stays behind lies a pixel beside it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mark on a page: what it says and where its strokes lie.

    Attributes:
        strokes: bool, the size of the page.
        phrase: gives what is written in it, empty where that cannot be read; only asked where it matters.
    """

    strokes: Mask
    phrase: Callable[[], str]


def without_fragments(word: Word, figure: Figure, ink: Mask, dpi: float) -> Word:
    """A word without its beginning or end, or all of it, where that is a piece of the mark's phrase in the mark's ink.

    Args:
        word: in points of the flat page.
        figure: the mark.
        ink: bool, of the cleaned page.
        dpi: of `ink` and of the figure's strokes.

    Returns:
        The word as it was, or damaged and shortened, with what was read before as another reading; its text is empty
        where nothing else stood there.
    """

    def is_of_mark(start: int, end: int) -> bool:
        return _is_of_mark(_place(word, start, end, dpi), figure.strokes, ink)

    length = len(word.text)
    ends = {(0, length), (0, 1), (length - 1, length)} if len(word.char_x) == length + 1 else {(0, length)}
    if not any(is_of_mark(*end) for end in ends):
        return word
    for start, end in _pieces(word, plain(figure.phrase())):
        if not is_of_mark(start, end):
            continue
        others = (Reading(word.text, word.confidence), *word.alternatives)
        left = slice(end, None) if start == 0 else slice(0, start)
        text = word.text[left]
        if not text:
            return replace(word, text="", char_x=(), alternatives=others, damaged=True)
        edges = word.char_x[end:] if start == 0 else word.char_x[: start + 1]
        box = Box(edges[0], word.box.y0, max(edges), word.box.y1)
        return replace(word, text=text, box=box, char_x=edges, alternatives=others, damaged=True)
    return word


def _pieces(word: Word, phrase: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the word, of its beginnings and its ends that are in a phrase, longest first.

    Digits alone are none: where a table's rows lie on a mark's lattice its own digits may be in the template.
    """
    length = len(word.text)
    shortest = 1 if len(word.char_x) == length + 1 else length
    for size in range(length, shortest - 1, -1):
        for start, end in sorted({(0, size), (length - size, length)}):
            piece = word.text[start:end]
            if plain(piece) in phrase and (letters(piece) > 1 or (size == 1 and "一" <= piece <= "鿿")):
                yield start, end


def _place(word: Word, start: int, end: int, dpi: float) -> tuple[slice, slice]:
    """Rows and columns of some characters of a word."""
    x0, x1 = word.box.x0, word.box.x1
    if end - start < len(word.text):
        x0, x1 = word.char_x[start], word.char_x[end]
    box = Box(min(x0, x1), word.box.y0, max(x0, x1), word.box.y1).scaled(dpi / 72)
    return slice(int(box.y0), int(box.y1) + 1), slice(int(box.x0), int(box.x1) + 1)


def _is_of_mark(place: tuple[slice, slice], strokes: Mask, ink: Mask) -> bool:
    """Whether the ink at a place is the mark's: it lies in the mark's strokes, and fills them."""
    inked, there = ink[place], strokes[place]
    if not inked.any() or not there.any():
        return False
    wide = cv2.dilate(there.astype(np.uint8), np.ones((EDGE_PX, EDGE_PX), np.uint8)) > 0
    of_mark = (inked & wide).sum() / inked.sum()
    return bool(of_mark >= OF_MARK and (inked & there).sum() >= OF_STROKES * there.sum())
