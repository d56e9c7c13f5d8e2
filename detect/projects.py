"""Project performance forms to their parts: funding blocks and scores, found by their labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detect.amounts import parse_number, unit_in
from detect.headers import Grid
from detect.wording import plain, row_name
from models.table import Cell, Table

_TOTAL = re.compile(r"资金总额|项目(?:年初)?预算金额|实际到位金额|实际执行金额")
_SOURCE = re.compile(
    r"^(?:中央|中央财政|省级?|省市|市级?|市县|县|区|乡|本级|上级|中央、省|中央省)[^\d]{0,12}(?:资金|财政|补助)$"
    r"|^(?:单位)?自筹(?:资金)?$|^其(?:他|它)(?:资金)?$|^社会资金$"
)
_PART = re.compile(r"执行情况|预算执行|产出|效益|满意度")
_GRADE = re.compile(r"等级(?:为|是|：|:)?[“\"‘]?(优|良|中|差)")


@dataclass(frozen=True, slots=True)
class Funding:
    """One total with the sources below it.

    Attributes:
        name: of the total as printed, without the colon (`年度资金总额`).
        unit: `元` or `万元` as the form says beside the amounts, empty when it does not say.
        total: the cell of the total.
        sources: label and cell of each source, from top to bottom.
    """

    name: str
    unit: str
    total: Cell
    sources: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one self-evaluation.

    Attributes:
        total: the cell of 总分.
        parts: label and cell of every score above it.
        grade: the grade that the conclusion states, empty when it states none.
        conclusion: the cell that states it.
    """

    total: Cell
    parts: tuple[tuple[str, Cell], ...]
    grade: str
    conclusion: Cell | None


def is_target_form(table: Table) -> bool:
    """Whether the table sets performance targets of one project."""
    return "绩效目标" in plain(table.title) and "整体" not in plain(table.title)


def is_self_evaluation(table: Table) -> bool:
    """Whether the table evaluates one project after the year."""
    return "自评表" in plain(table.title) and "整体" not in plain(table.title)


def project_name(table: Table) -> str:
    """What stands beside 项目名称; empty when the form has no such cell."""
    grid = Grid(table)
    for cell in table.cells:
        if row_name(cell.text) == "项目名称" and cell.col + cell.colspan < table.n_cols:
            return plain(grid.text(cell.row, cell.col + cell.colspan))
    return ""


def fundings(table: Table) -> Iterator[Funding]:
    """The totals of money in a form with their sources; totals without sources below them are left out."""
    grid = Grid(table)
    for cell in table.cells:
        words = plain(cell.text)
        if not _TOTAL.search(words) or len(words) > 20 or cell.col + cell.colspan >= table.n_cols:
            continue
        value = grid.cell(cell.row, cell.col + cell.colspan)
        if value.row != cell.row or not (parse_number(value.text) or not value.text.strip()):
            continue
        sources: list[tuple[str, Cell]] = []
        for row in range(cell.row + cell.rowspan, table.n_rows):
            label = grid.cell(row, cell.col)
            name = re.sub(r"^其中[:：]?", "", plain(label.text))
            if label.col != cell.col or not _SOURCE.match(name):
                break
            sources.append((name, grid.cell(row, label.col + label.colspan)))
        if sources:
            side = grid.text(cell.row, 0)
            yield Funding(words.rstrip(":："), unit_in(words) or unit_in(side) or table.unit, value, tuple(sources))


def scores(table: Table) -> Scores | None:
    """The scores of a self-evaluation; None when the form has no 总分 or scores nothing above it in that column."""
    grid = Grid(table)
    label = next((cell for cell in table.cells if row_name(cell.text) in ("总分", "总得分", "合计得分")), None)
    if label is None:
        return None
    numbered = [cell for cell in grid.row(label.row) if cell.col > label.col and _score(cell.text)]
    if not numbered:
        return None
    total = numbered[-1]
    parts: list[tuple[str, Cell]] = []
    for row in range(label.row):
        cell = grid.cell(row, total.col)
        if cell.row == row and cell.colspan == total.colspan and _score(cell.text):
            parts.append((_label_of(grid, cell), cell))
    conclusion = next(
        (cell for cell in table.cells if _GRADE.search(plain(cell.text)) and "划分" not in cell.text), None
    )
    grade = found.group(1) if conclusion is not None and (found := _GRADE.search(plain(conclusion.text))) else ""
    return Scores(total, tuple(parts), grade, conclusion)


def _label_of(grid: Grid, score: Cell) -> str:
    words = [plain(cell.text) for cell in grid.row(score.row) if cell.col < score.col and plain(cell.text)]
    return next((word for word in words if _PART.search(word)), words[0] if words else "")


def _score(text: str) -> bool:
    bare = plain(text)
    return bare.endswith("分") and parse_number(bare.removesuffix("分")) is not None
