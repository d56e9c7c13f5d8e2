"""Numbers of peers to what is usual among them: median, spread, and fences that a skewed distribution does not fool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FENCE = 1.5
"""Interquartile ranges from the box to its fence. Source: Tukey, Exploratory Data Analysis (1977)."""
LEFT, RIGHT = -4.0, 3.0
"""Exponents that move the fences with the medcouple. Source: Hubert and Vandervieren, An adjusted boxplot for skewed
distributions, Computational Statistics & Data Analysis 52 (2008)."""
Z = 3.5
"""Robust z-score beyond which a value stands out. Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers
(1993)."""
LARGEST = 1000
"""Values from which the medcouple is that of as many quantiles: it costs the square, and more values say no more."""
_MAD = 0.6745
"""MAD of a normal distribution with standard deviation 1 (same source)."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual among positive numbers, seen on a logarithmic scale.

    Attributes:
        count: how many there are.
        median: of them.
        low, high: beyond these a value stands out.
        least, most: the smallest and the largest.
    """

    count: int
    median: float
    low: float
    high: float
    least: float
    most: float

    def times(self, value: float) -> float:
        """How many times the median a value is, or the median is the value: never below 1."""
        return max(value, self.median) / min(value, self.median)

    def is_outside(self, value: float, times: float) -> bool:
        """Whether a value lies beyond the fences and is at least `times` times the median, or a `times`-th of it."""
        return (value < self.low or value > self.high) and self.times(value) >= times


def usual(values: Sequence[float]) -> Usual:
    """What is usual among positive numbers, seen as logarithms.

    Its fences are the farthest of those of the boxplot, of the boxplot adjusted by the medcouple, and of a robust
    z-score of 3.5.

    Args:
        values: at least one, all above zero.

    Raises:
        ValueError: there are none, or one is not above zero.
    """
    if not values or min(values) <= 0:
        raise ValueError("what is usual is only known of positive numbers")
    logs = np.log(np.asarray(values, dtype=np.float64))
    first, middle, third = np.quantile(logs, (0.25, 0.5, 0.75))
    skew = medcouple(logs if len(logs) <= LARGEST else np.quantile(logs, np.linspace(0, 1, LARGEST)))
    left, right = (LEFT, RIGHT) if skew >= 0 else (-RIGHT, -LEFT)
    width = third - first
    deviation = float(np.median(np.abs(logs - middle))) / _MAD
    # The farthest of three fences: alone, each calls five to ten in a hundred ordinary values unusual where a wide
    # group has eight members; together one to three, and less than one in a hundred from twenty members on.
    low = min(first - FENCE * max(1, math.exp(left * skew)) * width, middle - Z * deviation)
    high = max(third + FENCE * max(1, math.exp(right * skew)) * width, middle + Z * deviation)
    return Usual(len(values), float(np.median(values)), math.exp(low), math.exp(high), min(values), max(values))


def medcouple(values: np.ndarray) -> float:
    """Robust skewness between -1 (long lower tail) and 1 (long upper tail); 0 for a symmetric sample.

    Source: Brys, Hubert and Struyf, A robust measure of skewness (2004). Costs the square of the number of values.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64)) - np.median(values)
    upper, lower = ordered[ordered >= 0], ordered[ordered <= 0]
    if not ordered.any():
        return 0.0
    above, below = upper[:, None], lower[None, :]
    width = above - below
    with np.errstate(invalid="ignore"):
        kernel = np.where(width > 0, (above + below) / width, np.nan)
    # Values equal to the median meet each other in the corner of the matrix: -1, 0, 1 by their order.
    ties = int((ordered == 0).sum())
    if ties:
        order = np.sign(np.subtract.outer(np.arange(ties), np.arange(ties)[::-1]))
        kernel[:ties, len(lower) - ties :] = order
    return float(np.median(kernel))


def z_scores(values: np.ndarray, value: np.ndarray) -> np.ndarray:
    """How many robust standard deviations each feature of one thing lies from the median of the others.

    Args:
        values: shape (things, features).
        value: shape (features,).

    Returns:
        Shape (features,); the further from zero, the more abnormal. Where more than half of the things have one and
        the same value the mean absolute deviation takes the place of the median one, and where all have it, any other
        value is infinitely far.
    """
    centre = np.median(values, axis=0)
    spread = np.median(np.abs(values - centre), axis=0) / _MAD
    # 1.253314 is the mean absolute deviation's factor for a normal distribution (Iglewicz and Hoaglin).
    spread = np.where(spread > 0, spread, 1.253314 * np.mean(np.abs(values - centre), axis=0))
    distance = value - centre
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance == 0, 0.0, distance / spread)
