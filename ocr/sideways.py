"""Wide tables printed on facing pages: groups of parts → those whose columns go on to the right, and their union.

A page of further columns looks much like the next table of the same size, so that everything must agree: no title of
its own, headings of its own, the same number of rows, and either the same names at the head of every row or every
row at the very height of its other half. All lengths are page points.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from models.table import Cell, Table
from ocr.tables import PageTable, build_table, header_rows, on_level

#: Fewer rows are alike by chance.
MIN_ROWS = 5
#: So many names at the head of rows must be there to tell that the rows are the same.
MIN_NAMES = 3


def stands_beside(left: PageTable, right: PageTable) -> bool:
    """Whether the rows of `right`, on the page after `left`, are the rows of `left` with further columns."""
    around = right.surroundings
    if around.title or around.caption or left.grid.n_rows != right.grid.n_rows or left.grid.n_rows < MIN_ROWS:
        return False
    if left.grid.ruled != right.grid.ruled or not header_rows(right.cells, right.grid.n_rows):
        return False
    stubs = repeated_stubs(left, right)
    if _headings(left, stubs) & _headings(right, stubs) or stubs >= right.grid.n_cols:
        return False
    if stubs:
        return True
    return on_level(left.grid, right.grid)


def repeated_stubs(left: PageTable, right: PageTable) -> int:
    """How many leading columns of `right` repeat those of `left` word for word; 0 where they hardly hold a word."""
    count = 0
    while count < min(left.grid.n_cols, right.grid.n_cols):
        mine, theirs = _column(right, count), _column(left, count)
        if mine != theirs or sum(bool(text) for _, _, text in mine) < MIN_NAMES:
            break
        count += 1
    return count


def _column(table: PageTable, col: int) -> list[tuple[int, int, str]]:
    """(row, rowspan, text) of the cells that begin in a column and end in it."""
    return [(c.row, c.rowspan, "".join(c.text.split())) for c in table.cells if c.col == col and c.colspan == 1]


def _headings(table: PageTable, first_col: int) -> set[str]:
    """The lowest headings from `first_col` on."""
    depth = header_rows(table.cells, table.grid.n_rows)
    return {
        "".join(cell.text.split())
        for cell in table.cells
        if cell.col >= first_col and cell.row + cell.rowspan == depth and cell.text and not cell.text.isdigit()
    }


def pair_sideways(groups: Sequence[Sequence[PageTable]]) -> list[list[Sequence[PageTable]]]:
    """Groups of parts in order, each with those that go on to its right."""
    paired: list[list[Sequence[PageTable]]] = []
    for group in groups:
        before = paired[-1][-1] if paired else None
        follows = before is not None and len(before) == len(group) and before[-1].page + 1 == group[0].page
        if before is not None and follows and all(map(stands_beside, before, group)) and _as_long(before, group):
            paired[-1].append(group)
        else:
            paired.append([group])
    return paired


def _as_long(left: Sequence[PageTable], right: Sequence[PageTable]) -> bool:
    """Whether both have as many rows and as many of headings once their parts are joined."""
    one, other = build_table(left, 0), build_table(right, 0)
    return (one.n_rows, one.n_header) == (other.n_rows, other.n_header)


def build_wide(halves: Sequence[Sequence[PageTable]], number: int) -> Table:
    """The table of parts that stand below each other (each group) and beside each other (the groups)."""
    table = build_table(halves[0], number)
    for before, group in itertools.pairwise(halves):
        table = _beside(table, build_table(group, number), min(map(repeated_stubs, before, group)))
    return table


def _beside(left: Table, right: Table, stubs: int) -> Table:
    moved = [_moved(cell, left.n_cols, stubs) for cell in right.cells if cell.col + cell.colspan > stubs]
    cells = sorted([*left.cells, *moved], key=lambda cell: (cell.row, cell.col))
    return replace(
        left,
        n_cols=left.n_cols + right.n_cols - stubs,
        cells=tuple(cells),
        pages=(*left.pages, *right.pages),
        notes=(*left.notes, *right.notes),
    )


def _moved(cell: Cell, n_left: int, stubs: int) -> Cell:
    first = max(cell.col, stubs)
    return replace(cell, col=n_left + first - stubs, colspan=cell.col + cell.colspan - first)
