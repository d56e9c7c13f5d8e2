"""Whether what the network takes for a mark is one: laid over the print of a page, and no print of its own.

Pale headings, letterheads and logos look like marks. But they stand upright, once, in a line of their own: print
does not cross them, they are not as high as a slanted phrase, and they do not repeat over the page.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.pale import pale_limit
from ocr.clean.seal import levels
from ocr.clean.template import repetition

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

CONFIRMED = 0.2
"""Share of the suspected places in which the network sees a mark: 0.36 to 1 of marks, 0.03 and less of pale print that
is none."""

CONFIRMED_IN_PART = 0.01
"""Share of the page in which the network sees a mark: 0.03 and more of small type laid straight between the lines, of
which it knows only what crosses print; 0.002 and less where there is none."""

REPEATED_IN_PART = 0.6
"""Likeness to itself of a mark of which only parts are seen: 0.7 and more."""

REPEATED = 0.8
"""The same of a whole mark: 0.8 to 0.98; lines of type of one width and distance reach 0.65."""

TALL_MM = 20.0
"""Rows without a gap that a mark reaches over: slanted phrases 33 mm and more, headings and logos up to 18."""

TOOK_LEAST = 12
"""Grey levels that the network adds from which it takes something away."""

PRINT = 0.5
"""Print that crosses a mark has at least this share of the darkness of ink ..."""

DARKER = 0.1
"""... and is darker than the mark by this share of it."""

CROSSED_SHARE = 0.01
CROSSINGS = 10
"""Print touches this share of a mark, in so many places: 0.02 to 0.15 and dozens over a table, 0.004 and less beside
headings."""


LOST_LEVELS = 60
"""Grey levels that the network adds to print that it takes for a mark."""

LOST_STROKE_MM = 0.25
"""Strokes that are thinner lie where print and mark cross; bold headings have 0.8 mm."""

LOST_MOST = 0.4
"""Print taken for a mark, as a share of what else was taken away, above which there is no mark: 0.6 and 1.7 where it
was black headings, 0.2 and less under marks, on a cover with bold headings too."""


def lost_print(grey: Image, restored: Image, found: Mask, dpi: float) -> Mask:
    """Print that the network took for a mark: as dark as no mark is, in strokes of some width, with their edges.

    Args:
        grey: uint8 page.
        restored: what the network makes of it.
        found: where it sees a mark.
        dpi: of the page.
    """
    dark = grey < pale_limit(grey)
    lost = found & dark & (cv2.subtract(restored, grey) > LOST_LEVELS)
    stroke = np.ones((max(2, round(LOST_STROKE_MM / 25.4 * dpi)),) * 2, np.uint8)
    cores = cv2.morphologyEx(lost.astype(np.uint8), cv2.MORPH_OPEN, stroke)
    return np.asarray(cv2.dilate(cores, np.ones((len(stroke) | 1,) * 2, np.uint8), iterations=2) > 0)


def is_mark(grey: Image, restored: Image, found: Mask, suspected: Mask, lost: Mask, dpi: float) -> bool:
    """Whether the network took a mark off a page, as far as one can tell.

    Args:
        grey: uint8 page.
        restored: what the network makes of it.
        found: where it sees a mark.
        suspected: where one was suspected.
        lost: print among it, from `lost_print`.
        dpi: of the page.
    """
    if not found.any() or not suspected.any():
        return False
    took = found & ~lost & (cv2.subtract(restored, grey) > TOOK_LEAST)
    if np.count_nonzero(lost) > LOST_MOST * np.count_nonzero(took):
        return False
    if np.count_nonzero(found & suspected) < CONFIRMED * np.count_nonzero(suspected):
        return float(found.mean()) > CONFIRMED_IN_PART and repetition(found, dpi) > REPEATED_IN_PART
    return (
        _tallest(found) > TALL_MM / 25.4 * dpi
        or _is_crossed(grey, restored, found)
        or repetition(found, dpi) > REPEATED
    )


def _tallest(found: Mask) -> int:
    """The most rows without a gap in which there is something."""
    steps = np.diff(found.any(axis=1).astype(np.int8), prepend=0, append=0)
    return int((np.flatnonzero(steps < 0) - np.flatnonzero(steps > 0)).max(initial=0))


def _is_crossed(grey: Image, restored: Image, found: Mask) -> bool:
    """Whether print touches what was taken away in many places."""
    paper, ink = levels(grey)
    took = found & (cv2.subtract(restored, grey) > TOOK_LEAST)
    strokes = cv2.morphologyEx(took.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    if not strokes.any():
        return False
    level = float(np.median(grey[strokes > 0]))
    print_ = restored < min(paper - PRINT * (paper - ink), level - DARKER * (paper - ink))
    crossing = cv2.dilate(strokes, np.ones((3, 3), np.uint8)) & print_.astype(np.uint8)
    if np.count_nonzero(crossing) < CROSSED_SHARE * np.count_nonzero(strokes):
        return False
    return bool(cv2.connectedComponents(crossing)[0] > CROSSINGS)
