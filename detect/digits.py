"""Amounts to what their digits show: first digits against Benford's law, and amounts that are whole 万元."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

CHI_SQUARE = 26.12
"""Chi-square with eight degrees of freedom that chance exceeds once in a thousand samples (any table of quantiles)."""
DEVIATION = 0.015
"""Mean absolute deviation of the first digits from which they do not conform. Source: Nigrini, Benford's Law:
Applications for Forensic Accounting, Auditing, and Fraud Detection (2012), table 7.1."""
WAN = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class FirstDigits:
    """How the first digits of a sample lie to Benford's law.

    Attributes:
        count: amounts in the sample.
        shares: of the digits 1 to 9.
        expected: log10(1 + 1/d).
        chi_square: of the counts.
        deviation: mean absolute deviation of the shares.
    """

    count: int
    shares: tuple[float, ...]
    expected: tuple[float, ...]
    chi_square: float
    deviation: float

    @property
    def conforms(self) -> bool:
        """False only where the deviation is large and chance makes it once in a thousand samples."""
        return self.chi_square <= CHI_SQUARE or self.deviation <= DEVIATION


def first_digits(amounts: Sequence[Decimal]) -> FirstDigits:
    """The first digits of amounts above zero, of which there must be one at least."""
    counts = Counter(str(amount.normalize().as_tuple().digits[0]) for amount in amounts)
    total = len(amounts)
    expected = tuple(math.log10(1 + 1 / digit) for digit in range(1, 10))
    shares = tuple(counts[str(digit)] / total for digit in range(1, 10))
    chi_square = sum(total * (own - wanted) ** 2 / wanted for own, wanted in zip(shares, expected, strict=True))
    deviation = sum(abs(own - wanted) for own, wanted in zip(shares, expected, strict=True)) / 9
    return FirstDigits(total, shares, expected, chi_square, deviation)


def orders_of_magnitude(amounts: Sequence[Decimal]) -> float:
    """Powers of ten between the smallest and the largest amount, all above zero."""
    return math.log10(max(amounts) / min(amounts))
