"""Pictures made smaller keep their means and their sizes, whatever the ratio."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.reduce import reduced


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width)).astype(np.uint8)


def test_whole_pixels_are_averaged_also_where_the_ratio_is_nearly_whole() -> None:
    image = noise(60, 40)
    means = image.reshape(30, 2, 20, 2).mean(axis=(1, 3))
    for factor in (0.5, 0.5 + 2e-9, 0.4999):
        assert np.abs(reduced(image, factor) - means).max() <= 0.5


@pytest.mark.parametrize("factor", [0.9, 2 / 3, 0.375, 0.3])
def test_other_ratios_keep_the_size_and_the_mean(factor: float) -> None:
    image = noise(1200, 800)
    small = reduced(image, factor)
    assert abs(small.shape[0] - 1200 * factor) <= 1
    assert abs(small.shape[1] - 800 * factor) <= 1
    assert abs(float(small.mean()) - float(image.mean())) < 1


def test_a_picture_that_is_small_enough_is_left_as_it_is() -> None:
    image = noise(30, 30)
    assert reduced(image, 1.0) is image
    assert reduced(image, 1.7) is image
