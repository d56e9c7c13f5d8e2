from decimal import Decimal

import pytest

from detect.amounts import find_unit, is_blank, is_code, parse_amount, parse_number, usual_decimals


@pytest.mark.parametrize(
    ("text", "number", "decimals"),
    [
        ("1,234.50", "1234.50", 2),
        ("１２．３", "12.3", 1),
        ("-7", "-7", 0),
        ("(3.20)", "-3.20", 2),
        ("￥5,000", "5000", 0),
        ("0.00", "0", 2),
    ],
)
def test_numbers_are_read_with_their_decimals(text: str, number: str, decimals: int) -> None:
    assert parse_number(text) == (Decimal(number), decimals)


@pytest.mark.parametrize("text", ["", "—", "12.3万", "1,23,4", "1.2.3", "无", "1" * 16])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert parse_number(text) is None


def test_a_dropped_zero_does_not_widen_the_step() -> None:
    assert parse_amount("12.5", Decimal(10_000), usual_decimals(["7.25", "3.14", "12.5", "9"])) == parse_amount(
        "12.50", Decimal(10_000)
    )


def test_integers_say_nothing_about_decimals() -> None:
    assert usual_decimals(["1,200", "7"]) == 0


@pytest.mark.parametrize(
    ("text", "expected"), [("206", True), ("2060701", True), ("20", False), ("906", False), ("2060", False)]
)
def test_codes_have_three_five_or_seven_digits(text: str, expected: bool) -> None:
    assert is_code(text) is expected


@pytest.mark.parametrize(("text", "expected"), [(" — ", True), ("", True), ("0", False), ("无", False)])
def test_a_dash_is_blank(text: str, expected: bool) -> None:
    assert is_blank(text) is expected


def test_the_unit_is_found_in_a_line() -> None:
    assert find_unit(["部门名称：虚构市天文馆", "金额单位: 万元"]) == "万元"
    assert find_unit(["单位名称：虚构市天文馆"]) == ""
