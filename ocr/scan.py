"""A page that exists only as a picture → its tables and text.

Steps: flat (upright, straight) → clean → without the reverse side → rules → cells → lines of text → words. Everything
is found on the flat page; at the end every box is carried back to the upright page as it was stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

import cv2
import numpy as np

from models.geometry import Box
from models.page import Page, Reading, Word
from ocr.agreement import prove_layer
from ocr.clean.flatten import FlatPage, flatten_pages
from ocr.clean.picture import cleaned_picture
from ocr.clean.reverse import without_reverse
from ocr.clean.specks import remove_specks
from ocr.clean.watermark import Cleaned, clean
from ocr.compose import PageReading
from ocr.ctc import LineReading
from ocr.dashes import remove_dashes
from ocr.fragments import Figure, without_fragments
from ocr.grid import Grid, find_grids, held_rules
from ocr.inkcells import InkLine, find_ink, ink_lines, type_height
from ocr.lines import read_words, recognise
from ocr.machine import keep_freed_memory
from ocr.pagemark import PageMark
from ocr.pages import ImagePage, Picture
from ocr.phrase import read_copy
from ocr.reread import View, reread
from ocr.rules import find_rules
from ocr.seen import SeenPage, compose_seen

#: A word is damaged when more than this share of its ink lies where a mark was removed: a tenth is one digit of ten.
DAMAGED_SHARE = 0.1
#: Below this a 10-pt character is less than 7 pixels high, and nobody can read it.
MIN_DPI = 50.0
#: A word is the mark when more of its ink than this lies where the mark lay, or when it is larger than titles are ...
MARK_SHARE = 0.5
MARK_HEIGHT_PT = 26.0
#: ... and it is read with less confidence than this, or fills less of its box than type does (0.3 to 0.55).
MARK_CONFIDENCE = 0.8
TYPE_DENSITY = 0.22
#: Ink in a cell is left from a mark when more than this share of it lies in the mark and it is hardly readable.
RESIDUE_SHARE = 0.85
RESIDUE_CONFIDENCE = 0.5
#: Two Chinese characters read with this confidence are no outlines.
SURE_CONFIDENCE = 0.95
#: Characters that the outline of one figure of a mark is read as, at most.
OUTLINE_CHARACTERS = 2
#: Height of type on a page without tables.
DEFAULT_TYPE_PT = 10.0
#: Pages on which the phrase of a repeated mark is read to be told; on later ones only where fragments may be left.
TOLD_PAGES = 2
#: Blank of this height parts a page for detection, which wants some paper around a text.
BLANK_PT = 60.0
BAND_MARGIN_PT = 12.0
#: Pixels of ink that a row of a word has at least; fewer are specks.
MIN_ROW_INK = 1


def read_scan(content: ImagePage, before: Grid | None) -> PageReading:
    """Reads a page from its picture; arguments as for `see_scan` and `compose_seen`."""
    return compose_seen(see_scan(content), before)


def see_scan(content: ImagePage, mark: PageMark | None = None) -> SeenPage:
    """Sees everything on a page that its picture alone tells: nearly all of the work, and the same for any neighbour.

    Args:
        content: the picture as it was stored: turned, leaning, marked.
        mark: the one that other pages of the document have, where it is known.
    """
    seen = _see(content, mark, is_again=False)
    assert seen is not None
    return seen


def see_again(content: ImagePage, mark: PageMark) -> SeenPage | None:
    """Sees a page that was seen before the mark of the document's pages was known; None where that changes nothing."""
    return _see(content, mark, is_again=True)


def _see(content: ImagePage, mark: PageMark | None, *, is_again: bool) -> SeenPage | None:
    keep_freed_memory()
    image, dpi = content.image, content.dpi
    if dpi < MIN_DPI:
        problem = f"图像分辨率过低（约 {dpi:.0f} dpi），无法辨认文字，请以 200 dpi 以上重新扫描"
        return None if is_again else SeenPage(replace(content.page, problem=problem))
    flat_pages = flatten_pages(image, dpi)
    # The words of a layer under two pages would have to be shared out between them first.
    if content.layer is not None and len(flat_pages) == 1:
        proven = prove_layer(content.layer, flat_pages[0])
        if proven is not None:
            return None if is_again else proven
    if len(flat_pages) > 1:  # a mark is one of single sheets
        if is_again:
            return None
        mark = None
    cleaned = [clean(flat.image, flat.dpi, mark) for flat in flat_pages]
    if is_again and not cleaned[0].is_by_pages:
        return None
    phrase = "" if mark is None else mark.phrase
    pages = [_see_flat(flat, one, content.page, phrase) for flat, one in zip(flat_pages, cleaned, strict=True)]
    picture = cleaned_picture([one.image for one in cleaned]) if any(one.share for one in cleaned) else b""
    if len(pages) > 1:
        return replace(pages[0], facing=pages[1], picture=picture)
    return replace(pages[0], sample=cleaned[0].sample, picture=picture)


def _see_flat(flat: FlatPage, cleaned: Cleaned, page: Page, phrase: str) -> SeenPage:
    figure = None
    if cleaned.overlay is not None:
        read = cache(partial(read_copy, cleaned.overlay))
        figure = Figure(cleaned.overlay.strokes(), (lambda: phrase) if cleaned.is_by_pages else read)
    about = replace(
        page,
        width_pt=flat.width_pt,
        height_pt=flat.height_pt,
        rotation_deg=flat.rotation_deg,
        watermark=cleaned.share,
        watermark_phrase=figure.phrase() if figure and (cleaned.is_by_pages or page.index < TOLD_PAGES) else "",
    )
    removed = cleaned.mask if cleaned.share else None
    own = without_reverse(cleaned.image, flat.dpi)
    return replace(see_straight(own, flat.dpi, about, removed, figure), way_back=flat.way_back)


def see_straight(
    image: Picture, dpi: float, page: Page, removed: np.ndarray | None = None, figure: Figure | None = None
) -> SeenPage:
    """Sees everything on an upright, straight, cleaned page.

    Args:
        image: (height, width) grey.
        dpi: pixels per inch.
        page: what is known of the page.
        removed: bool (height, width), True where cleaning took ink away.
        figure: the mark that was taken away, where its phrase is known.
    """
    ruled = find_rules(image, dpi)
    rules = held_rules(ruled.rules)
    grids = find_grids(rules)
    white = image.copy()
    drawn = [side for grid in grids for side in grid.borders()]
    outside = [rule for rule in rules if not any(grid.box.contains_point(*rule.middle) for grid in grids)]
    white[ruled.mask([*rules, *drawn]) | ruled.faint_mask([*outside, *drawn])] = 255
    ink = find_ink(white)
    if ruled.has_dashes:  # of tables only: the leaders of a contents page lie on a line too, and are read
        remove_dashes(white, ink, drawn, dpi / 72)
    char_height = type_height(ink, grids, dpi) or DEFAULT_TYPE_PT * dpi / 72
    remove_specks(white, ink, char_height)
    lines = ink_lines(white, ink, grids, dpi, char_height)
    readings = recognise([line.crop for line in lines])
    near = cv2.dilate(removed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0 if removed is not None else None
    words = [_word(line, reading, dpi) for line, reading in zip(lines, readings, strict=True) if reading.text]
    free, free_ink = white.copy(), ink.copy()
    for box in (grid.box.scaled(dpi / 72) for grid in grids):
        place = (slice(int(box.y0), int(box.y1) + 1), slice(int(box.x0), int(box.x1) + 1))
        free[place], free_ink[place] = 255, False
    free_words = [
        _tightened(word, ink, dpi)
        for top, bottom in _bands(free_ink, dpi)
        for word in _lower(read_words(free[top:bottom], dpi), top * 72 / dpi)
    ]
    of_mark: list[str] = []
    if near is not None:
        of_mark = [word.text for word in free_words if _is_mark(word, ink, near, dpi)]
        free_words = [word for word in free_words if not _is_mark(word, ink, near, dpi)]
    in_cells = len(words)
    words += free_words
    if removed is not None:
        words = [
            replace(word, damaged=True) if _ink_shares(word, ink, removed, dpi)[1] > DAMAGED_SHARE else word
            for word in words
        ]
    words = reread(words, View(white, dpi, char_height))
    if near is not None:
        words = [
            _doubted(word)
            if order < in_cells and not _is_sure(word, of_mark) and _is_residue(word, ink, near, dpi)
            else word
            for order, word in enumerate(words)
        ]
    if figure is not None:
        cut = [without_fragments(word, figure, ink, dpi) for word in words]
        # A blank cell keeps what was read in it as another reading; beside the tables nothing is missing.
        words = [word for order, word in enumerate(cut) if word.text or order < in_cells]
    return SeenPage(page, tuple(words), tuple(rules), tuple(grids))


def _bands(ink: np.ndarray, dpi: float) -> list[tuple[int, int]]:
    """Stretches of a page that hold ink, parted by wide blanks: detection costs as much as the area it looks at."""
    rows = np.flatnonzero(ink.sum(axis=1) > MIN_ROW_INK)
    if rows.size == 0:
        return []
    breaks = np.flatnonzero(np.diff(rows) > BLANK_PT * dpi / 72)
    margin = round(BAND_MARGIN_PT * dpi / 72)
    starts, ends = [rows[0], *rows[breaks + 1]], [*rows[breaks], rows[-1]]
    return [
        (max(0, int(start) - margin), min(len(ink), int(end) + 1 + margin))
        for start, end in zip(starts, ends, strict=True)
    ]


def _lower(words: Sequence[Word], down_pt: float) -> list[Word]:
    """The words of a band where they stand on the page."""
    return [
        replace(word, box=Box(word.box.x0, word.box.y0 + down_pt, word.box.x1, word.box.y1 + down_pt)) for word in words
    ]


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


def _ink_shares(word: Word, ink: np.ndarray, near: np.ndarray, dpi: float) -> tuple[float, float]:
    """(share of the word's box that is ink, share of that ink that lies where a mark was removed)."""
    box = word.box.scaled(dpi / 72)
    place = (slice(int(box.y0), int(box.y1) + 1), slice(int(box.x0), int(box.x1) + 1))
    inked = int(ink[place].sum())
    if not inked:
        return 0.0, 1.0
    return inked / ink[place].size, float((ink[place] & near[place]).sum()) / inked


def _is_mark(word: Word, ink: np.ndarray, near: np.ndarray, dpi: float) -> bool:
    """Whether a word outside tables is what cleaning left of a mark: large and thin, or ink of the mark itself."""
    density, marked = _ink_shares(word, ink, near, dpi)
    if word.box.height <= MARK_HEIGHT_PT and marked <= MARK_SHARE:
        return density == 0.0
    return density < TYPE_DENSITY or word.confidence < MARK_CONFIDENCE


def _is_residue(word: Word, ink: np.ndarray, near: np.ndarray, dpi: float) -> bool:
    """Whether all ink that was read in a cell is left from a mark: then the cell is blank, as far as one can see."""
    density, marked = _ink_shares(word, ink, near, dpi)
    if density >= TYPE_DENSITY:
        least = RESIDUE_CONFIDENCE
    else:  # the outline of a mark may look like a letter or two, thin type like nothing but itself
        is_text = len(word.text) > OUTLINE_CHARACTERS or (len(word.text) > 1 and word.text.isdecimal())
        least = MARK_CONFIDENCE if is_text else 1.0
    return marked > RESIDUE_SHARE and word.confidence <= least


def _is_sure(word: Word, of_mark: Sequence[str]) -> bool:
    """Whether a word is Chinese, of two characters or more, well read, and no part of what was read of the mark."""
    is_text = len(word.text) > 1 and all("一" <= character <= "鿿" for character in word.text)
    return is_text and word.confidence >= SURE_CONFIDENCE and not any(word.text in text for text in of_mark)


def _doubted(word: Word) -> Word:
    """The word as blank and damaged, what was read kept as another reading."""
    others = (Reading(word.text, word.confidence), *word.alternatives)
    return replace(word, text="", char_x=(), damaged=True, alternatives=others)
