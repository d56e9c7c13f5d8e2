"""What is usual among peers: medians, fences and robust scores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.robust import medcouple, usual, z_scores

POSITIVE = st.lists(st.floats(0.01, 1e9), min_size=1, max_size=30)


def test_one_far_value_does_not_move_what_is_usual() -> None:
    prices = [4600.0, 4700.0, 4750.0, 4800.0, 4800.0, 4900.0, 5000.0, 5200.0]
    alone, among = usual(prices), usual([*prices, 48_000_000.0])
    assert alone.median == pytest.approx(4800)
    assert among.median == pytest.approx(4800)
    assert among.is_outside(48_000_000, 2)
    assert among.high < 10_000
    assert not alone.is_outside(5200, 2)
    assert alone.times(48_000_000) == pytest.approx(10_000)
    assert alone.times(0.48) == pytest.approx(10_000)


def test_fences_follow_the_longer_tail() -> None:
    skewed = usual([math.exp(x) for x in (1, 1.1, 1.2, 1.3, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0)])
    above, below = math.log(skewed.high / skewed.median), math.log(skewed.median / skewed.low)
    assert above > 2 * below


def test_the_medcouple_by_its_definition() -> None:
    values = np.array([1.0, 2.0, 3.0, 7.0, 20.0, 50.0])
    middle = np.median(values)
    kernel = [
        ((high - middle) - (middle - low)) / (high - low)
        for high in values[values >= middle]
        for low in values[values <= middle]
    ]
    assert medcouple(values) == pytest.approx(np.median(kernel))
    assert medcouple(-values) == pytest.approx(-np.median(kernel))
    assert medcouple(np.array([1.0, 2.0, 3.0])) == 0
    assert medcouple(np.array([5.0, 5.0, 5.0])) == 0
    assert medcouple(np.array([1.0, 2.0, 2.0, 2.0, 9.0])) == 0


@given(POSITIVE)
def test_most_of_the_values_are_within_their_own_fences(values: list[float]) -> None:
    found = usual(values)
    assert found.least <= found.median * (1 + 1e-9)
    assert found.median <= found.most * (1 + 1e-9)
    assert not found.is_outside(found.median, 1.001)


def test_many_values_have_the_fences_of_their_quantiles() -> None:
    source = np.random.default_rng(5)
    few, many = (usual([float(value) for value in source.lognormal(8, 0.5, count)]) for count in (900, 60_000))
    assert many.median == pytest.approx(few.median, rel=0.1)
    assert many.high == pytest.approx(few.high, rel=0.25)


def test_nothing_is_usual_among_nothing() -> None:
    for values in ([], [0.0, 1.0], [-1.0]):
        with pytest.raises(ValueError, match="positive"):
            usual(values)


def test_scores_name_the_feature_that_stands_out() -> None:
    others = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0], [5.0, 5.0]])
    near, far = z_scores(others, np.array([4.0, 5.0])), z_scores(others, np.array([30.0, 6.0]))
    assert abs(near[0]) < 1
    assert near[1] == 0
    assert far[0] == pytest.approx(27 * 0.6745)
    assert far[1] == math.inf
