"""Marks laid over a page: image in, image without them out, with the places where ink was taken away.

Two kinds are known. A watermark is grey, lighter than the text and larger than its characters; a seal is a red
figure about as wide as it is high. Where neither is found the image is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.restorer.restore import TILE_PX, WEIGHTS, Network, restore
from ocr.engine import compile_network

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

MARK_CHARACTER_MM = 5.0
"""Parts of a watermark are at least this large; table text is set in 3 to 4 mm."""

MARK_STROKE_MM = 0.6
"""Strokes thinner than this belong to text: 12 pt type has 0.3 to 0.4 mm, a mark of 24 pt 0.7 mm."""

PEAK_MIN_SHARE = 4e-4
"""Share of the page at the mark's grey level above the levels around it; 0.8 to 1.3 thousandths on marked pages,
below 0.1 without a mark."""

PEAK_MIN_RATIO = 0.3
"""How much of that peak stands above its surroundings; paper grain gives shoulders, a pale mark 0.35 and more."""

FLAT_RANGE = 6
"""Grey levels between neighbours inside a mark's stroke; the blurred edge of text has 20 and more."""

DARKEST_MARK = 80
"""Grey level below which a figure is print: bold titles have 20 to 60, marks of 70 % grey about 90."""

LEVEL_RANGE = 14
"""Grey levels around the mark's own that belong to it (paper grain and JPEG)."""

MAX_EXTENT = 0.8
"""A figure that fills more of its box is a shaded cell, not a character."""

SEAL_MM = (15.0, 70.0)
"""Seals of government bodies are 38 to 50 mm wide (State Council 1999 No. 25); small ones and partial ones less."""

LETTERHEAD = 3
"""More red figures than this in a row are the characters of a letterhead."""

RED_MIN = 40
"""How far red exceeds the other channels in stamp ink, however pale; JPEG noise on black text stays below 25."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning made of a page.

    Attributes:
        image: uint8 grey, the size of the page.
        mask: where a mark lies or lay; text there is to be trusted less.
        share: of the page that `mask` covers, 0 to 1.
    """

    image: Image
    mask: Mask
    share: float


def clean(image: Image, dpi: float) -> Cleaned:
    """Takes watermark and seals off a page.

    Args:
        image: uint8, grey or RGB; not changed.
        dpi: its resolution.
    """
    grey, seal = _without_seals(image, dpi)
    mark = find_mark(_without_red(grey, image), dpi)
    if not mark.any():
        return Cleaned(grey, seal, float(seal.mean()))
    restored = restore(grey, dpi, _network(), mark)
    mask = seal | restored.mask
    return Cleaned(restored.image, mask, float(mask.mean()))


@cache
def _network() -> Network:
    return compile_network(WEIGHTS, (1, TILE_PX, TILE_PX))


def _levels(grey: Image) -> tuple[float, float]:
    """Grey level of the paper (most frequent in the lighter half) and of the ink (darkest thirtieth of the rest)."""
    counts = np.bincount(grey.ravel(), minlength=256)
    paper = 128 + int(counts[128:].argmax())
    dark = counts[: max(paper - 40, 1)].cumsum()
    ink = int(dark.searchsorted(dark[-1] / 30)) if dark[-1] else 0
    return float(paper), float(ink)


def find_mark(grey: Image, dpi: float) -> Mask:
    """Where a grey watermark lies; nowhere where there is none.

    Args:
        grey: uint8 page.
        dpi: its resolution.
    """
    nowhere = np.zeros(grey.shape, dtype=np.bool_)
    stroke = _odd(MARK_STROKE_MM, dpi)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (stroke, stroke))
    neighbours = np.ones((3, 3), np.uint8)
    ground = cv2.morphologyEx(cv2.medianBlur(grey, 3), cv2.MORPH_CLOSE, kernel)
    ground = cv2.morphologyEx(ground, cv2.MORPH_OPEN, neighbours)
    flat = cv2.subtract(cv2.dilate(ground, neighbours), cv2.erode(ground, neighbours)) < FLAT_RANGE
    level = _mark_level(np.bincount(ground[flat], minlength=256) / grey.size)
    if level is None:
        return nowhere
    scale = min(100.0 / dpi, 1.0)
    small = cv2.resize(ground, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    figure = np.abs(small.astype(np.int16) - level) < LEVEL_RANGE
    count, labels, stats, _ = cv2.connectedComponentsWithStats(figure.astype(np.uint8), connectivity=8)
    side = MARK_CHARACTER_MM / 25.4 * dpi * scale
    kept = np.zeros(count, dtype=np.bool_)
    for index in range(1, count):
        width, height, area = stats[index, 2], stats[index, 3], stats[index, 4]
        long, extent = max(width, height), area / (width * height)
        kept[index] = long >= side and min(width, height) >= side / 3 and extent < MAX_EXTENT
    found = kept[labels]
    whole = cv2.resize(found.astype(np.uint8), (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.dilate(whole, kernel) > 0)


def _mark_level(shares: NDArray[np.float64]) -> float | None:
    """The grey level between ink and paper that stands out among flat places, if one does.

    Args:
        shares: of the page, for each of the 256 levels.
    """
    smooth = cv2.GaussianBlur(shares.reshape(1, -1), (13, 1), 2).ravel()
    paper = 128 + int(smooth[128:].argmax())
    best: tuple[float, float | None] = (PEAK_MIN_SHARE, None)
    for level in range(DARKEST_MARK, paper - 8):
        height = smooth[level]
        if height < max(smooth[level - 1], smooth[level + 1], best[0]):
            continue
        higher = np.flatnonzero(smooth > height)
        below, above = higher[higher < level], higher[higher > level]
        left = smooth[below[-1] : level].min() if below.size else smooth[:level].min()
        right = smooth[level : above[0]].min() if above.size else smooth[level:].min()
        prominence = height - max(left, right)
        if prominence > best[0] and prominence > PEAK_MIN_RATIO * height:
            best = (prominence, float(level))
    return best[1]


def _odd(length_mm: float, dpi: float) -> int:
    """A length in pixels, at least 3 and odd, as the size of a kernel."""
    return max(3, round(length_mm / 25.4 * dpi) | 1)


def _redness(image: Image) -> NDArray[np.int16]:
    """How far red exceeds the other two channels of an RGB image."""
    others = np.maximum(image[..., 1], image[..., 2])
    return np.asarray(image[..., 0].astype(np.int16) - others, dtype=np.int16)


def _without_red(grey: Image, image: Image) -> Image:
    """The grey page with red print painted over: a letterhead is as large and as even as a mark."""
    if image.ndim == 2:
        return grey
    red = cv2.dilate((_redness(image) > RED_MIN).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.where(red, np.uint8(_levels(grey)[0]), grey) if red.any() else grey


def _without_seals(image: Image, dpi: float) -> tuple[Image, Mask]:
    """The page in grey, seals replaced by what lies under them in the red channel; and where they were."""
    if image.ndim == 2:
        return image, np.zeros(image.shape, dtype=np.bool_)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    red = _redness(image)
    mask = np.zeros(grey.shape, dtype=np.bool_)
    if float((red > RED_MIN).mean()) < 1e-4:
        return grey, mask
    scale = 50.0 / dpi
    spots = cv2.resize((red > RED_MIN).astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    joined = cv2.morphologyEx((spots > 0.1).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    smallest, largest = (side / 25.4 * 50.0 for side in SEAL_MM)
    figures = [
        (x, y, width, height)
        for x, y, width, height, _ in stats[1:count].tolist()
        if smallest <= max(width, height) <= largest and min(width, height) > 0.35 * max(width, height)
    ]
    for x, y, width, height in figures:
        if sum(abs(other[1] - y) + abs(other[3] - height) < 0.6 * height for other in figures) > LETTERHEAD:
            continue
        rows = slice(max(int((y - 1) / scale), 0), int((y + height + 1) / scale) + 1)
        columns = slice(max(int((x - 1) / scale), 0), int((x + width + 1) / scale) + 1)
        mask[rows, columns] = red[rows, columns] > RED_MIN / 2
    if not mask.any():
        return grey, mask
    mask = np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    paper, ink = _levels(grey)
    under = image[..., 0][mask].astype(np.float32)
    ground = float(np.percentile(under, 70))
    stretched = ink + (under - ink) * (paper - ink) / max(ground - ink, 1.0)
    grey = grey.copy()
    grey[mask] = np.clip(stretched, 0, 255).astype(np.uint8)
    return grey, mask
