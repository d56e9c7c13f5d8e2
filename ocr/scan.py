"""A page that exists only as a picture → its tables and text.

Steps: upright → straight → clean → rules → cells → lines of text → words. Everything is found in the straightened
picture; at the end every box is carried back to the upright page as it was stored.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.geometry import Box
from models.page import Page, Word
from ocr.compose import PageReading, compose
from ocr.clean.specks import remove_specks
from ocr.grid import Grid, find_grids, held_rules
from ocr.inkcells import InkLine, find_ink, ink_lines, type_height
from ocr.lines import LineReading, read_words, recognise
from ocr.pages import Picture
from ocr.rules import find_rules

#: A word is under removed ink when this share of its box was cleaned.
DAMAGED_SHARE = 0.02
#: Height of type on a page without tables.
DEFAULT_TYPE_PT = 10.0
#: Pixels of ink that a row of a word has at least; fewer are specks.
MIN_ROW_INK = 1


def read_straight(
    image: Picture, dpi: float, page: Page, before: Grid | None, removed: np.ndarray | None = None
) -> PageReading:
    """Reads an upright, straight, cleaned page.

    Args:
        image: (height, width) grey.
        dpi: pixels per inch.
        page: what is known of the page.
        before: the table without vertical rules that ended the page before, if one did.
        removed: bool (height, width), True where cleaning took ink away.
    """
    ruled = find_rules(image, dpi)
    rules = held_rules(ruled.rules)
    grids = find_grids(rules)
    white = image.copy()
    white[ruled.mask(rules)] = 255
    ink = find_ink(white)
    char_height = type_height(ink, grids, dpi) or DEFAULT_TYPE_PT * dpi / 72
    remove_specks(white, ink, char_height)
    lines = ink_lines(white, ink, grids, dpi, char_height)
    readings = recognise([line.crop for line in lines])
    words = [_word(line, reading, dpi) for line, reading in zip(lines, readings, strict=True) if reading.text]
    outside = white
    for box in (grid.box.scaled(dpi / 72) for grid in grids):
        outside[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1] = 255
    words += [_tightened(word, ink, dpi) for word in read_words(outside, dpi)]
    if removed is not None:
        words = [replace(word, damaged=True) if _is_damaged(word, removed, dpi) else word for word in words]
    return compose(page, words, rules, grids, before)


def _word(line: InkLine, reading: LineReading, dpi: float) -> Word:
    scale = 72.0 / dpi
    return Word(
        text=reading.text,
        box=Box(line.x0 * scale, line.y0 * scale, line.x1 * scale, line.y1 * scale),
        confidence=reading.confidence,
        char_x=tuple((line.crop_x0 + x) * scale for x in reading.char_x),
        alternatives=reading.alternatives,
    )


def _tightened(word: Word, ink: np.ndarray, dpi: float) -> Word:
    """The word with its box drawn to its ink: detection leaves room above and below."""
    box = word.box.scaled(dpi / 72)
    x0, y0 = int(box.x0), int(box.y0)
    area = ink[y0 : int(box.y1) + 1, x0 : int(box.x1) + 1]
    rows = np.flatnonzero(area.sum(axis=1) > MIN_ROW_INK)
    if rows.size == 0:
        return word
    scale = 72.0 / dpi
    return replace(word, box=Box(word.box.x0, (y0 + rows[0]) * scale, word.box.x1, (y0 + rows[-1] + 1) * scale))


def _is_damaged(word: Word, removed: np.ndarray, dpi: float) -> bool:
    box = word.box.scaled(dpi / 72)
    area = removed[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1]
    return bool(area.size) and float(area.mean()) > DAMAGED_SHARE
