"""Places on a page: one coordinate system for everything that is shown to a person.

Page points (1/72 inch), origin at the top left of the page as a person sees it, x to the right, y down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in page points.

    Raises:
        ValueError: a side is not finite, or the box has a negative width or height.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(side) for side in (self.x0, self.y0, self.x1, self.y1)):
            raise ValueError(f"box with a side that is not finite: {self}")
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"box with a negative width or height: {self}")

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def center_x(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def center_y(self) -> float:
        return (self.y0 + self.y1) / 2

    def intersection_area(self, other: Box) -> float:
        """Area shared with `other`, in square points; 0.0 where they only touch or lie apart."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return width * height if width > 0 and height > 0 else 0.0

    def contains_point(self, x: float, y: float) -> bool:
        """Whether the point lies inside or on the border."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def scaled(self, factor: float) -> Box:
        """The box with every side multiplied by `factor` (pixels to points and back)."""
        return Box(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor)

    def as_list(self) -> list[float]:
        """`[x0, y0, x1, y1]` rounded to 0.01 pt, as the output contract prints boxes."""
        return [round(self.x0, 2), round(self.y0, 2), round(self.x1, 2), round(self.y1, 2)]


def bounding_box(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of `boxes`.

    Raises:
        ValueError: there is no box.
    """
    many = list(boxes)
    if not many:
        raise ValueError("no box to put a bounding box around")
    return Box(
        min(box.x0 for box in many),
        min(box.y0 for box in many),
        max(box.x1 for box in many),
        max(box.y1 for box in many),
    )
