"""Rendered lines are read back, with places, probabilities and other readings that fit."""

from __future__ import annotations

import importlib.resources

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.geometry import Box
from ocr.lines import detect, read_words, recognise
from ocr.strips import batches, strip_of

FONT = str(importlib.resources.files("mplfonts") / "fonts/NotoSansCJKsc-Regular.otf")


def line(text: str, size: int = 28, margin: int = 8) -> NDArray[np.uint8]:
    font = ImageFont.truetype(FONT, size)
    x0, y0, x1, y1 = font.getbbox(text)
    image = Image.new("L", (int(x1 - x0) + 2 * margin, int(y1 - y0) + 2 * margin), 255)
    ImageDraw.Draw(image).text((margin - x0, margin - y0), text, font=font, fill=20)
    return np.asarray(image)


def page(texts: dict[tuple[int, int], str], size: int = 28) -> NDArray[np.uint8]:
    image = Image.new("L", (1240, 877), 255)
    draw = ImageDraw.Draw(image)
    for place, text in texts.items():
        draw.text(place, text, font=ImageFont.truetype(FONT, size), fill=20)
    return np.asarray(image)


@pytest.mark.parametrize(
    "text", ["1,234.56", "0", "-87.30", "2130301", "100.00%", "一般公共预算财政拨款", "（二）项目支出", "合计"]
)
def test_a_rendered_line_is_read_back(text: str) -> None:
    (reading,) = recognise([line(text)])
    assert reading.text.replace("(", "（").replace(")", "）") == text
    assert reading.confidence > 0.4
    assert len(reading.char_x) == len(reading.text) + 1
    assert len(reading.char_confidence) == len(reading.text)


@pytest.mark.parametrize("size", [14, 20, 40, 80])
def test_the_size_of_the_type_does_not_matter(size: int) -> None:
    assert recognise([line("3,906.75", size)])[0].text == "3,906.75"


@pytest.mark.parametrize(
    "text", ["3,000,000.00", "111,111.11", "88888888.88", "较上年增加3,000,000.00元", "经费22,222.22万元，增长111%"]
)
def test_equal_digits_stay_apart(text: str) -> None:
    assert recognise([line(text)])[0].text == text


def test_text_is_shown_narrower_than_numbers() -> None:
    ems = [strip.em for some in ("一般公共预算财政拨款", "3,000,000.00", "100.00%") if (strip := strip_of(line(some)))]
    assert ems[0] < ems[1] == ems[2]


def test_what_holds_no_ink_is_read_as_nothing() -> None:
    noise = np.random.default_rng(0).normal(245, 5, (40, 120)).clip(0, 255).astype(np.uint8)
    readings = recognise([np.full((30, 90), 255, np.uint8), noise, np.zeros((0, 5), np.uint8)])
    assert [reading.text for reading in readings] == ["", "", ""]
    assert recognise([]) == []


def test_readings_keep_the_order_of_the_crops_and_colour_changes_nothing() -> None:
    texts = ["12.50", "人员经费", "3,000,000.00", "12.50", "公用"]
    crops = [line(text) for text in texts]
    crops[1] = np.repeat(crops[1][..., None], 3, axis=2)
    assert [reading.text for reading in recognise(crops)] == texts


def test_character_places_follow_the_ink() -> None:
    crop = line("18 6", size=40, margin=10)
    (reading,) = recognise([crop])
    text = reading.text.replace(" ", "")
    assert text == "186"
    columns = np.flatnonzero((crop < 128).any(axis=0))
    assert reading.char_x[0] == pytest.approx(columns[0], abs=3)
    assert reading.char_x[-1] == pytest.approx(columns[-1], abs=3)
    assert list(reading.char_x) == sorted(reading.char_x)


def test_a_line_longer_than_the_network_holds_is_read_whole() -> None:
    text = "本部门按照厉行节约的要求编制年度预算并严格控制一般性支出" * 3
    assert recognise([line(text)])[0].text == text


def test_a_smudged_digit_keeps_its_other_reading() -> None:
    crop = line("4,853.21", size=30).copy()
    clean = recognise([crop])[0]
    left, right = (int(x) for x in clean.char_x[3:5])
    crop[:, left:right] = np.clip(crop[:, left:right].astype(int) // 2 + 60, 0, 255)
    crop[crop.shape[0] // 2 - 4 :, left : left + 6] = 110
    smudged = recognise([crop])[0]
    assert smudged.confidence < clean.confidence
    assert smudged.alternatives
    assert all(set(other.text) <= set("0123456789,.-%()") for other in smudged.alternatives)
    assert all(0 < other.probability <= 1 and other.text != smudged.text for other in smudged.alternatives)


def test_words_are_found_in_points_and_columns_do_not_merge() -> None:
    image = page({(100, 100): "基本支出", (300, 100): "1,024.00", (480, 100): "977.35", (100, 300): "项目支出"})
    words = read_words(image, dpi=150)
    assert [word.text for word in sorted(words, key=lambda word: (word.box.y0 // 20, word.box.x0))] == [
        "基本支出",
        "1,024.00",
        "977.35",
        "项目支出",
    ]
    first = next(word for word in words if word.text == "基本支出")
    assert first.box.x0 == pytest.approx(100 * 72 / 150, abs=3)
    assert first.box.contains_point(150 * 72 / 150, 120 * 72 / 150)
    assert len(first.char_x) == 5


def test_ignored_places_are_not_read() -> None:
    image = page({(100, 100): "基本支出", (100, 300): "项目支出"})
    words = read_words(image, dpi=150, ignore=[Box(0, 250, 1240, 400)])
    assert [word.text for word in words] == ["基本支出"]


def test_text_set_from_top_to_bottom_is_read_by_character() -> None:
    image = page({(200, 100 + 40 * row): character for row, character in enumerate("绩效目标")}, size=32)
    assert "".join(word.text for word in read_words(image, dpi=150)) == "绩效目标"


def test_lines_lie_inside_the_image() -> None:
    image = page({(2, 2): "附件一", (1100, 840): "第一页"})
    boxes = detect(image)
    assert boxes
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 1240 and box.y1 <= 877 for box in boxes)


@pytest.mark.parametrize(
    ("widths", "calls"),
    [
        ([], []),
        ([30, 47, 32], [((4, 48), [1, 0, 2])]),  # three lines at a fourth's cost rather than two calls
        ([500, 30], [((1, 512), [0]), ((1, 32), [1])]),  # the short one would cost as much as the long one
        ([200] * 9, [((8, 208), list(range(8))), ((1, 208), [8])]),
    ],
)
def test_strips_are_shared_out_to_the_calls_that_cost_least(
    widths: list[int], calls: list[tuple[tuple[int, int], list[int]]]
) -> None:
    assert list(batches([np.zeros((32, width), np.uint8) for width in widths])) == calls
