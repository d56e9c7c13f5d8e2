"""Column headings without rules: blocks of header text → a tree of headings over columns.

A heading is a leaf when nothing stands below it in its zone, and a group over the leaves below it otherwise;
which leaves belong to a group follows from groups being centred over their columns. All lengths are page points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from models.page import Word

#: Lines of one wrapped heading lie closer than this share of their height.
WRAP_GAP_SHARE = 0.5
#: Two blocks stand beside each other when their heights overlap after growing by this.
BESIDE_PT = 2.0
NUMBER_HEADING = re.compile(r"^(\d{1,2}|栏\s*次|行\s*次)$")


@dataclass(frozen=True, slots=True)
class Heading:
    """One piece of header text, and its place in the header once that is known.

    Attributes:
        text: its lines joined.
        x0, y0, x1, y1: around its words, in page points.
        is_leaf: nothing else stands below it in its zone.
        row, col, rowspan, colspan: place in the header; 0, 0, 1, 1 until `heading_tree` has placed it.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    is_leaf: bool = True
    row: int = 0
    col: int = 0
    rowspan: int = 1
    colspan: int = 1

    @property
    def center_x(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def center_y(self) -> float:
        return (self.y0 + self.y1) / 2


def words_to_blocks(words: Sequence[Word]) -> list[Heading]:
    """Header words as blocks, wrapped lines joined."""
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box.y0, word.box.x0)):
        for group in groups:
            last = group[-1]
            gap = word.box.y0 - last.box.y1
            overlap = min(last.box.x1, word.box.x1) - max(last.box.x0, word.box.x0)
            centred = abs(last.box.center_x - word.box.center_x) < 0.6 * word.box.height
            aligned = abs(last.box.x0 - word.box.x0) < 0.3 * word.box.height
            if -0.3 * word.box.height < gap < WRAP_GAP_SHARE * word.box.height and overlap > 0 and (centred or aligned):
                group.append(word)
                break
        else:
            groups.append([word])
    return [
        Heading(
            "".join(word.text for word in group),
            min(word.box.x0 for word in group),
            min(word.box.y0 for word in group),
            max(word.box.x1 for word in group),
            max(word.box.y1 for word in group),
        )
        for group in _spaced_letters(groups)
    ]


def mark_leaves(blocks: Sequence[Heading]) -> list[Heading]:
    """The blocks with `is_leaf` set: nothing stands below a leaf in its zone."""
    return [replace(block, is_leaf=not _has_below(block, blocks)) for block in blocks]


def _spaced_letters(groups: list[list[Word]]) -> list[list[Word]]:
    """Joins headings whose two characters are set apart (`项    目`)."""
    joined: list[list[Word]] = []
    for group in sorted(groups, key=lambda group: (round(group[0].box.center_y), group[0].box.x0)):
        single = len(group) == 1 and len(group[0].text.strip()) == 1 and not group[0].text.strip().isdigit()
        if single and joined:
            before = joined[-1][-1]
            beside = abs(before.box.center_y - group[0].box.center_y) < 2.0
            near = group[0].box.x0 - before.box.x1 < 4 * before.box.height
            alone = len(joined[-1]) == 1 and len(before.text.strip()) == 1 and not before.text.strip().isdigit()
            if alone and beside and near:
                joined[-1] = [*joined[-1], group[0]]
                continue
        joined.append(group)
    return joined


def is_number_row(block: Heading, blocks: Sequence[Heading]) -> bool:
    """Whether the block belongs to the line of column numbers (栏次 1 2 3 …) that ends a header."""
    if not NUMBER_HEADING.match(block.text.strip()):
        return False
    beside = [other for other in blocks if _beside(block, other)]
    return (
        len(beside) >= 2
        and all(NUMBER_HEADING.match(other.text.strip()) for other in beside)
        and _is_lowest(block, blocks)
    )


def _is_lowest(block: Heading, blocks: Sequence[Heading]) -> bool:
    return all(other.y0 <= block.y1 for other in blocks)


def _beside(block: Heading, other: Heading) -> bool:
    return min(block.y1, other.y1) - max(block.y0, other.y0) > -BESIDE_PT


def _has_below(block: Heading, blocks: Sequence[Heading]) -> bool:
    """Whether another block stands below `block`, between its neighbours on the same height."""
    neighbours = [other for other in blocks if other is not block and _beside(block, other)]
    left = max((other.x1 for other in neighbours if other.x1 <= block.x0 + 1), default=float("-inf"))
    right = min((other.x0 for other in neighbours if other.x0 >= block.x1 - 1), default=float("inf"))
    below = [other for other in blocks if other.y0 >= block.y1 - 1]
    return any(left <= other.center_x <= right for other in below)


def heading_tree(blocks: Sequence[Heading], xs: Sequence[float], top: float, bottom: float) -> list[Heading]:
    """Places blocks over the columns between the borders `xs`.

    Args:
        blocks: leaves marked.
        xs: column borders.
        top: of the header.
        bottom: of the header without its line of numbers.

    Returns:
        Headings with row, col and spans; columns without any heading are left out.
    """
    placed = _place(tuple(blocks), 0, len(xs) - 1, 0, tuple(xs), top, bottom)
    depth = max((heading.row + 1 for heading in placed), default=0)
    return [replace(heading, rowspan=depth - heading.row) if heading.is_leaf else heading for heading in placed]


def _place(
    blocks: tuple[Heading, ...], first: int, end: int, row: int, xs: tuple[float, ...], top: float, bottom: float
) -> list[Heading]:
    """Places the blocks over columns `first` to `end - 1`, the topmost in header row `row`."""
    if not blocks or first >= end:
        return []
    groups = [block for block in blocks if not block.is_leaf]
    highest = min((group.y0 for group in groups), default=bottom)
    line = sorted((g for g in groups if g.y0 < highest + 0.8 * (g.y1 - g.y0)), key=lambda group: group.x0)
    # A group is centred in its row, so the row ends as far below its centre as it begins above it.
    row_end = min(max((2 * group.center_y - top for group in line), default=bottom), bottom)
    # A leaf that reaches from the top to the bottom is centred between them, one below a group lies lower.
    divide = ((top + bottom) / 2 + (row_end + bottom) / 2) / 2 if line else bottom
    own = {_column(b, first, end, xs): b for b in blocks if b.is_leaf and b.center_y < divide}
    placed = [replace(block, row=row, col=col) for col, block in own.items()]
    stretches: list[list[int]] = [[]]
    for col in range(first, end):
        if col in own:
            stretches.append([])
        else:
            stretches[-1].append(col)
    for stretch in stretches:
        if not stretch:
            continue
        start, stop = stretch[0], stretch[-1] + 1
        over = [group for group in line if xs[start] <= group.center_x <= xs[stop]]
        for group, low, high in _tile(over, start, stop, xs) if over else []:
            below = tuple(
                b
                for b in blocks
                if b.center_y > group.y1 and xs[low] <= b.center_x <= xs[high] and b not in own.values()
            )
            inner = tuple(mark_leaves(below))
            placed.append(replace(group, row=row, col=low, colspan=high - low))
            placed += _place(inner, low, high, row + 1, xs, row_end, bottom)
    return placed


def _column(block: Heading, first: int, end: int, xs: tuple[float, ...]) -> int:
    return max(range(first, end), key=lambda col: min(block.x1, xs[col + 1]) - max(block.x0, xs[col]))


def _tile(groups: Sequence[Heading], start: int, stop: int, xs: tuple[float, ...]) -> list[tuple[Heading, int, int]]:
    """Splits the columns `start` to `stop - 1` among groups so that each group is centred over its own."""
    n_groups = len(groups)

    @cache
    def best(group: int, low: int) -> tuple[float, tuple[int, ...]]:
        if group == n_groups - 1:
            return abs((xs[low] + xs[stop]) / 2 - groups[group].center_x), (stop,)
        options = []
        for high in range(low + 1, stop - (n_groups - group - 1) + 1):
            cost, rest = best(group + 1, high)
            options.append((cost + abs((xs[low] + xs[high]) / 2 - groups[group].center_x), (high, *rest)))
        return min(options)

    if stop - start < n_groups:
        return []
    _, ends = best(0, start)
    lows = [start, *ends[:-1]]
    return [(group, low, high) for group, low, high in zip(groups, lows, ends, strict=True)]
