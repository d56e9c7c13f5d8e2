"""What is known of one page: its size, how it was turned, and the words that were read on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.geometry import Box

PageSource = Literal["text", "ocr"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a piece of ink, with its probability between 0 and 1."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page as a person sees it.

    Attributes:
        index: counts from 0 and is never shown; people see `page_number`.
        width_pt, height_pt: of the upright page. An image without resolution is taken as A4.
        rotation_deg: how far the stored page was turned clockwise from upright (0, 90, 180, 270).
        source: `text` where the embedded text was trusted, `ocr` where the picture was read.
        watermark: share of the page's area that a removed mark covered, 0 to 1.
        watermark_phrase: what was written in that mark, as far as it was read.
        problem: what could not be read, in Chinese for the auditor; empty when the page was read.
    """

    index: int
    width_pt: float
    height_pt: float
    rotation_deg: int = 0
    source: PageSource = "text"
    watermark: float = 0.0
    problem: str = ""
    watermark_phrase: str = ""

    @property
    def page_number(self) -> int:
        return self.index + 1


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text on one line, with nothing wider than a word gap inside it.

    Attributes:
        box: ink or font box of the run, in page points of the upright page.
        confidence: probability between 0 and 1 that `text` is right; 1.0 for trusted embedded text.
        char_x: the left edge of every character and the right edge of the last (`len(text) + 1` values),
            in page points; empty when unknown.
        alternatives: other readings of the whole run, most probable first, without `text` itself.
        damaged: cleaning removed ink that touched this run.
        bold: the run is set in a bold face (embedded text only).
    """

    text: str
    box: Box
    confidence: float = 1.0
    char_x: tuple[float, ...] = ()
    alternatives: tuple[Reading, ...] = ()
    damaged: bool = False
    bold: bool = False
