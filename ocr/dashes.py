"""What is left of dashed and dotted rules on a scan: ink that lies wholly on the sides of cells."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.pages import Picture, Rule

#: A piece reaches this far to either side of its line: half a rule of 1 pt, its blur, and what the line is off by.
#: Type that reached as far would touch the rule, and its ink goes on beyond.
HALF_PT = 1.3


def remove_dashes(white: Picture, ink: np.ndarray, lines: Sequence[Rule], scale: float) -> None:
    """Whitens the pieces of dashed rules in place.

    Pieces are shorter than the strokes that rules are told from type by; what tells them is where they lie.

    Args:
        white: (height, width) grey page; changed.
        ink: bool (height, width), True on its ink; changed.
        lines: the sides of cells that dashed rules draw, in page points.
        scale: pixels a point.
    """
    band = np.zeros(ink.shape, np.uint8)
    half = HALF_PT * scale
    for line in lines:
        corner = (round(line.x0 * scale - half), round(line.y0 * scale - half))
        opposite = (round(line.x1 * scale + half), round(line.y1 * scale + half))
        cv2.rectangle(band, corner, opposite, (1,), thickness=-1)
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    is_piece = np.ones(count, dtype=bool)
    is_piece[labels[band == 0]] = False
    is_piece[0] = False
    gone = cv2.dilate(is_piece[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    white[gone] = 255
    ink[gone] = False
