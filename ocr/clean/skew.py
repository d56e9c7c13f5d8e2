"""The small angle at which a page was laid on the scanner, or seen: image in, straight image and the way back out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.keystone import find_keystone
from ocr.clean.sheet import warp

Image = NDArray[np.uint8]

MAX_ANGLE_DEG = 5.0
"""A page that lies worse than this is not a scan but a photograph."""

MIN_ANGLE_DEG = 0.03
"""Below this a rule across an A4 page rises by less than a pixel at 200 dpi: straightening would only blur."""

SAMPLE_PX = 1200
"""Long side at which the angle is measured: one pixel over the page is 0.05 degrees."""

MAX_POINTS = 60_000


@dataclass(frozen=True, slots=True)
class Straightened:
    """A page without skew and slant.

    Attributes:
        image: the size of the page as stored, white where nothing was.
        to_stored: 3 × 3, takes a place of `image` to the place of the page as stored, both in pixels; None where they
            are the same.
    """

    image: Image
    to_stored: NDArray[np.float64] | None


def straighten(image: Image) -> Straightened:
    """Turns an upright page so that its rules and lines of text run straight across, as seen from straight above.

    Args:
        image: uint8, grey or RGB; returned as it is when it is straight already.
    """
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    height, width = grey.shape
    small = _sample(grey)
    to_stored = find_keystone(small)
    if to_stored is not None:
        scale = np.diag([small.shape[1] / width, small.shape[0] / height, 1.0])
        to_stored = np.linalg.inv(scale) @ to_stored @ scale
    else:
        angle = find_skew(small)
        if abs(angle) < MIN_ANGLE_DEG:
            return Straightened(image, None)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
        to_stored = np.vstack([turn, (0.0, 0.0, 1.0)])
    return Straightened(warp(image, to_stored, (width, height)), to_stored)


def _sample(grey: Image) -> Image:
    """The page at the resolution at which its angle is measured."""
    scale = SAMPLE_PX / max(grey.shape)
    if scale >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def find_skew(image: Image) -> float:
    """Degrees by which rules and lines of text fall to the right, between -5 and 5; 0.0 on an empty page.

    The angle is the one at which the rows of the page are most unequal in ink (projection profile, Postl 1986),
    first over all angles with broad rows, then with rows of one pixel around the best.
    """
    small = _sample(image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    ink = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 20)
    # The upper edges of ink alone: a rule counts with its length, not with its thickness.
    edges = (ink[1:] == 1) & (ink[:-1] == 0)
    y, x = np.nonzero(edges)
    if y.size < 200:
        return 0.0
    step = -(-y.size // MAX_POINTS)
    across = x[::step].astype(np.float32) - np.float32(small.shape[1] / 2)
    down = y[::step].astype(np.float32)
    best = 0.0
    for reach, pace, row_px in ((MAX_ANGLE_DEG, 0.25, 4.0), (0.3, 0.05, 1.0), (0.06, 0.01, 1.0)):
        angles = best + np.arange(-reach, reach + pace / 2, pace)
        scores = np.array([_unevenness(across, down, float(angle), row_px) for angle in angles])
        best = float(angles[int(scores.argmax())])
    return best if abs(best) <= MAX_ANGLE_DEG else 0.0


def _unevenness(x: NDArray[np.float32], y: NDArray[np.float32], angle_deg: float, row_px: float) -> float:
    """How sharply the ink per row changes from row to row after turning by an angle."""
    slope = math.tan(math.radians(angle_deg))
    rows = ((y - slope * x) / (row_px / 2) + 2000.0).astype(np.int32)
    # Without smoothing whole pixels would favour the angle zero, where each row of the page is one of these rows.
    counts = np.convolve(np.bincount(rows), (0.06, 0.24, 0.4, 0.24, 0.06))
    change = np.diff(counts)
    return float((change * change).sum())
