"""Seals: red and blue ones taken off by their colour, grey and black ones found by their shape.

A seal is a figure about as wide as it is high; in grey it is a thick ring, round or oval, that type never makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SEAL_MM = (15.0, 70.0)
"""Seals of government bodies are 38 to 50 mm wide (State Council 1999 No. 25); small ones and partial ones less."""

LETTERHEAD = 3
"""More figures of one colour than this in a row are the characters of a letterhead."""

COLOUR_MIN = 30
"""How far a seal's own channel exceeds the others, however pale the ink; JPEG noise on black text stays below 25."""

COLOUR_SHARE = 1e-4
"""Share of the page in that colour below which nothing is looked for."""

FILLED = 0.75
"""Share of its box that a seal's ink covers at most; a coloured cell covers all of it."""

COLOURS = (0, 2)
"""Channels of red and of blue ink: what lies under the ink is seen in the light that the ink lets through."""

RING_DPI = 100.0
"""Resolution at which rings are looked for: the thinnest, of 0.9 mm, is three pixels wide."""

RING_STROKE_PX = 3
"""Strokes narrower than this at that resolution, 0.75 mm, are type and rules."""

RING_CONTRAST = 45
"""How much darker than paper a ring is; fainter ones do not hinder reading."""

RING_FLATTEST = 0.55
"""Height over width of an oval seal; 45 by 30 mm is the flattest in use."""

RING_COVER = 0.8
"""Share of the way round where the ring is seen; text over it only darkens it."""

RING_HOLLOW = 0.5
"""Share of the ring's inside that is thick strokes at most: star and characters take a third."""

RING_CLEAR = 0.35
"""Share of the way round where something thick stands right outside at most."""


@dataclass(frozen=True, slots=True)
class RingSeals:
    """Grey or black seals on a page.

    Attributes:
        area: what lies within their rings, the rings included.
        strokes: the thick strokes there, with half a millimetre around them.
    """

    area: Mask
    strokes: Mask


def without_colour_seals(image: Image, dpi: float) -> tuple[Image, Mask]:
    """The page in grey, coloured seals replaced by what lies under them; and where they were.

    Args:
        image: uint8, grey or RGB.
        dpi: its resolution.
    """
    if image.ndim == 2:
        return image, np.zeros(image.shape, dtype=np.bool_)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    everywhere = np.zeros(grey.shape, dtype=np.bool_)
    for channel in COLOURS:
        colour = excess(image, channel)
        for place in _colour_seals(colour, dpi):
            if not everywhere.any():
                grey = grey.copy()
            inked = colour[place] > COLOUR_MIN / 2
            if inked.any():
                grey[place] = seen_through(image[..., channel][place], colour[place], inked, levels(grey)[0])
                everywhere[place] |= cv2.dilate(inked.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return grey, everywhere


def seen_through(light: NDArray[Any], colour: NDArray[Any], inked: Mask, paper: float) -> Image:
    """What lies under stamp ink, from the light that the ink lets through.

    Ink that covers a share a of a place takes b·a of its own light and r·a of the other, whatever is printed there.
    With s = colour / light, the light without it is light · (1 + s·k), k = b / (r - b), which the ink over blank
    paper gives.
    """
    own = light.astype(np.float32)
    saturation = np.clip(colour / np.maximum(own, 1.0), 0.0, 1.0)
    blank = inked & (own >= np.percentile(own[inked], 50))
    k = max(float(np.median((paper / own[blank] - 1) / saturation[blank])), 0.0)
    return np.asarray(np.clip(np.rint(own * (1 + k * saturation)), 0, 255), dtype=np.uint8)


def excess(image: Image, channel: int) -> NDArray[np.int16]:
    """How far one channel of an RGB image exceeds the other two."""
    others = np.maximum(image[..., (channel + 1) % 3], image[..., (channel + 2) % 3])
    return np.asarray(image[..., channel].astype(np.int16) - others, dtype=np.int16)


def levels(grey: Image) -> tuple[float, float]:
    """Grey level of the paper (most frequent in the lighter half) and of the ink (darkest thirtieth of the rest)."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    paper = 128 + int(counts[128:].argmax())
    dark = counts[: max(paper - 40, 1)].cumsum()
    ink = int(dark.searchsorted(dark[-1] / 30)) if dark[-1] else 0
    return float(paper), float(ink)


def _colour_seals(colour: NDArray[np.int16], dpi: float) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of the seals of one colour."""
    coloured = colour > COLOUR_MIN
    if float(coloured.mean()) < COLOUR_SHARE:
        return
    scale = 50.0 / dpi
    spots = cv2.resize(coloured.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    joined = cv2.morphologyEx((spots > 0.1).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    smallest, largest = (side / 25.4 * 50.0 for side in SEAL_MM)
    figures = [
        (x, y, width, height)
        for x, y, width, height, _ in stats[1:count].tolist()
        if smallest <= max(width, height) <= largest
        and min(width, height) > 0.35 * max(width, height)
        and float(spots[y : y + height, x : x + width].mean()) < FILLED
    ]
    for x, y, width, height in figures:
        if sum(abs(other[1] - y) + abs(other[3] - height) < 0.6 * height for other in figures) <= LETTERHEAD:
            rows = slice(max(int((y - 1) / scale), 0), int((y + height + 1) / scale) + 1)
            yield rows, slice(max(int((x - 1) / scale), 0), int((x + width + 1) / scale) + 1)


def find_ring_seals(grey: Image, dpi: float) -> RingSeals | None:
    """Grey or black seals; none where there is no ring.

    Args:
        grey: uint8 page on white paper.
        dpi: its resolution.
    """
    step = max(1, round(dpi / RING_DPI))
    small = np.ascontiguousarray(grey[::step, ::step])
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (RING_STROKE_PX, RING_STROKE_PX))
    thick = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel) < levels(small)[0] - RING_CONTRAST
    smallest, largest = (side / 25.4 * dpi / step for side in SEAL_MM)
    if np.count_nonzero(thick) < RING_COVER * np.pi * smallest * RING_STROKE_PX:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thick.astype(np.uint8), connectivity=8)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    long, short = np.maximum(width, height), np.minimum(width, height)
    area = np.zeros(small.shape, np.uint8)
    for index in np.flatnonzero((long >= smallest) & (long <= largest) & (short >= RING_FLATTEST * long)):
        if index:
            x, y, w, h = stats[index, :4].tolist()
            ring = _ring(labels[y : y + h, x : x + w] == index, thick, (x, y))
            if ring is not None:
                (cx, cy), (across, down), angle = ring
                reach = 1.5 * RING_STROKE_PX
                cv2.ellipse(area, ((cx, cy), (across + 2 * reach, down + 2 * reach), angle), (1,), -1)
    if not area.any():
        return None
    size = (grey.shape[1], grey.shape[0])
    strokes = cv2.dilate((thick & (area > 0)).astype(np.uint8), np.ones((5, 5), np.uint8))
    return RingSeals(
        np.asarray(cv2.resize(area, size, interpolation=cv2.INTER_NEAREST) > 0),
        np.asarray(cv2.resize(strokes, size, interpolation=cv2.INTER_NEAREST) > 0),
    )


def without_traces(grey: Image, seals: RingSeals) -> Image:
    """The restored page without what is left of the strokes of its seals: the edges of a ring would become rules."""
    paper, ink = levels(grey)
    return np.where(seals.strokes & (grey > (paper + ink) / 2), np.uint8(paper), grey)


_Ellipse = tuple[tuple[float, float], tuple[float, float], float]


def _ring(figure: Mask, thick: Mask, corner: tuple[int, int]) -> _Ellipse | None:
    """The outer edge of a figure as an ellipse on the page, if the figure is a ring.

    Args:
        figure: the pixels of one connected figure.
        thick: those of all thick strokes on the page.
        corner: where `figure` lies on the page.
    """
    outlines, _ = cv2.findContours(figure.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=corner)
    hull = cv2.convexHull(max(outlines, key=len))
    if len(hull) < 8:
        return None
    (cx, cy), axes, angle = cv2.fitEllipse(hull)
    if min(axes) < RING_FLATTEST * max(axes):
        return None
    turn = np.linspace(0, 2 * np.pi, 180, endpoint=False)[:, None]
    radii = 1 + np.arange(-5, 6) * 1.0 / (sum(axes) / 4)  # by pixels, from five inside to five outside
    u, v = axes[0] / 2 * np.cos(turn) * radii, axes[1] / 2 * np.sin(turn) * radii
    tilt = np.radians(angle)
    x = np.rint(cx + u * np.cos(tilt) - v * np.sin(tilt)).astype(int)
    y = np.rint(cy + u * np.sin(tilt) + v * np.cos(tilt)).astype(int)
    there = (x >= 0) & (y >= 0) & (x < thick.shape[1]) & (y < thick.shape[0])
    seen = np.zeros(x.shape, dtype=np.bool_)
    seen[there] = thick[y[there], x[there]]
    covered, crowded = float(seen[:, 2:7].any(axis=1).mean()), float(seen[:, 9:].all(axis=1).mean())
    inside = np.zeros(thick.shape, np.uint8)
    cv2.ellipse(inside, ((cx, cy), (axes[0] * 0.8, axes[1] * 0.8), angle), (1,), -1)
    full = float(thick[inside > 0].mean())
    is_ring = covered > RING_COVER and crowded < RING_CLEAR and full < RING_HOLLOW
    return ((float(cx), float(cy)), (float(axes[0]), float(axes[1])), float(angle)) if is_ring else None
