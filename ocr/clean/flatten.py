"""A picture as it came → the page alone, upright, straight, on white paper; with the way back to the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.clean.facing import find_gutter
from ocr.clean.holes import without_holes
from ocr.clean.light import even_out
from ocr.clean.orientation import find_rotation, turn_upright
from ocr.clean.sheet import A4_ASPECT, ASPECT_SLACK, find_sheet, flatten, lies_askew
from ocr.clean.skew import straighten
from ocr.wayback import WayBack

Image = NDArray[np.uint8]
Matrix = NDArray[np.float64]

A4_LONG_IN = 297 / 25.4

A4_PICTURE_SLACK = 0.01
"""A picture whose long side is that of A4 within this may have been measured so for want of a resolution."""

SMALLEST_A4 = 0.6
"""Share of such a picture's long side that a sheet of A4 takes at least; smaller sheets keep the picture's measure."""

WHITE = 255


@dataclass(frozen=True, slots=True)
class FlatPage:
    """A page made ready to be cleaned and read; two pages on one picture give two.

    Attributes:
        image: uint8, grey or RGB.
        dpi: of `image`.
        rotation_deg: how far the stored page is turned clockwise from upright.
        width_pt, height_pt: of the stored picture, upright.
        way_back: from points of `image` to points of that page; None where they are the same.
    """

    image: Image
    dpi: float
    rotation_deg: int
    width_pt: float
    height_pt: float
    way_back: WayBack | None


def flatten_pages(image: Image, dpi: float) -> tuple[FlatPage, ...]:
    """Finds the sheet, lights it evenly, puts it upright, parts facing pages and straightens each.

    Args:
        image: uint8, grey or RGB, as stored; not changed.
        dpi: of the picture.

    Returns:
        One page, or the left and the right one.
    """
    stored_height, stored_width = image.shape[:2]
    sheet = find_sheet(image)
    cut, cut_dpi, to_stored = image, dpi, np.eye(3)
    if sheet is not None and sheet.corners is not None and lies_askew(sheet.corners):
        cut, to_stored = flatten(image, sheet.corners)
        cut_dpi = _sheet_dpi(cut.shape, image.shape, dpi)
    elif sheet is not None:
        cut = image.copy()
        cut[sheet.outside] = WHITE
    lit = without_holes(even_out(cut, cut_dpi), cut_dpi)
    rotation_deg = find_rotation(lit, cut_dpi)
    turned = _quarter_turns(rotation_deg, cut.shape[1], cut.shape[0])
    to_upright = _quarter_turns(rotation_deg, stored_width, stored_height) @ to_stored @ np.linalg.inv(turned)
    width, height = (stored_width, stored_height) if rotation_deg % 180 == 0 else (stored_height, stored_width)
    upright = turn_upright(lit, rotation_deg)
    gutter = find_gutter(upright, turn_upright(cut, rotation_deg), cut_dpi)
    parts = [(0, upright.shape[1])] if gutter is None else [(0, gutter), (gutter, upright.shape[1])]
    pages = []
    for start, end in parts:
        straight = straighten(upright if gutter is None else np.ascontiguousarray(upright[:, start:end]))
        shift = np.array([[1, 0, start], [0, 1, 0], [0, 0, 1.0]])
        whole = to_upright @ shift @ (np.eye(3) if straight.to_stored is None else straight.to_stored)
        points = np.diag([72 / dpi, 72 / dpi, 1.0]) @ whole @ np.diag([cut_dpi / 72, cut_dpi / 72, 1.0])
        way_back = None
        if gutter is not None or straight.to_stored is not None or not np.array_equal(to_stored, np.eye(3)):
            rows, columns = straight.image.shape[:2]
            way_back = WayBack(points / points[2, 2], columns * 72 / cut_dpi, rows * 72 / cut_dpi)
        pages.append(FlatPage(straight.image, cut_dpi, rotation_deg, width * 72 / dpi, height * 72 / dpi, way_back))
    return tuple(pages)


def _sheet_dpi(sheet: tuple[int, ...], picture: tuple[int, ...], dpi: float) -> float:
    """Pixels per inch of a flattened sheet: of A4, where the picture around it was taken for A4."""
    long, short = max(sheet[:2]), min(sheet[:2])
    is_a4_picture = abs(max(picture[:2]) / dpi / A4_LONG_IN - 1) < A4_PICTURE_SLACK
    has_a4_shape = abs(long / short / A4_ASPECT - 1) < ASPECT_SLACK
    if is_a4_picture and has_a4_shape and long > SMALLEST_A4 * max(picture[:2]):
        return long / A4_LONG_IN
    return dpi


def _quarter_turns(rotation_deg: int, width: int, height: int) -> Matrix:
    """3 × 3 from pixels of a picture to those of the same picture with a clockwise turn of `rotation_deg` undone."""
    matrix = np.eye(3)
    for _ in range(rotation_deg // 90):
        # A quarter turn counter-clockwise takes (x, y) to (y, width - x).
        matrix = np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1.0]]) @ matrix
        width, height = height, width
    return matrix
