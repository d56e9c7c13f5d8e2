"""Ruled cells of a picture → the pieces of ink to be read, one for each line of text in each cell.

Inside a ruled grid the cells already say where text is, so no detector is needed: blank cells are skipped,
and two neighbouring amounts can never melt into one line. All lengths here are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from ocr.grid import Grid
from ocr.pages import Picture
from ocr.strips import spans

#: Ink is darker than the paper around it by this many of 256 grey levels.
CONTRAST = 40
#: A speck has less ink than this share of a square of the character height.
SPECK_SHARE = 0.02
#: One line of text is at most this many character heights high; 二 and 三 are one line, not two or three.
LINE_HEIGHTS = 1.22
#: Type in tables is at least and at most this high.
MIN_TYPE_PT = 3.5
MAX_TYPE_PT = 16.0
#: Height of a crop, in character heights: half of it is the least height that its ink is scaled by.
TYPE_SCALE = 1.8
#: A dot is at most this large, in character heights; digits are 0.8 high, the strokes of 二 a whole one wide.
DOT = 0.4
#: A dash is at least this many times as wide as high.
DASH = 1.7
#: Paper between a line and dust above or below it; the dot of 主 stands closer to its bar. In character heights.
FREE = 0.1
#: Paper between the last character and dust beside it; a point or a comma stands within half of this.
APART = 0.35
#: A small dot above the lowest part of the line is no point, and the dots of 心 stand closer to its hook.
APART_HIGH = 0.2
SMALL_DOT = 0.25
#: Share of the line's height above the middle of a point or a comma.
LOW = 0.6
#: White kept around the ink of a line when it is cut out, in character heights.
MARGIN = 0.22


@dataclass(frozen=True, slots=True)
class InkLine:
    """One line of text in a cell.

    Attributes:
        x0, y0, x1, y1: around the ink, in pixels.
        crop: (height, width) grey picture of the line with a white margin, rules whitened.
        crop_x0: left edge of the crop on the page, in pixels.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    crop: Picture
    crop_x0: int


def find_ink(white: Picture) -> np.ndarray:
    """Where a grey page is darker than the paper around it: bool (height, width)."""
    paper = cv2.blur(cv2.dilate(white, np.ones((9, 9), np.uint8)), (25, 25))
    return (paper.astype(np.int16) - white) > CONTRAST


def type_height(ink: np.ndarray, grids: Sequence[Grid], dpi: float) -> float:
    """Height of a Chinese character in the cells of the grids, in pixels; 0.0 when there is no ink in them."""
    heights = [y1 - y0 for grid in grids for _, y0, y1, _, _ in _cell_runs(ink, grid, dpi)]
    heights = [height for height in heights if height >= MIN_TYPE_PT * dpi / 72]
    if not heights:
        return 0.0
    # Digits are 0.75 and Chinese characters 0.92 of the type size high: the upper quartile is Chinese.
    return min(float(np.percentile(heights, 75)), MAX_TYPE_PT * dpi / 72)


def ink_lines(white: Picture, ink: np.ndarray, grids: Sequence[Grid], dpi: float, char_height: float) -> list[InkLine]:
    """The lines of ink of all grids.

    Args:
        white: (height, width) grey, upright, straight, cleaned, its rules whitened.
        ink: of the same page, from `find_ink`.
        grids: ruled, in page points.
        dpi: pixels per inch.
        char_height: from `type_height`.

    Returns:
        Lines in the order of the grids and their cells.
    """
    return _lines(white, ink, [run for grid in grids for run in _cell_runs(ink, grid, dpi)], char_height)


#: (cell, y0, y1 of the ink, x0, x1 of the cell)
_Run = tuple[tuple[int, int], int, int, int, int]


def _cell_runs(ink: np.ndarray, grid: Grid, dpi: float) -> list[_Run]:
    """Rows of ink without a white row between them."""
    scale = dpi / 72.0
    runs: list[_Run] = []
    for span in grid.spans:
        box = grid.span_box(span)
        x0, x1 = round(box.x0 * scale) + 2, round(box.x1 * scale) - 1
        y0, y1 = round(box.y0 * scale) + 2, round(box.y1 * scale) - 1
        if x1 - x0 < 4 or y1 - y0 < 4:
            continue
        rows = ink[max(0, y0) : y1, max(0, x0) : x1].any(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], rows, [False]]).astype(np.int8)))
        runs += [
            ((x0, y0), max(0, y0) + int(start), max(0, y0) + int(end), max(0, x0), x1)
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        ]
    return runs


def _lines(white: Picture, ink: np.ndarray, runs: Sequence[_Run], char_height: float) -> list[InkLine]:
    merged: list[_Run] = []
    for run in _without_dots(ink, runs, char_height):
        if merged and merged[-1][0] == run[0] and run[2] - merged[-1][1] <= LINE_HEIGHTS * char_height:
            cell, y0, _, x0, x1 = merged[-1]
            merged[-1] = (cell, y0, run[2], x0, x1)
        else:
            merged.append(run)
    lines = []
    margin = round(MARGIN * char_height)
    for _, y0, y1, x0, x1 in merged:
        area = ink[y0:y1, x0:x1]
        if area.sum() < SPECK_SHARE * char_height**2 or y1 - y0 < 0.18 * char_height:
            continue
        first, last = _without_end_dots(area, char_height)
        left, right = x0 + first, x0 + last
        top, bottom = max(0, y0 - margin), min(white.shape[0], y1 + margin)
        crop_x0 = max(0, x0 - 2, left - margin)
        crop = _with_type_height(white[top:bottom, crop_x0 : min(x1 + 2, right + margin)], char_height)
        lines.append(InkLine(left, y0, right, y1, crop, crop_x0))
    return lines


def _without_dots(ink: np.ndarray, runs: Sequence[_Run], char_height: float) -> list[_Run]:
    """The runs without those that are a dot or two, free above and below: no line of text is, so they are dust."""
    kept = []
    for order, run in enumerate(runs):
        cell, y0, y1, x0, x1 = run
        above = next((r[2] for r in runs[order - 1 : order] if r[0] == cell), -y1)
        below = next((r[1] for r in runs[order + 1 : order + 2] if r[0] == cell), 2 * y1 + 2)
        is_free = min(y0 - above, below - y1) >= FREE * char_height
        if not (is_free and y1 - y0 <= DOT * char_height and _are_dots(ink[y0:y1, x0:x1], char_height)):
            kept.append(run)
    return kept


def _are_dots(area: NDArray[np.bool_], char_height: float) -> bool:
    """Whether the ink of a low run is one dot or two: neither a dash nor the dots of an ellipsis."""
    parts = spans(np.any(area, axis=0))
    return len(parts) <= 2 and all(_is_dot(area[:, a:b], char_height) for a, b in parts)


def _is_dot(area: NDArray[np.bool_], char_height: float) -> bool:
    """Whether ink is small both ways and no dash."""
    rows = np.flatnonzero(area.any(axis=1))
    height, width = int(rows[-1]) + 1 - int(rows[0]), area.shape[1]
    return bool(max(height, width) <= DOT * char_height and width < DASH * max(height, 2))


def _without_end_dots(area: NDArray[np.bool_], char_height: float) -> tuple[int, int]:
    """First and last column of a line's ink, dots left out that stand off from its ends farther than points do."""
    parts = spans(np.any(area, axis=0))
    while len(parts) > 1 and parts[1][0] - parts[0][1] >= _apart(area[:, slice(*parts[0])], char_height):
        parts = parts[1:]
    while len(parts) > 1 and parts[-1][0] - parts[-2][1] >= _apart(area[:, slice(*parts[-1])], char_height):
        parts = parts[:-1]
    return parts[0][0], parts[-1][1]


def _apart(area: NDArray[np.bool_], char_height: float) -> float:
    """How far ink at the end of a line must stand off to be dust, in pixels; infinite for what is no dot."""
    if not _is_dot(area, char_height):
        return math.inf
    rows = np.flatnonzero(area.any(axis=1))
    is_low = (rows[0] + rows[-1]) / 2 > LOW * len(area)
    is_small = max(len(rows), area.shape[1]) <= SMALL_DOT * char_height
    return (APART_HIGH if is_small and not is_low else APART) * char_height


def line_crop(white: Picture, ink_box: Box, char_height: float) -> Picture:
    """The line around `ink_box`, in pixels, cut as `ink_lines` cuts it: with a margin, at the height of the type."""
    margin = round(MARGIN * char_height)
    rows = slice(max(0, round(ink_box.y0) - margin), round(ink_box.y1) + margin)
    columns = slice(max(0, round(ink_box.x0) - margin), round(ink_box.x1) + margin)
    return _with_type_height(white[rows, columns], char_height)


def _with_type_height(crop: Picture, char_height: float) -> Picture:
    """The crop with paper above and below, so that digits are scaled like the characters beside them.

    A crop's own height sets the scale of low ink: digits alone would be blown up by a fifth, which costs a fifth of
    the time of reading and shows the network digits of a size that it seldom saw.
    """
    missing = round(TYPE_SCALE * char_height) - crop.shape[0]
    if missing <= 0:
        return crop
    padded = cv2.copyMakeBorder(crop, missing // 2, missing - missing // 2, 0, 0, cv2.BORDER_CONSTANT, value=(255,))
    return np.asarray(padded, dtype=np.uint8)
