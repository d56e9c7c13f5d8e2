"""What was seen on a scanned page → its tables and text, in the process that knows the page before.

OpenCV and the networks are not needed here: pages are seen by other processes, in any order, and composed in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.page import Page, Word
from ocr.compose import PageReading, compose, unread
from ocr.grid import Grid
from ocr.pagemark import MarkSample
from ocr.pages import Rule
from ocr.wayback import WayBack


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What stands on a scanned page, before its tables are made: all that leaves the process that read the picture.

    Attributes:
        page: as stored, with its problem where nothing could be read; then there is nothing else.
        words, rules, grids: in points of the flat page.
        way_back: from the flat page to the page as stored; None where they are the same.
        facing: the right-hand page, where the picture shows two.
        picture: the page (both pages) without its marks, a JPEG for people; empty where there were none.
        sample: of the page, where a mark without copies was found on it, for `ocr.documentmark`.
    """

    page: Page
    words: tuple[Word, ...] = ()
    rules: tuple[Rule, ...] = ()
    grids: tuple[Grid, ...] = ()
    way_back: WayBack | None = None
    facing: SeenPage | None = None
    picture: bytes = b""
    sample: MarkSample | None = None


def compose_seen(seen: SeenPage, before: Grid | None) -> PageReading:
    """Makes the tables and the text of a page that was seen.

    Args:
        seen: from `see_scan`.
        before: the table without vertical rules that ended the page before, if one did.
    """
    if seen.page.problem:
        return unread(seen.page)
    reading = _compose_one(seen, before)
    if seen.facing is None:
        return reading
    facing = _compose_one(seen.facing, reading.open_grid)
    return replace(reading, open_grid=facing.open_grid, facing=facing)


def _compose_one(seen: SeenPage, before: Grid | None) -> PageReading:
    way_back = seen.way_back
    if way_back is None:
        return compose(seen.page, seen.words, seen.rules, seen.grids, before)
    flat = replace(seen.page, width_pt=way_back.width_pt, height_pt=way_back.height_pt)
    return _as_stored(compose(flat, seen.words, seen.rules, seen.grids, before), seen.page, way_back)


def _as_stored(reading: PageReading, page: Page, way_back: WayBack) -> PageReading:
    """The reading with its boxes where they lie on the upright page as stored."""
    tables = tuple(
        replace(table, cells=tuple(replace(cell, box=way_back.box(cell.box)) for cell in table.cells))
        for table in reading.tables
    )
    blocks = tuple(replace(block, box=way_back.box(block.box)) for block in reading.blocks)
    return replace(reading, page=page, tables=tables, blocks=blocks)
