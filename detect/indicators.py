"""The table of indicators inside a performance form: its heading, its two halves, its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detect.headers import Grid
from detect.wording import plain, row_name
from models.form import Indicator, Side
from models.table import Cell

_NAME = re.compile(r"三级指标(?:名称)?|指标内容|绩效指标内容|指标名称")
_VALUE = re.compile(r"(?:本?年度?)?(?:绩效)?(?:指标|目标)值(?:及单位)?")
_LEVEL1 = re.compile(r"一级指标")
_LEVEL2 = re.compile(r"二级指标")
_DONE = re.compile(r"(?:全年)?(?:实际)?完成(?:值|情况)")
_SIGN = re.compile(r"(?:绩效)?指标性质")
_MEASURE = re.compile(r"(?:绩效)?度量单位|计量单位")
_PROJECT = re.compile(r"项目名称")
_GOAL = re.compile(r"(?:年度)?绩效目标")
_MONEY = re.compile(r"项目总额|(?:预算)?金额|资金总额")
_ORDINAL = re.compile(r"^指标\d{1,2}$")
_CLASS = re.compile(r"产出|效益|满意|成本|数量|质量|时效|影响|指标")


@dataclass(frozen=True, slots=True)
class Half:
    """The columns of one half of the table of indicators (grid columns; the name may span several)."""

    level1: int | None
    level2: int | None
    name: int
    name_end: int
    value: int
    done: int | None = None


def find_heading(grid: Grid) -> int | None:
    """The row that heads the indicators; None when there is none."""
    for row in range(grid.table.n_rows):
        words = [row_name(cell.text) for cell in grid.row(row) if cell.row == row]
        if any(_NAME.fullmatch(word) for word in words) and any(_VALUE.fullmatch(word) for word in words):
            return row
    return None


def _halves(grid: Grid, row: int) -> list[Half]:
    cells = [(cell, row_name(cell.text)) for cell in grid.row(row) if cell.row == row]
    level1 = next((cell.col for cell, word in cells if _LEVEL1.fullmatch(word)), None)
    halves: list[Half] = []
    level2: int | None = None
    name: Cell | None = None
    for cell, word in cells:
        if _LEVEL2.fullmatch(word):
            level2 = cell.col
        elif _NAME.fullmatch(word):
            name = cell
        elif name is not None and _VALUE.fullmatch(word):
            done = next((c.col for c, w in cells if c.col > cell.col and _DONE.fullmatch(w)), None)
            halves.append(Half(level1, level2, name.col, name.col + name.colspan - 1, cell.col, done))
            name = None
    return halves


def read_indicators(
    grid: Grid, listed: dict[str, int] | None = None, rows: Sequence[int] | None = None
) -> Iterator[Indicator]:
    """The indicators of a form, or of the given rows of a list of projects.

    Yields:
        Also rows that print a class without an indicator: their name is empty.
    """
    if listed is not None:
        if "name" in listed and "value" in listed:
            yield from _listed(grid, listed, rows or ())
        return
    head = find_heading(grid)
    if head is None:
        return
    halves = _halves(grid, head)
    for row in range(head + 1, grid.table.n_rows):
        if not _is_indicator_row(grid, row, halves[0]):
            if halves[0].level1 is not None:
                break
            continue
        for index, half in enumerate(halves):
            side: Side = "period" if len(halves) > 1 and index == 0 else "year"
            yield _indicator(grid, row, half, side)


def _is_indicator_row(grid: Grid, row: int, half: Half) -> bool:
    """Whether the row still belongs to the table of indicators: a class stands apart from the name of the indicator."""
    classes = [col for col in (half.level1, half.level2) if col is not None]
    if not classes:
        return True
    name = grid.cell(row, half.name)
    return all(grid.cell(row, col) is not name for col in classes) and any(
        _CLASS.search(plain(grid.text(row, col))) or not plain(grid.text(row, col)) for col in classes
    )


def _indicator(grid: Grid, row: int, half: Half, side: Side) -> Indicator:
    parts = [grid.cell(row, col) for col in range(half.name, half.name_end + 1)]
    name = next((cell for cell in reversed(parts) if not _ORDINAL.match(plain(cell.text))), parts[-1])
    value = grid.cell(row, half.value)
    return Indicator(
        side=side,
        level1=plain(grid.text(row, half.level1)) if half.level1 is not None else "",
        level2=plain(grid.text(row, half.level2)) if half.level2 is not None else "",
        name=plain(name.text),
        value=plain(value.text),
        name_cell=name,
        value_cell=value,
        done=grid.cell(row, half.done) if half.done is not None else None,
    )


def heading_of_list(grid: Grid) -> dict[str, int] | None:
    """The columns of a table that lists projects with their goals in one row each; None for any other table."""
    found: dict[str, int] = {}
    for row in range(min(2, grid.table.n_rows)):
        for cell in grid.row(row):
            word = row_name(cell.text)
            for name, pattern in (
                ("project", _PROJECT),
                ("goal", _GOAL),
                ("money", _MONEY),
                ("level1", _LEVEL1),
                ("level2", _LEVEL2),
                ("name", _NAME),
                ("sign", _SIGN),
                ("value", _VALUE),
                ("measure", _MEASURE),
            ):
                if pattern.fullmatch(word) and cell.row == 0:
                    found.setdefault(name, cell.col)
    return found if {"project", "goal"} <= set(found) else None


def rows_of_list(grid: Grid, columns: dict[str, int]) -> Iterator[list[int]]:
    """The rows of each entry: those that share the cells of name and goal; repeated headings are left out."""
    rows: list[int] = []
    for row in range(1, grid.table.n_rows):
        name = grid.cell(row, columns["project"])
        if name.row == 0 or _PROJECT.fullmatch(row_name(name.text)):
            continue
        goal = grid.cell(row, columns["goal"])
        if rows and (
            name is not grid.cell(rows[0], columns["project"]) or goal is not grid.cell(rows[0], columns["goal"])
        ):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _listed(grid: Grid, columns: dict[str, int], rows: Sequence[int]) -> Iterator[Indicator]:
    for row in rows:
        value = grid.cell(row, columns["value"])
        name = grid.cell(row, columns["name"])
        sign = plain(grid.text(row, columns["sign"])) if "sign" in columns else ""
        measure = plain(grid.text(row, columns["measure"])) if "measure" in columns else ""
        bare = plain(value.text)
        yield Indicator(
            side="year",
            level1=plain(grid.text(row, columns["level1"])) if "level1" in columns else "",
            level2=plain(grid.text(row, columns["level2"])) if "level2" in columns else "",
            name=plain(name.text),
            value=(sign if sign in "≥≤=＝><＞＜" else "") + bare + measure if bare else "",
            name_cell=name,
            value_cell=value,
        )
