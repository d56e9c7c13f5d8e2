"""The embedded text of a PDF page: loaded page → words, rules and what was dropped as a mark.

Runs inside the sandbox. No picture is read here; whether the text can be trusted is told from its characters,
from what is painted over it, and (by the caller) from ink that no character explains.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

import pypdfium2.raw as pdfium

from models.geometry import Box, bounding_box
from models.page import Word
from ocr.glyphs import ASCENT_EM, MAX_LEAN_DEG, Glyph, Style, Tally, glyph_box, place, read_glyphs
from ocr.pages import Fill, Rule
from ocr.runs import join_words
from ocr.vectors import Drawing, Matrix, apply, multiply, read_drawing

# Pages with fewer characters are looked at for ink that is no text: a page number over a scan says nothing.
FEW_CHARACTERS = 40
# A mark that is not turned is told by its looks: larger than the text around it and paler, and ...
MARK_SIZE_RATIO = 1.5
MARK_LUMINANCE = 0.5
MARK_ALPHA = 0.75
# Lighter text is seen on a dark ground only.
WHITE = 0.97
# ... it comes back this often on the page, or lies over other text, or the file calls it an artifact.
MARK_REPEATS = 3
MARK_OVERLAP = 0.25
# Above this share of characters without a meaning the text layer is not what the eye sees.
MAX_UNREAL_SHARE = 0.05
# GB 2312 has 99.7 % of the characters of running text; a layer with wrong codes draws from all of Unicode.
MAX_RARE_SHARE = 0.2
MIN_JUDGED = 20
# Below this share of the commonest characters the codes may be shifted; of 618 real pages the lowest has 0.11.
MIN_COMMON_SHARE = 0.08
MIN_COMMON_JUDGED = 60
# Above this share of characters painted over by a picture they are the hidden layer of a scan.
MAX_COVERED_SHARE = 0.5
# More outlines than this, and than characters, are text drawn as shapes.
MIN_OUTLINES = 100
# A rotated page needs this many characters and this share of them turned the same way.
MIN_TURNED = 8
MIN_TURNED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What the text layer and the drawing of one page say.

    Attributes:
        width_pt, height_pt: of the upright page.
        rotation_deg: how far the page, as a viewer shows it, is turned clockwise from upright text.
        words: in no particular order; left to right inside a word.
        unproven: words that may be right and have to be compared with the picture: hidden, or covered by a picture, or
            with characters that nobody expects; empty where there is nothing to compare.
        rules, fills: of the drawing.
        marks: boxes of the characters dropped as a watermark.
        watermark: share of the page that they cover, 0 to 1.
        distrust: why the text cannot be trusted, a word for the log; empty when it can.
        needs_ink_check: trusted only if there is no ink that no word, rule or mark explains.
        is_empty: nothing at all is painted.
        image_dpi: of the picture that covers the page, 0.0 without one.
    """

    width_pt: float
    height_pt: float
    rotation_deg: int
    words: tuple[Word, ...]
    unproven: tuple[Word, ...]
    rules: tuple[Rule, ...]
    fills: tuple[Fill, ...]
    marks: tuple[Box, ...]
    watermark: float
    distrust: str
    needs_ink_check: bool
    is_empty: bool
    image_dpi: float


def page_frame(page: Any) -> tuple[Matrix, float, float, int]:
    """The map from PDF user space to the page as a viewer shows it, its width and height, and its /Rotate.

    The box is the one that pdfium shows: CropBox within MediaBox.
    """
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    rotation = pdfium.FPDFPage_GetRotation(page) % 4
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    width, height = right - left, top - bottom
    matrix: Matrix = (
        (1.0, 0.0, 0.0, -1.0, -left, top),
        (0.0, 1.0, 1.0, 0.0, -bottom, -left),
        (-1.0, 0.0, 0.0, 1.0, right, -bottom),
        (0.0, -1.0, -1.0, 0.0, top, right),
    )[rotation]
    return (matrix, height, width, 90 * rotation) if rotation % 2 else (matrix, width, height, 90 * rotation)


def read_text_layer(page: Any) -> TextLayer:
    """Words, rules and trust of a page.

    Args:
        page: raw pdfium handle of the loaded page.
    """
    viewed, width_pt, height_pt, rotate_deg = page_frame(page)
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        glyphs, tally = read_glyphs(text_page, rotate_deg)
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    everything, glyphs = glyphs, [glyph for glyph in glyphs if glyph.style.is_visible]
    quarter = _dominant_quarter(glyphs)
    upright = multiply(viewed, _turn(quarter, width_pt, height_pt))
    if quarter % 2:
        width_pt, height_pt = height_pt, width_pt
    drawing = read_drawing(page, upright, width_pt, height_pt)
    for glyph in everything:
        place(glyph, upright)
    kept, dropped = _without_marks(glyphs, drawing)
    marks = tuple(glyph_box(glyph) for glyph in dropped)
    words: list[Word] = []
    for turned in range(4):
        some = [glyph for glyph in kept if (glyph.style.quarter - quarter) % 4 == turned]
        if some and not turned:
            words += join_words(some, drawing.rules)
        elif some:
            there = _turn(turned, width_pt, height_pt)
            back = _turn(4 - turned, *((height_pt, width_pt) if turned % 2 else (width_pt, height_pt)))
            for glyph in some:
                place(glyph, multiply(upright, there))
            words += [_turned_back(word, back) for word in join_words(some, ())]
    page_box = Box(0.0, 0.0, width_pt, height_pt)
    distrust, needs_ink_check = _judge(kept, dropped, tally, drawing)
    doubtful = _unproven(everything, kept, distrust, drawing) if quarter == 0 else []
    return TextLayer(
        width_pt=width_pt,
        height_pt=height_pt,
        rotation_deg=90 * (-quarter % 4),
        words=tuple(word for word in words if page_box.contains_point(word.box.center_x, word.box.center_y)),
        unproven=tuple(
            word
            for word in (join_words(doubtful, ()) if doubtful else ())
            if page_box.contains_point(word.box.center_x, word.box.center_y)
        ),
        rules=drawing.rules,
        fills=drawing.fills,
        marks=marks,
        watermark=min(sum(page_box.intersection_area(box) for box in marks) / page_box.area, 1.0),
        distrust=distrust,
        needs_ink_check=needs_ink_check,
        is_empty=not drawing.has_objects,
        image_dpi=drawing.image_dpi,
    )


def _turn(quarters: int, width_pt: float, height_pt: float) -> Matrix:
    """The map that turns a page of this size clockwise by quarters of a circle (y down before and after)."""
    return (
        (1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        (0.0, 1.0, -1.0, 0.0, height_pt, 0.0),
        (-1.0, 0.0, 0.0, -1.0, width_pt, height_pt),
        (0.0, -1.0, 1.0, 0.0, 0.0, width_pt),
    )[quarters % 4]


def _turned_back(word: Word, back: Matrix) -> Word:
    ax, ay = apply(back, word.box.x0, word.box.y0)
    bx, by = apply(back, word.box.x1, word.box.y1)
    return Word(word.text, Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), bold=word.bold)


def _dominant_quarter(glyphs: list[Glyph]) -> int:
    counts = Counter(glyph.style.quarter for glyph in glyphs if glyph.style.lean_deg <= MAX_LEAN_DEG)
    if not counts:
        return 0
    quarter, count = counts.most_common(1)[0]
    return quarter if count >= max(MIN_TURNED, MIN_TURNED_SHARE * counts.total()) else 0


def _without_marks(glyphs: list[Glyph], drawing: Drawing) -> tuple[list[Glyph], list[Glyph]]:
    """Split into text and watermark."""
    runs: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        runs.setdefault(glyph.style.address, []).append(glyph)
    marks = {address for address, run in runs.items() if run[0].style.lean_deg > MAX_LEAN_DEG}
    plain = [glyph for glyph in glyphs if glyph.style.address not in marks]
    if plain:
        body_em = median(glyph.em for glyph in plain)
        pale = {
            address: run
            for address, run in runs.items()
            if address not in marks and run[0].em >= MARK_SIZE_RATIO * body_em and _is_pale(run[0].style)
        }
        if pale:
            marks |= pale.keys() & drawing.artifacts
            marks |= _pale_marks(pale, [glyph for glyph in plain if glyph.style.address not in pale])
    if not marks:
        return glyphs, []
    return (
        [glyph for glyph in glyphs if glyph.style.address not in marks],
        [glyph for glyph in glyphs if glyph.style.address in marks],
    )


def _is_pale(style: Style) -> bool:
    return style.alpha <= MARK_ALPHA or MARK_LUMINANCE <= style.luminance < WHITE


def _pale_marks(pale: dict[int, list[Glyph]], others: list[Glyph]) -> set[int]:
    """Of the large pale runs, those that repeat on the page or lie over other text."""
    texts = Counter("".join(glyph.text for glyph in run) for run in pale.values())
    marks: set[int] = set()
    for address, run in pale.items():
        repeats = texts["".join(glyph.text for glyph in run)]
        box = bounding_box(map(glyph_box, run))
        under = sum(1 for g in others if box.contains_point((g.x0 + g.x1) / 2, g.y - ASCENT_EM / 2 * g.em))
        if repeats >= MARK_REPEATS or under >= max(2.0, MARK_OVERLAP * len(run)):
            marks.add(address)
    return marks


def _unproven(everything: list[Glyph], kept: list[Glyph], distrust: str, drawing: Drawing) -> list[Glyph]:
    """The characters that the picture of the page may prove right."""
    if distrust in ("under-a-picture", "uncommon-characters"):
        return kept
    hidden = [glyph for glyph in everything if not glyph.style.is_visible and glyph.style.lean_deg <= MAX_LEAN_DEG]
    if distrust or drawing.full_page_image < 0 or len(hidden) < max(MIN_JUDGED, len(kept)):
        return []
    return [*hidden, *kept]


def _judge(kept: list[Glyph], dropped: list[Glyph], tally: Tally, drawing: Drawing) -> tuple[str, bool]:
    """Why the text cannot be trusted (or empty), and whether ink has to be looked for."""
    if tally.unreal > MAX_UNREAL_SHARE * tally.visible:
        return "unreal-characters", False
    if tally.ideographs >= MIN_JUDGED and tally.rare > MAX_RARE_SHARE * tally.ideographs:
        return "wrong-characters", False
    if tally.ideographs >= MIN_COMMON_JUDGED and tally.common < MIN_COMMON_SHARE * tally.ideographs:
        return "uncommon-characters", False
    if kept and drawing.full_page_image >= 0:
        covered = sum(1 for g in kept if drawing.order.get(g.style.address, 0) < drawing.full_page_image)
        if covered > MAX_COVERED_SHARE * len(kept):
            return "under-a-picture", False
    needs_ink_check = (
        len(kept) < FEW_CHARACTERS
        or len(dropped) > len(kept)
        or drawing.full_page_image >= 0
        or drawing.glyph_outlines > max(MIN_OUTLINES, len(kept))
    )
    return "", needs_ink_check
