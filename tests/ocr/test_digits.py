"""Numbers are read by the small network when they are beyond doubt; everything else is left to the large one."""

from __future__ import annotations

import importlib.resources
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.clean.restorer.fonts import Faces, find_faces
from ocr.ctc import reading_of
from ocr.digits.alphabet import CLASSES, OTHER, labels_of
from ocr.digits.reader import WEIGHTS, Read, is_sure, look, read_numbers
from ocr.digits.sheets import number_lines
from ocr.digits.strips import LOOK, WIDTHS_PX, number_strip
from ocr.strips import Strip

FONTS = importlib.resources.files("mplfonts") / "fonts"
SANS, SERIF = (str(FONTS / name) for name in ("NotoSansCJKsc-Regular.otf", "NotoSerifCJKsc-Regular.otf"))


def line(text: str, font: str = SANS, size: int = 28, margin: int = 8) -> NDArray[np.uint8]:
    face = ImageFont.truetype(font, size)
    x0, y0, x1, y1 = face.getbbox(text)
    image = Image.new("L", (int(x1 - x0) + 2 * margin, int(y1 - y0) + 2 * margin), 250)
    ImageDraw.Draw(image).text((margin - x0, margin - y0), text, font=face, fill=30)
    return np.asarray(image)


def read(crop: NDArray[np.uint8]) -> str | None:
    (characters,) = read_numbers([crop])
    return None if characters is None else reading_of(characters).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,234.50", "1,234.50"),
        ("－１２，３", "-12,3"),
        ("−5%", "-5%"),
        ("12.5％", "12.5%"),
        ("（7）", "(7)"),
        ("2024年3月", "2024#3#"),
        ("一般公共预算", "#"),
        ("≥ 95%", "#95%"),
        ("1:2", "1#2"),
        ("", ""),
    ],
)
def test_full_width_forms_are_one_class_and_neighbouring_other_ink_is_one(text, said):
    assert "".join("#" if label == OTHER else CLASSES[label] for label in labels_of(text)) == said


@pytest.mark.parametrize("font", [SANS, SERIF])
@pytest.mark.parametrize("text", ["0.00", "98.5%", "-87.30", "35", "387.10", "96.48", "2024"])
def test_printed_numbers_are_read(text, font):
    assert read(line(text, font)) == text


@pytest.mark.parametrize("text", ["2130101", "3,000,000.00"])
def test_long_numbers_are_read(text):
    assert read(line(text, SERIF)) == text


@pytest.mark.parametrize("size", [16, 24, 48])
def test_the_size_of_the_type_does_not_matter(size):
    assert read(line("3,906.75", size=size)) == "3,906.75"


@pytest.mark.parametrize(
    "text",
    [
        "合计",
        "2024年",
        "≥95%",
        "12万元",
        "（12）",
        "(3.50)",
        "—",
        "1",
        "1.",
        "12   345",
        "第3批",
        "3-5",
        "A12",
        "无",
        "12.5.6",
    ],
)
def test_what_is_not_surely_a_number_is_left(text):
    assert read(line(text)) is None


def test_blank_and_empty_crops_are_left():
    assert read_numbers([np.full((30, 90), 250, np.uint8), np.zeros((0, 5), np.uint8)]) == [None, None]
    assert read_numbers([]) == []


def test_a_smeared_digit_is_left():
    crop = line("1,234.56").copy()
    columns = np.flatnonzero((crop < 128).any(axis=0))
    crop[:, columns[-12] : columns[-1]] = crop[:, columns[-12] : columns[-1]].mean().astype(np.uint8)
    assert read(crop) is None


def test_places_follow_the_ink():
    crop = line("1,786", size=40, margin=12)
    (characters,) = read_numbers([crop])
    assert characters is not None
    reading = reading_of(characters)
    columns = np.flatnonzero((crop < 128).any(axis=0))
    assert reading.char_x[0] == pytest.approx(columns[0], abs=3)
    assert reading.char_x[-1] == pytest.approx(columns[-1], abs=3)
    assert list(reading.char_x) == sorted(reading.char_x)
    assert reading.confidence == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("text", ["43.63", "387.10", "96.48", "-87.30"])
def test_other_readings_share_what_the_text_leaves(text):
    (characters,) = read_numbers([line(text, SERIF)])
    assert characters is not None
    reading = reading_of(characters)
    assert reading.text == text
    assert all(other.probability <= 0.01 for other in reading.alternatives)


def test_a_number_is_sure_only_when_all_else_is_improbable():
    strip = Strip(np.zeros((LOOK.height, 64), np.uint8), 1.0, 0.0, LOOK.ink)
    steps = np.zeros((16, len(CLASSES)), np.float32)
    assert is_sure(Read(strip, steps, "12.50", 0.99999))
    assert not is_sure(Read(strip, steps, "12.50", 0.9))
    assert not is_sure(Read(strip, steps, "12,50", 0.99999))
    assert is_sure(Read(strip, steps, "1,250.50", 0.995))
    assert not is_sure(Read(strip, steps, "1,250", 0.995))
    assert not is_sure(Read(strip, steps, "(12.50)", 0.99999))


def test_the_weights_stay_small():
    assert WEIGHTS.stat().st_size < 1_300_000


@pytest.fixture(scope="module")
def faces() -> Faces:
    try:
        found = find_faces(system=())
    except FileNotFoundError:
        pytest.skip("no Chinese fonts")
    return Faces(found.chinese, found.chinese)


def untouched(tiles):
    """Stands in for the restoring network: finds no mark."""
    for tile in tiles:
        yield [np.zeros(tile.shape, np.float32), np.zeros((1, *(side // 4 for side in tile.shape[1:])), np.float32)]


def test_made_up_lines_are_the_same_for_the_same_seed(faces):
    first, second = (list(number_lines(np.random.default_rng(3), faces, untouched)) for _ in range(2))
    assert len(first) > 20
    for (strip, labels), (again, same) in zip(first, second, strict=True):
        assert np.array_equal(strip, again)
        assert labels == same
        assert strip.shape[0] == LOOK.height
        assert strip.shape[1] <= WIDTHS_PX[-1]


def test_made_up_lines_are_read_or_left_but_not_misread(faces):
    """Faces, marks and scans of the training's generator; the model card says what holds on others."""
    random = np.random.default_rng(17)
    accepted = numbers = 0
    for _ in range(8):
        lines = list(number_lines(random, faces, untouched))
        for (_, labels), found in zip(lines, look([Strip(s, 1.0, 0.0, LOOK.ink) for s, _ in lines]), strict=True):
            assert found is not None
            numbers += OTHER not in labels
            if is_sure(found):
                accepted += 1
                assert found.text == "".join(CLASSES[label] for label in labels)
    assert accepted > 0.5 * numbers


def test_training_explains_itself_without_pytorch():
    for module in ("shards", "train"):
        done = subprocess.run(
            [sys.executable, "-m", f"ocr.digits.{module}", "--help"], capture_output=True, text=True, check=True
        )
        assert "--out" in done.stdout


def test_a_strip_is_stretched_from_ink_to_paper():
    strip = number_strip(np.asarray(120 + line("48.15") // 3, dtype=np.uint8))
    assert strip is not None
    assert strip.pixels.shape[0] == LOOK.height
    assert strip.pixels.min() == 0
    assert strip.pixels.max() == 255
