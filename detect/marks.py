"""Self-evaluations that give every row its full marks and its points (分值, 得分) to records."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.amounts import parse_number
from detect.headers import Grid
from detect.wording import plain, row_name
from models.form import Execution, Mark
from models.table import Cell

_FULL = re.compile(r"分值|权重|标准分")
_POINTS = re.compile(r"(?:自评)?得分")
_TOTAL = re.compile(r"总分|总计|合计|总得分")
_BUDGET = re.compile(r"(?:全年|调整后)?预算数")
_SPENT = re.compile(r"(?:全年)?执行数")
_RATE = re.compile(r"(?:预算)?执行率")
_MONEY_ROW = re.compile(r"(?:年度)?资金总额|项目资金(?:总额)?|合计")


def _columns(grid: Grid, row: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in grid.row(row):
        word = row_name(cell.text)
        for name, pattern in (
            ("full", _FULL),
            ("points", _POINTS),
            ("budget", _BUDGET),
            ("spent", _SPENT),
            ("rate", _RATE),
        ):
            if cell.row == row and pattern.fullmatch(word):
                found[name] = cell.col
    return found


def read_marks(grid: Grid) -> tuple[tuple[Mark, ...], Mark | None]:
    """The rows with full marks and points, and the row of the total; none where the form does not print both."""
    marks: list[Mark] = []
    total: Mark | None = None
    columns: dict[str, int] = {}
    for row in range(grid.table.n_rows):
        headed = _columns(grid, row)
        if {"full", "points"} <= set(headed):
            columns = headed
            continue
        if not columns:
            continue
        full, points = grid.cell(row, columns["full"]), grid.cell(row, columns["points"])
        label = _label(grid, row, columns["full"])
        if _TOTAL.fullmatch(label):
            numbers = [cell for cell in grid.row(row) if cell.row == row and _is_number(cell)]
            if len(numbers) == 2:
                total = Mark("总分", numbers[0], numbers[1], row)
            elif len(numbers) == 1:
                total = Mark("总分", None, numbers[0], row)
            break
        if full is not points and full.row == row and points.row == row and _is_number(full):
            marks.append(Mark(label, full, points, row))
    return tuple(marks), total


def read_execution(grid: Grid) -> Execution | None:
    """The line of all money with its budget, what was spent and the rate; None where the form has no such columns."""
    for head in range(grid.table.n_rows):
        columns = _columns(grid, head)
        if not {"budget", "spent"} <= set(columns):
            continue
        for row in range(head + 1, min(head + 3, grid.table.n_rows)):
            if _MONEY_ROW.fullmatch(_label(grid, row, columns["budget"])):
                cells = {name: grid.cell(row, col) for name, col in columns.items()}
                return Execution(
                    cells["budget"], cells["spent"], cells.get("rate"), cells.get("full"), cells.get("points")
                )
    return None


def _label(grid: Grid, row: int, before: int) -> str:
    """The last words before a column that are no number, as far as they begin in this row."""
    words = list(_words(grid, row, before))
    return words[0] if words and _TOTAL.fullmatch(words[0]) else (words[-1] if words else "")


def _words(grid: Grid, row: int, before: int) -> Iterator[str]:
    for cell in grid.row(row):
        if cell.row == row and cell.col < before and (word := row_name(cell.text)) and not _is_number(cell):
            yield word.rstrip(":")


def _is_number(cell: Cell) -> bool:
    return parse_number(plain(cell.text).removesuffix("分")) is not None
