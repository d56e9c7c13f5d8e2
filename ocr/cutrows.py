"""Rows that a page break cut: the last row above and the first row below it → one row, where the text says so.

On paper both halves are framed, so that only their words tell: nothing at the head of the lower half, no number in it,
and every text in it goes on with one above that broke off in a full line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.table import Cell

#: What ends a text; behind it another begins.
ENDS = "。；;！!？?：:"
#: What begins an item, a number or a code, and so no second half of a text.
BEGINS = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十\d]+[)）]|\d|[-−]\d|其中|合\s*计|小\s*计|[①-⑳])"
)
#: A line is full when it is at most this many characters shorter than the longest of its column.
FULL_SLACK = 1
#: In a table whose rows often have nothing at their head, a blank head says nothing.
BLANK_HEADS = 0.1
LEAST_LINE = 4


def rejoin_cut_row(above: Sequence[Cell], below: Sequence[Cell], border: int) -> tuple[list[Cell], list[Cell]] | None:
    """The cells of both parts with the cut row as one, or None where no row was cut.

    Args:
        above: of the parts before, rows counted within the whole table.
        below: of the next part without its repeated header; its first row is `border`.
        border: the first row below the break.

    Returns:
        (above with the longer row, below without its first row and moved up by one).
    """
    upper = [cell for cell in above if cell.row + cell.rowspan == border]
    lower = [cell for cell in below if cell.row == border]
    if any(cell.rowspan > 1 for cell in (*upper, *lower)):
        return None
    if [(cell.col, cell.colspan) for cell in upper] != [(cell.col, cell.colspan) for cell in lower] or len(upper) < 2:
        return None
    if lower[0].text or not upper[0].text or _heads_are_often_blank(above, below, border):
        return None
    filled = [(first, second) for first, second in zip(upper, lower, strict=True) if second.text]
    if not filled or not all(_goes_on(first, second, [*above, *below]) for first, second in filled):
        return None
    longer = {
        (cell.row, cell.col): _joined(cell, other) if other.text else cell
        for cell, other in zip(upper, lower, strict=True)
    }
    joined = [longer.get((cell.row, cell.col), cell) for cell in above]
    return joined, [replace(cell, row=cell.row - 1) for cell in below if cell.row > border]


def _heads_are_often_blank(above: Sequence[Cell], below: Sequence[Cell], border: int) -> bool:
    heads = [cell for cell in (*above, *below) if cell.col == 0 and cell.row != border]
    return sum(not cell.text for cell in heads) > BLANK_HEADS * len(heads)


def _goes_on(first: Cell, second: Cell, cells: Sequence[Cell]) -> bool:
    """Whether the text of `second` is the rest of that of `first`."""
    if not first.text or first.text[-1] in ENDS or BEGINS.match(second.text):
        return False
    column = [cell for cell in cells if (cell.col, cell.colspan) == (first.col, first.colspan)]
    longest = max(len(line) for cell in column for line in cell.raw.split("\n"))
    return len(first.raw.split("\n")[-1]) >= max(LEAST_LINE, longest - FULL_SLACK)


def _joined(first: Cell, second: Cell) -> Cell:
    return replace(
        first,
        text=first.text + second.text,
        raw=f"{first.raw}\n{second.raw}",
        confidence=min(first.confidence, second.confidence),
        alternatives=(),
        damaged=first.damaged or second.damaged,
    )
