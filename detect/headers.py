"""The heading of a table: which rows carry it, what stands above each column, and which columns a form expects."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from detect.amounts import is_code, parse_number
from detect.vocabulary import ColumnWords, FormWords
from detect.wording import fixed_name, heading, plain, similarity
from models.table import Cell, Table

MAX_HEADER_ROWS = 6
"""No statutory form has more than four rows of headings; two more for a title or a unit line read into the grid."""
ALIKE = 0.75
"""Similarity from which two headings are the same one with a slip of the reading: one wrong character in four.
Distinct headings of one statutory form stay below 0.65 (公务用车购置费 and 公务用车运行维护费), but for 年初 and
年末结转和结余, which both are matched exactly before."""
MANY_NUMBERS = 4
"""Numbers of columns that fit each other from which one more may be misread: amounts in such order are no chance."""
_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[(（]?[一二三四五六七八九十]{1,3}[)）])")
_PLACEHOLDER = re.compile(r"^[*×xX—\-]+$")
_COLUMN_NUMBERS = ("栏次", "栏目", "行次")
_TOTALS = {"合计", "总计", "部门合计", "单位合计", "总合计"}


class Grid:
    """Random access to a table's cells: every position gives the cell that covers it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._at: dict[tuple[int, int], Cell] = {}
        for cell in table.cells:
            for row in range(cell.row, cell.row + cell.rowspan):
                for col in range(cell.col, cell.col + cell.colspan):
                    self._at[row, col] = cell

    def cell(self, row: int, col: int) -> Cell:
        return self._at[row, col]

    def text(self, row: int, col: int) -> str:
        return self._at[row, col].text

    def row(self, row: int) -> list[Cell]:
        """The cells of a row from left to right, each once, those that begin in a row above included."""
        cells: list[Cell] = []
        for col in range(self.table.n_cols):
            cell = self._at[row, col]
            if not cells or cells[-1] is not cell:
                cells.append(cell)
        return cells


def is_total_label(text: str) -> bool:
    """Whether the label states the total of a table (`合计`)."""
    return fixed_name(text) in _TOTALS


def is_numbering_row(cells: list[Cell]) -> bool:
    """Whether the row numbers the columns (栏次): a label of that name, or nothing but 1, 2, 3 and so on."""
    texts = [text for cell in cells if not _PLACEHOLDER.match(text := plain(cell.text))]
    if any(text in _COLUMN_NUMBERS for text in texts[:2]) and all(
        not text or text in _COLUMN_NUMBERS or text.isdigit() or "=" in text for text in texts
    ):
        return True
    numbers = [(cell.col, int(text)) for cell in cells if (text := plain(cell.text)).isdigit() and len(text) <= 2]
    words = [text for text in texts if text and not (text.isdigit() and len(text) <= 2)]
    return (
        len(numbers) >= 3 and len(words) <= 1 and _count_up(numbers) and not any(parse_number(word) for word in words)
    )


def _count_up(numbers: list[tuple[int, int]]) -> bool:
    """Whether numbers with their columns count the columns.

    A scan may have lost one of them, or misread one of many: the others still count.
    """
    if all(b - a == 1 for (_, a), (_, b) in pairwise(numbers)):
        return True
    ((_, most),) = Counter(number - col for col, number in numbers).most_common(1)
    return most == len(numbers) or (most >= MANY_NUMBERS and most == len(numbers) - 1)


def _is_year(text: str) -> bool:
    return heading(text) == "Y"


def _is_body_row(cells: list[Cell], row: int) -> bool:
    texts = [plain(cell.text) for cell in cells]
    filled = [text for text in texts if text]
    if not filled:
        return True
    if any((parse_number(text) and not _is_year(text)) or is_code(text) for text in filled):
        return True
    first = filled[0]
    if _ORDINAL.match(first):
        return True
    if (
        len(filled) == 1
        and len(cells) >= 3
        and texts[0]
        and all(cell.colspan == 1 and cell.row == row for cell in cells)
    ):
        return True
    return is_total_label(first) and all(is_total_label(text) or text in ("-", "—", "0") for text in filled)


def header_rows(grid: Grid) -> int:
    """How many leading rows are headings: all before the first that carries data or numbers the columns.

    A title, a caption or a unit line that was read into the grid counts as heading. Rows without any text before the
    first heading count too.
    """
    started = False
    for row in range(min(grid.table.n_rows, MAX_HEADER_ROWS + 1)):
        cells = grid.row(row)
        if not any(cell.text.strip() for cell in cells) and not started:
            continue
        if is_numbering_row(cells) or (_is_body_row(cells, row) and row > 0):
            return row
        started = True
    return min(grid.table.n_rows, max(1, grid.table.n_header))


def starts_with_data(grid: Grid) -> bool:
    """Whether the first row prints amounts or codes: a table without heading goes on with one of the page before."""
    texts = [plain(cell.text) for cell in grid.row(0)]
    return any((parse_number(text) and not _is_year(text)) or is_code(text) for text in texts)


def header_path(grid: Grid, col: int, rows: int) -> tuple[str, ...]:
    """The comparable headings above a column, outermost first, each merged cell once and blank ones dropped."""
    path: list[str] = []
    seen: list[Cell] = []
    for row in range(rows):
        cell = grid.cell(row, col)
        if cell in seen:
            continue
        seen.append(cell)
        word = heading(cell.text)
        if word and (not path or path[-1] != word):
            path.append(word)
    return tuple(path)


def printed_path(grid: Grid, col: int, rows: int) -> str:
    """The headings above a column as printed, joined by `/`, for messages."""
    path: list[str] = []
    for row in range(rows):
        text = plain(grid.text(row, col))
        if text and (not path or path[-1] != text):
            path.append(text)
    return "/".join(path[-2:])


def _path_score(wanted: tuple[str, ...], printed: tuple[str, ...]) -> float:
    """How well a printed header path shows the wanted one, 0 (not at all) to 1."""
    if not printed:
        return 0.0
    leaf = similarity(wanted[-1], printed[-1])
    if leaf < ALIKE:
        return 0.0
    score, position = leaf, len(printed) - 1
    for word in reversed(wanted[:-1]):
        for index in range(position - 1, -1, -1):
            if (alike := similarity(word, printed[index])) >= ALIKE:
                score, position = score + alike, index
                break
        else:
            return 0.0
    qualified = len(wanted) > 1
    return score / len(wanted) - (0.0 if qualified else 0.05)


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """A form's columns in a table.

    Attributes:
        columns: grid column of each column id that was found.
        coverage: share of the form's required columns that were found, 0 to 1.
    """

    columns: dict[str, int]
    coverage: float


def match_columns(form: FormWords, paths: list[tuple[str, ...]]) -> ColumnMatch:
    """Find each of the form's columns among the header paths of a table; one grid column serves one column id.

    Among equally good candidates the leftmost to the right of the column found before wins: side-by-side blocks
    repeat their headings in the order of the form.
    """
    found: dict[str, int] = {}
    used: set[int] = set()
    last = -1
    for column in form.columns:
        scored = [
            (max(_path_score(path, printed) for path in column.paths), col)
            for col, printed in enumerate(paths)
            if col not in used
        ]
        best = max((score for score, _ in scored), default=0.0)
        if best <= 0:
            continue
        candidates = [col for score, col in scored if score >= best - 0.02]
        col = next((candidate for candidate in candidates if candidate > last), candidates[0])
        found[column.id] = col
        used.add(col)
        last = col
    required = [column.id for column in form.columns if column.required]
    return ColumnMatch(found, sum(name in found for name in required) / len(required))


def match_by_order(form: FormWords, found: ColumnMatch) -> bool:
    """Whether the columns stand in the order of the form: a later block never begins before an earlier one."""
    blocks: dict[str, list[int]] = {}
    for column in form.columns:
        if column.id in found.columns:
            blocks.setdefault(column.block, []).append(found.columns[column.id])
    spans = [(min(cols), max(cols)) for cols in blocks.values()]
    return all(left[1] < right[0] for left, right in pairwise(spans))


__all__ = [
    "ALIKE",
    "ColumnMatch",
    "ColumnWords",
    "Grid",
    "header_path",
    "header_rows",
    "is_numbering_row",
    "is_total_label",
    "match_by_order",
    "match_columns",
    "printed_path",
    "starts_with_data",
]
