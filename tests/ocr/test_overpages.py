"""A mark at one place of every page is learned from them, laid over others, and read; print at one place is not."""

from __future__ import annotations

import importlib.resources
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.geometry import Box
from models.page import Word
from ocr.clean.overpages import lay, learn_mark, light_of, sample_of
from ocr.clean.template import agreed
from ocr.fragments import Figure, without_fragments
from ocr.pagemark import MarkSample, PageMark
from ocr.phrase import read_phrase
from ocr.pipeline import read_document
from ocr.pool import PagePool

FONT = str(importlib.resources.files("mplfonts") / "fonts/NotoSansCJKsc-Regular.otf")
DPI = 150
SIDE = (1300, 1000)
PAPER, INK = 250, 30
LIGHT = 0.45
HEADER = "青川市水务局收支总表"


def text(seed: int, pitch: int = 40) -> NDArray[np.uint8]:
    """A page of amounts below a header that all pages have."""
    page = Image.new("L", SIDE[::-1], PAPER)
    random = np.random.default_rng(seed)
    draw = ImageDraw.Draw(page)
    draw.text((500, 60), HEADER, font=ImageFont.truetype(FONT, 44), fill=INK, anchor="mm")
    for y in range(120, SIDE[0] - 60, pitch):
        for x in range(30 + random.integers(60), SIDE[1] - 160, 190):
            draw.text(
                (x, y), f"{random.integers(1, 9_000_000) / 100:,.2f}", font=ImageFont.truetype(FONT, 24), fill=INK
            )
    return np.asarray(page)


@cache
def cover(
    phrase: str = "样稿勿传", shift: tuple[float, float] = (0.0, 0.0), turn_deg: float = 0.0
) -> NDArray[np.float32]:
    """One slanted phrase across the middle of a sheet that lies a little otherwise, 0 to 1."""
    page = Image.new("L", SIDE[::-1], 0)
    ImageDraw.Draw(page).text((500, 650), phrase, font=ImageFont.truetype(FONT, 200), fill=255, anchor="mm")
    matrix = np.asarray(cv2.getRotationMatrix2D((500, 650), 35 + turn_deg, 1), dtype=np.float64)
    matrix[:, 2] += shift
    turned = cv2.warpAffine(np.asarray(page), matrix, SIDE[::-1], flags=cv2.INTER_AREA)
    return np.asarray(turned, np.float32) / 255


def marked(page: NDArray[np.uint8], over: NDArray[np.float32]) -> NDArray[np.uint8]:
    grain = np.random.default_rng(7).normal(0, 2, page.shape)
    return np.clip(page * (1 - over * (1 - LIGHT)) + grain, 0, 255).astype(np.uint8)


PLACES = [((0.0, 0.0), 0.0), ((7.0, -5.0), 0.2), ((-9.0, 4.0), -0.15), ((3.0, 11.0), 0.1), ((-4.0, -8.0), -0.2)]


def samples(count: int = 5, *phrases: str) -> list[MarkSample]:
    """Pages with their mark, and the marks as a good restoration would have taken them off."""
    found = []
    for order, (shift, turn) in enumerate(PLACES[:count]):
        page = text(order)
        over = cover(phrases[order], shift, turn) if phrases else cover(shift=shift, turn_deg=turn)
        found.append(sample_of(marked(page, over), page, over > 0.02, DPI))
    return found


@pytest.fixture(scope="module")
def learned() -> PageMark:
    mark = learn_mark(samples())
    assert mark is not None
    return mark


def test_the_mark_is_learned_and_what_is_printed_on_all_pages_is_not(learned: PageMark) -> None:
    light, over = light_of(learned), cover()
    assert learned.full == pytest.approx(LIGHT, abs=0.04)
    assert np.abs(light[over > 0.98] - LIGHT).mean() < 0.05
    assert light[over == 0].mean() > 0.99
    assert light[30:90].min() == 1.0


def test_few_pages_or_different_marks_have_none() -> None:
    assert learn_mark(samples(3)) is None
    assert learn_mark(samples(4, "样稿勿传", "内部资料", "严禁外传", "仅供审核")) is None


def test_text_under_the_mark_comes_back_on_a_page_that_lies_otherwise(learned: PageMark) -> None:
    page, over = text(9), cover(shift=(10.0, 9.0), turn_deg=0.25)
    laid = lay(learned, marked(page, over), DPI)
    assert laid is not None
    assert (laid.mask & (over > 0.5)).sum() > 0.97 * (over > 0.5).sum()
    blank = np.full_like(page, PAPER)  # a restoration that takes all under the mark for the mark
    result = agreed(marked(page, over), blank, laid.mask, laid.overlay)
    core = over > 0.98
    assert result[core & (page < 60)].mean() < 110
    assert result[core & (page > 240)].mean() > 235


def test_a_page_without_the_mark_or_of_another_format_is_left_alone(learned: PageMark) -> None:
    assert lay(learned, text(9), DPI) is None
    assert lay(learned, marked(text(9), cover("内部资料")), DPI) is None
    turned = np.ascontiguousarray(np.rot90(marked(text(9), cover())))
    assert lay(learned, turned, DPI) is None


def test_the_phrase_is_read_at_whatever_angle_it_stands(learned: PageMark) -> None:
    light = light_of(learned)
    assert read_phrase(light, learned.full) == "样稿勿传"
    down = np.ascontiguousarray(np.rot90(light, k=-1))
    assert read_phrase(down, learned.full) == "样稿勿传"
    assert read_phrase(np.ones_like(light), learned.full) == ""


def word(content: str, x0: float, x1: float) -> Word:
    edges = tuple(float(edge) for edge in np.linspace(x0, x1, len(content) + 1))
    return Word(content, Box(x0, 10.0, x1, 30.0), 0.9, edges)


def test_a_fragment_is_what_the_phrase_says_in_the_ink_of_the_mark() -> None:
    """Two characters of 20 x 20 points, of which the first alone is the mark's; 72 dpi, so that points are pixels."""
    strokes, ink = np.zeros((40, 100), np.bool_), np.zeros((40, 100), np.bool_)
    strokes[12:28, 12:16] = strokes[12:28, 20:24] = True
    ink[12:28, 12:16] = ink[12:28, 20:24] = ink[12:28, 34:38] = ink[12:28, 54:58] = True
    figure = Figure(strokes, lambda: "内部 资料2018")
    whole = without_fragments(word("部", 8, 28), figure, ink, 72)
    assert (whole.text, whole.damaged, whole.alternatives[0].text) == ("", True, "部")
    cut = without_fragments(word("部12", 8, 68), figure, ink, 72)
    assert (cut.text, cut.box.x0, len(cut.char_x)) == ("12", 28, 3)
    printed = word("资料", 28, 68)
    assert without_fragments(printed, figure, ink, 72) is printed
    other = word("印", 8, 28)
    assert without_fragments(other, figure, ink, 72) is other
    number = word("20.18", 8, 68)
    assert without_fragments(number, figure, ink, 72) is number
    broad = Figure(np.ones((40, 100), np.bool_), lambda: "内部 资料")
    assert without_fragments(printed, broad, ink, 72) is printed


def test_pages_read_before_their_mark_was_known_are_read_as_those_after(tmp_path: Path) -> None:
    places = [*PLACES, *(((2.0, float(order)), 0.1) for order in (5, 6, 7, 8))]
    pages = [marked(text(order, 200), cover(shift=shift, turn_deg=turn)) for order, (shift, turn) in enumerate(places)]
    pictures = [Image.fromarray(page[340:960, 190:810]) for page in pages]
    path = tmp_path / "marked.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], dpi=(DPI, DPI))
    alone = read_document(path)
    (phrase,) = {page.watermark_phrase for page in alone.pages}
    assert "稿勿" in phrase
    with PagePool(2) as pool:
        assert read_document(path, pool=pool) == alone
