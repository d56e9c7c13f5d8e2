"""Images of lines → strips that the recognition network takes: cut to the ink, of its height, few widths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engine import LINE_HEIGHT_PX, STEP_PX

Image = NDArray[np.uint8]

BLANK_CONTRAST = 40
"""Grey levels between paper and darkest ink below which a crop holds no text (print is above 90, noise below 30)."""

INK_SHARE = 0.58
"""Height of the ink in the network's 48 px. 0.72 reads no better and takes a quarter longer, for lines get wider."""

MARGIN_PX = 10
"""Paper left and right of the ink, in the network's pixels."""

WIDTHS_PX = (*range(64, 256, 16), *range(256, 512, 32), *range(512, 1024, 64), *range(1024, 1601, 192))
"""Widths the network is fed with; few, because each shape costs memory once, and close, because padding costs time."""

BATCHES = (8, 4, 2, 1)
"""Lines per call, for the same reason."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A line image at the network's height; column `x` of it is `x / scale + x0` in the crop."""

    pixels: Image
    scale: float
    x0: float


def grey_of(image: Image) -> Image:
    """The image in one channel."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _levels(grey: Image) -> tuple[float, float]:
    """Grey level of the paper and of the darkest ink: the 90th and the half per cent of all pixels."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().cumsum()
    return float(counts.searchsorted(0.9 * grey.size)), float(counts.searchsorted(0.005 * grey.size))


def find_ink(grey: Image) -> NDArray[np.bool_]:
    """Where a crop is darker than halfway between its ink and its paper; nowhere when it is blank."""
    paper, dark = _levels(grey)
    if paper - dark < BLANK_CONTRAST:
        return np.zeros(grey.shape, dtype=np.bool_)
    return np.asarray(grey < (paper + dark) / 2)


def spans(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def strip_of(crop: Image, ink_share: float = INK_SHARE) -> Strip | None:
    """The crop cut to its ink with a margin, at the network's height; none when there is no ink.

    Args:
        crop: one line, uint8, grey or RGB.
        ink_share: height of the ink in the network's, 0 to 1.
    """
    if crop.size == 0 or min(crop.shape[:2]) < 3:
        return None
    grey = grey_of(crop)
    ink = find_ink(grey)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size == 0 or columns.size == 0:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    # A dash or a row of dots says nothing of the size of the type: the crop's own height does.
    height = max(bottom - top, min(0.5 * grey.shape[0], float(right - left)))
    scale = LINE_HEIGHT_PX * ink_share / height
    middle, half = (top + bottom) / 2, LINE_HEIGHT_PX / scale / 2
    x0 = left - MARGIN_PX / scale
    width = max(round((right - left) * scale) + 2 * MARGIN_PX, 2 * STEP_PX)
    matrix = np.array([[scale, 0.0, -x0 * scale], [0.0, scale, (half - middle) * scale]])
    matrix[:, 2] += (scale - 1) / 2  # pixel centres
    paper = _levels(grey)[0]
    if scale < 0.7:
        smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        fx, fy = smaller.shape[1] / grey.shape[1], smaller.shape[0] / grey.shape[0]
        matrix = np.array([[1.0, 0.0, -x0 * fx], [0.0, 1.0, (half - middle) * fy]])
        grey = np.asarray(smaller, dtype=np.uint8)
    pixels = cv2.warpAffine(
        grey,
        matrix,
        (width, LINE_HEIGHT_PX),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,),
    )
    return Strip(np.asarray(pixels, dtype=np.uint8), scale, x0)


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


def batches(strips: Sequence[Image]) -> Iterator[tuple[int, list[int]]]:
    """Strips that fit the same width, in batches of the allowed sizes."""
    fitting: dict[int, list[int]] = {}
    for index, strip in enumerate(strips):
        width = next(width for width in WIDTHS_PX if width >= strip.shape[1])
        fitting.setdefault(width, []).append(index)
    for width, members in sorted(fitting.items()):
        start = 0
        while start < len(members):
            size = next(size for size in BATCHES if size <= len(members) - start)
            yield width, members[start : start + size]
            start += size
