"""Ruled lines → cells: the grids that rules draw on a page.

All lengths are page points. The steps are small so that each result can be drawn over the page:
rules → connected groups → line positions → edges that are really drawn → merged cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.geometry import Box
from ocr.pages import Rule

#: Two rules closer than this are one line. A row of 6-pt type, the smallest that is printed, is 8 pt high.
SNAP_PT = 3.0
#: A cell border counts as drawn when this share of its length is ruled: scans break rules, stubs cross corners.
DRAWN_SHARE = 0.55
#: A shorter rule belongs to a table only if crossing rules hold both its ends: strokes of type and of marks do not.
FREE_LENGTH_PT = 60.0
#: A rule that ends this close to a crossing one touches it: a leaning page moves the ends of upright ones, while a line
#: of type may nearly fill its cell.
TOUCH_DOWN_PT = 4.0
TOUCH_ACROSS_PT = 3.0
#: Rules that stick out this far beyond the outermost crossing line leave an open side (no border drawn).
OPEN_SIDE_PT = 9.0


@dataclass(frozen=True, slots=True)
class Span:
    """A cell of a grid: upper left corner and extent, counted in rows and columns."""

    row: int
    col: int
    rowspan: int
    colspan: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one table on one page.

    Attributes:
        xs, ys: column and row borders in page points, ascending; one more than columns and rows.
        spans: cells that tile the grid exactly, in order of row, then column.
        ruled: whether rules drew the columns; False where they were inferred from gaps in the text.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    spans: tuple[Span, ...]
    ruled: bool = True

    @property
    def box(self) -> Box:
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def n_rows(self) -> int:
        return len(self.ys) - 1

    @property
    def n_cols(self) -> int:
        return len(self.xs) - 1

    def span_box(self, span: Span) -> Box:
        """The span's rectangle in page points."""
        return Box(
            self.xs[span.col], self.ys[span.row], self.xs[span.col + span.colspan], self.ys[span.row + span.rowspan]
        )

    def borders(self) -> tuple[Rule, ...]:
        """The sides of all cells, as rules of no width: where a drawn rule lies, even where it was not seen."""
        sides: dict[Rule, None] = {}
        for box in map(self.span_box, self.spans):
            for y in (box.y0, box.y1):
                sides[Rule(box.x0, y, box.x1, y, 0.0)] = None
            for x in (box.x0, box.x1):
                sides[Rule(x, box.y0, x, box.y1, 0.0)] = None
        return tuple(sides)


def cluster(values: Iterable[float], tolerance: float = SNAP_PT) -> list[float]:
    """Means of the groups of `values` whose neighbours lie within `tolerance` of their group's mean, ascending."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - sum(groups[-1]) / len(groups[-1]) <= tolerance:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def find_grids(rules: Sequence[Rule]) -> list[Grid]:
    """The ruled tables of a page, top to bottom.

    A group of crossing rules with at least two lines each way and at least two cells is a table.

    Args:
        rules: of one page, in page points.

    Returns:
        The grids; empty when no rules cross.
    """
    grids = []
    for group in _crossing_groups(held_rules(rules)):
        grid = _grid_of(group)
        if grid is not None and len(grid.spans) >= 2:
            grids.append(grid)
    outer = [grid for grid in grids if not any(_inside(grid.box, other.box) for other in grids if other is not grid)]
    return sorted(outer, key=lambda grid: (grid.ys[0], grid.xs[0]))


def _inside(inner: Box, outer: Box) -> bool:
    return inner.area < outer.area and inner.intersection_area(outer) > 0.9 * inner.area


def held_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that are long, or end at other rules on both sides."""
    kept = list(rules)
    while True:
        across = np.array([[rule.x0, rule.x1, rule.y0] for rule in kept if rule.is_horizontal]).reshape(-1, 3)
        down = np.array([[rule.y0, rule.y1, rule.x0] for rule in kept if not rule.is_horizontal]).reshape(-1, 3)
        left = [rule for rule in kept if _is_held(rule, down if rule.is_horizontal else across)]
        if len(left) == len(kept):
            return kept
        kept = left


def _is_held(rule: Rule, crossing: np.ndarray) -> bool:
    """Whether the rule is long or both its ends touch one of `crossing` (start, end, place along `rule`)."""
    if rule.length >= FREE_LENGTH_PT:
        return True
    at, start, end = (rule.y0, rule.x0, rule.x1) if rule.is_horizontal else (rule.x0, rule.y0, rule.y1)
    touch = TOUCH_ACROSS_PT if rule.is_horizontal else TOUCH_DOWN_PT
    beside = (crossing[:, 0] - TOUCH_DOWN_PT <= at) & (at <= crossing[:, 1] + TOUCH_DOWN_PT)
    places = crossing[beside, 2]
    return bool(places.size and np.abs(places - start).min() <= touch and np.abs(places - end).min() <= touch)


def _crossing_groups(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules connected by crossing or touching."""
    across = [rule for rule in rules if rule.is_horizontal]
    down = [rule for rule in rules if not rule.is_horizontal]
    if len(across) < 2 or len(down) < 2:
        return []
    h = np.array([[rule.x0, rule.x1, rule.y0] for rule in across])
    v = np.array([[rule.y0, rule.y1, rule.x0] for rule in down])
    crossing = (
        (v[None, :, 2] >= h[:, None, 0] - SNAP_PT)
        & (v[None, :, 2] <= h[:, None, 1] + SNAP_PT)
        & (h[:, None, 2] >= v[None, :, 0] - SNAP_PT)
        & (h[:, None, 2] <= v[None, :, 1] + SNAP_PT)
    )
    groups = []
    left = set(range(len(across)))
    while left:
        rows, cols = {left.pop()}, set[int]()
        frontier = set(rows)
        while frontier:
            reached = set(np.flatnonzero(crossing[sorted(frontier)].any(axis=0)).tolist()) - cols
            cols |= reached
            if not reached:
                break
            frontier = set(np.flatnonzero(crossing[:, sorted(reached)].any(axis=1)).tolist()) - rows
            rows |= frontier
        left -= rows
        if len(rows) >= 2 and len(cols) >= 2:
            groups.append([across[i] for i in sorted(rows)] + [down[i] for i in sorted(cols)])
    return groups


def _coverage(pieces: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """Share of the stretch from `start` to `end` that the pieces cover together."""
    covered, reached = 0.0, start
    for low, high in sorted(pieces):
        low, high = max(low, reached), min(high, end)
        if high > low:
            covered += high - low
            reached = high
    return covered / (end - start)


def _grid_of(group: Sequence[Rule]) -> Grid | None:
    across = [(rule.x0, rule.x1, rule.y0) for rule in group if rule.is_horizontal]
    down = [(rule.y0, rule.y1, rule.x0) for rule in group if not rule.is_horizontal]
    xs = _with_open_sides(cluster(x for _, _, x in down), [(x0, x1) for x0, x1, _ in across])
    ys = _with_open_sides(cluster(y for _, _, y in across), [(y0, y1) for y0, y1, _ in down])
    if len(xs) < 2 or len(ys) < 2:
        return None
    drawn_x = _drawn(xs, ys, [(x, y0, y1) for y0, y1, x in down])
    drawn_y = _drawn(ys, xs, [(y, x0, x1) for x0, x1, y in across])
    # A line of which no border is drawn came from stubs; it separates nothing.
    keep_x = [i for i in range(len(xs)) if i in (0, len(xs) - 1) or drawn_x[i].any()]
    keep_y = [i for i in range(len(ys)) if i in (0, len(ys) - 1) or drawn_y[i].any()]
    if len(keep_x) < len(xs) or len(keep_y) < len(ys):
        xs, ys = [xs[i] for i in keep_x], [ys[i] for i in keep_y]
        drawn_x = _drawn(xs, ys, [(x, y0, y1) for y0, y1, x in down])
        drawn_y = _drawn(ys, xs, [(y, x0, x1) for x0, x1, y in across])
    return Grid(tuple(xs), tuple(ys), _merge_cells(drawn_x, drawn_y))


def _with_open_sides(lines: list[float], crossing: Sequence[tuple[float, float]]) -> list[float]:
    """Adds the outer border that is not drawn where at least two crossing rules stick out to the same place."""
    if len(lines) < 2:
        return lines
    starts = [low for low, _ in crossing if lines[0] - low > OPEN_SIDE_PT]
    ends = [high for _, high in crossing if high - lines[-1] > OPEN_SIDE_PT]
    if len(starts) >= 2:
        lines = [min(starts), *lines]
    if len(ends) >= 2:
        lines = [*lines, max(ends)]
    return lines


def _drawn(lines: Sequence[float], other: Sequence[float], rules: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Which borders are drawn: bool array (len(lines), len(other) - 1), one entry for each stretch of each line."""
    drawn = np.zeros((len(lines), len(other) - 1), dtype=bool)
    for i, line in enumerate(lines):
        pieces = [(low, high) for at, low, high in rules if abs(at - line) <= 2 * SNAP_PT and _nearest(lines, at) == i]
        for j in range(len(other) - 1):
            drawn[i, j] = _coverage(pieces, other[j], other[j + 1]) >= DRAWN_SHARE
    return drawn


def _nearest(lines: Sequence[float], value: float) -> int:
    return min(range(len(lines)), key=lambda i: abs(lines[i] - value))


def _merge_cells(drawn_x: np.ndarray, drawn_y: np.ndarray) -> tuple[Span, ...]:
    """Elementary cells without a drawn border between them are one cell; every result is a rectangle.

    Args:
        drawn_x: bool (n_cols + 1, n_rows): borders to the left and right of cells.
        drawn_y: bool (n_rows + 1, n_cols): borders above and below cells.
    """
    n_rows, n_cols = drawn_x.shape[1], drawn_y.shape[1]
    owner = np.full((n_rows, n_cols), -1)
    spans: list[Span] = []
    for row in range(n_rows):
        for col in range(n_cols):
            if owner[row, col] >= 0:
                continue
            right = col + 1
            while right < n_cols and not drawn_x[right, row] and owner[row, right] < 0:
                right += 1
            below = row + 1
            while below < n_rows and not drawn_y[below, col:right].any() and (owner[below, col:right] < 0).all():
                # Only a stretch without inner borders continues the cell; a ruled one below starts cells of its own.
                if drawn_x[col + 1 : right, below].any():
                    break
                below += 1
            owner[row:below, col:right] = len(spans)
            spans.append(Span(row, col, below - row, right - col))
    return tuple(spans)
