"""Punched holes: dark discs near the edge of a page, whitened. Page in, page out."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

GLANCE_DPI = 50.0
"""A hole has twelve pixels across at this resolution, and looking for it takes 1 ms."""

HOLE_MM = (4.0, 8.5)
"""Holes of filing punches are 5.5 to 6.5 mm wide (ISO 838), those of old ones 5 to 8."""

EDGE_MM = 35.0
"""Holes are 12 mm from the edge of the sheet (ISO 838), which a wide border may part from that of the picture."""

DARK = 140
"""Grey level below which the lid behind a hole, or its shadow, is seen; paper is white."""

ROUND = (0.68, 0.9)
"""Share of its box that a disc fills: π/4 and what whole pixels make of it."""

SOLID = 0.97
"""Share of the disc's inside that is dark: characters of a dense face have strokes and gaps there."""

RIM_MM = 0.8
"""Shadow around a hole."""


def without_holes(image: Image, dpi: float) -> Image:
    """The page with its punched holes made white; the page itself where there are none.

    Args:
        image: uint8, grey or RGB, on white paper.
        dpi: its resolution.
    """
    step = max(1, round(dpi / GLANCE_DPI))
    small = np.ascontiguousarray(image[::step, ::step] if image.ndim == 2 else image[::step, ::step, 1])
    _, _, stats, centres = cv2.connectedComponentsWithStats((small < DARK).astype(np.uint8), connectivity=8)
    width, height, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    millimetre = dpi / step / 25.4
    least, most = (side * millimetre for side in HOLE_MM)
    disc = (np.minimum(width, height) >= least) & (np.maximum(width, height) <= most)
    disc &= (np.abs(width - height) <= 2) & (area > ROUND[0] * width * height) & (area < ROUND[1] * width * height)
    x, y = centres.T
    across, down = np.minimum(x, small.shape[1] - x), np.minimum(y, small.shape[0] - y)
    disc &= np.minimum(across, down) < EDGE_MM * millimetre
    holes = [
        index for index in np.flatnonzero(disc) if _is_solid(image, [int(side) * step for side in stats[index, :4]])
    ]
    if not holes:
        return image
    cleared = image.copy()
    for index in holes:
        radius = round((max(width[index], height[index]) / 2 + RIM_MM * millimetre) * step)
        middle = (round((x[index] + 0.5) * step), round((y[index] + 0.5) * step))
        cv2.circle(cleared, middle, radius, (255, 255, 255), -1)
    return cleared


def _is_solid(image: Image, box: Sequence[int]) -> bool:
    """Whether the inside of the disc in the box (left, top, width, height) is dark throughout, in every pixel."""
    x, y, width, height = box
    crop = image[y : y + height, x : x + width]
    grey = crop if crop.ndim == 2 else crop[..., 1]
    inside = np.zeros(grey.shape, np.uint8)
    cv2.circle(inside, (grey.shape[1] // 2, grey.shape[0] // 2), round(0.4 * min(grey.shape)), (1,), -1)
    return float((grey[inside > 0] < DARK).mean()) > SOLID
