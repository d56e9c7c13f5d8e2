"""Column borders of a table that no rule draws, from its header and its body. All lengths are page points."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.page import Word
from ocr.headings import Heading

#: A corridor between columns is at least this wide; cells keep about 3 pt of padding on either side.
CORRIDOR_PT = 2.5
#: Resolution of the column profile.
BIN_PT = 0.5
#: Share of rows that may cross a corridor: cells that span columns, such as a centred 合计.
CROSSING_SHARE = 0.06
#: Headings are centred over their columns when borders exist from which no centre differs by more.
CENTRED_PT = 3.5
#: The sides of a table without any rule lie at most this far beyond its words.
OUTER_PT = 60.0
#: Amounts set to the right begin at most this far beyond a short heading in the middle of the same column.
BESIDE_PT = 40.0
#: Borders settle within a few dozen rounds.
FIT_STEPS = 80
#: In narrow tables a name may begin less than a word gap behind the amount before it.
AMOUNT_AND_NAME = re.compile(r"^([-−]?[\d,]+\.\d+)(?=[\u4e00-\u9fff(（])(?![万亿元人个次米])")

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Columns:
    """Column borders, and whether the header itself proves them.

    Attributes:
        xs: ascending, from the left end of the table's rules to the right end.
        is_certain: every heading is centred between two of them.
    """

    xs: tuple[float, ...]
    is_certain: bool


def column_borders(
    names: Sequence[Heading],
    numbers: Sequence[Heading],
    rows: Sequence[Sequence[Word]],
    left: float,
    right: float,
) -> Columns:
    """Borders between columns.

    First choice: headings stand centred over their columns, so their centres give the borders, whether or not
    the body has anything in a column. Otherwise: corridors that stay empty down the body, and a column for every
    heading that stands over none.

    Args:
        names: blocks of the header, leaves marked.
        numbers: the line of column numbers, if there is one.
        rows: the words of the body by row.
        left: left end of the table's rules.
        right: right end of the table's rules.
    """
    rows = [[piece for word in row for piece in parted(word)] for row in rows]
    texts = [(word.box.x0, word.box.x1) for row in rows for word in row]
    leaves = sorted((block for block in names if block.is_leaf), key=lambda block: block.x0)
    counted = [block for block in numbers if block.text.strip().isdigit()]
    for heads in (leaves, _with_numbers(leaves, counted)):
        borders = _from_centres([head.center_x for head in heads], left, right)
        if borders is not None:
            fitted = _clear_of(borders, texts)
            if fitted is not None:
                return Columns((left, *fitted, right), is_certain=True)
    return Columns(_from_corridors(leaves, rows, left, right), is_certain=False)


def parted(word: Word) -> list[Word]:
    """An amount and the name that begins right behind it, in the next column, as two words."""
    found = AMOUNT_AND_NAME.match(word.text)
    if found is None or len(word.char_x) != len(word.text) + 1:
        return [word]
    at, box = found.end(1), word.box
    x = min(max(word.char_x[at], box.x0), box.x1)
    return [
        replace(word, text=word.text[:at], box=replace(box, x1=x), char_x=word.char_x[: at + 1]),
        replace(word, text=word.text[at:], box=replace(box, x0=x), char_x=word.char_x[at:]),
    ]


def _with_numbers(leaves: Sequence[Heading], numbers: Sequence[Heading]) -> list[Heading]:
    """The column numbers, with the leaves of the columns that have none (a name column under 栏次)."""
    free = [leaf for leaf in leaves if all(leaf.x1 < n.x0 - 1 or leaf.x0 > n.x1 + 1 for n in numbers)]
    first = min((n.x0 for n in numbers), default=float("inf"))
    return sorted([*numbers, *(leaf for leaf in free if leaf.x1 < first)], key=lambda head: head.center_x)


def _from_centres(centres: Sequence[float], left: float, right: float) -> list[float] | None:
    """Inner borders such that every centre is the middle of its column, or None when there are none."""
    n = len(centres)
    if n < 2:
        return None
    # (b[i] + b[i + 1]) / 2 = centre[i] with b[0] = left and b[n] = right: n equations for n - 1 borders.
    matrix = np.zeros((n, n - 1))
    target = np.array(centres, dtype=float)
    for i in range(n):
        for border in (i, i + 1):
            if border == 0:
                target[i] -= left / 2
            elif border == n:
                target[i] -= right / 2
            else:
                matrix[i, border - 1] += 0.5
    solution, *_ = np.linalg.lstsq(matrix, target, rcond=None)
    if np.abs(matrix @ solution - target).max() > CENTRED_PT:
        return None
    borders = [left, *solution.tolist(), right]
    for i, centre in enumerate(centres):
        if not borders[i] + 2 < centre < borders[i + 1] - 2:
            return None
    return [float(x) for x in solution]


def _clear_of(borders: Sequence[float], texts: Sequence[Interval]) -> list[float] | None:
    """The borders moved off the words they would cut, or None where a border cuts many."""
    moved = []
    allowed = max(1, int(CROSSING_SHARE * len(texts)))
    for border in borders:
        best = border
        if _cut(best, texts):
            steps = [border + step * sign * BIN_PT for step in range(1, 17) for sign in (1, -1)]
            best = min([border, *steps], key=lambda x: (_cut(x, texts), abs(x - border)))
        if _cut(best, texts) > allowed:
            return None
        moved.append(best)
    return moved


def _cut(x: float, texts: Sequence[Interval]) -> int:
    return sum(x0 + 0.5 < x < x1 - 0.5 for x0, x1 in texts)


def fitted_borders(
    leaves: Sequence[Heading], rows: Sequence[Sequence[Word]], left: float, right: float
) -> tuple[float, ...]:
    """Borders where not even the sides are drawn: within the corridors, with headings centred as far as they allow.

    Args:
        leaves: of the header.
        rows: the words of the body by row.
        left: the leftmost that the table may begin at; it may reach further out.
        right: the rightmost that the table may end at, likewise.
    """
    intervals = _with_headings(leaves, rows)
    if len(intervals) < 2:
        return (left, right)
    lows = np.array([left - OUTER_PT, *(before[1] for before, _ in itertools.pairwise(intervals)), right])
    highs = np.array([left, *(after[0] for _, after in itertools.pairwise(intervals)), right + OUTER_PT])
    borders = (lows + highs) / 2
    borders[0], borders[-1] = left, right
    centred = [
        (i, leaf.center_x)
        for i, (x0, x1) in enumerate(intervals)
        for leaf in leaves
        if min(x1, leaf.x1) - max(x0, leaf.x0) > 0.5 * min(x1 - x0, leaf.x1 - leaf.x0)
    ]
    # Each step moves the two borders of a column so that its heading is centred, then back into their corridors.
    for _ in range(FIT_STEPS):
        for i, centre in centred:
            miss = centre - (borders[i] + borders[i + 1]) / 2
            borders[i : i + 2] += miss / 2
        borders = np.clip(borders, lows, np.maximum(lows, highs))
    return tuple(float(x) for x in borders)


def _from_corridors(
    leaves: Sequence[Heading], rows: Sequence[Sequence[Word]], left: float, right: float
) -> tuple[float, ...]:
    intervals = _with_headings(leaves, rows)
    if not intervals:
        return (left, right)
    inner = [(before[1] + after[0]) / 2 for before, after in itertools.pairwise(intervals)]
    return (left, *inner, right)


def _with_headings(leaves: Sequence[Heading], rows: Sequence[Sequence[Word]]) -> list[Interval]:
    """Extents of the columns: those that the body fills, and those of headings over nothing."""
    intervals = _widened(occupied(rows), rows)
    lone = [leaf for leaf in leaves if not any(_over(leaf, interval) for interval in intervals)]
    for leaf in lone:
        beside = _uncovered_neighbour(leaf, leaves, intervals)
        if beside is None:
            intervals.append((leaf.x0, leaf.x1))
        else:
            x0, x1 = intervals[beside]
            intervals[beside] = (min(x0, leaf.x0), max(x1, leaf.x1))
        intervals.sort()
    return _spread_to_headings(intervals, leaves)


def _spread_to_headings(intervals: list[Interval], leaves: Sequence[Heading]) -> list[Interval]:
    """The extents with the headings over them, where a heading stands over one only and meets no other."""
    spread = list(intervals)
    for leaf in leaves:
        over = [i for i, interval in enumerate(intervals) if _over(leaf, interval)]
        if len(over) == 1:
            i = over[0]
            low, high = min(spread[i][0], leaf.x0), max(spread[i][1], leaf.x1)
            if (i == 0 or spread[i - 1][1] < low) and (i + 1 == len(spread) or high < spread[i + 1][0]):
                spread[i] = (low, high)
    return spread


def _over(leaf: Heading, interval: Interval) -> bool:
    return min(interval[1], leaf.x1) > max(interval[0], leaf.x0)


def _uncovered_neighbour(leaf: Heading, leaves: Sequence[Heading], intervals: Sequence[Interval]) -> int | None:
    """Which interval right beside a heading has none of its own: short amounts set to the right under a centred one."""
    nearest: list[tuple[float, int]] = []
    for i, (x0, x1) in enumerate(intervals):
        if any(_over(other, (x0, x1)) for other in leaves):
            continue
        low, high = (leaf.x1, x0) if x0 >= leaf.x1 else (x1, leaf.x0)
        between = any(low < (one[0] + one[1]) / 2 < high for one in intervals) or any(
            low < other.center_x < high for other in leaves
        )
        if not between and high - low <= BESIDE_PT:
            nearest.append((high - low, i))
    return min(nearest)[1] if nearest else None


def occupied(rows: Sequence[Sequence[Word]]) -> list[Interval]:
    """Extents that more rows than a few fill, left to right, corridors narrower than `CORRIDOR_PT` closed."""
    words = [word for row in rows for word in row]
    if not words:
        return []
    left, right = min(word.box.x0 for word in words), max(word.box.x1 for word in words)
    count = np.zeros(int((right - left) / BIN_PT) + 2, dtype=int)
    for row in rows:
        seen = np.zeros_like(count, dtype=bool)
        for word in row:
            seen[int((word.box.x0 - left) / BIN_PT) : int((word.box.x1 - left) / BIN_PT) + 1] = True
        count += seen
    allowed = max(1, int(CROSSING_SHARE * len(rows))) if len(rows) >= 6 else 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], count > allowed, [False]]).astype(int)))
    joined: list[Interval] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        x0, x1 = left + float(start) * BIN_PT, left + float(end) * BIN_PT
        if joined and x0 - joined[-1][1] < CORRIDOR_PT:
            joined[-1] = (joined[-1][0], x1)
        else:
            joined.append((x0, x1))
    return joined


def _widened(intervals: Sequence[Interval], rows: Sequence[Sequence[Word]]) -> list[Interval]:
    """The intervals with the words that lie over one of them only."""
    wide = list(intervals)
    for word in (word for row in rows for word in row):
        over = [i for i, (x0, x1) in enumerate(intervals) if min(x1, word.box.x1) - max(x0, word.box.x0) > 0]
        if len(over) == 1:
            x0, x1 = wide[over[0]]
            wide[over[0]] = (min(x0, word.box.x0), max(x1, word.box.x1))
    for i in range(len(wide) - 1):
        if wide[i][1] > wide[i + 1][0]:
            middle = (intervals[i][1] + intervals[i + 1][0]) / 2
            wide[i], wide[i + 1] = (wide[i][0], middle), (middle, wide[i + 1][1])
    return wide
