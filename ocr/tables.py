"""Grids and words → tables, and the parts of one table on several pages → one table.

All lengths are page points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.geometry import Box
from models.page import Reading, Word
from models.table import Cell, Table
from ocr.cutrows import rejoin_cut_row
from ocr.grid import SNAP_PT, Grid, cluster
from ocr.layout import Surroundings, join_words

#: Outer borders of two parts of one table lie at the same place within this.
SIDE_PT = 7.0
#: Rows on two pages lie at the same height within this.
LEVEL_PT = 2.0
#: Words that stick out of their cell by less than this share of a character are not cut.
CUT_SHARE = 0.3
NUMBER = re.compile(r"^[-−(（]?[\d,，.]+[%％)）]?$")
AMOUNT = re.compile(r"^[-−]?\d[\d,]*\.\d+$|^[-−]?\d{1,3}(,\d{3})+$|^\d{3}$|^\d{5}$|^\d{7}$")
FIRST_ROW = re.compile(r"^(合\s*计|总\s*计|本年.*|一、.*)$")
MAX_HEADER_ROWS = 7


@dataclass(frozen=True, slots=True)
class PageTable:
    """One table as it stands on one page."""

    page: int
    grid: Grid
    cells: tuple[Cell, ...]
    surroundings: Surroundings

    def row_texts(self, row: int) -> tuple[tuple[int, int, str], ...]:
        """(column, colspan, text without spaces) of the cells that begin in `row`."""
        return tuple((c.col, c.colspan, re.sub(r"\s", "", c.text)) for c in self.cells if c.row == row)


def split_word(word: Word, xs: Sequence[float]) -> list[Word]:
    """The word cut where a column border runs through it; the whole word where none does."""
    if len(word.char_x) != len(word.text) + 1:
        return [word]
    margin = CUT_SHARE * word.box.height
    cuts = [x for x in xs if word.box.x0 + margin < x < word.box.x1 - margin]
    if not cuts:
        return [word]
    centers = [(left + right) / 2 for left, right in zip(word.char_x, word.char_x[1:], strict=False)]
    pieces = []
    for low, high in zip([float("-inf"), *cuts], [*cuts, float("inf")], strict=True):
        inside = [i for i, x in enumerate(centers) if low <= x < high]
        text = "".join(word.text[i] for i in inside)
        if not text.strip():
            continue
        first, last = inside[0], inside[-1]
        char_x = word.char_x[first : last + 2]
        box = Box(char_x[0], word.box.y0, max(char_x[0], char_x[-1]), word.box.y1)
        pieces.append(replace(word, text=text, box=box, char_x=char_x, alternatives=()))
    return pieces


def fill_grid(grid: Grid, words: Sequence[Word], page: int) -> tuple[Cell, ...]:
    """Puts words into the cells of a grid.

    Args:
        grid: on the page.
        words: of the page; those outside the grid are ignored.
        page: index of the page.

    Returns:
        One cell for each span, in the grid's order, blank ones with empty text.
    """
    owner = [[-1] * grid.n_cols for _ in range(grid.n_rows)]
    for number, span in enumerate(grid.spans):
        for row in range(span.row, span.row + span.rowspan):
            for col in range(span.col, span.col + span.colspan):
                owner[row][col] = number
    inside: list[list[Word]] = [[] for _ in grid.spans]
    for word in words:
        at_row = _band(grid.ys, word.box.center_y)
        if at_row is None or _band(grid.xs, word.box.center_x) is None:
            continue
        borders = [x for i, x in enumerate(grid.xs[1:-1], 1) if owner[at_row][i - 1] != owner[at_row][i]]
        for piece in split_word(word, borders):
            at_col = _band(grid.xs, piece.box.center_x)
            if at_col is not None:
                inside[owner[at_row][at_col]].append(piece)
    return tuple(
        _cell(span.row, span.col, span.rowspan, span.colspan, inside[i], page, grid.span_box(span))
        for i, span in enumerate(grid.spans)
    )


def _band(edges: Sequence[float], value: float) -> int | None:
    for i in range(len(edges) - 1):
        if edges[i] <= value < edges[i + 1]:
            return i
    return None


def cell_text(words: Sequence[Word]) -> tuple[str, str]:
    """(text, raw) of a cell: wrapped lines joined, spaces inside numbers closed; raw keeps the lines."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.box.center_y):
        if rows:
            reference = rows[-1][0]
            shared = min(reference.box.y1, word.box.y1) - max(reference.box.y0, word.box.y0)
            if shared > 0.5 * min(reference.box.height, word.box.height):
                rows[-1].append(word)
                continue
        rows.append([word])
    lines = [join_words(row) for row in rows]
    raw = "\n".join(lines)
    closed = re.sub(r"\s", "", raw)
    if NUMBER.match(closed):
        return closed, raw
    text = lines[0] if lines else ""
    for line in lines[1:]:
        latin = text[-1:].isascii() and text[-1:].isalpha() and line[:1].isascii() and line[:1].isalpha()
        text += (" " if latin else "") + line
    return text, raw


def _cell(row: int, col: int, rowspan: int, colspan: int, words: Sequence[Word], page: int, box: Box) -> Cell:
    text, raw = cell_text(words)
    alternatives: tuple[Reading, ...] = ()
    if len(words) == 1:
        alternatives = tuple(
            Reading(cell_text([replace(words[0], text=reading.text, char_x=())])[0], reading.probability)
            for reading in words[0].alternatives
        )
    confidence = min((word.confidence for word in words), default=1.0)
    damaged = any(word.damaged for word in words)
    return Cell(row, col, text, page, box, rowspan, colspan, raw, confidence, alternatives, damaged)


def join_parts(parts: Sequence[Sequence[PageTable]], blank_below: Sequence[bool]) -> list[list[PageTable]]:
    """Groups the tables of all pages: one list for each table, with its parts in page order.

    Args:
        parts: the tables of each page, top to bottom; of two pages on one picture, of each.
        blank_below: for each page, whether nothing but furniture follows its last table.
    """
    groups: list[list[PageTable]] = []
    for number, tables in enumerate(parts):
        for position, table in enumerate(tables):
            adjacent = number > 0 and bool(parts[number - 1]) and position == 0
            if adjacent and blank_below[number - 1] and continues(groups[-1], table):
                groups[-1].append(table)
            else:
                groups.append([table])
    return groups


def continues(parts: Sequence[PageTable], table: PageTable) -> bool:
    """Whether `table`, the first on its page, continues the table that ended the page before."""
    first, before = parts[0], parts[-1]
    mine, theirs = table.surroundings, first.surroundings
    if abs(before.grid.xs[0] - table.grid.xs[0]) > SIDE_PT or abs(before.grid.xs[-1] - table.grid.xs[-1]) > SIDE_PT:
        return False
    if before.grid.ruled != table.grid.ruled:
        return False
    if mine.title and _plain(mine.title) != _plain(theirs.title):
        return False
    if mine.is_continued:
        return True
    if mine.title:  # printed again on every page, or the next form of the same name
        return repeated_rows(first, table) > 0 and not _starts_alike(first, table)
    if before.surroundings.notes:
        return False
    if repeated_rows(first, table) > 0:
        return True
    if mine.caption or mine.unit:
        return False
    if header_rows(table.cells, table.grid.n_rows) and on_level(first.grid, table.grid):
        return False  # other headings over the same rows: further columns
    return _columns_agree(before.grid, table.grid)


def on_level(one: Grid, other: Grid) -> bool:
    """Whether all rows of two grids lie at the same height on their pages."""
    return one.n_rows == other.n_rows and all(abs(a - b) <= LEVEL_PT for a, b in zip(one.ys, other.ys, strict=True))


def _starts_alike(first: PageTable, table: PageTable) -> bool:
    """Whether the first rows of data are alike: another table of the same form begins."""
    row = repeated_rows(first, table)
    return row < min(first.grid.n_rows, table.grid.n_rows) and _same_row(first.row_texts(row), table.row_texts(row))


def _plain(title: str) -> str:
    return re.sub(r"[\s(（)）续]|续表", "", title)


def _columns_agree(before: Grid, after: Grid) -> bool:
    """Whether the borders of the part with fewer columns are all borders of the other."""
    few, many = sorted((before.xs, after.xs), key=len)
    return all(min(abs(x - other) for other in many) <= SIDE_PT for x in few)


def repeated_rows(first: PageTable, table: PageTable) -> int:
    """How many leading rows of `table` repeat the header of the table's first part."""
    limit = min(first.grid.n_rows, table.grid.n_rows, MAX_HEADER_ROWS)
    count = 0
    while count < limit and _same_row(first.row_texts(count), table.row_texts(count)):
        count += 1
    if count and any(cell.row < count < cell.row + cell.rowspan for cell in table.cells):
        return 0
    if count and not any(text for row in range(count) for _, _, text in first.row_texts(row)):
        return 0
    # Rows that hold data are not a header even if they are alike (empty indicator rows of a form) ...
    headed = header_rows(first.cells, first.grid.n_rows)
    while count > headed and not _is_repeated_total(first.row_texts(count - 1), table.row_texts(count - 1)):
        count -= 1
    return count if headed else 0


def _is_repeated_total(one: tuple[tuple[int, int, str], ...], other: tuple[tuple[int, int, str], ...]) -> bool:
    """Whether a row is a total that is printed again on every page (... but a total with the same amounts is)."""
    amounts = [text for _, _, text in one if AMOUNT.match(text) and float(text.replace(",", "").replace("−", "-"))]
    return one == other and bool(amounts) and any(FIRST_ROW.match(text) for _, _, text in one)


def _same_row(one: tuple[tuple[int, int, str], ...], other: tuple[tuple[int, int, str], ...]) -> bool:
    if len(one) != len(other):
        return False
    filled = [(a[2], b[2]) for a, b in zip(one, other, strict=True) if a[2] or b[2]]
    alike = sum(a == b for a, b in filled)
    return not filled or alike >= 0.7 * len(filled)


def header_rows(cells: Sequence[Cell], n_rows: int) -> int:
    """Number of leading rows that are column headings: those before the first amount, code or first item."""
    by_row: dict[int, list[Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    for row in range(min(n_rows, MAX_HEADER_ROWS)):
        texts = [cell.text.strip() for cell in sorted(by_row.get(row, []), key=lambda cell: cell.col)]
        filled = [text for text in texts if text]
        if any(AMOUNT.match(text) for text in filled) or _is_first_row(filled):
            return max([row, *(c.row + c.rowspan for c in cells if c.row < row and c.row + c.rowspan <= row)])
    return 0


def _is_first_row(filled: Sequence[str]) -> bool:
    """Whether the texts of a row without amounts begin the body: a first item, or a total of nothing."""
    if not filled or not FIRST_ROW.match(filled[0]):
        return False
    is_total = "计" in filled[0]
    return not is_total or not any(re.search(r"[\u4e00-\u9fff]", text) for text in filled[1:])


def build_table(parts: Sequence[PageTable], number: int) -> Table:
    """The parts of one table as one record: repeated headers dropped, cells cut by page breaks rejoined."""
    first = parts[0]
    alike = all(part.grid.n_cols == first.grid.n_cols for part in parts)
    # Forms have fewer borders where fewer rows are left: then the columns are those of all parts together.
    xs = list(first.grid.xs) if alike else cluster([x for part in parts for x in part.grid.xs], SNAP_PT * 1.5)
    cells: list[Cell] = []
    n_rows = 0
    for part in parts:
        dropped = repeated_rows(first, part) if part is not first else 0
        mapped = [
            _on_columns(cell, part.grid.xs, part.grid.xs if alike else xs, n_rows - dropped)
            for cell in part.cells
            if cell.row >= dropped
        ]
        added = part.grid.n_rows - dropped
        if part is not first:
            whole = rejoin_cut_row(cells, mapped, n_rows)
            if whole is not None:
                cells, mapped = whole
                added -= 1
            cells, mapped = _rejoin_cut_cells(cells, mapped, n_rows)
        cells += mapped
        n_rows += added
    cells.sort(key=lambda cell: (cell.row, cell.col))
    around = first.surroundings
    n_header = header_rows(cells, n_rows)
    title = around.title or _title_inside(cells, len(xs) - 1)
    return Table(
        id=f"t{number}",
        title=re.sub(r"[(（]\s*续\s*表?\s*[)）]$", "", title),
        n_rows=n_rows,
        n_cols=len(xs) - 1,
        cells=settle_lone_marks(cells),
        pages=tuple(dict.fromkeys(part.page for part in parts)),
        unit=around.unit or _unit_inside(cells[: 3 * len(xs)]),
        caption=around.caption,
        meta=around.meta,
        notes=tuple(note for part in parts for note in part.surroundings.notes),
        n_header=n_header,
        ruled=first.grid.ruled,
    )


def _on_columns(cell: Cell, own: Sequence[float], xs: Sequence[float], row_offset: int) -> Cell:
    def nearest(value: float) -> int:
        return min(range(len(xs)), key=lambda i: abs(xs[i] - value))

    first, last = nearest(own[cell.col]), nearest(own[cell.col + cell.colspan])
    return replace(cell, row=cell.row + row_offset, col=first, colspan=max(1, last - first))


def _rejoin_cut_cells(above: list[Cell], below: list[Cell], border: int) -> tuple[list[Cell], list[Cell]]:
    """Joins cells that a page break cut: same columns, one half without text, and taller than one row."""
    joined = list(above)
    rest = []
    spanning = {cell.col for cell in [*above, *below] if cell.rowspan > 1 and cell.row > 1}
    for cell in below:
        partner = next(
            (
                i
                for i, other in enumerate(joined)
                if other.row + other.rowspan == border
                and cell.row == border
                and (other.col, other.colspan) == (cell.col, cell.colspan)
                and (other.rowspan > 1 or cell.rowspan > 1 or (cell.col in spanning and not cell.text))
                and not (other.text and cell.text)
                and (other.text or cell.text)
            ),
            None,
        )
        if partner is None:
            rest.append(cell)
            continue
        other = joined[partner]
        shown = other if other.text else cell
        joined[partner] = replace(
            shown, row=other.row, col=other.col, rowspan=other.rowspan + cell.rowspan, colspan=other.colspan
        )
    return joined, rest


def settle_lone_marks(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Reads a lone `o` or `l` between amounts as the digit that it may as well be; what was read first is kept.

    One or two Latin letters say nothing in a column of amounts, and the recogniser itself held the digit
    possible. The probability of the new reading is its own, so the cell stays doubtful.
    """
    at = {(cell.row, cell.col): cell for cell in cells}
    settled = []
    for cell in cells:
        if cell.alternatives and re.fullmatch(r"[A-Za-z〇]{1,2}", cell.text):
            beside = [at.get((cell.row + step, cell.col)) for step in (-1, 1)]
            number = next((r for r in cell.alternatives if NUMBER.match(r.text) and r.probability >= 0.1), None)
            if number and any(other is not None and NUMBER.match(other.text) for other in beside):
                others = tuple(r for r in cell.alternatives if r is not number)
                first = (Reading(cell.text, cell.confidence), *others)
                cell = replace(cell, text=number.text, confidence=number.probability, alternatives=first)
        settled.append(cell)
    return tuple(settled)


def _title_inside(cells: Sequence[Cell], n_cols: int) -> str:
    """The title where it stands in the first rows of the grid, as spreadsheets print it."""
    for cell in cells:
        if cell.row > 2:
            break
        if cell.colspan >= max(2, n_cols - 1) and re.search(r"表(?:[(（].*[)）])?$", cell.text.strip()):
            return cell.text.strip()
    return ""


def _unit_inside(cells: Sequence[Cell]) -> str:
    for cell in cells:
        found = re.search(r"(?:金额)?单位\s*[:：]\s*(万元|元)", cell.text)
        if found:
            return found.group(1)
    return ""
