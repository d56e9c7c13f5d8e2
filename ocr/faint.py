"""Rules that are too pale or too broken to be ink: grey page → pixels of thin straight ridges.

A pale rule drowns in the noise of single pixels but not in their mean along the line; a dashed rule is whole once its
gaps are filled along the line. Either is told from type by being thin, equally dark all along, and paper on both
sides. Lengths are page points, turned into pixels by `scale` (pixels a point).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages import Picture, Rule
from ocr.reduce import reduced

Floats = NDArray[np.float32]

#: Resolution that is looked at: a rule of 0.5 pt keeps two thirds of its depth, noise less than half.
COARSE_DPI = 100.0
#: Noise is averaged along this length; half of it blurs the ends of a rule.
SMOOTH_PT = 5.0
#: Paper is looked for at these distances to either side, beyond a rule of 1 pt and its blur, and the lighter of the
#: two counts: type may stand as close as 1.5 pt.
BESIDE_PT = (1.3, 2.0)
#: Ink of a rule is blurred this far beyond its edge.
BLUR_PT = 0.5
#: A crossing rule is at most this wide; it is closed before the paper beside is looked at.
CROSSING_PT = 2.2
#: Grey levels by which a rule's mean is darker than the paper beside it: noise of 5 levels leaves 1.3 of the mean.
LEAST_DEPTH = 6.0
#: Darker rules are found as ink; what is darker here is type.
MOST_DEPTH = 110.0
#: All along a rule the depth stays above this share of its largest value near by; between strokes of type it does not.
EVEN_SHARE = 0.55
EVEN_WINDOW_PT = 22.0
#: Single pixels of a rule vary by noise and by less than this share of its depth; strokes of type by all of theirs.
UNEVEN_SHARE = 0.35
NOISE_FACTOR = 1.5
#: Of a page's pixels at least a third is blank paper: what varies there is noise.
NOISE_PERCENTILE = 30
#: A rule goes on beyond its end while the mean over this length is as dark as it, up to this share of its depth.
HOP_PT = 3.0
FADED_SHARE = 0.45
#: Gaps of a dashed rule are filled up to this length.
DASH_GAP_PT = 4.0
#: Where paper is clean above and below a dashed rule; type with its gaps filled is a bar of 5 pt or more.
CLEAN_BAND_PT = (1.0, 1.9)
#: The shortest pale rule: longer than any stroke of a title. The shortest dashed one: longer than short headings.
LEAST_LENGTH_PT = 30.0
LEAST_DASHED_PT = 45.0


def faint_rules(grey: Picture, scale: float, *, horizontal: bool, dashed: bool) -> NDArray[np.uint8]:
    """Pixels of thin pale or dashed rules.

    Args:
        grey: (height, width), upright and straight.
        scale: pixels a point.
        horizontal: which direction is looked for.
        dashed: whether dashed rules are looked for beside pale ones.

    Returns:
        uint8 (height, width), 255 on the rules.
    """
    factor = min(1.0, COARSE_DPI / (72 * scale))
    coarse = reduced(grey, factor)
    # Turned, so that the direction looked for always runs along the rows.
    rows = coarse if horizontal else np.asarray(cv2.transpose(coarse), np.uint8)
    found = _faint_rows(rows, scale * factor, dashed=dashed)
    upright = found if horizontal else cv2.transpose(found)
    return np.asarray(cv2.resize(upright, grey.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _faint_rows(image: Picture, scale: float, *, dashed: bool) -> NDArray[np.uint8]:
    crossing = np.ones((1, max(3, round(CROSSING_PT * scale))), np.uint8)
    pale, uneven = _smoothed(np.asarray(cv2.morphologyEx(image, cv2.MORPH_CLOSE, crossing), np.uint8), scale)
    close, far = (_rows_beside(pale, max(2, round(distance * scale))) for distance in BESIDE_PT)
    paper = (np.maximum(close[0], far[0]), np.maximum(close[1], far[1]))
    found = _ridges(pale, uneven, *paper, scale, (LEAST_DEPTH, MOST_DEPTH), LEAST_LENGTH_PT)
    if not dashed:
        return found
    gap = np.ones((1, max(3, round(DASH_GAP_PT * scale) | 1)), np.uint8)
    filled, uneven = _smoothed(np.asarray(cv2.erode(image, gap), np.uint8), scale)
    # Type has ink at some height close by; the paper beside a dashed rule is clean in the whole band.
    low, high = CLEAN_BAND_PT
    band = np.ones((max(1, round((high - low) * scale)) | 1, 1), np.uint8)
    beside = _rows_beside(np.asarray(cv2.erode(filled, band), np.float32), max(2, round((low + high) / 2 * scale)))
    return np.maximum(found, _ridges(filled, uneven, *beside, scale, (LEAST_DEPTH, 255.0), LEAST_DASHED_PT))


def prolonged(rule: Rule, grey: Picture, scale: float) -> Rule:
    """The rule with its ends where its ink ends: type close by hides a pale rule from `faint_rules`, not from this."""
    if rule.length < LEAST_LENGTH_PT:
        return rule
    image = grey if rule.is_horizontal else grey.T
    at, start, end = (rule.y0, rule.x0, rule.x1) if rule.is_horizontal else (rule.x0, rule.y0, rule.y1)
    row, first, last = round(at * scale), round(start * scale), round(end * scale)
    if not 1 <= row < image.shape[0] - 1 or last - first < 3:
        return rule
    core = image[row - 1 : row + 2].min(axis=0).astype(np.float32)
    level = float(np.median(core[first:last]))
    paper = float(np.percentile(image[row - 1 : row + 2], 90))
    hop = max(3, round(HOP_PT * scale))
    mean = cv2.blur(core.reshape(1, -1), (hop, 1)).ravel()
    off = np.flatnonzero(mean > level + FADED_SHARE * max(paper - level, 0.0))
    before, after = off[off < first], off[off > last]
    start = min(start, float(before[-1] + 1) / scale if before.size else 0.0)
    end = max(end, float(after[0] if after.size else len(core)) / scale)
    if rule.is_horizontal:
        return Rule(start, at, end, at, rule.width_pt)
    return Rule(at, start, at, end, rule.width_pt)


def painted_over(grey: Picture, across: Sequence[Rule], scale: float) -> Picture:
    """The picture with horizontal rules replaced by the lighter of the rows above and below them."""
    copy = grey.copy()
    for rule in across:
        half = rule.width_pt / 2 + BLUR_PT
        top, bottom = round((rule.y0 - half) * scale), round((rule.y0 + half) * scale) + 1
        if top >= 1 and bottom < len(copy):
            columns = slice(max(0, round(rule.x0 * scale)), round(rule.x1 * scale) + 1)
            copy[top:bottom, columns] = np.maximum(grey[top - 1, columns], grey[bottom, columns])
    return copy


def _smoothed(image: Picture, scale: float) -> tuple[Floats, Floats]:
    """Mean and standard deviation of grey levels along the rows."""
    window = (max(3, round(SMOOTH_PT * scale)), 1)
    mean = cv2.boxFilter(image, cv2.CV_32F, window)
    variance = cv2.sqrBoxFilter(image, cv2.CV_32F, window) - mean * mean
    return np.asarray(mean, np.float32), np.asarray(np.sqrt(np.maximum(variance, 0.0)), np.float32)


def _rows_beside(image: Floats, step: int) -> tuple[Floats, Floats]:
    """For every pixel the values `step` rows above and below it."""
    padded = cv2.copyMakeBorder(image, step, step, 0, 0, cv2.BORDER_REPLICATE)
    return np.asarray(padded[: -2 * step], np.float32), np.asarray(padded[2 * step :], np.float32)


def _ridges(
    along: Floats,
    uneven: Floats,
    above: Floats,
    below: Floats,
    scale: float,
    depths: tuple[float, float],
    least_pt: float,
) -> NDArray[np.uint8]:
    """Rows that are evenly darker than above and below, over `least_pt` and by a depth within `depths`."""
    depth = np.minimum(above, below) - along
    near = cv2.dilate(depth, np.ones((1, max(3, round(EVEN_WINDOW_PT * scale))), np.uint8))
    noise = float(np.percentile(uneven[::7, ::7], NOISE_PERCENTILE))
    is_even = (depth >= EVEN_SHARE * near) & (uneven <= UNEVEN_SHARE * depth + NOISE_FACTOR * noise)
    ridge = ((depth >= depths[0]) & (depth <= depths[1]) & is_even).astype(np.uint8) * 255
    # A rule that leans by a fraction of a degree steps from row to row: its length is that of the thickened one.
    thick = cv2.dilate(ridge, np.ones((3, 1), np.uint8))
    length = max(3, round(least_pt * scale))
    return np.minimum(cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), ridge)
