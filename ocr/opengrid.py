"""Parts of a table that no vertical rule draws → its grid: placed headings, the line of numbers, rows with spans.

All lengths are page points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.page import Word
from ocr.columns import parted
from ocr.grid import SNAP_PT, Grid, Span
from ocr.headings import Heading

LABEL = re.compile(r".{0,6}合\s*计|总\s*计|栏\s*次|项\s*目")


def assemble(
    xs: tuple[float, ...],
    full: Sequence[float],
    first_body: int,
    headings: Sequence[Heading],
    number_row: Sequence[Heading],
    body_rows: Sequence[tuple[float, float, list[Word]]],
) -> Grid:
    """The grid of a table without vertical rules.

    Args:
        xs: column borders.
        full: heights of the rules of full width, or of what stands for them: the top, ..., the end of the table.
        first_body: index in `full` of the height at which the body begins.
        headings: placed over the columns; none in a part without a header.
        number_row: the line of column numbers, if there is one.
        body_rows: (top, bottom, words) of each row.
    """
    depth = max((heading.row + heading.rowspan for heading in headings), default=0)
    top, header_end = full[0], full[first_body]
    ys: list[float] = [top]
    spans: list[Span] = []
    if depth:
        ys += _heading_borders(headings, depth, min((block.y0 for block in number_row), default=header_end))
        spans += [Span(h.row, h.col, h.rowspan, h.colspan) for h in headings]
        taken = {
            (r, c) for s in spans for r in range(s.row, s.row + s.rowspan) for c in range(s.col, s.col + s.colspan)
        }
        spans += [Span(row, col, 1, 1) for row in range(depth) for col in range(len(xs) - 1) if (row, col) not in taken]
    if number_row:
        spans += _row_spans(len(ys) - 1, xs, [(block.text, block.x0, block.x1) for block in number_row])
        ys.append(header_end)
    elif depth:
        ys[-1] = header_end
    for _, bottom, words in body_rows:
        pieces = [piece for word in words for piece in parted(word)]
        spans += _row_spans(len(ys) - 1, xs, [(piece.text, piece.box.x0, piece.box.x1) for piece in pieces])
        ys.append(bottom)
    spans.sort(key=lambda span: (span.row, span.col))
    return Grid(xs, tuple(ys), tuple(spans), ruled=False)


def _heading_borders(headings: Sequence[Heading], depth: int, end: float) -> list[float]:
    borders = []
    for row in range(1, depth):
        above = [h.y1 for h in headings if h.row + h.rowspan == row]
        below = [h.y0 for h in headings if h.row == row]
        if above and below:
            borders.append((max(above) + min(below)) / 2)
        else:
            borders.append(borders[-1] + 1.0 if borders else min(h.y0 for h in headings) + 1.0)
    return [*borders, end]


def _row_spans(row: int, xs: tuple[float, ...], texts: Sequence[tuple[str, float, float]]) -> list[Span]:
    """Cells of one row; a text that crosses a border, or a lone centred label, spans its columns."""
    n_cols = len(xs) - 1
    crossing = {}
    for _, x0, x1 in texts:
        first = next((i for i in range(n_cols) if xs[i + 1] > x0 + SNAP_PT), n_cols - 1)
        last = next((i for i in range(n_cols) if xs[i + 1] >= x1 - SNAP_PT), n_cols - 1)
        if last > first:
            crossing[first] = last
    label = _centred_label(xs, texts)
    if label:
        crossing[0] = label
    spans: list[Span] = []
    col = 0
    while col < n_cols:
        last = crossing.get(col, col)
        spans.append(Span(row, col, 1, last - col + 1))
        col = last + 1
    return spans


def _centred_label(xs: tuple[float, ...], texts: Sequence[tuple[str, float, float]]) -> int:
    """Last column of a 合计 or 栏次 that is centred over the first two columns; 0 when there is none."""
    if len(xs) < 4:
        return 0
    inside = [(text.strip(), (x0 + x1) / 2) for text, x0, x1 in texts if (x0 + x1) / 2 < xs[2]]
    if len(inside) != 1 or not LABEL.fullmatch(inside[0][0]):
        return 0
    center = inside[0][1]
    over_two = abs(center - (xs[0] + xs[2]) / 2)
    over_one = min(abs(center - (xs[0] + xs[1]) / 2), abs(center - (xs[1] + xs[2]) / 2))
    return 1 if over_two < SNAP_PT * 2 and over_two < over_one / 2 else 0


def names_end(names: Sequence[Heading], numbers: Sequence[Heading], header_end: float) -> float:
    """Where the header ends and its line of column numbers, which is centred in a band of its own, begins."""
    if not numbers:
        return header_end
    lowest = max((block.y1 for block in names), default=0.0)
    return max(lowest, 2 * max(block.center_y for block in numbers) - header_end)
