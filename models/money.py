"""Printed amounts: an exact decimal in yuan with the step it was printed in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

YUAN_PER_UNIT = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}


@dataclass(frozen=True, slots=True)
class Amount:
    """A printed amount is an interval: the value and half a printed step to each side.

    Source: XBRL Calculations 1.1 (a reported value stands for every value that rounds to it).

    Attributes:
        value: in yuan.
        step: in yuan, the value of one unit in the last printed place; zero for a value that is exact.

    Raises:
        ValueError: the value is not finite, or the step is negative.
    """

    value: Decimal
    step: Decimal

    def __post_init__(self) -> None:
        if not self.value.is_finite() or not self.step.is_finite() or self.step < 0:
            raise ValueError(f"amount that is no interval: {self.value} ± {self.step}/2")

    @property
    def half_step(self) -> Decimal:
        return self.step / 2

    @property
    def interval(self) -> tuple[Decimal, Decimal]:
        """Lowest and highest value in yuan that are printed this way."""
        return self.value - self.half_step, self.value + self.half_step


NOTHING = Amount(Decimal(0), Decimal(0))
"""What a blank cell counts as where the identity allows it to be nothing."""


def yuan_text(value: Decimal, unit: str) -> str:
    """The amount (in yuan) in `unit` with its unit, grouped thousands and at least two decimals.

    A unit that is none of money (`辆`, `分`) keeps a whole number as it is.
    """
    if unit and unit not in YUAN_PER_UNIT and value == value.to_integral_value():
        return f"{value.to_integral_value():,f}{unit}"
    number = value / YUAN_PER_UNIT.get(unit, Decimal(1))
    places = max(2, -int(number.normalize().as_tuple().exponent)) if number else 2
    return f"{number:,.{min(places, 6)}f}{unit or '元'}"
