"""What shows through the paper, and holes punched in it, go; pale print of the page's own stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from examples import capture
from examples.degrade import Scan
from examples.typeset import font_path
from ocr.clean.holes import without_holes
from ocr.clean.reverse import without_reverse

DPI = 150
LINES = ("水利工程运行与维护", "社会保障和就业支出", "一般公共预算拨款收入", "住房保障支出预算数")


def printed(grey: int, y0: int, x0: int = 150) -> Scan:
    """Half a page of text in one grey."""
    image = Image.new("L", (1240, 900), 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(font_path("sans")), 26)
    for row in range(8):
        draw.text((x0, y0 + 60 * row), LINES[row % 4] * 2, font=font, fill=grey)
    grain = np.random.default_rng(0).normal(0, 2, (900, 1240))
    return Scan(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8), DPI, np.eye(3))


def lifted(page: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """How dark the darkest thousandth of one page is where another has ink."""
    return float(np.percentile(page[other < 180], 0.1))


@pytest.mark.parametrize("strength", [0.25, 0.4])
def test_the_other_side_goes_and_the_print_stays(strength: float) -> None:
    front, back = printed(25, 40), printed(25, 70, 300)
    seen = capture.bled_through(front, back, strength).image
    own = without_reverse(seen, DPI)
    shown = capture.bled_through(Scan(np.full_like(front.image, 250), DPI, front.to_px), back, strength).image
    alone = (shown < 215) & (front.image > 235)
    assert lifted(seen, np.where(alone, 0, 255)) < 215
    assert (own[alone] > 235).mean() > 0.9  # the rest lies at the edges of print
    assert np.abs(own[front.image < 60].astype(int) - seen[front.image < 60]).max() == 0


def test_a_blank_sheet_through_which_a_page_shows_is_blank() -> None:
    blank = Scan(np.full((900, 1240), 250, np.uint8), DPI, np.eye(3))
    assert without_reverse(capture.bled_through(blank, printed(25, 40), 0.4).image, DPI).min() > 230


@pytest.mark.parametrize("grey", [150, 110])
def test_pale_print_beside_black_print_stays(grey: int) -> None:
    page = np.minimum(printed(grey, 70).image, printed(20, 480).image)
    assert without_reverse(page, DPI) is page


def test_pages_with_nothing_behind_them_are_not_touched() -> None:
    for page in (printed(20, 40).image, printed(140, 40).image, np.full((900, 1240), 250, np.uint8)):
        assert without_reverse(page, DPI) is page


def test_punched_holes_are_whitened_and_round_figures_of_print_are_not() -> None:
    page = printed(20, 40)
    seen = capture.punched(page).image
    assert seen[215, 71] < 30
    cleared = without_holes(seen, DPI)
    assert cleared[:, :110].min() > 200
    np.testing.assert_array_equal(cleared[:, 140:], seen[:, 140:])
    assert without_holes(page.image, DPI) is page.image


def test_characters_as_large_and_as_dense_as_holes_stay() -> None:
    image = Image.new("L", (1240, 900), 250)
    for row, size in enumerate((26, 32, 40, 48)):
        face = ImageFont.truetype(str(font_path("sans")), size)
        ImageDraw.Draw(image).text((60, 40 + 70 * row), "国圆■圃囊", font=face, fill=20, stroke_width=2, stroke_fill=20)
    page = np.asarray(image)
    cleared = without_holes(page, DPI)
    np.testing.assert_array_equal(cleared[:250, :400], page[:250, :400])
