"""Coloured marks laid over print and larger than seals: a page in, the same in grey without them and their places out.

What tells a mark from coloured print, fills and letterheads is that print runs across its edges: text stands on a
coloured cell or beside coloured text, and ends before either does.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.lengths import odd_px
from ocr.clean.seal import COLOUR_MIN, levels, seen_through

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SEARCH_DPI = 100.0
"""Resolution of the search: colour is stored at half the resolution of most scans."""

COLOUR_SHARE = 2e-3
"""Share of the page in colour below which nothing is looked for: half of what one large word covers."""

JOIN_MM = 1.2
"""Gaps that print leaves in a mark, and gaps between the strokes of one character."""

CHARACTER_MM = 5.0
"""Figures of a mark are at least this wide and high; a line of table text is 3 to 4 mm high."""

EXTENT_MM = 55.0
"""What print crosses reaches farther than this: seals are 38 to 50 mm wide, and one that was left must not bring along
the letterhead of its colour."""

RUN_MM = 40.0
"""Straight runs longer than this are rules and filled cells, not a mark's stroke that leans by 15° or more ..."""

MOST_RUNS = 0.5
"""... and so is a figure of which they are more than this share."""

FILLED = 0.75
FILLED_PART = 0.9
"""Share of its box that a figure covers at most; a coloured cell covers all of it. A single stroke, which alone proves
no mark, may cover more."""

PRINT = 0.6
"""Level of print, averaged at `SEARCH_DPI`, as a share of a mark's level, both in the light of the mark's colour."""

RULE_MM = 8.0
"""Straight runs of print longer than this are rules, which end where fills end."""

CROSSED_SHARE = 0.01
CROSSINGS = 5
"""Print lies on this share of the edges of a mark's figure, and in so many places: 0.014 to 0.11 and dozens where a
large mark lies over a table, none on letterheads, filled cells and coloured rules."""

MOST_CROSSED = 0.5
"""More than this is a picture."""

NEAR_PRINT = 0.8
SOLID = 0.5
"""Of a mark's coloured places this share lies a pixel or more from anything darker than that share of its level: type
that was smoothed for a screen has coloured edges."""

LEAST_COLOUR = 45.0
"""A mark's colour; a fill paler than this comes to pieces at `COLOUR_MIN`, and print is read through it as it is."""

SAME_COLOUR = 45.0
"""Levels, in the channel that differs most, between parts of one mark."""

HALO_MM = 0.6
"""How far the colour of a mark runs beyond it: JPEG keeps colour at half the resolution."""


def without_coloured_marks(image: Image, grey: Image, dpi: float) -> tuple[Image, Mask]:
    """The grey page with coloured marks replaced by what lies under them; and where they were.

    Args:
        image: uint8 RGB.
        grey: the same in grey; not changed.
        dpi: of both.
    """
    everywhere = np.zeros(grey.shape, dtype=np.bool_)
    scale = min(SEARCH_DPI / dpi, 1.0)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # On tinted paper everything is tinted.
    paper = np.array([levels(np.ascontiguousarray(small[..., channel]))[0] for channel in range(3)], dtype=np.float32)
    table = np.minimum(np.arange(256)[:, None] * (255.0 / paper), 255.0).astype(np.uint8)
    even = np.asarray(cv2.LUT(small, table[None]), dtype=np.uint8)
    channels = cv2.split(even)
    brightest = cv2.max(cv2.max(channels[0], channels[1]), channels[2])
    coloured = cv2.subtract(brightest, cv2.min(cv2.min(channels[0], channels[1]), channels[2])) > COLOUR_MIN
    if float(coloured.mean()) < COLOUR_SHARE:
        return grey, everywhere
    for channel in range(3):
        figures = _mark(even, coloured & (channels[channel] == brightest), channel, dpi * scale)
        if not figures.any():
            continue
        halo = odd_px(2 * HALO_MM, dpi * scale)
        area = cv2.dilate(figures.astype(np.uint8), np.ones((halo, halo), np.uint8))
        place = cv2.resize(area, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
        pixels = np.minimum(image[place] * (255.0 / paper), 255.0)
        light = pixels[:, channel]
        colour = light - pixels.min(axis=1)
        inked = colour > COLOUR_MIN / 2
        if not everywhere.any():
            grey = grey.copy()
        grey[place] = seen_through(light, colour, inked, 255.0) * (levels(grey)[0] / 255.0)
        there = np.zeros(place.shape, np.uint8)
        there[place] = inked
        everywhere |= cv2.dilate(there, np.ones((3, 3), np.uint8)) > 0
    return grey, everywhere


def _mark(even: Image, coloured: Mask, channel: int, dpi: float) -> Mask:
    """The figures of a mark of one colour; nowhere if there is none.

    Args:
        even: RGB page on paper of level 255.
        coloured: where it has a colour of which `channel` is the brightest.
        channel: of the colour.
        dpi: of both.
    """
    nowhere = np.zeros(coloured.shape, dtype=np.bool_)
    if float(coloured.mean()) < COLOUR_SHARE:
        return nowhere
    gap = odd_px(JOIN_MM, dpi)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    joined = np.asarray(cv2.morphologyEx(coloured.astype(np.uint8), cv2.MORPH_CLOSE, kernel), dtype=np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    labels = np.asarray(found, dtype=np.int32)
    width, height, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    is_figure = (np.minimum(width, height) >= CHARACTER_MM / 25.4 * dpi) & (area < FILLED_PART * width * height)
    is_figure[0] = False
    if not is_figure.any() or _extent(is_figure, stats) <= EXTENT_MM / 25.4 * dpi:
        return nowhere
    is_figure &= np.bincount(labels[_runs(joined, RUN_MM, dpi)], minlength=count) < MOST_RUNS * area
    if not is_figure.any():
        return nowhere
    light = even[..., channel]
    level = float(np.median(light[coloured & is_figure[labels]]))
    solid = coloured & (cv2.erode(light, np.ones((5, 5), np.uint8)) > NEAR_PRINT * level)
    figures = is_figure[labels]
    if np.count_nonzero(solid & figures) < SOLID * np.count_nonzero(coloured & figures):
        return nowhere
    dark = (light < PRINT * level).astype(np.uint8)
    text = (dark > 0) & ~(cv2.dilate(_runs(dark, RULE_MM, dpi).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    neighbours = np.ones((3, 3), np.uint8)
    whose = cv2.dilate(np.where(figures, labels, 0).astype(np.float32), neighbours).astype(np.int32)
    edges = (whose > 0) & (cv2.erode(joined, neighbours) == 0)
    edge_px = np.bincount(whose[edges], minlength=count)
    crossing = edges & text
    under = np.bincount(whose[crossing], minlength=count)
    pieces, piece = cv2.connectedComponents(crossing.astype(np.uint8))
    owner = np.zeros(pieces, dtype=np.int32)
    owner[piece[crossing]] = whose[crossing]
    places = np.bincount(owner[1:], minlength=count)
    crossed = is_figure & (area < FILLED * width * height) & (places >= CROSSINGS)
    crossed &= (under > CROSSED_SHARE * edge_px) & (under < MOST_CROSSED * edge_px)
    if not crossed.any() or _extent(crossed, stats) <= EXTENT_MM / 25.4 * dpi:
        return nowhere
    own = np.median(even[coloured & crossed[labels]], axis=0)
    if float(own.max() - own.min()) < LEAST_COLOUR:
        return nowhere
    for label in np.flatnonzero(is_figure).tolist():
        x, y, across, down = stats[label, :4].tolist()
        place = slice(y, y + down), slice(x, x + across)
        there = coloured[place] & (labels[place] == label)
        is_figure[label] = float(np.abs(np.median(even[place][there], axis=0) - own).max()) < SAME_COLOUR
    return np.asarray(is_figure[labels])


def _extent(chosen: Mask, stats: NDArray[Any]) -> int:
    """The longer side of the box, in pixels, that holds all chosen figures of `connectedComponentsWithStats`."""
    low = stats[chosen, :2].min(axis=0)
    return int(((stats[chosen, :2] + stats[chosen, 2:4]).max(axis=0) - low).max())


def _runs(there: NDArray[np.uint8], length_mm: float, dpi: float) -> Mask:
    """Where something runs on straight, along rows or columns, for at least this length."""
    run = odd_px(length_mm, dpi)
    along = [cv2.morphologyEx(there, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, run), (run, 1))]
    return np.asarray(np.maximum(*along) > 0)
