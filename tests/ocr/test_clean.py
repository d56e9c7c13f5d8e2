"""Pages are turned, straightened and freed of marks; pages that need nothing are left alone."""

from __future__ import annotations

import importlib.resources
import io
import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.page import Page
from ocr.clean.laid import is_mark, lost_print
from ocr.clean.orientation import find_rotation, turn_upright
from ocr.clean.seal import find_ring_seals
from ocr.clean.skew import find_skew, straighten
from ocr.clean.watermark import clean
from ocr.lines import recognise
from ocr.scan import see_straight

FONT = str(importlib.resources.files("mplfonts") / "fonts/NotoSansCJKsc-Regular.otf")
DPI = 150
NAMES = ("一般公共服务支出", "社会保障和就业支出", "卫生健康支出", "住房保障支出")
AMOUNTS = ["1,204.35", "387.10", "96.48", "73.02"] * 4


@pytest.fixture(scope="module")
def table() -> NDArray[np.uint8]:
    """A ruled table of sixteen rows on a half page."""
    image = Image.new("L", (1240, 900), 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, 24)
    for row in range(17):
        draw.line((120, 60 + 46 * row, 1120, 60 + 46 * row), fill=30, width=2)
    for x in (120, 600, 1120):
        draw.line((x, 60, x, 60 + 46 * 16), fill=30, width=2)
    for row in range(16):
        draw.text((140, 66 + 46 * row), NAMES[row % 4], font=font, fill=30)
        draw.text((760, 66 + 46 * row), AMOUNTS[row], font=font, fill=30)
    grain = np.random.default_rng(0).normal(0, 2, (900, 1240))
    return np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)


def with_mark(page: NDArray[np.uint8], grey: int, *, hollow: bool = False) -> NDArray[np.uint8]:
    mark = Image.new("L", (1240, 900), 255)
    draw = ImageDraw.Draw(mark)
    for place in ((150, 100), (650, 100), (150, 480), (650, 480)):
        font = ImageFont.truetype(FONT, 130)
        draw.text(place, "样稿", 255 if hollow else grey, font, stroke_width=3 if hollow else 0, stroke_fill=grey)
    turned = np.asarray(mark.rotate(20, fillcolor=255), dtype=np.uint16)
    return (page.astype(np.uint16) * turned // 255).astype(np.uint8)


def amounts(page: NDArray[np.uint8]) -> list[str]:
    crops = [np.ascontiguousarray(page[66 + 46 * row : 102 + 46 * row, 740:960]) for row in range(16)]
    return [reading.text for reading in recognise(crops)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_found_and_put_upright(table: NDArray[np.uint8], turn: int) -> None:
    stored = np.ascontiguousarray(np.rot90(table, -turn // 90))
    assert find_rotation(stored, DPI) == turn
    np.testing.assert_array_equal(turn_upright(stored, turn), table)


def test_a_page_without_text_is_taken_as_it_lies() -> None:
    assert find_rotation(np.full((1000, 700), 255, np.uint8), DPI) == 0


@pytest.mark.parametrize("angle", [-3.0, -0.4, 0.15, 1.2])
def test_skew_is_measured_and_boxes_find_their_way_back(table: NDArray[np.uint8], angle: float) -> None:
    matrix = cv2.getRotationMatrix2D((620, 450), -angle, 1.0)
    stored = np.asarray(cv2.warpAffine(table, matrix, (1240, 900), borderValue=(250,)), dtype=np.uint8)
    assert find_skew(stored) == pytest.approx(angle, abs=0.05)
    result = straighten(stored)
    assert abs(find_skew(result.image)) < 0.05
    assert result.to_stored is not None
    assert math.dist(result.to_stored @ (850, 84, 1), (*(matrix @ (850, 84, 1)), 1)) < 1.5


def test_a_straight_page_and_an_empty_page_are_returned_as_they_are(table: NDArray[np.uint8]) -> None:
    assert straighten(table).image is table
    assert find_skew(np.full((900, 600), 255, np.uint8)) == 0.0


def test_a_page_without_a_mark_is_not_touched(table: NDArray[np.uint8]) -> None:
    result = clean(table, DPI)
    assert result.image is table
    assert result.share == 0.0


@pytest.mark.parametrize("grey", [215, 150])
def test_a_watermark_goes_and_the_amounts_stay(table: NDArray[np.uint8], grey: int) -> None:
    marked = with_mark(table, grey)
    result = clean(marked, DPI)
    assert 0.01 < result.share < 0.3
    assert amounts(result.image) == AMOUNTS
    laid = (with_mark(np.full_like(table, 250), grey) < 230) & (table > 200)
    assert result.mask[laid].mean() > 0.8
    assert float(result.image[laid].mean()) > 235


def test_a_mark_of_thin_outlines_goes_too(table: NDArray[np.uint8]) -> None:
    """Its strokes are too thin to have a grey level of their own once they are blurred."""
    marked = np.asarray(cv2.GaussianBlur(with_mark(table, 150, hollow=True), (0, 0), 0.8), dtype=np.uint8)
    result = clean(marked, DPI)
    assert 0.01 < result.share < 0.3
    assert amounts(result.image) == AMOUNTS


def test_a_small_mark_laid_straight_along_the_lines_goes_too(table: NDArray[np.uint8]) -> None:
    """As type it is no larger than a heading, and at a lower resolution it looks like one."""
    mark = Image.new("L", (1240, 900), 255)
    for row in range(12):
        for x in range(-260 + 150 * (row % 2), 1240, 300):
            draw = ImageDraw.Draw(mark)
            draw.text((x, 20 + 75 * row), "仅供内部审核", font=ImageFont.truetype(FONT, 38), fill=140)
    laid = np.asarray(mark)
    marked = (table.astype(np.uint16) * laid // 255).astype(np.uint8)
    result = clean(marked, DPI)
    assert amounts(result.image) == AMOUNTS
    blank = (laid < 180) & (table > 200)
    assert float(result.image[blank].mean()) > 235


@pytest.mark.parametrize("lines", [["云泽市财政局文件"], ["二〇二六年部门预算", "云泽市财政局编", "二〇二六年三月"]])
def test_pale_headings_are_no_mark(table: NDArray[np.uint8], lines: list[str]) -> None:
    """They are as large and as pale as one, but no print crosses them."""
    page = np.full((1754, 1240), 250, np.uint8)
    page[500:1400] = table
    image = Image.fromarray(page)
    for order, line in enumerate(lines):
        place = (150, 60 + 120 * order)
        ImageDraw.Draw(image).text(place, line, font=ImageFont.truetype(FONT, 76), fill=120)
    headed = np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), 0.6), dtype=np.uint8)
    cleaned = clean(headed, DPI)
    assert cleaned.share == 0.0
    assert np.array_equal(cleaned.image, headed)


def test_black_headings_that_the_network_takes_for_a_mark_stay(table: NDArray[np.uint8]) -> None:
    """Near a pale red letterhead a mark is suspected, and they are as large as one. No mark is as dark."""
    image = Image.new("L", (1240, 900), 250)
    for order, line in enumerate(["云泽市财政局", "云泽市水务局", "关于下达专项资金的通知"]):
        ImageDraw.Draw(image).text((150, 60 + 80 * order), line, font=ImageFont.truetype(FONT, 76), fill=20)
    page = np.asarray(image)
    taken = np.full_like(page, 250)
    found = np.zeros(page.shape, np.bool_)
    found[40:340, 100:1100] = True
    lost = lost_print(page, taken, found, DPI)
    assert lost[page < 40].mean() > 0.95
    assert not is_mark(page, np.where(lost, page, taken), found, found & (page < 200), lost, DPI)
    assert not lost_print(with_mark(table, 120), np.full_like(table, 250), table > 200, DPI).any()


def test_thin_type_and_a_page_border_are_no_watermark(table: NDArray[np.uint8]) -> None:
    thin = np.asarray(255 - (255 - table) * 0.75, dtype=np.uint8)
    cv2.rectangle(thin, (40, 20), (1200, 880), (90,), 2)
    assert clean(thin, DPI).share == 0.0


def test_shaded_rows_are_no_watermark(table: NDArray[np.uint8]) -> None:
    shaded = table.copy()
    for row in range(0, 16, 2):
        band = shaded[62 + 46 * row : 105 + 46 * row, 123:1118]
        band[:] = np.minimum(band, 225)
    assert clean(shaded, DPI).share == 0.0


def test_no_edges_are_left_of_a_square_seal_and_thin_strokes_stay(table: NDArray[np.uint8]) -> None:
    """JPEG keeps colour at half the resolution, so that the edges of its frame stay and would be taken for rules."""
    page = Image.fromarray(table).convert("RGB")
    ImageDraw.Draw(page).rectangle((640, 196, 860, 386), outline=(225, 60, 70), width=9)
    stored = io.BytesIO()
    page.save(stored, "JPEG", quality=75)
    result = clean(np.asarray(Image.open(stored)), DPI)
    blank = cv2.erode(table, np.ones((9, 9), np.uint8)) > 225
    assert 250 - int(result.image[blank].min()) < 40
    assert amounts(result.image) == AMOUNTS


def test_a_word_of_two_characters_that_is_well_read_under_a_mark_stays() -> None:
    """Spaced or in thin strokes it fills as little of its box as the outline of a mark."""
    image = Image.new("L", (1240, 400), 250)
    draw = ImageDraw.Draw(image)
    for row, name in enumerate(("合  计", "电  费", "奖  金")):
        draw.rectangle((120, 60 + 60 * row, 600, 120 + 60 * row), outline=30, width=2)
        draw.rectangle((600, 60 + 60 * row, 1120, 120 + 60 * row), outline=30, width=2)
        draw.text((140, 70 + 60 * row), name, font=ImageFont.truetype(FONT.replace("SansCJK", "SerifCJK"), 26), fill=30)
    seen = see_straight(np.asarray(image), DPI, Page(0, 595.0, 192.0), np.ones((400, 1240), dtype=np.bool_))
    assert [word.text for word in seen.words] == ["合计", "电费", "奖金"]


def seal_over(page: NDArray[np.uint8], flatness: float = 1.0) -> NDArray[np.bool_]:
    """Where a seal of 37 mm with a star and letters prints."""
    seal = np.zeros(page.shape, np.uint8)
    cv2.ellipse(seal, (860, 300), (110, round(110 * flatness)), 0, 0, 360, (1,), 7)
    star = [
        (860 + r * math.sin(k * math.pi / 5), 300 - r * math.cos(k * math.pi / 5)) for k, r in enumerate((34, 14) * 5)
    ]
    cv2.fillPoly(seal, [np.array(star, np.int32)], (1,))
    cv2.putText(seal, "SEAL", (790, 355), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (1,), 6)
    return seal == 1


@pytest.mark.parametrize("light", [(0.88, 0.25, 0.25), (0.95, 0.7, 0.7), (0.3, 0.45, 0.85), (0.75, 0.8, 0.93)])
def test_a_coloured_seal_goes_and_black_text_under_it_stays(table: NDArray[np.uint8], light: tuple[float, ...]) -> None:
    page = np.repeat(table[..., None], 3, axis=2)
    seal = seal_over(table)
    page[seal] = (page[seal] * np.array(light)).astype(np.uint8)
    result = clean(page, DPI)
    assert result.mask[seal].mean() > 0.9
    assert amounts(result.image) == AMOUNTS
    assert np.percentile(result.image[seal & (table > 200)], 5) > 225


@pytest.mark.parametrize(("light", "flatness"), [(0.45, 1.0), (0.72, 0.7)])
def test_a_grey_seal_is_known_by_its_ring_and_goes(table: NDArray[np.uint8], light: float, flatness: float) -> None:
    seal = seal_over(table, flatness)
    page = np.where(seal, table * light, table).astype(np.uint8)
    found = find_ring_seals(page, DPI)
    assert found is not None
    assert found.area[seal].mean() > 0.98
    assert not found.area[500:].any()
    result = clean(page, DPI)
    assert result.mask[seal].mean() > 0.7
    assert amounts(result.image) == AMOUNTS
    np.testing.assert_array_equal(result.image[500:], page[500:])


def test_a_seal_as_black_as_print_is_found_and_what_it_covers_is_marked(table: NDArray[np.uint8]) -> None:
    seal = seal_over(table)
    result = clean(np.where(seal, 30, table).astype(np.uint8), DPI)
    assert result.mask[seal].mean() > 0.8


def test_discs_thin_circles_boxes_and_arcs_are_no_seals() -> None:
    page = np.full((900, 1240), 250, np.uint8)
    cv2.circle(page, (200, 200), 120, (90,), -1)
    cv2.circle(page, (600, 200), 120, (30,), 2)
    cv2.rectangle(page, (850, 80), (1090, 320), (90,), 8)
    cv2.ellipse(page, (300, 600), (120, 120), 0, 0, 200, (90,), 8)
    assert find_ring_seals(page, DPI) is None


def stored_in_colour(page: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The page as a scanner's JPEG gives it: colour at half the resolution."""
    stored = io.BytesIO()
    Image.fromarray(np.clip(np.rint(page), 0, 255).astype(np.uint8)).save(stored, "JPEG", quality=75)
    return np.asarray(Image.open(stored))


@pytest.mark.parametrize("light", [(0.87, 0.12, 0.16), (0.5, 0.8, 0.59), (0.12, 0.25, 0.85)])
def test_a_coloured_mark_wider_than_any_seal_goes(table: NDArray[np.uint8], light: tuple[float, ...]) -> None:
    cover = Image.new("L", (1240, 900), 0)
    ImageDraw.Draw(cover).text((330, -130), "样", 255, ImageFont.truetype(FONT, 750))
    part = np.asarray(cover.rotate(20), dtype=np.float64)[..., None] / 255
    result = clean(stored_in_colour(table[..., None] * (1 - part * (1 - np.array(light)))), DPI)
    assert amounts(result.image) == AMOUNTS
    blank = (part[..., 0] > 0.9) & (cv2.erode(table, np.ones((9, 9), np.uint8)) > 225)
    assert result.mask[blank].mean() > 0.9
    assert np.percentile(result.image[blank], 5) > 225


def test_coloured_amounts_rules_cells_and_titles_are_no_mark(table: NDArray[np.uint8]) -> None:
    light = np.ones((900, 1240, 3))
    light[60:152, 120:1120] = light[60:796, 120:600] = (0.65, 0.78, 0.95)
    page = table[..., None] * light
    for row in range(4, 16, 3):
        dark = 1 - table[64 + 46 * row : 104 + 46 * row, 740:960, None] / 250
        page[64 + 46 * row : 104 + 46 * row, 740:960] = 250 * (1 - dark * np.array((0.15, 0.95, 0.95)))
    title = Image.fromarray(page.astype(np.uint8))
    ImageDraw.Draw(title).text((200, -20), "云泽市财政局", (210, 30, 30), ImageFont.truetype(FONT, 70))
    assert clean(stored_in_colour(np.asarray(title, dtype=np.float64)), DPI).share == 0.0


def test_coloured_cells_are_no_seals() -> None:
    page = np.full((600, 900, 3), 250, np.uint8)
    page[100:200, 100:300], page[300:380, 400:560] = (150, 170, 240), (240, 150, 150)
    assert clean(page, DPI).share == 0.0


def test_a_red_letterhead_is_no_seal() -> None:
    image = Image.new("RGB", (1240, 400), (252, 252, 252))
    ImageDraw.Draw(image).text((120, 100), "云泽市财政局文件", font=ImageFont.truetype(FONT, 110), fill=(210, 30, 30))
    assert clean(np.asarray(image), DPI).share == 0.0


@pytest.mark.parametrize("size_px", [15, 18])
def test_small_pale_print_is_no_mark(size_px: int) -> None:
    """A table of many columns in 5 to 7 pt: by its grey level alone, and at 100 dpi, it looks like a mark."""
    image = Image.new("L", (1654, 1400), 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, size_px)
    height = round(1.4 * size_px)
    for row in range(1300 // height):
        draw.line((60, 40 + height * row, 1594, 40 + height * row), fill=110)
        for column in range(6):
            text = f"{30200 + 7 * row + column}-{NAMES[(row + column) % 4]}"
            draw.text((66 + 255 * column, 42 + height * row), text, font=font, fill=110)
    blurred = cv2.GaussianBlur(np.asarray(image), (0, 0), 0.8) + np.random.default_rng(0).normal(0, 5, (1400, 1654))
    page = np.clip(blurred, 0, 255).astype(np.uint8)
    cleaned = clean(page, 200)
    assert cleaned.share == 0.0
    assert np.array_equal(cleaned.image, page)
