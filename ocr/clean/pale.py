"""Print paler than ink: a grey page in, the places out where a mark may be suspected."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.lengths import odd_px
from ocr.clean.seal import levels

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

PALE_DPI = 100.0
"""Resolution at which a page is looked through for pale print."""

PALE_LEAST = 18
"""Grey levels below the paper from which something is printed there."""

PALE_MOST = 0.85
"""Share of the darkness of ink that pale print stays below. Thin type has a spot darker than this in every character,
a mark of 75 % grey has none."""

PALE_REACH_MM = 2.0
"""Within this distance of a pale place nothing is darker: half a character."""

LIGHTEST_INK = 40
"""Grey level that ink is taken to have at most: on a page of little text its darkest print is the mark."""

PALE_RUN_MM = 10.0
"""Straight runs longer than this are rules and shaded cells."""


def pale_print(grey: Image, dpi: float) -> Mask:
    """What is printed without anything as dark as ink close by, rules and shades left out.

    Args:
        grey: uint8 page.
        dpi: its resolution.

    Returns:
        bool, the page reduced by a whole number to about `PALE_DPI`.
    """
    paper = levels(grey)[0]
    step = max(1, round(dpi / PALE_DPI))
    # Only whole squares of pixels are averaged fast.
    below, right = -grey.shape[0] % step, -grey.shape[1] % step
    whole = cv2.copyMakeBorder(grey, 0, below, 0, right, cv2.BORDER_REPLICATE) if below or right else grey
    mean = cv2.resize(whole, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    darkest = np.ascontiguousarray(cv2.erode(grey, np.ones((step, step), np.uint8))[::step, ::step])
    reach, run = odd_px(2 * PALE_REACH_MM, dpi / step), odd_px(PALE_RUN_MM, dpi / step)
    near = cv2.erode(darkest, np.ones((reach, reach), np.uint8))
    printed = (mean < paper - PALE_LEAST).astype(np.uint8)
    runs = [cv2.morphologyEx(printed, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, run), (run, 1))]
    rest = (printed > 0) & (cv2.dilate(np.maximum(*runs), np.ones((3, 3), np.uint8)) == 0)
    return np.asarray(rest & (near > pale_limit(grey)))


def pale_limit(grey: Image) -> float:
    """The level that pale print stays above."""
    paper, ink = levels(grey)
    return paper - PALE_MOST * (paper - min(ink, LIGHTEST_INK))
