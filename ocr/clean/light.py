"""Uneven light and dark paper made white: image in, image out; a page that is white already is returned as it is.

What paper would look like without print is estimated from the page (a closing larger than type and shaded rows), and
the page is divided by it, as reflected light is the product of the two.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

SAMPLE_DPI = 25.0
"""One pixel a millimetre: shadows have edges of centimetres, and the estimate costs 2 ms."""

PRINT_MM = 13
"""Larger than what print darkens without a gap: bold titles, the star of a seal, a shaded row of a table."""

SMOOTH_MM = 7
"""Edges of light are softer than this."""

WHITE = 250.0

DARK_PAPER = 215.0
"""Grey level of the paper, at its lightest, below which a page is too dark as a whole: ink is told from paper by
40 levels, and rules are painted over in white."""

UNEVEN = 0.88
"""Light in the darkest twentieth over light in the lightest; scanners keep 0.95, cameras 0.8 and less."""

DARKEST = 0.25
"""Share of the light that must be left: in the dark between two pages of a book nothing is to be read."""

NEVER_PAPER = 90
"""Grey level that even shadowed paper stays above; what is darker over a whole square of `PRINT_MM` is print."""


def even_out(image: Image, dpi: float) -> Image:
    """The page under even light on white paper.

    Args:
        image: uint8, grey or RGB, of a page that fills it; not changed.
        dpi: its resolution.
    """
    paper = find_paper(image, dpi)
    light, dark = float(np.percentile(paper, 95)), float(np.percentile(paper, 5))
    if light > DARK_PAPER and dark > UNEVEN * light:
        return image
    even = cv2.GaussianBlur(np.maximum(paper, max(DARKEST * light, NEVER_PAPER)), (0, 0), SMOOTH_MM / 2)
    size = (image.shape[1], image.shape[0])
    factor = cv2.resize(np.asarray(WHITE / even, dtype=np.float32), size, interpolation=cv2.INTER_LINEAR)
    if image.ndim == 3:
        factor = np.repeat(factor[:, :, None], 3, axis=2)
    return np.asarray(cv2.multiply(image, factor, dtype=cv2.CV_8U), dtype=np.uint8)


def find_paper(image: Image, dpi: float) -> NDArray[np.float32]:
    """Grey level of the paper at every place of the page: float32, one pixel a millimetre."""
    step = max(1, round(dpi / SAMPLE_DPI / 3))
    thin = np.ascontiguousarray(image[::step, ::step])
    grey = thin if thin.ndim == 2 else cv2.max(cv2.max(thin[..., 0], thin[..., 1]), thin[..., 2])
    # The lightest of a square millimetre is paper between the strokes of type; without the noise of single pixels.
    soft = cv2.blur(grey, (2, 2))
    lightest = cv2.dilate(soft, np.ones((3, 3), np.uint8))
    scale = SAMPLE_DPI * step / dpi
    small = cv2.resize(lightest, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (PRINT_MM, PRINT_MM))
    border = cv2.BORDER_REPLICATE
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=border)
    return np.asarray(closed, dtype=np.float32)
