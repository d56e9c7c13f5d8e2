"""Images of lines → strips that the recognition network takes: cut to the ink, of its height, few widths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engine import LINE_HEIGHTS_PX, STEP_PX

Image = NDArray[np.uint8]

BLANK_CONTRAST = 40
"""Grey levels between paper and darkest ink below which a crop holds no text (print is above 90, noise below 30)."""


@dataclass(frozen=True, slots=True)
class Look:
    """How large a line is shown to the network, in its pixels.

    Attributes:
        height: of the network's input, one of `LINE_HEIGHTS_PX`; each column costs in proportion.
        ink: height of the ink in it.
        margin: paper left and right of the ink.
        across: how much wider than high it is shown; below 1 the line is squeezed into fewer columns.
    """

    height: int
    ink: float
    margin: int
    across: float = 1.0


NUMBER_LOOK = Look(height=LINE_HEIGHTS_PX[0], ink=25.0, margin=8, across=1.1)
"""A step of the network is `STEP_PX` wide, and two equal digits are told apart only by a step between them. So digits
are shown as wide as in `SECOND_LOOK`: with three quarters of it one amount of twelve with many equal digits loses
one. With less paper above and below ten times as many are read with some doubt."""

TEXT_LOOK = Look(height=LINE_HEIGHTS_PX[0], ink=28.0, margin=8, across=0.9)
"""Squeezed a little: Chinese would bear 0.7, but the numbers among it lose digits from 0.8 on."""

SECOND_LOOK = Look(height=LINE_HEIGHTS_PX[-1], ink=28.0, margin=10)
"""As the network was trained."""

CLOSE_UP = Look(height=LINE_HEIGHTS_PX[-1], ink=35.0, margin=10)
"""Larger than the network was trained with: digits under marks are told apart better."""

WIDE_INK = 0.8
"""Ink without a gap that is wider than this share of the line's height belongs to Chinese or to joined letters."""

TEXT_SHARE = 0.3
"""Share of a line's ink, across, in such pieces from which it is taken for text; a % beside digits is less."""

WIDTHS_PX = (*range(32, 256, 16), *range(256, 512, 32), *range(512, 1024, 64), *range(1024, 1601, 192))
"""Widths the network is fed with; few, because each shape costs memory once, and close, because padding costs time."""

BATCHES = (8, 4, 2, 1)
"""Lines per call, for the same reason."""

CALL_PX = 128
"""What a call costs whatever is read in it, in columns of one line: 3 to 4 ms where a column takes 0.028, and in the
small network for numbers 0.25 ms where it takes 0.0022."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A line image at the network's height; column `x` of it is `x / scale + x0` in the crop.

    Attributes:
        pixels: (height, width), as the network takes them.
        scale, x0: see above.
        em: height of the line's ink, in columns.
    """

    pixels: Image
    scale: float
    x0: float
    em: float


def grey_of(image: Image) -> Image:
    """The image in one channel."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def levels(grey: Image) -> tuple[float, float]:
    """Grey level of the paper and of the darkest ink: the 90th and the half per cent of all pixels."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().cumsum()
    return float(counts.searchsorted(0.9 * grey.size)), float(counts.searchsorted(0.005 * grey.size))


def find_ink(grey: Image) -> NDArray[np.bool_]:
    """Where a crop is darker than halfway between its ink and its paper; nowhere when it is blank."""
    paper, dark = levels(grey)
    if paper - dark < BLANK_CONTRAST:
        return np.zeros(grey.shape, dtype=np.bool_)
    return np.asarray(grey < (paper + dark) / 2)


def spans(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def strip_of(crop: Image, look: Look | None = None) -> Strip | None:
    """The crop cut to its ink with a margin, at the network's height; none when there is no ink.

    Args:
        crop: one line, uint8, grey or RGB.
        look: how large it is shown; by default as its ink suggests, see `look_at`.
    """
    if crop.size == 0 or min(crop.shape[:2]) < 3:
        return None
    grey = grey_of(crop)
    ink = find_ink(grey)
    rows, inked = np.flatnonzero(ink.any(axis=1)), spans(np.asarray(ink.any(axis=0)))
    if not inked:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = inked[0][0], inked[-1][1]
    # A dash or a row of dots says nothing of the size of the type: the crop's own height does.
    height = max(bottom - top, min(0.5 * grey.shape[0], float(right - left)))
    look = look or look_at(inked, height)
    down = look.ink / height
    across = down * look.across
    middle, half = (top + bottom) / 2, look.height / down / 2
    x0 = left - look.margin / across
    width = max(round((right - left) * across) + 2 * look.margin, 2 * STEP_PX)
    matrix = np.array([[across, 0.0, -x0 * across], [0.0, down, (half - middle) * down]])
    matrix[:, 2] += ((across - 1) / 2, (down - 1) / 2)  # pixel centres
    paper = levels(grey)[0]
    if across < 0.7:
        smaller = cv2.resize(grey, None, fx=across, fy=min(down, 1.0), interpolation=cv2.INTER_AREA)
        fx, fy = smaller.shape[1] / grey.shape[1], smaller.shape[0] / grey.shape[0]
        matrix = np.array([[1.0, 0.0, -x0 * fx], [0.0, down / fy, (half - middle) * down]])
        matrix[1, 2] += (down / fy - 1) / 2
        grey = np.asarray(smaller, dtype=np.uint8)
    pixels = cv2.warpAffine(
        grey,
        matrix,
        (width, look.height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,),
    )
    return Strip(np.asarray(pixels, dtype=np.uint8), across, x0, look.ink * look.across)


def look_at(inked: Sequence[tuple[int, int]], height: float) -> Look:
    """How a line is shown at first: the one place where lines are shared out between ways of reading.

    Args:
        inked: start and end of every run of columns with ink.
        height: of the line's ink.
    """
    widths = [end - start for start, end in inked]
    wide = sum(width for width in widths if width > WIDE_INK * height)
    return TEXT_LOOK if wide > TEXT_SHARE * sum(widths) else NUMBER_LOOK


def pieces(pixels: Image) -> Iterator[tuple[int, Image]]:
    """Cuts a strip that is too long at its widest gap in the last third of what fits."""
    start, longest = 0, WIDTHS_PX[-1]
    while pixels.shape[1] - start > longest:
        window = pixels[:, start + longest * 2 // 3 : start + longest]
        gaps = spans(~np.any(find_ink(window), axis=0))
        a, b = max(gaps, key=lambda gap: gap[1] - gap[0]) if gaps else (0, 0)
        end = start + longest * 2 // 3 + (a + b) // 2 if gaps else start + longest
        yield start, np.ascontiguousarray(pixels[:, start:end])
        start = end
    yield start, np.ascontiguousarray(pixels[:, start:])


def batches(
    strips: Sequence[Image], widths: Sequence[int] = WIDTHS_PX, sizes: Sequence[int] = BATCHES
) -> Iterator[tuple[tuple[int, int], list[int]]]:
    """Shares strips out to the calls that together cost least.

    Args:
        strips: none wider than the greatest of `widths`.
        widths: that a call may have, rising.
        sizes: numbers of lines that it may have.

    Yields:
        (lines, width) of a call and the indexes of the strips in it, the widest first; at most so many as its lines.
    """
    fitting = [next(width for width in widths if width >= strip.shape[1]) for strip in strips]
    order = sorted(range(len(strips)), key=lambda index: -fitting[index])
    # From each place on: the least cost, and the lines of the first call, of which more are better at one cost.
    least: list[tuple[float, int]] = [(0.0, 0)] * (len(order) + 1)
    for start in reversed(range(len(order))):
        width = fitting[order[start]]
        choices = [(CALL_PX + size * width + least[min(start + size, len(order))][0], -size) for size in sizes]
        cost, size = min(choices)
        least[start] = cost, -size
    start = 0
    while start < len(order):
        size = least[start][1]
        members = order[start : start + size]
        yield (size, fitting[members[0]]), members
        start += size
