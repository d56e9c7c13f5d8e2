"""The rows of a recognised table: grid rows in, lines with identities out, one way for each layout of form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detect.amounts import is_code, parse_number
from detect.headers import ALIKE, Grid, is_total_label
from detect.vocabulary import FormWords, economic_groups, expenditure_classes, functional_items
from detect.wording import fixed_name, plain, row_name, similarity
from models.report import Line

_ORGANISATION = re.compile(
    r"(?:局|厅|委|委员会|办公室|办|中心|队|所|站|院|馆|校|园|学校|医院|部|处|协会|学会|联合会|社|署|台|公司|集团|政府|机关|本级|分局|法院|检察院)(?:[(（].*[)）])?$"
)
_NOT_ORGANISATION = re.compile(r"经费|费$|项目|资金|补助|补贴|工程|采购|建设$|运维")
_FOOTERS = {"人员经费合计": "personnel", "公用经费合计": "operating"}

LEGIBLE = 0.5
"""Confidence below which text in a cell that is usually blank says nothing: of such readings half are wrong."""


def is_organisation(name: str) -> bool:
    """Whether the name reads like that of a department or unit, not of a project."""
    bare = plain(name)
    return bool(_ORGANISATION.search(bare)) and not _NOT_ORGANISATION.search(bare)


@dataclass(frozen=True, slots=True)
class CodeColumns:
    """Where one block of a table prints its codes.

    Attributes:
        block: id of the block.
        parts: the column of the codes, or the two or three columns of 类, 款 and 项.
        name: the column of the names, None when there is none.
    """

    block: str
    parts: tuple[int, ...]
    name: int | None


def read_code(grid: Grid, row: int, parts: Sequence[int]) -> str:
    """The code of a row, joined from three cells where 类, 款 and 项 stand apart; empty when there is none."""
    texts = [plain(grid.text(row, col)) for col in parts]
    if len(texts) == 1:
        return texts[0] if is_code(texts[0]) else ""
    code = ""
    for text in texts:
        if text.startswith(code) and len(text) in (3, 5, 7):
            code = text
        elif text.isdigit() and len(text) == 2 and len(code) in (3, 5):
            code += text
    return code if is_code(code) else ""


def find_code_columns(grid: Grid, paths: Sequence[tuple[str, ...]], body: Sequence[int]) -> list[tuple[int, ...]]:
    """The columns that print codes, from left to right; two or three neighbours for 类, 款 and 项 in their own columns.

    A column counts when its heading says so, or when it is the first column, and most of what it prints are codes:
    whole-yuan amounts of three, five or seven digits look the same.
    """
    found: list[tuple[int, ...]] = []
    col = 0
    while col < grid.table.n_cols:
        leaf = paths[col][-1] if paths[col] else ""
        if (
            leaf == "类"
            and col + 2 < grid.table.n_cols
            and [path[-1:] for path in paths[col + 1 : col + 3]] == [("款",), ("项",)]
        ):
            found.append((col, col + 1, col + 2))
            col += 3
            continue
        if leaf == "类" and col + 1 < grid.table.n_cols and paths[col + 1][-1:] == ("款",):
            found.append((col, col + 1))
            col += 2
            continue
        texts = [plain(grid.text(row, col)) for row in body]
        filled = [text for text in texts if text and not is_total_label(text)]
        codes = sum(is_code(text) for text in filled)
        says_so = "编码" in leaf or "代码" in leaf or leaf in ("科目", "编号")
        if codes and codes >= 0.6 * len(filled) and (says_so or (col == 0 and codes >= 3)):
            found.append((col,))
        col += 1
    return found


def code_lines(
    grid: Grid, body: Iterable[int], columns: Sequence[CodeColumns], amount_block: dict[int, str]
) -> list[Line]:
    """Lines of tables whose rows carry codes.

    Args:
        grid: the table.
        body: grid rows with data.
        columns: the code columns of each block.
        amount_block: block of every amount column, for footers that reach over several blocks.
    """
    lines: list[Line] = []
    rows = list(body)
    footers: dict[int, set[str]] = {}
    for row in rows:
        for cell in grid.row(row):
            if (footer := _FOOTERS.get(row_name(cell.text))) is not None:
                block = _footer_block(grid, row, cell.col + cell.colspan, amount_block)
                if block is not None:
                    lines.append(Line(row, footer, block, "", cell.text.strip()))
                    footers.setdefault(row, set()).add(block)
    for columns_of_block in columns:
        block = columns_of_block.block
        for row in rows:
            if block in footers.get(row, set()) or (footers.get(row) and _covered(grid, row, columns_of_block)):
                continue
            code = read_code(grid, row, columns_of_block.parts)
            labels = [plain(grid.text(row, col)) for col in columns_of_block.parts]
            name = grid.text(row, columns_of_block.name).strip() if columns_of_block.name is not None else ""
            if code:
                lines.append(Line(row, f"c{code}", block, code, name))
            elif any(is_total_label(label) for label in (*labels, name)):
                lines.append(Line(row, "total", block, "", "合计", is_total=True))
            elif name or any(labels):
                lines.append(Line(row, f"row:{row_name(name or ''.join(labels))}", block, "", name or "".join(labels)))
    return lines


def _footer_block(grid: Grid, row: int, start: int, amount_block: dict[int, str]) -> str | None:
    """The block whose column holds a footer's amount: the first amount after the label, up to the next label."""
    after = [col for col in sorted(amount_block) if col >= start]
    for col in range(start, grid.table.n_cols):
        if row_name(grid.text(row, col)) in _FOOTERS:
            break
        if col in amount_block and parse_number(grid.text(row, col)) is not None:
            return amount_block[col]
    return amount_block[after[0]] if after else None


def _covered(grid: Grid, row: int, columns: CodeColumns) -> bool:
    return row_name(grid.text(row, columns.parts[0])) in _FOOTERS


def fixed_lines(grid: Grid, body: Iterable[int], form: FormWords, block: str, name_col: int) -> list[Line]:
    """Lines of one block of a form with fixed rows: each label takes the first line of the form not yet taken.

    Rows above the block's first total that are none of the fixed ones are expenditure classes where the form has them
    in this block (`c208`, or `class:<name>` for a class without a known code). A 款 or 项 is none: where they are
    listed too, the rows do not add up to the total.
    """
    words = [line for line in form.lines if line.block == block]
    classes = expenditure_classes() if form.class_block == block else {}
    lower = functional_items() if form.class_block == block else frozenset()
    lines: list[Line] = []
    taken: set[str] = set()
    for row in body:
        printed = grid.text(row, name_col).strip()
        name = fixed_name(printed)
        if not name:
            continue
        known = next((line for line in words if line.id not in taken and name in line.names), None)
        if known is None and not (classes and name in classes):
            known = next(
                (
                    line
                    for line in words
                    if line.id not in taken and max(similarity(name, label) for label in line.names) >= 0.9
                ),
                None,
            )
        if known is not None:
            taken.add(known.id)
            lines.append(Line(row, known.id, block, "", printed, is_total=known.id == "total"))
        elif name in lower and name not in classes:
            lines.append(Line(row, f"row:{name}", block, "", printed))
        elif form.class_block == block and not any(line.id.endswith(".year") for line in lines):
            code = classes.get(name) or next(
                (code for label, code in classes.items() if similarity(name, label) >= 0.9), ""
            )
            lines.append(Line(row, f"c{code}" if code else f"class:{name}", block, code, printed))
        else:
            lines.append(Line(row, f"row:{name}", block, "", printed))
    return lines


def economic_lines(grid: Grid, body: Iterable[int], department: int, government: int) -> list[Line]:
    """Lines of the form by economic subject: groups (`g301`), items (`item:<name>`) and the total."""
    groups = economic_groups()
    lines: list[Line] = []
    for row in body:
        name, other = grid.text(row, department).strip(), grid.text(row, government).strip()
        if grid.cell(row, government).confidence < LEGIBLE:
            other = ""  # dust or the rest of a mark in a blank cell must not make an item of a group
        bare = fixed_name(name)
        if is_total_label(name):
            lines.append(Line(row, "total", "", "", "合计", is_total=True))
        elif (not other or grid.cell(row, department) is grid.cell(row, government)) and bare in groups:
            lines.append(Line(row, f"g{groups[bare]}", "", groups[bare], name))
        elif bare:
            lines.append(Line(row, f"item:{bare}", "", "", f"{name}（{other}）" if other else name))
    return lines


def entity_lines(grid: Grid, body: Iterable[int], name_col: int) -> list[Line]:
    """Lines of forms that list units or projects: the total, `unit:<name>` and `row:<name>`.

    A first row that names an organisation is the department's total (the department stands there again as a unit).
    """
    lines: list[Line] = []
    for row in body:
        name = grid.text(row, name_col).strip()
        if not name:
            continue
        if is_total_label(name):
            lines.append(Line(row, "total", "", "", name, is_total=True))
        elif is_organisation(name):
            first = not lines
            lines.append(Line(row, "total" if first else f"unit:{row_name(name)}", "", "", name, is_total=first))
        else:
            lines.append(Line(row, f"row:{row_name(name)}", "", "", name))
    return lines


__all__ = [
    "ALIKE",
    "CodeColumns",
    "code_lines",
    "economic_lines",
    "entity_lines",
    "find_code_columns",
    "fixed_lines",
    "is_organisation",
    "read_code",
]
