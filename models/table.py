"""Tables as they stand on the page: cells that tile a grid exactly, and the text around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.geometry import Box
from models.page import Reading

BlockRole = Literal["title", "heading", "paragraph", "toc", "caption", "unit", "note", "page_header", "page_number"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        row, col: of the upper left corner, counted from 0 within the whole table.
        text: what the cell says: wrapped lines joined, spaces inside numbers closed.
        raw: the same as it was read, lines separated by a line feed.
        confidence: probability between 0 and 1 that `text` is right.
        alternatives: other readings, most probable first.
        damaged: cleaning (watermark, seal) touched the ink of this cell.
        page: index of the page that shows the cell's text.
        box: the cell, not its ink, in page points of that page.
    """

    row: int
    col: int
    text: str
    page: int
    box: Box
    rowspan: int = 1
    colspan: int = 1
    raw: str = ""
    confidence: float = 1.0
    alternatives: tuple[Reading, ...] = ()
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table, perhaps over several pages (repeated headers are dropped).

    Attributes:
        id: unique in the document: `t1`, `t2`, … in reading order.
        title: the line that names the table, empty when there is none.
        unit: `元` or `万元` as printed above the table or in its header, empty when none is printed.
        caption: the label above the title, such as `预算公开表2`, empty when none is printed.
        meta: the other lines between title and table (`单位名称：…`, `2025年度`), as printed.
        notes: the lines below the table that belong to it (`注：本表无数据`).
        pages: page indexes in order, from 0.
        n_header: leading rows that are column headings.
        cells: in order of row, then column; every grid position is covered exactly once.
        ruled: whether rules on the page drew the cells (a borderless table is inferred from alignment).

    Raises:
        ValueError: the cells do not tile the grid.
    """

    id: str
    title: str
    n_rows: int
    n_cols: int
    cells: tuple[Cell, ...]
    pages: tuple[int, ...]
    unit: str = ""
    caption: str = ""
    meta: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    n_header: int = 0
    ruled: bool = True

    def __post_init__(self) -> None:
        taken = set()
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rowspan):
                for col in range(cell.col, cell.col + cell.colspan):
                    if (row, col) in taken or row >= self.n_rows or col >= self.n_cols or row < 0 or col < 0:
                        raise ValueError(f"table {self.id}: cells overlap or leave the grid at row {row}, column {col}")
                    taken.add((row, col))
        if len(taken) != self.n_rows * self.n_cols:
            raise ValueError(f"table {self.id}: {self.n_rows * self.n_cols - len(taken)} grid positions without a cell")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text outside the tables, in reading order.

    Attributes:
        page: index of the page, from 0.
        role: what the piece is to a reader; `page_header` and `page_number` are furniture.
        text: its lines joined.
    """

    page: int
    box: Box
    role: BlockRole
    text: str
    confidence: float = 1.0
