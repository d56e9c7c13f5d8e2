"""A mark that repeats is found again in its own picture, and what lies under its copies comes back."""

from __future__ import annotations

import importlib.resources

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.clean.template import agreed, find_lattice, find_template

FONT = str(importlib.resources.files("mplfonts") / "fonts/NotoSansCJKsc-Regular.otf")
DPI = 200
SIDE = (2000, 1500)
PITCH = np.array([(480.0, -160.0), (60.0, 300.0)])
GREY = 120


def mark(copies: int | None = None) -> NDArray[np.float32]:
    """Coverage of a slanted phrase, 0 to 1, on a slanted lattice, or of its first copies alone."""
    stamp = Image.new("L", (480, 480), 0)
    ImageDraw.Draw(stamp).text((240, 240), "样稿勿传", font=ImageFont.truetype(FONT, 110), fill=255, anchor="mm")
    stamp = stamp.rotate(20)
    page = Image.new("L", SIDE[::-1], 0)
    places = [(i, j) for i in range(-4, 8) for j in range(-4, 12)]
    centres = [np.array((i, j)) @ PITCH for i, j in places]
    inside = [centre for centre in centres if 200 < centre[0] < 1300 and 200 < centre[1] < 1800]
    for x, y in centres if copies is None else inside[:copies]:
        page.paste(255, (round(x) - 240, round(y) - 240), stamp)
    return np.asarray(page, np.float32) / 255


def text() -> NDArray[np.uint8]:
    page = Image.new("L", SIDE[::-1], 250)
    random = np.random.default_rng(4)
    for y in range(30, SIDE[0] - 40, 54):
        for x in range(30, SIDE[1] - 180, 220):
            amount = f"{random.integers(1, 90000) / 100:,.2f}"
            ImageDraw.Draw(page).text((x, y), amount, font=ImageFont.truetype(FONT, 32), fill=30)
    return np.asarray(page)


def marked(cover: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The mark laid half over the text: black under it is as grey as it is."""
    page = text().astype(np.float32)
    return np.rint(page + cover * 0.6 * (GREY * 0.4 - page)).astype(np.uint8)


def test_the_lattice_of_a_mark_is_found() -> None:
    basis = find_lattice(mark() > 0.5, DPI)
    assert basis is not None
    steps = basis @ np.linalg.inv(PITCH)
    np.testing.assert_allclose(steps, np.rint(steps), atol=0.02)
    assert abs(np.linalg.det(steps)) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("copies", [0, 1])
def test_what_does_not_repeat_has_no_template(copies: int) -> None:
    cover = mark(copies)
    assert find_template(marked(cover), cover > 0.5, DPI) is None


def test_text_under_the_copies_comes_back_and_the_mark_does_not() -> None:
    cover, page = mark(), text()
    seen, there = marked(cover), cover > 0.02
    template = find_template(seen, there, DPI)
    assert template is not None
    blank = np.full_like(page, 250)  # a restoration that takes all under the mark for the mark
    result = agreed(seen, blank, there, template.over(seen.shape))
    core = cover > 0.98
    assert result[core & (page < 60)].mean() < 110
    assert result[core & (page > 240)].mean() > 235
    assert (result[~there] == blank[~there]).all()


def test_a_template_that_does_not_fit_is_not_used() -> None:
    cover = mark()
    template = find_template(marked(cover), cover > 0.02, DPI)
    assert template is not None
    moved = np.roll(cover, (80, 120), (0, 1))
    clean = text()
    assert agreed(marked(moved), clean, moved > 0.02, template.over(clean.shape)) is clean
