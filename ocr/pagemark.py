"""What a document's pages tell of a mark that stands once on each: records that go between the processes.

How such a mark is learned and laid over a page is in `ocr.clean.overpages`; nothing here needs OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Light of a mark's strokes above which nothing was gained by a template on pages where the network saw the mark.
PALE = 0.6


@dataclass(frozen=True, slots=True)
class MarkSample:
    """A page on which cleaning found a mark without copies, small.

    Attributes:
        grey: PNG of the uint8 page with its mark, flat.
        removed: PNG of the levels by which cleaning lightened it, of the same size; 0 outside the mark.
        dpi: of both.
    """

    grey: bytes
    removed: bytes
    dpi: float


@dataclass(frozen=True, slots=True)
class PageMark:
    """The mark that stands at the same place of a document's pages.

    Attributes:
        light: PNG, uint8: 255 times the share of the paper's light that the mark lets through, over a whole page.
        dpi: of `light`.
        full: the light of the mark's own strokes.
        phrase: what is written in it, as far as it could be read.
    """

    light: bytes
    dpi: float
    full: float
    phrase: str = ""

    @property
    def is_pale(self) -> bool:
        """Whether the restoring network takes the mark off by itself as well, wherever it sees it."""
        return self.full > PALE


@dataclass(slots=True)
class KnownMark:
    """What is known of a document's mark so far; `mark` is set once, when enough of its pages were seen."""

    mark: PageMark | None = None
