"""Ruled cells of a picture → the pieces of ink to be read, one for each line of text in each cell.

Inside a ruled grid the cells already say where text is, so no detector is needed: blank cells are skipped,
and two neighbouring amounts can never melt into one line. All lengths here are pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.grid import Grid
from ocr.pages import Picture

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
    for run in runs:
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
        columns = np.flatnonzero(area.any(axis=0))
        left, right = x0 + int(columns[0]), x0 + int(columns[-1]) + 1
        top, bottom = max(0, y0 - margin), min(white.shape[0], y1 + margin)
        crop_x0 = max(0, x0 - 2, left - margin)
        crop = _with_type_height(white[top:bottom, crop_x0 : min(x1 + 2, right + margin)], char_height)
        lines.append(InkLine(left, y0, right, y1, crop, crop_x0))
    return lines


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
