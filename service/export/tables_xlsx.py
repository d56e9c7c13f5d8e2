"""`tables.xlsx`: the findings, and every table as it stands on the page, flagged cells coloured and commented."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from service.export.numbers import plain, quantities
from service.export.wording import (
    READING_LABEL,
    SEVERITY_LABEL,
    in_showing_order,
    page_span,
    pages_of,
)

if TYPE_CHECKING:
    from models.finding import Finding, Severity
    from models.report import Report
    from models.table import Table

FINDINGS_SHEET: Final = "问题清单"
SKIPS_SHEET: Final = "未检查事项"

_TITLE_ROWS: Final = 2
_LONGEST_SHEET_NAME: Final = 31
_LONGEST_TEXT: Final = 32_767
_COLUMN_WIDTHS: Final = (6, 40)
_FINDING_WIDTHS: Final = (5, 6, 8, 70, 14, 17, 17, 17, 14, 26, 18)
_SKIP_WIDTHS: Final = (9, 24, 50, 60)
_LINE_HEIGHT_PT: Final = 14.0
_TALLEST_ROW_PT: Final = 400.0
_FORBIDDEN_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

_FACE: Final = "宋体"
_FILL: Final[dict[Severity, str]] = {"error": "F8D7D4", "warning": "FBE8C8", "hint": "DDE6F2"}
_HEAD_FILL: Final = PatternFill("solid", fgColor="EDEFF2")
_RULE: Final = Side(style="thin", color="9AA3AF")
_GRID: Final = Border(left=_RULE, right=_RULE, top=_RULE, bottom=_RULE)
_LINK: Final = Font(name=_FACE, size=10, color="1F4E8C", underline="single")


def write_tables_xlsx(report: Report, path: Path) -> None:
    """Writes the workbook to `path`: findings first, then one sheet per table, then what was not checked.

    No cell is ever a formula: text that begins like one stays text. Numbers keep the format they were printed in.
    """
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = FINDINGS_SHEET
    tables = report.document.tables
    names = _sheet_names([table.title or table.caption or f"表{index}" for index, table in enumerate(tables, 1)])
    sheet_of = {table.id: name for table, name in zip(tables, names, strict=True)}
    findings = in_showing_order(report.findings)
    _write_findings(first, report, findings, sheet_of)
    flagged = _flagged(findings)
    for table, name in zip(tables, names, strict=True):
        _write_table(book.create_sheet(name), table, flagged.get(table.id, {}))
    _write_skips(book.create_sheet(SKIPS_SHEET), report)
    book.save(path)


def _flagged(findings: tuple[Finding, ...]) -> dict[str, dict[tuple[int, int], list[tuple[int, Finding]]]]:
    """Numbered findings by table id and by (row, column) of every disputed cell."""
    flagged: dict[str, dict[tuple[int, int], list[tuple[int, Finding]]]] = defaultdict(lambda: defaultdict(list))
    for number, finding in enumerate(findings, 1):
        for place in finding.evidence[:1]:
            if place.table is not None and place.row is not None and place.col is not None:
                flagged[place.table][place.row, place.col].append((number, finding))
    return flagged


def _write_findings(sheet: Worksheet, report: Report, findings: tuple[Finding, ...], sheet_of: dict[str, str]) -> None:
    document = report.document
    facts = [report.entity, f"{report.year}年" if report.year else "", document.name]
    _put(_at(sheet, 1, 1), "　".join(fact for fact in facts if fact)).font = Font(name=_FACE, size=13, bold=True)
    _put(_at(sheet, 2, 1), f"共 {len(findings)} 项。点“位置”可跳到所在单元格；“未检查事项”见末表，未检查不等于正确。")
    _at(sheet, 2, 1).font = Font(name=_FACE, size=10, color="55606E")
    heads = ("序号", "级别", "规则", "问题", "位置", "应为", "所列", "差额", "读数判定", "依据", "复核意见")
    _heads(sheet, 4, heads, _FINDING_WIDTHS)
    for number, finding in enumerate(findings, 1):
        row = 4 + number
        values = (
            SEVERITY_LABEL[finding.severity],
            finding.rule,
            finding.message,
            page_span(pages_of(finding)),
            finding.expected,
            finding.observed,
            finding.difference,
            READING_LABEL[finding.reading],
            str(finding.basis),
            "",
        )
        _at(sheet, row, 1).value = number
        for column, value in enumerate(values, 2):
            _put(_at(sheet, row, column), value)
        for column in range(1, len(heads) + 1):
            cell = _at(sheet, row, column)
            cell.font, cell.border = Font(name=_FACE, size=10), _GRID
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        _at(sheet, row, 2).fill = PatternFill("solid", fgColor=_FILL[finding.severity])
        _link_to_evidence(_at(sheet, row, 5), finding, sheet_of)
        _fit_row(sheet, row, _FINDING_WIDTHS)
    sheet.freeze_panes = "A5"
    if findings:
        sheet.auto_filter.ref = f"A4:{get_column_letter(len(heads))}{4 + len(findings)}"
    _page_setup(sheet)


def _link_to_evidence(cell: SheetCell, finding: Finding, sheet_of: dict[str, str]) -> None:
    for place in finding.evidence:
        if place.table in sheet_of and place.row is not None and place.col is not None:
            name = sheet_of[place.table]
            target = f"{get_column_letter(place.col + 1)}{place.row + 1 + _TITLE_ROWS}"
            _put(cell, f"第{place.page + 1}页　{target}")
            _link(cell, name, target)
            return


def _write_table(sheet: Worksheet, table: Table, flagged: dict[tuple[int, int], list[tuple[int, Finding]]]) -> None:
    _put(_at(sheet, 1, 1), table.title or table.caption or table.id).font = Font(name=_FACE, size=13, bold=True)
    facts = (_unit(table), page_span(table.pages), "返回问题清单")
    back = _put(_at(sheet, 2, 1), "　".join(fact for fact in facts if fact))
    _link(back, FINDINGS_SHEET, "A1")
    numbers = quantities(table)
    for cell in table.cells:
        target = _at(sheet, cell.row + 1 + _TITLE_ROWS, cell.col + 1)
        _write_value(target, cell.text, numbers.get((cell.row, cell.col)))
        is_head = cell.row < table.n_header
        for row in range(cell.row, cell.row + cell.rowspan):
            for column in range(cell.col, cell.col + cell.colspan):
                _at(sheet, row + 1 + _TITLE_ROWS, column + 1).border = _GRID
        target.font = Font(name=_FACE, size=10, bold=is_head)
        target.alignment = Alignment(
            horizontal="center" if is_head else "right" if isinstance(target.value, Decimal) else None,
            vertical="center",
            wrap_text=True,
        )
        if is_head:
            target.fill = _HEAD_FILL
        if cell.rowspan > 1 or cell.colspan > 1:
            sheet.merge_cells(
                start_row=cell.row + 1 + _TITLE_ROWS,
                end_row=cell.row + cell.rowspan + _TITLE_ROWS,
                start_column=cell.col + 1,
                end_column=cell.col + cell.colspan,
            )
        _mark(target, flagged.get((cell.row, cell.col), []))
    _fit_columns(sheet, table)
    if table.n_header:
        sheet.freeze_panes = f"A{table.n_header + _TITLE_ROWS + 1}"
    _page_setup(sheet)


def _unit(table: Table) -> str:
    return f"单位：{table.unit}" if table.unit else ""


def _write_value(target: SheetCell, text: str, number: Decimal | None) -> None:
    if number is None:
        _put(target, text)
        return
    bare = plain(text)
    decimals = len(bare.rstrip("%").partition(".")[2])
    fraction = "." + "0" * decimals if decimals else ""
    if bare.endswith("%"):
        target.value = number / 100
        target.number_format = f"0{fraction}%"
    else:
        target.value = number
        target.number_format = ("#,##0" if "," in bare else "0") + fraction


def _mark(target: SheetCell, numbered: list[tuple[int, Finding]]) -> None:
    if not numbered:
        return
    worst = numbered[0][1].severity
    target.fill = PatternFill("solid", fgColor=_FILL[worst])
    lines = [
        f"问题{number}（{SEVERITY_LABEL[finding.severity]} {finding.rule}，{READING_LABEL[finding.reading]}）："
        f"{finding.message}"
        for number, finding in numbered
    ]
    target.comment = Comment(_printable("\n".join(lines)), "财审", width=360, height=60 + 50 * len(lines))


def _write_skips(sheet: Worksheet, report: Report) -> None:
    names = {outcome.rule: outcome.name for outcome in report.outcomes}
    _heads(sheet, 1, ("规则", "名称", "未检查的内容", "原因"), _SKIP_WIDTHS)
    for row, skip in enumerate(report.skips, 2):
        for column, value in enumerate((skip.rule, names.get(skip.rule, ""), skip.scope, skip.reason), 1):
            cell = _put(_at(sheet, row, column), value)
            cell.font, cell.border = Font(name=_FACE, size=10), _GRID
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        _fit_row(sheet, row, _SKIP_WIDTHS)
    sheet.freeze_panes = "A2"
    _page_setup(sheet)


def _heads(sheet: Worksheet, row: int, heads: tuple[str, ...], widths: tuple[int, ...]) -> None:
    for column, (head, width) in enumerate(zip(heads, widths, strict=True), 1):
        cell = _put(_at(sheet, row, column), head)
        cell.font, cell.fill, cell.border = Font(name=_FACE, size=10, bold=True), _HEAD_FILL, _GRID
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = width


def _at(sheet: Worksheet, row: int, column: int) -> SheetCell:
    """The cell at row and column, counted from 1; never the hidden part of a merged cell."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, SheetCell)
    return cell


def _put(cell: SheetCell, text: str) -> SheetCell:
    """Writes `text` as text, whatever it begins with."""
    cell.value = _printable(text)
    if cell.value:
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    return cell


def _printable(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST_TEXT]


def _link(cell: SheetCell, sheet_name: str, target: str) -> None:
    quoted = sheet_name.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{target}", display=str(cell.value))
    cell.font = _LINK


def _fit_row(sheet: Worksheet, row: int, widths: Sequence[float]) -> None:
    """A height for the most lines that any of its wrapped texts needs; not every program finds it out by itself."""
    lines = 1
    for column, width in enumerate(widths, 1):
        text = str(sheet.cell(row, column).value or "")
        lines = max(lines, sum(math.ceil(max(_width(part), 1) / (width - 1)) for part in text.split("\n")))
    sheet.row_dimensions[row].height = min(lines * _LINE_HEIGHT_PT + 4, _TALLEST_ROW_PT)


def _width(text: str) -> int:
    """Columns of a terminal or of a sheet; a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2000 else 1 for character in text)


def _fit_columns(sheet: Worksheet, table: Table) -> None:
    """Widths from the longest unmerged text of each column, and heights for what is wrapped."""
    narrowest, widest = _COLUMN_WIDTHS
    longest = [narrowest] * table.n_cols
    for cell in table.cells:
        if cell.colspan == 1 and cell.text:
            longest[cell.col] = max(longest[cell.col], _width(cell.text) + 2)
    widths = [min(width, widest) for width in longest]
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cell in table.cells:
        available = sum(widths[cell.col : cell.col + cell.colspan])
        row = cell.row + 1 + _TITLE_ROWS
        height = math.ceil((_width(cell.text) + 1) / available) * _LINE_HEIGHT_PT + 4
        if cell.rowspan == 1 and height > (sheet.row_dimensions[row].height or _LINE_HEIGHT_PT + 4):
            sheet.row_dimensions[row].height = min(height, _TALLEST_ROW_PT)


def _page_setup(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.sheet_view.showGridLines = False


def _sheet_names(titles: list[str]) -> list[str]:
    """Valid sheet names: at most 31 characters, none forbidden, unique whatever the case, none reserved."""
    taken = {FINDINGS_SHEET, SKIPS_SHEET, "history"}
    names = []
    for title in titles:
        stem = _FORBIDDEN_IN_SHEET_NAME.sub(" ", title).strip().strip("'").strip() or "表"
        name, number = stem[:_LONGEST_SHEET_NAME], 1
        while name.lower() in taken:
            number += 1
            ending = f"（{number}）"
            name = stem[: _LONGEST_SHEET_NAME - len(ending)] + ending
        taken.add(name.lower())
        names.append(name)
    return names
