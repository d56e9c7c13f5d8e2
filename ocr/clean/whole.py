"""A repeated mark that was seen in part → all of it, by its template.

The network knows small type laid straight between the lines by the print that it crosses, and takes the rest for print.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.lengths import odd_px
from ocr.clean.seal import levels
from ocr.clean.template import Overlay, Template, cut_copies

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

STROKE_LIGHT = 0.3
"""Share of the light that a mark takes which its hairlines take at least, blurred as they are."""

DARKER_MOST = 0.12
"""Share of the paper's light by which a template may be darker than the mark: where it is darker there is print in most
copies, such as rules whose distance divides that of the copies."""

SEEN_MOST = 0.96
"""Share of its strokes that were found from which a mark was seen whole: 0.97 to 1 of slanted marks, 0.3 to 0.9 of
small straight ones."""

MARKED_LEAST = 0.75
"""Share of what was missed that is about as dark as the mark, 0.78 and more where it was missed. Where paper was drawn
in unevenly the copies lie beside their template by a pixel or two, and 0.65 of what seems to be missing is dark."""

SEEN_LEAST = 0.08
"""Share of the copies in which the network sees a figure of the mark at least; it sees print in next to none."""

JOIN_MM = 0.8
"""Strokes of one character are closer than this."""

KNOWN_LEAST = 0.5
"""Share of a figure's strokes that are so seen: a figure of print meets the mark with a few of its own at most."""

REACH_MM = 0.6
"""Around its strokes a mark is blurred."""

PRINT_DARKER = 0.15
"""Share of the paper's light by which print on a mark is darker than the mark."""


def complete(
    grey: Image, restored: Image, found: Mask, template: Template, overlay: Overlay, dpi: float
) -> tuple[Image, Mask]:
    """The restored page also without what the network missed of a mark, and where all of it lies.

    Args:
        grey: uint8 page with the mark.
        restored: the same as the network restores it.
        found: where it sees the mark.
        template: of the mark.
        overlay: the template over the page.
        dpi: of the page.
    """
    light, core = overlay.light, (1 + overlay.full) / 2
    expected = light < core
    if np.count_nonzero(found & expected) >= SEEN_MOST * np.count_nonzero(expected):
        return restored, found
    paper = levels(grey)[0]
    missed = expected & ~found
    if np.count_nonzero(missed & (grey < core * paper)) < MARKED_LEAST * np.count_nonzero(missed):
        return restored, found
    reach = odd_px(REACH_MM, dpi)
    laid = _laid(found, template, dpi).astype(np.uint8)
    whole = found | (cv2.dilate(laid, np.ones((reach, reach), np.uint8)) > 0)
    # No copy lies on the others to the pixel. What the network left elsewhere of such a mark is not believed either.
    darkest = (cv2.erode(light, np.ones((3, 3), np.uint8)) - PRINT_DARKER) * paper
    return np.where(whole & (grey > darkest), np.uint8(paper), restored), np.asarray(whole)


def _laid(found: Mask, template: Template, dpi: float) -> Mask:
    """The strokes, over the whole page, of those figures of a template that were found in some copies."""
    copies = cut_copies(np.where(found, np.uint8(255), np.uint8(1)), template.basis)
    on_page = np.sum([copy > 0 for copy in copies], axis=0)
    is_seen = np.sum([copy > 128 for copy in copies], axis=0) > SEEN_LEAST * np.maximum(on_page, 1)
    if not is_seen.any():
        return np.zeros(found.shape, dtype=np.bool_)
    own = float(np.percentile(template.light[is_seen], 10))
    strokes = (template.light < 1 - STROKE_LIGHT * (1 - own)) & (template.light > own - DARKER_MOST)
    gap = odd_px(JOIN_MM, dpi)
    joined = cv2.morphologyEx(strokes.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    count, figures = cv2.connectedComponents(joined)
    size = np.bincount(figures[strokes], minlength=count)
    is_known = np.bincount(figures[strokes & is_seen], minlength=count) > KNOWN_LEAST * size
    is_known[0] = False
    return template.laid((strokes & is_known[figures]).astype(np.float32), found.shape) > STROKE_LIGHT
