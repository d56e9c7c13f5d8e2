"""A mark that repeats is found again in its own picture, and what lies under its copies comes back."""

from __future__ import annotations

import importlib.resources

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.clean.template import agreed, find_lattice, find_template, repetition
from ocr.clean.whole import complete

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
    """Elsewhere the copies are much darker than where the template was made: dividing would leave them."""
    cover, restored = mark(), text()
    template = find_template(marked(cover), cover > 0.02, DPI)
    assert template is not None
    darker = np.rint(restored * (1 - 0.9 * cover)).astype(np.uint8)
    assert agreed(darker, restored, cover > 0.02, template.over(cover.shape)) is restored


def test_where_the_template_has_no_mark_the_restoration_stands() -> None:
    """Another mark lies on the same page, once: the template knows nothing of it."""
    cover, restored = mark(), text()
    template = find_template(marked(cover), cover > 0.02, DPI)
    assert template is not None
    seen = marked(cover)
    seen[900:1100, 600:900] = 180
    there = cover > 0.02
    there[900:1100, 600:900] = True
    beside = cv2.dilate((cover > 0.02).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    result = agreed(seen, restored, there, template.over(cover.shape))
    assert (result[beside] == restored[beside]).all()


def test_lines_of_a_mark_that_are_seen_in_part_are_found_along_its_rows() -> None:
    """What is seen of the rows differs, so that a row is more like itself than like the others."""
    cover = mark() > 0.5
    pieces = np.random.default_rng(2).random((40, 30)) > 0.4
    seen = cover & (cv2.resize(pieces.astype(np.uint8), cover.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0)
    assert repetition(cover, DPI) > 0.9 > repetition(seen, DPI)
    basis = find_lattice(seen, DPI)
    assert basis is not None
    assert abs(np.linalg.det(basis @ np.linalg.inv(PITCH))) == pytest.approx(1.0, abs=0.05)


def test_a_mark_seen_in_part_is_completed_by_its_template() -> None:
    """The network sees every third square of it, as of small type laid straight between lines."""
    cover, page = mark(), text()
    seen = marked(cover)
    pieces = np.zeros((40, 30), np.uint8)
    pieces.ravel()[::3] = 1
    found = (cover > 0.02) & (cv2.resize(pieces, cover.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0)
    template = find_template(seen, cover > 0.02, DPI)
    assert template is not None
    restored, whole = complete(seen, np.where(found, page, seen), found, template, template.over(seen.shape), DPI)
    assert whole[cover > 0.5].mean() > 0.95
    blank = (cover > 0.5) & (page > 240)
    assert seen[blank].mean() < 200 < restored[blank].mean()
    assert restored[(cover > 0.98) & (page < 40)].mean() < 100


def test_a_mark_that_lies_beside_its_template_is_not_completed() -> None:
    """Paper that was drawn in unevenly moves the copies: what seems to be missing is paper and print."""
    cover, page = mark(), text()
    template = find_template(marked(cover), cover > 0.02, DPI)
    assert template is not None
    moved = np.roll(cover, (4, 6), (0, 1))
    found = moved > 0.02
    restored, whole = complete(marked(moved), page, found, template, template.over(page.shape), DPI)
    assert restored is page
    assert whole is found
