"""Words and grids of one page → its tables and its text, however the words were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.page import Page, Word
from models.table import Block
from ocr.borderless import find_borderless_tables
from ocr.gaps import find_open_tables
from ocr.grid import Grid
from ocr.layout import lines_of, prose_blocks, read_surroundings
from ocr.pages import Rule
from ocr.tables import PageTable, fill_grid

#: A piece of text this short below a table is a trace of a mark or a seal, no paragraph that ends the table.
STRAY_CHARACTERS = 2
#: Rules this close to a ruled table belong to it.
AROUND_GRID_PT = 2.0


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page, read: its tables top to bottom, its text, and whether its last table may go on overleaf.

    `facing` is the right-hand page where one picture shows two; its `page` is the same, and it has no `facing`.
    """

    page: Page
    tables: tuple[PageTable, ...]
    blocks: tuple[Block, ...]
    blank_below: bool
    open_grid: Grid | None
    facing: PageReading | None = None


def unread(page: Page) -> PageReading:
    """A page of which nothing could be read; `page.problem` says why."""
    return PageReading(page, (), (), blank_below=False, open_grid=None)


def compose(
    page: Page, words: Sequence[Word], rules: Sequence[Rule], ruled: Sequence[Grid], before: Grid | None
) -> PageReading:
    """Words and grids of one page → its tables and text, however they were read."""
    ruled = [grid for grid in ruled if any(_inside(word, grid) for word in words)]
    outside = [word for word in words if not any(_inside(word, grid) for grid in ruled)]
    free = [rule for rule in rules if not any(_belongs(rule, grid) for grid in ruled)]
    open_tables = find_open_tables(free, outside, before)
    bare = [word for word in outside if not any(_inside(word, grid) for grid in open_tables)]
    open_tables += find_borderless_tables(bare, None if open_tables else before)
    grids = sorted([*ruled, *open_tables], key=lambda grid: (grid.ys[0], grid.xs[0]))
    outside = [word for word in outside if not any(_inside(word, grid) for grid in open_tables)]
    lines = lines_of(outside)
    surroundings, blocks, left = read_surroundings(lines, [grid.box for grid in grids], page)
    prose = prose_blocks(left, page)
    tables = tuple(
        PageTable(page.index, grid, fill_grid(grid, words, page.index), around)
        for grid, around in zip(grids, surroundings, strict=True)
    )
    bottom = grids[-1].ys[-1] if grids else 0.0
    below = [
        block
        for block in prose
        if block.role != "page_number" and block.box.center_y > bottom and len(block.text) > STRAY_CHARACTERS
    ]
    ordered = sorted([*blocks, *prose], key=lambda block: (round(block.box.y0), block.box.x0))
    last = grids[-1] if grids and not below else None
    open_grid = last if last is not None and not last.ruled else None
    return PageReading(page, tables, tuple(ordered), blank_below=not below, open_grid=open_grid)


def _inside(word: Word, grid: Grid) -> bool:
    return grid.box.contains_point(word.box.center_x, word.box.center_y)


def _belongs(rule: Rule, grid: Grid) -> bool:
    box, slack = grid.box, AROUND_GRID_PT
    x, y = (rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2
    return box.x0 - slack <= x <= box.x1 + slack and box.y0 - slack <= y <= box.y1 + slack
