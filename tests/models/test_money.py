from decimal import Decimal

import pytest

from models.money import Amount, yuan_text


def test_a_printed_amount_is_half_a_step_wide_to_each_side() -> None:
    assert Amount(Decimal("125000"), Decimal(100)).interval == (Decimal("124950"), Decimal("125050"))


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_an_amount_is_finite(value: str) -> None:
    with pytest.raises(ValueError, match="no interval"):
        Amount(Decimal(value), Decimal(1))


def test_a_step_is_not_negative() -> None:
    with pytest.raises(ValueError, match="no interval"):
        Amount(Decimal(1), Decimal(-1))


@pytest.mark.parametrize(
    ("yuan", "unit", "text"),
    [
        ("123456", "万元", "12.3456万元"),
        ("1200", "元", "1,200.00元"),
        ("0", "万元", "0.00万元"),
        ("-35000", "万元", "-3.50万元"),
    ],
)
def test_amounts_are_worded_in_the_unit_of_their_table(yuan: str, unit: str, text: str) -> None:
    assert yuan_text(Decimal(yuan), unit) == text
