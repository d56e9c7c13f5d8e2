"""The reverse side showing through the paper: grey page in, page without it out; other pages are returned as they are.

Print that shows through is paler than the page's own and reads as Chinese only when mirrored. Both must hold before
anything is taken away: pale print of the page itself stays.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.orientation import CLEAR_READING, MIN_READ, SAMPLE_DPI, characters_read, sample_lines
from ocr.clean.seal import levels
from ocr.lines import recognise
from ocr.strips import SECOND_LOOK

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

GLANCE_DPI = 100.0
"""Resolution of the first look, which every page pays for: 5 ms."""

FAINT = 30
"""Levels darker than paper from which anything is seen; the reader starts at 40."""

OWN_SHARE = 0.62
"""Share of the darkness of print that the page's own strokes reach somewhere; through paper less than half comes."""

PALE_PAGE = 150
"""Levels between paper and ink below which all that is on a page may have come through it."""

MIN_FIGURES = 30
"""Pale figures of the size of characters; fewer are a stamped date or a pencilled note."""

FIGURE_MM = (0.8, 9.0)
"""Height or width of a character."""

ABOVE_REVERSE = 1.1
"""The page's own ink is darker than nearly all of the reverse side by this factor."""

NEAREST_OWN = 0.75
"""But never taken to be darker than this share of the darkest: thin strokes are pale, too."""

STROKE_EDGE_MM = 0.13
"""Paler pixels this close to the page's own ink are its edges: one pixel at 200 dpi."""

RULE_MM = 12.0
"""A straight line of this length is a rule, which keeps its pale stretches if ..."""

RULE_SHARE = 0.3
"""... this share of it is as dark as the page's own ink."""


def without_reverse(grey: Image, dpi: float) -> Image:
    """The page without what shows through from its other side.

    Args:
        grey: uint8 page on white paper, upright and straight.
        dpi: its resolution.
    """
    step = max(1, round(dpi / GLANCE_DPI))
    small = np.ascontiguousarray(grey[::step, ::step])
    paper, ink = levels(small)
    depth = paper - ink
    if depth < FAINT:
        return grey
    is_pale = depth < PALE_PAGE
    pale = _pale_figures(small, paper, paper if is_pale else OWN_SHARE * depth, dpi / step)
    if pale is None or not _reads_mirrored(grey, pale, dpi, step):
        return grey
    if is_pale:
        return np.full_like(grey, np.uint8(paper))
    reverse = float(np.percentile(paper - small[pale].astype(np.float32), 98))
    return _own_ink(grey, paper, min(ABOVE_REVERSE * reverse, NEAREST_OWN * depth), dpi)


def _pale_figures(small: Image, paper: float, own: float, dpi: float) -> Mask | None:
    """Figures of the size of characters that are nowhere as dark as the page's own print; none if they are few."""
    seen = (small < paper - FAINT).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    least, most = (side / 25.4 * dpi for side in FIGURE_MM)
    fits = (size >= least) & (size <= most)
    fits[0] = False
    fits[labels[small < paper - own]] = False
    return np.asarray(fits[labels]) if int(fits.sum()) >= MIN_FIGURES else None


def _reads_mirrored(grey: Image, pale: Mask, dpi: float, step: int) -> bool:
    """Whether lines of the pale figures are Chinese in a mirror, and not as they stand."""
    figures = cv2.resize(pale.astype(np.uint8), (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST)
    alone = np.where(cv2.dilate(figures, np.ones((2 * step + 1, 2 * step + 1), np.uint8)) > 0, grey, np.uint8(255))
    scale = min(SAMPLE_DPI / dpi, 1.0)
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    ink = cv2.resize(figures * 255, size, interpolation=cv2.INTER_AREA) > 60
    lines = sample_lines(alone, ink.astype(np.uint8), scale)
    # Strokes that came through paper are blurred, and hardly read in anything but the network's own size.
    mirrored = characters_read(recognise([np.ascontiguousarray(line[:, ::-1]) for line in lines], SECOND_LOOK))
    return mirrored >= MIN_READ and mirrored > CLEAR_READING * characters_read(recognise(lines, SECOND_LOOK))


def _own_ink(grey: Image, paper: float, depth: float, dpi: float) -> Image:
    """The page with everything white that is paler than `depth` and no edge of anything darker, and no rule."""
    dark = (grey < paper - depth).astype(np.uint8)
    reach = 2 * max(1, round(STROKE_EDGE_MM / 25.4 * dpi)) + 1
    kept = cv2.dilate(dark, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))) > 0
    seen = (grey < paper - FAINT).astype(np.uint8)
    length = round(RULE_MM / 25.4 * dpi)
    for shape in ((1, length), (length, 1)):
        straight = cv2.morphologyEx(seen, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        count, labels = cv2.connectedComponents(straight, connectivity=8)
        pixels = np.bincount(labels.ravel(), minlength=count)
        own = np.bincount(labels.ravel(), weights=dark.ravel(), minlength=count) > RULE_SHARE * pixels
        own[0] = False
        kept |= own[labels]
    return np.where(kept, grey, np.uint8(paper))
