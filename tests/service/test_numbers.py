from __future__ import annotations

from decimal import Decimal

import pytest

from models.geometry import Box
from models.table import Cell, Table
from service.export.numbers import printed_number, quantities


def table_of(rows: list[list[str]], n_header: int = 1) -> Table:
    cells = tuple(
        Cell(row, column, text, 0, Box(column, row, column + 1, row + 1))
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    return Table("t1", "", len(rows), len(rows[0]), cells, (0,), n_header=n_header)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,638.09", "1638.09"),
        ("1，638.09", "1638.09"),
        (" 0 ", "0"),
        ("−3.5", "-3.5"),
        ("100％", "100"),
        ("12345678901234.56", "12345678901234.56"),
    ],
)
def test_a_text_that_is_a_number_is_that_number(text: str, number: str) -> None:
    assert printed_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "—", "1,23,4", "约12", "2026年", "≥90%", "3套", "1.2.3", "（一）", "(1)", "12-13"]
)
def test_other_texts_are_none(text: str) -> None:
    assert printed_number(text) is None


def test_codes_line_numbers_and_column_numbers_are_no_quantities() -> None:
    table = table_of(
        [
            ["科目编码", "行次", "金额", "人数"],
            ["栏次", "", "1", "2"],
            ["2010601", "1", "12.50", "7"],
            ["", "2", "1,000", "8"],
        ]
    )
    assert quantities(table) == {(2, 2): Decimal("12.50"), (2, 3): 7, (3, 2): 1000, (3, 3): 8}


def test_a_row_counting_the_columns_is_none_but_a_row_of_small_amounts_is() -> None:
    table = table_of([["名称", "合计", "基本"], ["1", "2", "3"], ["甲", "2", "3"], ["3", "2", "1"]])
    assert set(quantities(table)) == {(2, 1), (2, 2), (3, 0), (3, 1), (3, 2)}


def test_codes_are_known_by_their_shape_where_the_head_was_misread() -> None:
    table = table_of([["科目偏码", "金额"], ["201", "201"], ["20106", "300"], ["2010601", "300"]])
    assert set(quantities(table)) == {(1, 1), (2, 1), (3, 1)}


def test_a_code_head_inside_a_form_names_its_neighbour_and_not_what_stands_below() -> None:
    table = table_of([["项目名称", "泵站维护"], ["项目编码", "330000"], ["资金总额", "50"], ["120", "30"]], n_header=0)
    assert (3, 0) in quantities(table)
