"""What was seen on a scanned page → its tables and text, in the process that knows the page before.

OpenCV and the networks are not needed here: pages are seen by other processes, in any order, and composed in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.geometry import Box
from models.page import Page, Word
from ocr.compose import PageReading, compose, unread
from ocr.grid import Grid
from ocr.pages import Rule

if TYPE_CHECKING:
    from ocr.clean.skew import Straightened


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What stands on a scanned page, before its tables are made: all that leaves the process that read the picture.

    Attributes:
        page: with its problem where nothing could be read; then there is nothing else.
        words, rules, grids: in points of the straightened page.
        straight: the way back to the page as stored, its image left out; None where the page was not leaning.
        dpi: pixels per inch of the picture.
    """

    page: Page
    words: tuple[Word, ...] = ()
    rules: tuple[Rule, ...] = ()
    grids: tuple[Grid, ...] = ()
    straight: Straightened | None = None
    dpi: float = 72.0


def compose_seen(seen: SeenPage, before: Grid | None) -> PageReading:
    """Makes the tables and the text of a page that was seen.

    Args:
        seen: from `see_scan`.
        before: the table without vertical rules that ended the page before, if one did.
    """
    if seen.page.problem:
        return unread(seen.page)
    reading = compose(seen.page, seen.words, seen.rules, seen.grids, before)
    return _as_stored(reading, seen.straight, seen.dpi) if seen.straight else reading


def _as_stored(reading: PageReading, straight: Straightened, dpi: float) -> PageReading:
    """The reading with its boxes where they lie on the upright page as stored, which leans."""

    def moved(box: Box) -> Box:
        return straight.stored_box(box.scaled(dpi / 72)).scaled(72 / dpi)

    tables = tuple(
        replace(table, cells=tuple(replace(cell, box=moved(cell.box)) for cell in table.cells))
        for table in reading.tables
    )
    blocks = tuple(replace(block, box=moved(block.box)) for block in reading.blocks)
    return replace(reading, tables=tables, blocks=blocks)
