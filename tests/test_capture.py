"""What is done to a page picture carries along where the page's points came to lie."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from examples import capture
from examples.degrade import Scan

#: Page points of the middle of a black square of 12 pt.
PLACE = (150.0, 90.0)


@pytest.fixture
def scan() -> Scan:
    image = np.full((600, 450), 250, np.uint8)
    image[168:192, 288:312] = 0  # 144 dpi: two pixels a point
    return Scan(image, 144, np.diag([2.0, 2.0, 1.0]))


def square(scan: Scan) -> tuple[float, float]:
    """Middle of the blackest pixels (pixel corners at whole numbers)."""
    y, x = np.nonzero(scan.image < 10)
    return x.mean() + 0.5, y.mean() + 0.5


@pytest.mark.parametrize(
    "effect",
    [
        lambda scan: capture.photographed(scan, 0.1, 3.0, desk=90),
        lambda scan: capture.turned(scan, 90),
        lambda scan: capture.turned(scan, 270),
        lambda scan: capture.side_by_side(scan, scan)[0],
        lambda scan: capture.shaded(scan, 0.3),
    ],
)
def test_points_of_the_page_are_found_in_the_picture(scan: Scan, effect: object) -> None:
    seen: Scan = effect(scan)  # type: ignore[operator]
    if seen.image.shape[1] == 900:  # two pages: the left one's square is asked for
        seen.image[:, 450:] = 255
    x, y, w = seen.to_px @ (*PLACE, 1)
    assert square(seen) == pytest.approx((x / w, y / w), abs=1.0)


def test_the_right_page_stands_beside_the_left_one(scan: Scan) -> None:
    _, right = capture.side_by_side(scan, scan, gutter=0.0)
    assert (right.to_px @ (*PLACE, 1)).tolist() == [450 + 300, 180, 1]
    assert right.image[180, 750] == 0


def test_a_border_moves_the_page(scan: Scan) -> None:
    seen = capture.bordered(scan)
    x, y, _ = (seen.to_px @ (*PLACE, 1)).round().astype(int)
    assert seen.image[y, x] == 0
    assert seen.image[y + 20, x] > 200
    assert (seen.image[:, 0] < 20).all()


def test_the_other_side_shows_mirrored(scan: Scan) -> None:
    blank = Scan(np.full((600, 450), 250, np.uint8), 144, scan.to_px)
    seen = capture.bled_through(blank, scan, 0.3)
    assert seen.image[180, 450 - 300] == pytest.approx(250 * 0.7, abs=4)
    assert seen.image[180, 300] > 245


def test_a_fax_of_standard_resolution_has_pixels_that_are_no_squares(scan: Scan) -> None:
    with Image.open(io.BytesIO(capture.fax_tiff([scan]))) as image:
        assert image.mode == "1"
        assert image.size == (round(450 * 204 / 144), round(600 * 98 / 144))
        assert [round(float(value)) for value in image.info["dpi"]] == [204, 98]
