"""What reading a file gives, page by page: trusted text, a picture to be read, or a page that failed.

All boxes are page points of the upright page (1/72 inch, origin top left, y down).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.page import Page, Word

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. The defaults let every honest disclosure through.

    Attributes:
        max_bytes: of the file, or of all files of a folder together. Disclosures scanned in colour at
            300 dpi stay under 1 MB a page; 1 GiB leaves room for the longest ones.
        max_pages: of one document. The longest known disclosure has about 600.
        max_pixels: of a picture before decoding. A3 scanned at 600 dpi has 70 million; in colour, turned upright,
            it takes 420 MB.
        max_render_pixels: of a rendered page; larger pages get a lower dpi. A2 at 200 dpi has 15 million.
        task_cpu_s: CPU time for opening the file, or for one page; the slowest honest page (JPEG 2000, A3) takes about
            3 s. It is the same on a busy machine, where the clock on the wall would fail an honest page by chance.
        open_timeout_s, page_timeout_s: wall clock for the same, against what waits without computing.
        max_failures: pages that may time out or crash the reader before the rest is given up.
        memory_bytes: address space of the reading process, 0.3 GB of which are programs. With recognition beside it
            the sum stays under 2 GB.
    """

    max_bytes: int = 1 << 30
    max_pages: int = 2000
    max_pixels: int = 100_000_000
    max_render_pixels: int = 16_000_000
    task_cpu_s: float = 10.0
    open_timeout_s: float = 120.0
    page_timeout_s: float = 120.0
    max_failures: int = 2
    memory_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruled line, horizontal (`y0 == y1`) or vertical (`x0 == x1`), with `x0 <= x1` and `y0 <= y1`."""

    x0: float
    y0: float
    x1: float
    y1: float
    width_pt: float

    @property
    def is_horizontal(self) -> bool:
        return self.y0 == self.y1

    @property
    def length(self) -> float:
        return (self.x1 - self.x0) + (self.y1 - self.y0)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Fill:
    """A shaded rectangle that is no rule (a header's background); `luminance` is 0 (black) to 1 (white)."""

    box: Box
    luminance: float


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page whose embedded text is trusted; without words it is blank."""

    page: Page
    words: tuple[Word, ...] = ()
    rules: tuple[Rule, ...] = ()
    fills: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class ImagePage:
    """A page to be read from its picture.

    Attributes:
        page: `source` is `ocr`, `rotation_deg` 0 (found out later).
        image: (height, width) grey or (height, width, 3) RGB, as the viewer shows the page.
        dpi: pixels per inch: `pixel * 72 / dpi` is page points.
        layer: embedded text that may be right: it is used where the picture proves it, see `ocr.agreement`.
    """

    page: Page
    image: Picture
    dpi: float
    layer: TextPage | None = None


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A page that could not be read; `page.problem` says why, in Chinese."""

    page: Page


PageContent = TextPage | ImagePage | FailedPage


@dataclass(frozen=True, slots=True)
class PageSize:
    """Size of the page as the viewer shows it, in points."""

    width_pt: float
    height_pt: float


def failed_page(index: int, size: PageSize, problem: str) -> FailedPage:
    """The page that could not be read because of `problem`; sides that are no lengths become 0."""
    sides = [side if math.isfinite(side) and side > 0 else 0.0 for side in (size.width_pt, size.height_pt)]
    return FailedPage(Page(index, sides[0], sides[1], source="ocr", problem=problem))
