"""Which cells of a table print a number that means a quantity.

Codes (`2010601` under 科目编码), line numbers (行次), column numbers (栏次, or a row `1 2 3 …` under the
heads) and words have none.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from itertools import pairwise

from models.table import Cell, Table

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_UNDER_HEADS = {"栏次", "类", "合计"}
_WHOLE = re.compile(r"\d+")
_CODE_HEAD = re.compile(r".*(?:编码|代码|编号)|行次|序号|行号")
# Functional and economic classification codes: class (3 digits), section (5), item (7).
_CODE = re.compile(r"[1-5]\d{2}(?:\d{2}){0,2}")
_FEWEST_COLUMN_NUMBERS = 3


def plain(text: str) -> str:
    """The text with full-width forms folded, blanks removed and every minus sign written `-`."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("−", "-").replace("–", "-")


def printed_number(text: str) -> Decimal | None:
    """The number that a text consists of, as printed: `1,638.09` is 1638.09, `85%` is 85; None for anything else."""
    bare = plain(text)
    if not _NUMBER.fullmatch(bare):
        return None
    return Decimal(bare.rstrip("%").replace(",", ""))


def quantities(table: Table) -> dict[tuple[int, int], Decimal]:
    """Printed numbers by (row, column) of their cells, without codes, line numbers and column numbers."""
    column_number_rows = _column_number_rows(table)
    code_columns = _columns_of_code_shape(table)
    codes_from: dict[int, int] = {}
    numbers: dict[tuple[int, int], Decimal] = {}
    for cell in table.cells:
        if _is_column_head(table, cell):
            for column in range(cell.col, cell.col + cell.colspan):
                codes_from.setdefault(column, cell.row)
            continue
        number = printed_number(cell.text)
        if number is None or cell.row in column_number_rows or cell.col in code_columns:
            continue
        if cell.col in codes_from and _WHOLE.fullmatch(plain(cell.text)):
            continue
        numbers[cell.row, cell.col] = number
    return numbers


def _is_column_head(table: Table, cell: Cell) -> bool:
    """Whether a head-like word heads the cells below it; in forms it names the value on its right (`项目编码 | …`)."""
    if not _CODE_HEAD.fullmatch(plain(cell.text)):
        return False
    below = _text_below(table, cell)
    return cell.row < table.n_header or not below or below in _UNDER_HEADS or bool(_WHOLE.fullmatch(below))


def _text_below(table: Table, cell: Cell) -> str:
    below = cell.row + cell.rowspan
    return next((plain(c.text) for c in table.cells if c.col == cell.col and c.row <= below < c.row + c.rowspan), "")


def _column_number_rows(table: Table) -> set[int]:
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        text = plain(cell.text)
        if text:
            rows.setdefault(cell.row, []).append(text)
    found = set()
    for row, texts in rows.items():
        if "栏次" in texts:
            found.add(row)
        elif len(texts) >= _FEWEST_COLUMN_NUMBERS and all(_WHOLE.fullmatch(text) for text in texts):
            counted = [int(text) for text in texts]
            if counted[0] == 1 and all(after == before + 1 for before, after in pairwise(counted)):
                found.add(row)
    return found


def _columns_of_code_shape(table: Table) -> set[int]:
    """Columns whose numbers all look like classification codes, some of them the class of another.

    This holds where the head was misread or lies on another page.
    """
    columns: dict[int, set[str]] = {}
    for cell in table.cells:
        if printed_number(cell.text) is not None:
            columns.setdefault(cell.col, set()).add(plain(cell.text))
    return {
        column
        for column, texts in columns.items()
        if all(_CODE.fullmatch(text) for text in texts)
        and any(other != text and other.startswith(text) for text in texts for other in texts)
    }
