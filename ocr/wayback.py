"""The way from a flat page back to the page as it was stored: a matrix, and where boxes come to lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box


@dataclass(frozen=True, slots=True)
class WayBack:
    """From places on the flat page to the same places on the upright page as it was stored.

    Attributes:
        matrix: 3 × 3, points to points.
        width_pt, height_pt: of the flat page.
    """

    matrix: NDArray[np.float64]
    width_pt: float
    height_pt: float

    def box(self, box: Box) -> Box:
        """Where the box lies on the stored page.

        On a page that only leans, the upright box of the same centre and size: bounds would reach over the lines
        above and below. On a slanted one, the bounds of the four corners.
        """
        if not self.matrix[2, :2].any():
            x, y, _ = self.matrix @ (box.center_x, box.center_y, 1.0)
            width = box.width * float(np.hypot(*self.matrix[:2, 0])) / 2
            height = box.height * float(np.hypot(*self.matrix[:2, 1])) / 2
            return Box(float(x) - width, float(y) - height, float(x) + width, float(y) + height)
        corners = [(box.x0, box.y0, 1), (box.x1, box.y0, 1), (box.x1, box.y1, 1), (box.x0, box.y1, 1)]
        moved = np.array(corners) @ self.matrix.T
        places = moved[:, :2] / moved[:, 2:]
        (x0, y0), (x1, y1) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        return Box(x0, y0, x1, y1)
