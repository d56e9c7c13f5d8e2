"""Two pages on one picture: where the gutter between them lies, if there is one.

A table too wide for one page is never cut: its rules, its title and its lines run across the middle.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.light import SAMPLE_DPI, find_paper

Image = NDArray[np.uint8]
Counts = NDArray[np.int64]

SAMPLE_PX = 1000
"""Width at which the gutter is looked for: characters of two A4 pages are nine pixels high."""

ASPECT = (1.15, 1.8)
"""Width over height of two upright pages side by side: 1.41 for A4, less or more with margins cut."""

MIDDLE = (0.38, 0.62)
"""Where the gutter may lie, as a share of the width."""

GUTTER = 0.03
"""Least width of the gutter as a share of the picture's: 12 mm of two A4 pages, whose two margins have 30 and more."""

FOLD = 0.008
"""Greatest width of a dark line that the fold itself makes."""

SPECKS = 0.004
"""Share of a column that may be dark in a gutter: dust."""

LEAST_INK = 0.004
"""Share of a page that is ink, at least; a blank back needs no page of its own."""

SHADOW = 8.0
"""Levels by which the fold is darker than the paper beside it."""

FLAT = 2.0
"""Levels between places that are equally dark."""

SHADOW_SHARE = 0.8
"""Share of the height where it is."""

SHADOW_REACH_MM = 35
"""How far from the fold its shadow reaches."""

LONG_RUN = 0.6
"""A line of text or a rule runs over this share of its page's print ..."""

LONG_RUNS = 3
"""... on so many rows of each page. Columns of a table without rules stop short of that."""


def find_gutter(image: Image, lit: Image, dpi: float) -> int | None:
    """The column at which the picture of two facing pages is parted; none where it shows one page.

    Args:
        image: uint8, grey or RGB, upright, its light evened out.
        lit: the same picture in the light it was taken in, where the fold throws a shadow.
        dpi: their resolution.
    """
    height, width = image.shape[:2]
    if not ASPECT[0] < width / height < ASPECT[1]:
        return None
    step = max(1, round(width / SAMPLE_PX))
    small = np.ascontiguousarray(image[::step, ::step] if image.ndim == 2 else image[::step, ::step, 1])
    found = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 25)
    ink = np.asarray(found, dtype=np.uint8)
    band = _blank_band(ink.sum(axis=0, dtype=np.int64), ink.shape[0])
    if band is None:
        return None
    left, right = ink[:, : band[0]], ink[:, band[1] :]
    if min(left.mean(), right.mean()) < LEAST_INK:
        return None
    fold = _shadow(find_paper(lit, dpi), band, small.shape[1])
    if fold is not None:
        return int(min(max(round(fold * width), 1), width - 1))
    if min(_long_runs(left), _long_runs(right)) >= LONG_RUNS:
        return int((band[0] + band[1]) // 2 * step)
    return None


def _blank_band(dark: Counts, height: int) -> tuple[int, int] | None:
    """The widest run of columns without ink around the middle, a narrow dark fold in it included."""
    width = len(dark)
    low, high = (round(share * width) for share in MIDDLE)
    blank = dark <= SPECKS * height
    # Only a dark line with paper on both sides can be the fold.
    filled = cv2.morphologyEx(blank.astype(np.uint8)[None], cv2.MORPH_CLOSE, np.ones((1, round(FOLD * width) | 1)))[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    bands = [
        (int(start), int(end))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if end - start >= GUTTER * width and low < (start + end) / 2 < high and blank[start:end].sum() >= GUTTER * width
    ]
    return max(bands, key=lambda band: band[1] - band[0], default=None)


def _shadow(paper: NDArray[np.float32], band: tuple[int, int], band_width: int) -> float | None:
    """Where in the band the fold is, as a share of the width, if its shadow is seen from top to bottom."""
    columns = paper.shape[1]
    start, end = (round(place / band_width * columns) for place in band)
    profile = np.median(paper, axis=0)[start : max(end, start + 1)]
    # The estimate of paper is as flat as its kernel is wide around its lowest place.
    fold = start + round(float(np.flatnonzero(profile <= profile.min() + FLAT).mean()))
    reach = round(SHADOW_REACH_MM * SAMPLE_DPI / 25.4)
    beside = [paper[:, max(fold - reach, 0)], paper[:, min(fold + reach, columns - 1)]]
    darker = np.minimum(*beside) - paper[:, fold] > SHADOW
    return (fold + 0.5) / columns if darker.mean() > SHADOW_SHARE else None


def _long_runs(ink: NDArray[np.uint8]) -> int:
    """How many rows of print run over most of the width that print takes on a page."""
    columns = np.flatnonzero(ink.any(axis=0))
    if columns.size == 0:
        return 0
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 13), np.uint8))
    long = max(1, round(LONG_RUN * (columns[-1] - columns[0])))
    runs = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, long), np.uint8)).any(axis=1)
    return int(np.count_nonzero(np.diff(runs.astype(np.int8)) == 1))
