"""Where on a page to look: the part of a page around some evidence, with numbered boxes, and the page as a data URI."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models.geometry import Box, bounding_box
from models.page import Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    PagePicture = Callable[[Page, float], NDArray[np.uint8]]
    """Page and dpi → the upright page, `(height, width, 3)` RGB or `(height, width)` grey, for people to look at."""

PICTURE_DPI: Final = 120.0
_LONGEST_SIDE_PX: Final = 2400
_WEBP_QUALITY: Final = 62

_NARROWEST_CROP_PT: Final = 330.0
_LOWEST_CROP_PT: Final = 120.0
_HIGHEST_CROP_PT: Final = 300.0
_WIDEST_LABELLED_PT: Final = 460.0
_CONTEXT_PT: Final = 26.0


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """A box to be drawn, in page points, with its number among the finding's places (from 1)."""

    number: int
    box: Box
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of one page.

    Attributes:
        page: index from 0.
        caption: page and table in words.
        view: the part, in page points.
        marks: all boxes on that page.
        n_outside: how many of them lie outside `view`.
    """

    page: int
    caption: str
    view: Box
    marks: tuple[MarkedBox, ...]
    n_outside: int


def crop(page: Page, caption: str, marks: tuple[MarkedBox, ...], label: Box | None = None) -> Crop:
    """The part of a page that shows the first box, and as many of the next as fit without becoming too small.

    Args:
        page: its size bounds the part.
        caption: page and table in words.
        marks: boxes on that page, the most important first; the whole page is shown when there is none.
        label: a box that names the first one (the head of its row), shown as well unless it is too far away.
    """
    whole = Box(0.0, 0.0, page.width_pt, page.height_pt)
    if not marks:
        return Crop(page.index, caption, whole, (), 0)
    shown = marks[0].box
    for mark in marks[1:]:
        wider = bounding_box((shown, mark.box))
        if wider.height <= _HIGHEST_CROP_PT:
            shown = wider
    if label is not None:
        wider = bounding_box((shown, label))
        if wider.height <= _HIGHEST_CROP_PT and wider.width <= _WIDEST_LABELLED_PT:
            shown = wider
    view = _with_context(shown, whole)
    outside = sum(not view.contains_point(mark.box.center_x, mark.box.center_y) for mark in marks)
    return Crop(page.index, caption, view, marks, outside)


def _with_context(box: Box, page: Box) -> Box:
    x0, x1 = _span(box.x0, box.x1, _NARROWEST_CROP_PT, page.x1)
    y0, y1 = _span(box.y0, box.y1, _LOWEST_CROP_PT, page.y1)
    return Box(x0, y0, x1, y1)


def _span(low: float, high: float, least: float, limit: float) -> tuple[float, float]:
    """Widens a span by the context, to at least `least`, and moves it into 0 … limit."""
    length = min(max(high - low + 2 * _CONTEXT_PT, least), limit)
    start = min(max((low + high - length) / 2, 0.0), limit - length)
    return round(start, 1), round(start + length, 1)


def page_data_uri(page: Page, picture: PagePicture) -> str:
    """The page as a WebP data URI at 120 dpi, less for pages whose long side would exceed 2400 pixels.

    Raises:
        CaishenError: the page cannot be rendered.
    """
    from PIL import Image

    longest_inch = max(page.width_pt, page.height_pt) / 72
    pixels = picture(page, min(PICTURE_DPI, _LONGEST_SIDE_PX / longest_inch))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=_WEBP_QUALITY, method=3)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
