"""The small angle at which a page was laid on the scanner: image in, straight image and the way back out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box

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
    """A page without skew.

    Attributes:
        image: the size of the page as stored, white where nothing was.
        angle_deg: how far the stored page is turned clockwise.
        to_stored: 2 x 3, takes a pixel of `image` to the pixel of the stored page.
    """

    image: Image
    angle_deg: float
    to_stored: NDArray[np.float64]

    def stored_box(self, box: Box) -> Box:
        """The upright box with the same centre and size on the stored page, both in pixels."""
        x = box.center_x * self.to_stored[0, 0] + box.center_y * self.to_stored[0, 1] + self.to_stored[0, 2]
        y = box.center_x * self.to_stored[1, 0] + box.center_y * self.to_stored[1, 1] + self.to_stored[1, 2]
        return Box(x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2)


def straighten(image: Image) -> Straightened:
    """Turns an upright page so that its rules and lines of text run straight across.

    Args:
        image: uint8, grey or RGB; returned as it is when it is straight already.
    """
    angle = find_skew(image)
    if abs(angle) < MIN_ANGLE_DEG:
        return Straightened(image, 0.0, np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    height, width = image.shape[:2]
    to_stored = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    straight = cv2.warpAffine(
        image,
        to_stored,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return Straightened(np.asarray(straight, dtype=np.uint8), angle, np.asarray(to_stored, dtype=np.float64))


def find_skew(image: Image) -> float:
    """Degrees by which rules and lines of text fall to the right, between -5 and 5; 0.0 on an empty page.

    The angle is the one at which the rows of the page are most unequal in ink (projection profile, Postl 1986),
    first over all angles with broad rows, then with rows of one pixel around the best.
    """
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = min(SAMPLE_PX / max(grey.shape), 1.0)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
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
