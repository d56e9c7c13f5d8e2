from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from models.report import Report
from models.table import Cell
from service.export.tables_xlsx import FINDINGS_SHEET, SKIPS_SHEET, write_tables_xlsx


@pytest.fixture
def book(report: Report, tmp_path: Path) -> Workbook:
    write_tables_xlsx(report, tmp_path / "tables.xlsx")
    return load_workbook(tmp_path / "tables.xlsx")


def test_findings_come_first_and_every_sheet_name_is_valid_and_unique(book: Workbook) -> None:
    assert (book.sheetnames[0], book.sheetnames[-1]) == (FINDINGS_SHEET, SKIPS_SHEET)
    assert len(book.sheetnames) == 4
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
    assert book.sheetnames[2].endswith("（2）")


def test_amounts_are_numbers_in_their_printed_format(book: Workbook) -> None:
    sheet = book.worksheets[1]
    shown = {place: (sheet[place].value, sheet[place].number_format) for place in ("C5", "C7", "E7")}
    assert shown == {"C5": (1300.5, "#,##0.00"), "C7": (-3.5, "0.0"), "E7": (0.85, "0%")}


def test_codes_stay_text(book: Workbook) -> None:
    assert (book.worksheets[1]["A6"].value, book.worksheets[1]["A6"].data_type) == ("201", "s")


def test_text_that_begins_like_a_formula_stays_text(book: Workbook) -> None:
    cell = book.worksheets[1]["B6"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+2", "s", True)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_disputed_cell_is_coloured_and_commented(book: Workbook) -> None:
    cell = book.worksheets[1]["C5"]
    assert cell.fill.fill_type == "solid"
    assert cell.comment is not None
    assert cell.comment.text.startswith("问题1（错误 AR001，疑似误识）")
    assert book.worksheets[1]["D5"].comment is None


def test_a_finding_leads_to_its_cell(book: Workbook) -> None:
    link = book[FINDINGS_SHEET]["E5"].hyperlink
    assert link is not None
    assert link.location == f"'{book.sheetnames[1]}'!C5"
    assert book[FINDINGS_SHEET]["E7"].hyperlink is None


def test_merged_cells_stay_merged(book: Workbook) -> None:
    assert {str(span) for span in book.worksheets[2].merged_cells.ranges} == {"A3:B3", "A5:A6"}


def test_what_was_not_checked_is_listed(book: Workbook) -> None:
    assert [cell.value for cell in book[SKIPS_SHEET][2]] == ["YR001", "上年衔接", "与上年公开衔接", "没有提供上年文件"]


def test_characters_that_a_workbook_cannot_hold_are_left_out(report: Report, tmp_path: Path) -> None:
    table = report.document.tables[0]
    cells = (replace(table.cells[0], text="编\x07码" + "长" * 40_000), *table.cells[1:])
    assert isinstance(cells[0], Cell)
    document = replace(report.document, tables=(replace(table, cells=cells), *report.document.tables[1:]))
    write_tables_xlsx(replace(report, document=document), tmp_path / "t.xlsx")
    value = load_workbook(tmp_path / "t.xlsx").worksheets[1]["A3"].value
    assert value.startswith("编码长")
    assert len(value) == 32_767
