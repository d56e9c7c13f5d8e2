"""Tables whose columns no rule draws: horizontal rules and gaps in the text → cells.

Covers three-line tables (a rule above the header, below it and at the end) and tables with a rule between
rows. Columns come from corridors that stay empty down the body and from the header's leaves; rows from the
rules, or from lines of text that overlap in height. The header itself is parsed in `ocr.headings`.
All lengths are page points.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.page import Word
from ocr.columns import column_borders
from ocr.grid import SNAP_PT, Grid, cluster
from ocr.headings import heading_tree, is_number_row, mark_leaves, words_to_blocks
from ocr.opengrid import assemble, names_end
from ocr.pages import Rule
from ocr.tables import AMOUNT, FIRST_ROW

#: Rules of one table begin and end at the same place within this.
SIDE_PT = 6.0
#: A table is at least this wide: shorter rules underline words.
MIN_WIDTH_PT = 120.0
#: Lines of one wrapped cell lie closer than this share of the line height; rows lie further apart.
WRAP_GAP_SHARE = 0.45
#: Where one of these stands between two rules, a table ends above it and another begins below.
BETWEEN_TABLES = re.compile(
    r"(单位|部门|金额单位|单位名称|部门名称|编制单位)[:：]|^(预算|部门)?公开\d*表|^注[:：]|^说明[:：]|\d+表$"
)
#: A header has at most this many bands between full-width rules.
MAX_HEADER_BANDS = 5
#: The title and the unit of a table stand within this above it.
ABOVE_PT = 60.0


@dataclass(frozen=True, slots=True)
class _Level:
    """A height at which horizontal rules lie, with the pieces drawn there."""

    y: float
    x0: float
    x1: float


def find_open_tables(rules: Sequence[Rule], words: Sequence[Word], previous: Grid | None = None) -> list[Grid]:
    """Tables without vertical rules, top to bottom.

    Args:
        rules: the page's rules outside its ruled tables.
        words: the page's words outside its ruled tables.
        previous: the open table that ended the page before; a table of the same width without a header of its
            own takes over its columns.

    Returns:
        Grids with `ruled` false; empty when no group of horizontal rules holds columns.
    """
    grids = []
    for levels in _groups(_levels(rules), words):
        inside = [
            word
            for word in words
            if levels[0].y - 1 <= word.box.center_y <= levels[-1].y + 1
            and levels[0].x0 - SIDE_PT <= word.box.center_x <= levels[0].x1 + SIDE_PT
        ]
        if not inside:
            continue
        top = levels[0].y
        above = [word for word in words if top - ABOVE_PT < word.box.center_y < top]
        fits = previous is not None and _same_width(previous, levels[0].x0, levels[0].x1)
        grid = _grid_of(levels, inside, above, previous if fits else None)
        if grid is not None:
            grids.append(grid)
    return grids


def _levels(rules: Sequence[Rule]) -> list[_Level]:
    across = [rule for rule in rules if rule.is_horizontal]
    levels = []
    for y in cluster((rule.y0 for rule in across), SNAP_PT):
        pieces = [rule for rule in across if abs(rule.y0 - y) <= SNAP_PT]
        x0, x1 = min(rule.x0 for rule in pieces), max(rule.x1 for rule in pieces)
        levels.append(_Level(y, x0, x1))
    return levels


def _groups(levels: Sequence[_Level], words: Sequence[Word]) -> list[list[_Level]]:
    """Runs of levels that belong to one table; the first and the last have the full width."""
    groups: list[list[_Level]] = []
    for level in levels:
        if groups and _continues(groups[-1], level, words):
            groups[-1].append(level)
        elif level.x1 - level.x0 >= MIN_WIDTH_PT:
            groups.append([level])
    whole = []
    for group in groups:
        full = [level for level in group if _same_sides(level, group[0])]
        if len(full) >= 2:
            whole.append(group[: group.index(full[-1]) + 1])
    return whole


def _same_sides(level: _Level, other: _Level) -> bool:
    return abs(level.x0 - other.x0) <= SIDE_PT and abs(level.x1 - other.x1) <= SIDE_PT


def _continues(group: Sequence[_Level], level: _Level, words: Sequence[Word]) -> bool:
    top = group[0]
    if level.x0 < top.x0 - SIDE_PT or level.x1 > top.x1 + SIDE_PT:
        return False
    between = [word for word in words if group[-1].y < word.box.center_y < level.y]
    return not any(BETWEEN_TABLES.search(word.text.strip()) for word in between)


def _grid_of(
    levels: Sequence[_Level], words: Sequence[Word], above: Sequence[Word], previous: Grid | None
) -> Grid | None:
    left, right = levels[0].x0, levels[0].x1
    full = [level.y for level in levels if _same_sides(level, levels[0])]
    if previous is not None and _takes_over(previous, full, words, above):
        return assemble(previous.xs, full, 0, [], [], _body_rows(full, words))
    latest = _latest_body_band(full, words)
    best: Grid | None = None
    certain = False
    # Rows of names without amounts may stand between the header and the first amount: of the headers whose names
    # are centred over columns the one with the most columns is taken, of equal ones the shortest.
    for first_body in range(min(1, latest), latest + 1):
        header = [word for word in words if word.box.center_y < full[first_body]]
        body = [word for word in words if word.box.center_y >= full[first_body]]
        rows = _body_rows(full[first_body:], body)
        blocks = words_to_blocks(header)
        numbers = [block for block in blocks if is_number_row(block, blocks)]
        names = mark_leaves([block for block in blocks if block not in numbers])
        columns = column_borders(names, numbers, [row for _, _, row in rows], left, right)
        if len(columns.xs) < 3 or (certain and not columns.is_certain):
            continue
        if best is None or (columns.is_certain and not certain) or len(columns.xs) - 1 > best.n_cols:
            headings = heading_tree(names, columns.xs, full[0], names_end(names, numbers, full[first_body]))
            best = assemble(columns.xs, full, first_body, headings, numbers, rows)
            certain = columns.is_certain
    return best


def _takes_over(previous: Grid, full: Sequence[float], words: Sequence[Word], above: Sequence[Word]) -> bool:
    """Whether the table goes on with the columns of the page before, without a header of its own."""
    if any(BETWEEN_TABLES.search(word.text) and "续" not in word.text for word in above):
        return False
    inner = previous.xs[1:-1]
    cuts = sum(word.box.x0 + 2 < x < word.box.x1 - 2 for word in words for x in inner)
    if cuts > 1:
        return False
    if len(full) == 2:  # a header has a rule below it
        return True
    first = [word.text.strip() for word in words if word.box.center_y < full[1]]
    named = sum(not any(mark.isdigit() for mark in text) and len(text) <= 14 for text in first)
    only_names = bool(first) and len(full) == 3 and not any(AMOUNT.match(text) for text in first)
    return named < 0.6 * previous.n_cols and not only_names


def _latest_body_band(full: Sequence[float], words: Sequence[Word]) -> int:
    """Index of the first band between full-width rules that surely holds data; 0 when there is no header."""
    bands = [
        sorted((word for word in words if low <= word.box.center_y < high), key=_left)
        for low, high in itertools.pairwise(full)
    ]
    last = len(bands) - 1
    for band, inside in enumerate(bands[:MAX_HEADER_BANDS]):
        counted = [word.text.strip() for word in inside if word.text.strip().isdigit()]
        if counted[:2] == ["1", "2"] and len(counted) >= 0.5 * len(inside):
            return min(band + 1, last)
    for band, inside in enumerate(bands[:MAX_HEADER_BANDS]):
        if any(AMOUNT.match(word.text.strip()) for word in inside):
            return band
        if band and inside and FIRST_ROW.match(inside[0].text.strip()):
            return band
    return min(MAX_HEADER_BANDS, last, 2)


def _same_width(grid: Grid, left: float, right: float) -> bool:
    return abs(grid.xs[0] - left) <= SIDE_PT and abs(grid.xs[-1] - right) <= SIDE_PT


def _left(word: Word) -> float:
    return word.box.x0


def _body_rows(full: Sequence[float], body: Sequence[Word]) -> list[tuple[float, float, list[Word]]]:
    """The rows of the body: (top, bottom, words)."""
    clusters = _overlapping_lines(body)
    n_bands = len(full) - 1
    if n_bands >= 2 and n_bands >= 0.6 * len(clusters):  # a rule between (nearly) all rows
        return [
            (full[i], full[i + 1], [word for word in body if full[i] <= word.box.center_y < full[i + 1]])
            for i in range(n_bands)
        ]
    if not clusters:
        return [(full[0], full[-1], [])]
    edges = [full[0]]
    for above, below in itertools.pairwise(clusters):
        edges.append((max(word.box.y1 for word in above) + min(word.box.y0 for word in below)) / 2)
    edges.append(full[-1])
    return [(edges[i], edges[i + 1], clusters[i]) for i in range(len(clusters))]


def _overlapping_lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words in rows: connected by overlap in height, then wrapped lines joined to the row they continue."""
    rows: list[list[Word]] = []
    bottom = -1.0
    for word in sorted(words, key=lambda word: word.box.y0):
        shrink = 0.05 * word.box.height
        if rows and word.box.y0 + shrink < bottom:
            rows[-1].append(word)
            bottom = max(bottom, word.box.y1 - shrink)
        else:
            rows.append([word])
            bottom = word.box.y1 - shrink
    if len(rows) < 3:
        return rows
    height = float(np.median([word.box.height for word in words]))
    gaps = [
        min(word.box.y0 for word in below) - max(word.box.y1 for word in above)
        for above, below in itertools.pairwise(rows)
    ]
    if float(np.median(gaps)) <= WRAP_GAP_SHARE * height:  # set solid: a gap tells nothing
        return rows
    joined = [rows[0]]
    for gap, row in zip(gaps, rows[1:], strict=True):
        if gap < WRAP_GAP_SHARE * height:
            joined[-1] = joined[-1] + row
        else:
            joined.append(row)
    return joined
