"""Tables that no rule draws: words that line up in columns of amounts under headings → cells.

A table made of prose is worse than a table missed, so everything must speak for one: at least three rows with amounts
that stand alone, blank corridors down the whole body, a column of names beside the amounts, and headings above (or the
columns of the page before). Lists, contents pages, signatures and text in two columns lack one of these.
All lengths are page points.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from models.page import Word
from ocr.columns import Interval, fitted_borders, occupied
from ocr.grid import Grid
from ocr.headings import heading_tree, is_number_row, mark_leaves, words_to_blocks
from ocr.layout import CAPTION, CONTINUED, NOTE, TABLE_TITLE, TOC, UNIT
from ocr.opengrid import assemble, names_end
from ocr.tables import FIRST_ROW

#: A standing amount: with decimals, with groups of thousands, a nil, or a share.
AMOUNT = re.compile(r"^[-−]?(?:\d[\d,，]*\.\d+|\d{1,3}(?:[,，]\d{3})+|\d+|0)[%％]?$")
#: Numbers that also count things or years; they do not make a table by themselves.
PLAIN = re.compile(r"^\d{1,4}$")
COUNTED = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]|栏\s*次|行\s*次|合\s*计|项\s*目|类|款|项)$")
CODE = re.compile(r"^\d{3}(?:\d{2}){0,2}$")
BODY_NAME = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|其中[:：]|\d{3}(?:\d\d){0,2}$)"
)
#: The words that name money above a column of whole numbers.
MONEY = re.compile(r"金额|预算|决算|支出|收入|合计|小计|万元|[(（]元[)）]|人数|数量")
MIN_ROWS = 3
MAX_HEADER_ROWS = 6
#: Rows of one table follow each other within this many times the usual step ...
STEP_RATIO = 2.1
#: ... and headings stand above the first row within this many line heights.
HEADER_GAP = 2.6
#: A line of prose fills this share of the page's text width without a gap wider than this many line heights.
PROSE_SHARE = 0.55
PROSE_GAP = 1.2
#: Wrapped lines of one cell lie closer than this share of their height, rows further apart.
WRAP_GAP_SHARE = 0.45
#: This share of a column's words are amounts where it is a column of amounts.
AMOUNT_SHARE = 0.6
#: Amounts of one column end (or begin, or are centred) at the same place within this.
ALIGNED_PT = 3.5
#: This share of the rows has a name or a code before the first amount.
NAMED_SHARE = 0.6
#: Names of one column are of one size within this share of their height, on a scan as well.
SIZE_SLACK = 0.3
#: Of the words of a body at most this share may cross a column border (a centred 合计).
CROSSING_SHARE = 0.06
#: Space between the outer words and the sides that nobody draws.
SIDE_PT = 3.0


@dataclass(frozen=True, slots=True)
class _Row:
    """Words on one height, left to right."""

    words: tuple[Word, ...]

    @property
    def top(self) -> float:
        return min(word.box.y0 for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.box.y1 for word in self.words)

    @property
    def middle(self) -> float:
        return median(word.box.center_y for word in self.words)

    @property
    def texts(self) -> list[str]:
        return [word.text.strip() for word in self.words]


def find_borderless_tables(words: Sequence[Word], previous: Grid | None = None) -> list[Grid]:
    """Tables without any rule, top to bottom.

    Args:
        words: of the page, outside all tables that rules draw.
        previous: the table without vertical rules that ended the page before; rows at the top of this page without
            headings of their own take over its columns.

    Returns:
        Grids with `ruled` false; empty where nothing is surely a table.
    """
    least = 1 if previous is not None else MIN_ROWS
    if sum(_is_amount(word.text) for word in words) < least:
        return []
    rows = _rows(words)
    grids: list[Grid] = []
    for run in _runs(rows, least):
        is_new = bool(grids) or any(_names_table(row) for row in rows if row.bottom < run[0].middle)
        grid = _grid_of(run, None if is_new else previous)
        if grid is not None:
            grids.append(grid)
    return grids


def _is_amount(text: str) -> bool:
    return bool(AMOUNT.match(text.strip()))


def _is_strong(text: str) -> bool:
    """Whether a number is surely an amount and no count, year or page."""
    return _is_amount(text) and not PLAIN.match(text.strip())


def _rows(words: Sequence[Word]) -> list[_Row]:
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.box.center_y):
        if groups:
            middle = median(other.box.center_y for other in groups[-1])
            if word.box.center_y - middle <= 0.4 * min(word.box.height, groups[-1][0].box.height):
                groups[-1].append(word)
                continue
        groups.append([word])
    return [_Row(tuple(sorted(group, key=lambda word: word.box.x0))) for group in groups]


def _runs(rows: Sequence[_Row], least: int) -> list[list[_Row]]:
    """Stretches of rows between lines that no table holds, each with amounts in `least` rows."""
    if not rows:
        return []
    left = min(word.box.x0 for row in rows for word in row.words)
    right = max(word.box.x1 for row in rows for word in row.words)
    runs: list[list[_Row]] = [[]]
    for row in rows:
        if _ends_table(row, right - left):
            runs.append([])
        else:
            runs[-1].append(row)
    parts = [part for run in runs for part in _split_at_gaps(run)]
    return [part for part in parts if sum(_holds_amounts(row) for row in part) >= least]


def _ends_table(row: _Row, width: float) -> bool:
    """Whether a line is prose, a title, a unit or a note."""
    text = "".join(row.texts)
    if TOC.search(text) or any(
        UNIT.search(one) or CAPTION.match(one) or CONTINUED.search(one) or NOTE.match(one) for one in row.texts
    ):
        return True
    if len(row.words) == 1 and (TABLE_TITLE.search(text) or text[-1:] in "。；！？"):
        return True
    gaps = [after.box.x0 - before.box.x1 for before, after in itertools.pairwise(row.words)]
    height = row.words[0].box.height
    extent = row.words[-1].box.x1 - row.words[0].box.x0
    return extent > PROSE_SHARE * width and max(gaps, default=0.0) < PROSE_GAP * height


def _names_table(row: _Row) -> bool:
    """Whether a line announces a table, and no part of one."""
    text = "".join(row.texts)
    if CONTINUED.search(text):
        return False
    return bool(TABLE_TITLE.search(text)) or any(UNIT.search(one) or CAPTION.match(one) for one in row.texts)


def _split_at_gaps(run: Sequence[_Row]) -> list[list[_Row]]:
    data = [row for row in run if _holds_amounts(row)]
    if not data:
        return []
    rows = data if len(data) >= MIN_ROWS else run
    usual = median([after.middle - before.middle for before, after in itertools.pairwise(rows)] or [0.0])
    parts: list[list[_Row]] = [[run[0]]]
    for before, after in itertools.pairwise(run):
        blank = after.top - before.bottom
        if after.middle - before.middle > STEP_RATIO * usual and blank > HEADER_GAP * after.words[0].box.height:
            parts.append([])
        parts[-1].append(after)
    return parts


def _holds_amounts(row: _Row) -> bool:
    """Whether the row names something and says an amount, each standing alone."""
    if len(row.words) < 2 or all(COUNTED.match(text) for text in row.texts):
        return False
    return any(_is_amount(text) and not _is_year(text) for text in row.texts[1:])


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"20[0-4]\d", text))


def _grid_of(run: Sequence[_Row], previous: Grid | None) -> Grid | None:
    first, last = _body_range(run)
    body = _wrapped_joined(run[first : last + 1])
    header = _header_above(run, first)
    data = [row for row in body if _holds_amounts(row)]
    if not header:
        return _taken_over(body, previous)
    if len(data) < MIN_ROWS and (previous is None or not _fits(previous, [*header, *body])):
        return None
    head_words = [word for row in header for word in row.words]
    blocks = words_to_blocks(head_words)
    numbers = [block for block in blocks if is_number_row(block, blocks)]
    names = mark_leaves([block for block in blocks if block not in numbers])
    leaves = [block for block in names if block.is_leaf]
    intervals = occupied([row.words for row in body])
    if not _speaks_for_table(intervals, body, data, header) and not (previous and _fits(previous, [*header, *body])):
        return None
    words = [word for row in (*header, *body) for word in row.words]
    left, right = min(word.box.x0 for word in words) - SIDE_PT, max(word.box.x1 for word in words) + SIDE_PT
    xs = fitted_borders(leaves, [row.words for row in body], left, right)
    if previous is not None and _fits(previous, body) and (len(xs) == len(previous.xs) or len(data) < MIN_ROWS):
        xs = previous.xs
    if len(xs) < 3 or _crossings(xs, body) > CROSSING_SHARE * sum(len(row.words) for row in body) + 1:
        return None
    top, bottom = min(row.top for row in header), max(row.bottom for row in body)
    header_end = (max(row.bottom for row in header) + body[0].top) / 2
    full = (top - 1.0, header_end, bottom + 1.0)
    headings = heading_tree(names, xs, full[0], names_end(names, numbers, header_end))
    return assemble(xs, full, 1, headings, numbers, _bands(body, header_end, bottom + 1.0))


def _body_range(run: Sequence[_Row]) -> tuple[int, int]:
    """Indexes of the first and the last row of the body: rows with amounts, and rows of names beside them."""
    holding = [index for index, row in enumerate(run) if _holds_amounts(row)]
    first, last = holding[0], holding[-1]
    while first > 0 and _is_name_row(run[first - 1], run[first]):
        first -= 1
    while last + 1 < len(run) and _hangs_below(run[last], run[last + 1], run[first : last + 1]):
        last += 1
    return first, last


def _is_name_row(row: _Row, below: _Row) -> bool:
    """Whether a row without amounts above the first one belongs to the body: it names an item as the body does."""
    text = row.texts[0]
    return bool(BODY_NAME.match(text) or (FIRST_ROW.match(text) and len(row.words) == 1)) and (
        below.top - row.bottom <= HEADER_GAP * row.words[0].box.height
    )


def _hangs_below(last: _Row, row: _Row, body: Sequence[_Row]) -> bool:
    """Whether a row of names without amounts below the last one still belongs to the table."""
    steps = [after.middle - before.middle for before, after in itertools.pairwise(body)]
    usual = median(steps)
    if row.middle - last.middle > 1.25 * max(usual, min(steps)):
        return False
    if len(row.words) > 2 or not BODY_NAME.match(row.texts[0]):
        return False
    first = row.words[0].box
    column = [word.box for one in body for word in one.words if abs(word.box.x0 - first.x0) <= ALIGNED_PT]
    if len(column) < MIN_ROWS:
        return False
    size = median(box.height for box in column)
    if abs(first.height - size) > SIZE_SLACK * size:
        return False
    # A name may be longer than all above it, but not so long that it reaches into the next column.
    widest = max(box.x1 for box in column)
    beside = [word.box.x0 for one in body for word in one.words if word.box.x0 >= widest]
    return first.x1 < min(beside, default=widest + size)


def _header_above(run: Sequence[_Row], first: int) -> list[_Row]:
    """The rows of headings directly above the body, top to bottom; none where nothing there is a heading."""
    taken: list[_Row] = []
    below = run[first]
    for row in reversed(run[max(0, first - MAX_HEADER_ROWS) : first]):
        height = row.words[0].box.height
        if below.top - row.bottom > HEADER_GAP * height or abs(height - run[first].words[0].box.height) > 0.45 * height:
            break
        if any(_is_strong(text) or len(text) > 24 for text in row.texts):
            break
        taken.append(row)
        below = row
    taken.reverse()
    while taken and len(taken[0].words) == 1 and _stands_over_all(taken[0], taken[1:]):
        taken.pop(0)  # a title or the name of the office, centred over everything
    return taken if any(len(row.words) >= 2 for row in taken) or len(taken) > 1 else []


def _stands_over_all(row: _Row, rest: Sequence[_Row]) -> bool:
    """Whether a lone piece above the headings is centred over all of them or stands apart from them."""
    words = [word for other in rest for word in other.words]
    if not words:
        return True
    left, right = min(word.box.x0 for word in words), max(word.box.x1 for word in words)
    piece = row.words[0].box
    return abs(piece.center_x - (left + right) / 2) < 0.04 * (right - left) or piece.x1 <= left + 1


def _speaks_for_table(
    intervals: Sequence[Interval], body: Sequence[_Row], data: Sequence[_Row], header: Sequence[_Row]
) -> bool:
    """Whether the body is columns of aligned amounts beside names."""
    if len(intervals) < 2:
        return False
    amounts = 0
    strong = False
    for number, (low, high) in enumerate(intervals):
        inside = [word for row in body for word in row.words if low <= word.box.center_x <= high]
        counted = [word for word in inside if _is_amount(word.text) and not CODE.match(word.text.strip())]
        if number and len(counted) >= max(2, AMOUNT_SHARE * len(inside)) and _is_aligned(counted):
            amounts += 1
            strong = strong or sum(_is_strong(word.text) for word in counted) >= 0.5 * len(counted)
    named = sum(not _is_amount(row.texts[0]) or bool(CODE.match(row.texts[0])) for row in data)
    if not amounts or named < NAMED_SHARE * len(data):
        return False
    return strong or (amounts >= 2 and any(MONEY.search(text) for row in header for text in row.texts))


def _is_aligned(words: Sequence[Word]) -> bool:
    """Whether most of the words begin, end or are centred at one place."""
    for place in (
        [word.box.x1 for word in words],
        [word.box.x0 for word in words],
        [word.box.center_x for word in words],
    ):
        middle = median(place)
        if sum(abs(x - middle) <= ALIGNED_PT for x in place) >= 0.75 * len(place):
            return True
    return False


def _wrapped_joined(rows: Sequence[_Row]) -> list[_Row]:
    """Rows with wrapped lines joined: lines whose heights overlap, or that lie closer than rows do."""
    groups: list[list[_Row]] = []
    for row in rows:
        shrink = 0.1 * row.words[0].box.height
        if groups and row.top + shrink < max(one.bottom for one in groups[-1]) - shrink:
            groups[-1].append(row)
        else:
            groups.append([row])
    joined = [_Row(tuple(word for row in group for word in row.words)) for group in groups]
    if len(joined) < 3:
        return joined
    gaps = [below.top - above.bottom for above, below in itertools.pairwise(joined)]
    height = median(word.box.height for row in joined for word in row.words)
    if median(gaps) <= WRAP_GAP_SHARE * height:  # set solid: a gap tells nothing
        return joined
    merged = [joined[0]]
    for gap, row in zip(gaps, joined[1:], strict=True):
        if gap < WRAP_GAP_SHARE * height and len(row.words) < 3:
            merged[-1] = _Row(merged[-1].words + row.words)
        else:
            merged.append(row)
    return merged


def _bands(body: Sequence[_Row], top: float, bottom: float) -> list[tuple[float, float, list[Word]]]:
    edges = [top, *((above.bottom + below.top) / 2 for above, below in itertools.pairwise(body)), bottom]
    return [(edges[i], edges[i + 1], list(row.words)) for i, row in enumerate(body)]


def _crossings(xs: Sequence[float], body: Sequence[_Row]) -> int:
    words = [word for row in body for word in row.words]
    return sum(any(word.box.x0 + 1 < x < word.box.x1 - 1 for x in xs[1:-1]) for word in words)


def _fits(previous: Grid, rows: Sequence[_Row]) -> bool:
    """Whether all words stand in the columns of the table that ended the page before, the amounts under its amounts."""
    words = [word for row in rows for word in row.words]
    slack = 2 * SIDE_PT
    if min(w.box.x0 for w in words) < previous.xs[0] - slack or max(w.box.x1 for w in words) > previous.xs[-1] + slack:
        return False
    return _crossings(previous.xs, rows) <= max(1.0, CROSSING_SHARE * len(words))


def _taken_over(body: Sequence[_Row], previous: Grid | None) -> Grid | None:
    """Rows without headings as the next part of the table that ended the page before."""
    if previous is None or previous.ruled or not _fits(previous, body):
        return None
    top, bottom = body[0].top - 1.0, max(row.bottom for row in body) + 1.0
    return assemble(previous.xs, (top, bottom), 0, [], [], _bands(body, top, bottom))
