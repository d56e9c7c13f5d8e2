"""Tables to statutory forms: by title and heading, never by number; a table with codes that is no form keeps them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from detect.amounts import always_prints, find_unit, is_blank, is_code, parse_number, unit_in, usual_decimals, yuan_per
from detect.headers import (
    ColumnMatch,
    Grid,
    header_path,
    header_rows,
    is_numbering_row,
    is_total_label,
    match_by_order,
    match_columns,
    printed_path,
    starts_with_data,
)
from detect.lines import (
    CodeColumns,
    code_lines,
    economic_lines,
    entity_lines,
    find_code_columns,
    fixed_lines,
    is_organisation,
)
from detect.vocabulary import FormWords, vocabulary
from detect.wording import heading, plain, row_name, similarity
from models.document import Document
from models.report import Column, FormTable, Line
from models.table import Table

TITLE_ALIKE = 0.86
"""Similarity from which a title is that of the form with a slip of the reading; the best form wins in any case."""
COVERAGE = 0.75
"""Share of a form's columns that must be found under a title that fits."""


_NUMBERED = re.compile(r"^(?:附|公开)?(?:预算)?表?\d{1,2}表?")
_AUDIENCE = re.compile(r"^(?:[省市区县]级)?(?:(?:预算)?(?:部门|单位)(?:综合预算)?)(?=.{4})")


def _bare_title(printed: str) -> str:
    """A title without its number (`预算01表`, `表2`) and without whose budget it is (`市级部门`, `预算单位`)."""
    return _AUDIENCE.sub("", _NUMBERED.sub("", printed))


def title_score(title: str, form: FormWords) -> float:
    """How well a printed title is that of the form, 0 to 1; the name of an organisation may stand before it."""
    printed = heading(title)
    if not printed:
        return 0.0
    best, bare = 0.0, _bare_title(printed)
    for words in form.title_words:
        if printed == words:
            return 1.0
        if bare == words:
            best = max(best, 0.98)
        if printed.endswith(words) and is_organisation(
            printed[: -len(words)].removesuffix("部门").removesuffix("单位") or "局"
        ):
            best = max(best, 0.97)
        best = max(best, similarity(printed, words) - 0.01)
    return best if best >= TITLE_ALIKE else 0.0


def _title_in_grid(grid: Grid, rows: int) -> str:
    """A title that was read into the first rows of the grid: one text that spans most of the width."""
    for row in range(rows):
        filled = [cell for cell in grid.row(row) if cell.text.strip()]
        if len(filled) == 1 and filled[0].colspan * 2 > grid.table.n_cols:
            return filled[0].text
    return ""


def _unit(document: Document, table: Table, grid: Grid, rows: int) -> str:
    if table.unit:
        return unit_in(table.unit) or table.unit
    near = [*table.meta, table.caption, table.title, *table.notes]
    near += [cell.text for row in range(rows) for cell in grid.row(row)]
    if unit := find_unit(near):
        return unit
    for text in (table.title, *(cell.text for row in range(rows) for cell in grid.row(row))):
        if ("(" in plain(text) or "（" in text) and (unit := unit_in(text)) and "辆" not in text:
            return unit
    if not table.pages:
        return ""
    boxes = [cell.box for cell in table.cells if cell.page == table.pages[0]]
    top = min((box.y0 for box in boxes), default=0.0)
    above = [block for block in document.blocks if block.page == table.pages[0] and block.box.y1 <= top + 2]
    return find_unit(block.text for block in sorted(above, key=lambda block: -block.box.y1)[:4])


def _amount_columns(grid: Grid, body: Sequence[int], taken: set[int]) -> list[int]:
    """Grid columns outside `taken` that print amounts: at least one number, and hardly anything else."""
    found = []
    for col in range(grid.table.n_cols):
        if col in taken:
            continue
        texts = [grid.text(row, col) for row in body]
        filled = [text for text in texts if not is_blank(text)]
        numbers = sum(parse_number(text) is not None for text in filled)
        if numbers and numbers >= 0.6 * len(filled):
            found.append(col)
    return found


def _is_line_number_column(grid: Grid, col: int, body: Sequence[int], path: tuple[str, ...]) -> bool:
    if path and path[-1] in ("行次", "序号", "栏次"):
        return True
    numbers = [int(text) for row in body if (text := plain(grid.text(row, col))).isdigit()]
    return len(numbers) >= 4 and all(b - a == 1 for a, b in pairwise(numbers))


def _best_form(title: str, paths: list[tuple[str, ...]]) -> tuple[FormWords, ColumnMatch] | None:
    ranked = sorted(((title_score(title, form), form) for form in vocabulary().forms), key=lambda pair: -pair[0])
    for score, form in ranked:
        if not score:
            return None
        match = match_columns(form, paths)
        if match.coverage >= COVERAGE and match_by_order(form, match):
            return form, match
    return None


def read_form(document: Document, table: Table) -> FormTable:
    """The table with its meaning; a table that is no form and has no codes comes back without columns and lines."""
    grid = Grid(table)
    rows = header_rows(grid)
    paths = [header_path(grid, col, rows) for col in range(table.n_cols)]
    body = [row for row in range(rows, table.n_rows) if not is_numbering_row(grid.row(row))]
    title = table.title or _title_in_grid(grid, rows)
    best = _best_form(title, paths) or (_best_form(_title_in_grid(grid, rows), paths) if table.title else None)
    form, match = best if best else (None, ColumnMatch({}, 0.0))
    code_columns = find_code_columns(grid, paths, body)
    if form is not None:
        columns, lines, taken = _form_parts(grid, form, match, body, rows, code_columns)
    else:
        columns, lines, taken = _coded_parts(grid, paths, body, rows, code_columns)
    unit = "" if form is not None and form.counts and not table.unit else _unit(document, table, grid, rows)
    known = taken | {column.index for column in columns}
    unknown = [
        col for col in _amount_columns(grid, body, known) if not _is_line_number_column(grid, col, body, paths[col])
    ]
    texts = [grid.text(line.row, column.index) for line in lines for column in columns if line.block == column.block]
    decimals = usual_decimals(texts)
    return FormTable(
        table=table,
        form=form.id if form else "",
        name=title.strip() or f"第{table.pages[0] + 1 if table.pages else 1}页表格",
        unit=unit,
        unit_yuan=yuan_per(unit),
        decimals=decimals,
        decimals_fixed=always_prints(texts, decimals),
        header_rows=rows,
        columns=tuple(columns),
        unknown_columns=tuple(unknown),
        lines=tuple(lines),
    )


def _form_parts(
    grid: Grid, form: FormWords, match: ColumnMatch, body: list[int], rows: int, code_columns: list[tuple[int, ...]]
) -> tuple[list[Column], list[Line], set[int]]:
    columns = [
        Column(match.columns[words.id], words.id, words.block, printed_path(grid, match.columns[words.id], rows))
        for words in form.columns
        if words.role == "amount" and words.id in match.columns
    ]
    taken = {match.columns[words.id] for words in form.columns if words.role != "amount" and words.id in match.columns}
    amount_block = {column.index: column.block for column in columns}
    names = {
        words.block: match.columns[words.id]
        for words in form.columns
        if words.role == "name" and words.id in match.columns
    }
    lines: list[Line] = []
    if form.layout == "codes":
        blocks = list(dict.fromkeys(words.block for words in form.columns if words.role == "amount"))
        parts = _codes_by_block(form, match, code_columns, amount_block, blocks)
        described = [
            CodeColumns(block, cols, _name_column(grid, cols, names.get(block), amount_block, body))
            for block, cols in parts.items()
        ]
        taken |= {col for item in described for col in (*item.parts, *(() if item.name is None else (item.name,)))}
        lines = code_lines(grid, body, described, amount_block)
    elif form.layout == "lines":
        for block, col in names.items():
            lines += fixed_lines(grid, body, form, block, col)
    elif form.layout == "economic":
        lines = economic_lines(grid, body, match.columns["department"], match.columns["government"])
    elif form.layout == "entities" or names:
        lines = entity_lines(grid, body, match.columns["name"])
    else:
        lines = [Line(row, "amount", "", "", "本年数") for row in body[:1]]
    return columns, lines, taken


def _codes_by_block(
    form: FormWords,
    match: ColumnMatch,
    code_columns: list[tuple[int, ...]],
    amount_block: dict[int, str],
    blocks: list[str],
) -> dict[str, tuple[int, ...]]:
    """The code columns of each block: those that print codes, otherwise those that are headed so (an empty form)."""
    found: dict[str, tuple[int, ...]] = {}
    for cols in code_columns:
        after = [col for col in sorted(amount_block) if col > cols[-1]]
        if after and amount_block[after[0]] not in found:
            found[amount_block[after[0]]] = cols
    for words in form.columns:
        if words.role == "code" and words.id in match.columns and words.block not in found:
            found[words.block] = (match.columns[words.id],)
    if not found:
        found = dict.fromkeys(blocks[:1], (0,))
    return found


def _name_column(
    grid: Grid, parts: tuple[int, ...], headed: int | None, amount_block: dict[int, str], body: list[int]
) -> int | None:
    """The column of the names: the one that is headed so, or the next one unless it prints numbers."""
    if headed is not None and headed > parts[-1]:
        return headed
    after = parts[-1] + 1
    if after >= grid.table.n_cols or after in amount_block:
        return None
    return None if any(parse_number(grid.text(row, after)) is not None for row in body) else after


def _named_parts(
    grid: Grid, paths: list[tuple[str, ...]], body: list[int], rows: int
) -> tuple[list[Column], list[Line], set[int]]:
    """A table of names and amounts under a heading with 合计: only what its own pattern shows can be checked."""
    columns = [
        Column(col, f"col:{'>'.join(paths[col])}", "", printed_path(grid, col, rows))
        for col in _amount_columns(grid, body, {0})
        if paths[col] and not _is_line_number_column(grid, col, body, paths[col])
    ]
    names = [grid.text(row, 0).strip() for row in body]
    worded = sum(bool(name) and parse_number(name) is None for name in names)
    if len({column.id for column in columns}) < len(columns) or len(columns) < 3 or worded < len(body) * 0.8:
        return [], [], set()
    lines = [
        Line(row, f"row:{row_name(name)}", "", "", name, is_total=is_total_label(name))
        for row, name in zip(body, names, strict=True)
        if name
    ]
    return columns, lines, {0}


def _coded_parts(
    grid: Grid, paths: list[tuple[str, ...]], body: list[int], rows: int, code_columns: list[tuple[int, ...]]
) -> tuple[list[Column], list[Line], set[int]]:
    """A table that is no known form but prints one column of codes: its amounts keep their headings as names."""
    if starts_with_data(grid) or len(code_columns) > 1:
        return [], [], set()
    if not code_columns:
        return _named_parts(grid, paths, body, rows)
    parts = code_columns[0]
    name = _name_column(grid, parts, None, {}, body)
    taken = {*parts, *(() if name is None else (name,))}
    taken |= {col for col in range(grid.table.n_cols) if _is_line_number_column(grid, col, body, paths[col])}
    columns = []
    for col in _amount_columns(grid, body, taken):
        texts = [plain(grid.text(row, col)) for row in body if plain(grid.text(row, col))]
        if sum(is_code(text) for text in texts) > 0.5 * len(texts) and any("码" in word for word in paths[col]):
            continue
        columns.append(Column(col, f"col:{'>'.join(paths[col]) or col}", "", printed_path(grid, col, rows)))
    lines = code_lines(grid, body, [CodeColumns("", parts, name)], {column.index: "" for column in columns})
    if not any(is_total_label(line.name) or line.is_total or line.code for line in lines):
        return [], [], set()
    return columns, lines, taken
