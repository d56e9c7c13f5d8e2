"""Pictures of pages, drawn in a limited child process: what the file shows, and what was left after cleaning.

These functions run in the child; the web process itself never decodes a file.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ocr.pages import Limits, Picture

LONGEST_SIDE_PX: Final = 4000
_QUALITY: Final = 70
# What the reader works with; the networks were trained at this resolution.
_CLEANED_AT_DPI: Final = 200.0


def page_picture(path: str, index: int, dpi: float, rotation_deg: int, limits: Limits) -> bytes:
    """The upright page as WebP.

    Args:
        path: of the file; for a multi-page image `index` is the frame.
        index: of the page, from 0.
        dpi: lowered where the page would exceed the limits.
        rotation_deg: `Page.rotation_deg`, taken back.
        limits: what it may cost.

    Raises:
        InputError: the page cannot be drawn.
    """
    return _webp(_upright(path, index, dpi, rotation_deg, limits))


def cleaned_picture(path: str, index: int, rotation_deg: int, limits: Limits) -> bytes:
    """The page laid flat, without watermark and seals, as it was read, as JPEG; facing pages stand side by side."""
    from ocr.clean import picture
    from ocr.clean.flatten import flatten_pages
    from ocr.clean.watermark import clean

    upright = _upright(path, index, _CLEANED_AT_DPI, rotation_deg, limits)
    flat_pages = flatten_pages(upright, _CLEANED_AT_DPI)
    return picture.cleaned_picture([clean(flat.image, flat.dpi).image for flat in flat_pages])


def _upright(path: str, index: int, dpi: float, rotation_deg: int, limits: Limits) -> Picture:
    import numpy as np

    from ocr.decode import render_page

    picture = render_page(str(Path(path)), index, dpi, limits)
    return np.ascontiguousarray(np.rot90(picture, k=rotation_deg // 90 % 4))


def _webp(picture: Picture) -> bytes:
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, method=3)
    return buffer.getvalue()
