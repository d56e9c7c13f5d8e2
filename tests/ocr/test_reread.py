"""Doubtful numbers are read again: specks go, points and commas are put right, digits are never made up."""

from __future__ import annotations

import importlib.resources
import itertools
from collections import defaultdict

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.geometry import Box
from models.page import Reading, Word
from ocr.beam import probabilities, search
from ocr.clean.specks import without_specks
from ocr.engine import AMOUNT_ALPHABET
from ocr.grid import Grid, Span
from ocr.inkcells import find_ink, ink_lines
from ocr.lines import recognise
from ocr.numerals import decimals_of, is_well_formed, plain, settle_punctuation
from ocr.reread import Habit, View, reread, settle

FONT = str(importlib.resources.files("mplfonts") / "fonts/NotoSansCJKsc-Regular.otf")
AMOUNTS = ("1,204.35", "387.10", "96.48", "4,865,000.00", "0.65")
EM = 28


def column(amounts: tuple[str, ...] = AMOUNTS) -> NDArray[np.uint8]:
    """Amounts one below the other, their right edges at x = 300, 60 pixels apart."""
    image = Image.new("L", (340, 60 * len(amounts)), 250)
    for row, amount in enumerate(amounts):
        ImageDraw.Draw(image).text(
            (300, 30 + 60 * row), amount, font=ImageFont.truetype(FONT, EM), fill=30, anchor="rm"
        )
    return np.array(image)


def word(page: NDArray[np.uint8], row: int, text: str, confidence: float = 0.6) -> Word:
    """A word around the ink of a row, in points at 72 dpi."""
    ink = page[60 * row : 60 * row + 60] < 128
    xs, ys = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    box = Box(float(xs[0]), 60.0 * row + float(ys[0]), float(xs[-1]) + 1, 60.0 * row + float(ys[-1]) + 1)
    return Word(text, box, confidence)


def sharp(text: str) -> NDArray[np.float32]:
    """Steps that say `text` and nothing else."""
    steps = np.zeros((2 * len(text), 1 + len(AMOUNT_ALPHABET)), np.float32)
    steps[1::2, 0] = 1.0
    steps[range(0, 2 * len(text), 2), [1 + AMOUNT_ALPHABET.index(character) for character in text]] = 1.0
    return steps


NO_HABIT = Habit(decimals=None, fractional=0, whole=0, numeric_share=1.0)


@pytest.mark.parametrize(
    ("text", "decimals", "wanted"),
    [
        ("1,234,56", 2, "1,234.56"),
        ("0.00.", 2, "0.00"),
        (".4,865,000.00", None, "4,865,000.00"),
        ("588.636.80", 2, "588,636.80"),
        ("0,65", None, "0.65"),
        ("12.5%.", None, "12.5%"),
        # Not settled: a lost digit, a lost point, a zero that may have stood before, two ways of reading.
        ("1,234,5", 2, "1,234,5"),
        ("123456", 2, "123456"),
        (".50", 2, ".50"),
        ("1.234,567", None, "1.234,567"),
        ("2026年", 2, "2026年"),
    ],
)
def test_only_punctuation_that_can_be_but_one_thing_is_settled(text: str, decimals: int | None, wanted: str) -> None:
    assert settle_punctuation(text, decimals) == wanted


def test_a_column_has_the_decimals_that_its_numbers_agree_on() -> None:
    assert decimals_of(["1.20", "3.45", "7", "10.00", "合计"]) == 2
    assert decimals_of(["1.20", "3.4", "10.00"]) is None
    assert decimals_of(["1.20", "3.45"]) is None
    assert is_well_formed("(1,234.50)", 2)
    assert not is_well_formed("(1,234.50", 2)
    assert plain("１，２３４．５０ ％") == "1,234.50%"


def test_probabilities_are_the_sums_over_all_paths() -> None:
    steps = np.zeros((4, 1 + len(AMOUNT_ALPHABET)))
    steps[:, :4] = np.random.default_rng(0).random((4, 4))
    steps /= steps.sum(axis=1, keepdims=True)
    every: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(4), repeat=4):
        kept = [c for c, _ in itertools.groupby(path) if c]
        every["".join(AMOUNT_ALPHABET[c - 1] for c in kept)] += float(
            np.prod([steps[t, c] for t, c in enumerate(path)])
        )
    np.testing.assert_allclose(probabilities(steps, list(every)), list(every.values()), atol=1e-12)
    assert search(steps)[0] == max(every, key=lambda text: every[text])


def test_looks_that_disagree_leave_both_readings() -> None:
    first = Word("43.53", Box(0, 0, 50, 10), 0.5, alternatives=(Reading("43.63", 0.5),))
    settled = settle(first, [sharp("43.63"), sharp("43.53")], NO_HABIT)
    readings = {settled.text: settled.confidence} | {r.text: r.probability for r in settled.alternatives}
    assert readings["43.63"] == pytest.approx(readings["43.53"], rel=0.01)
    assert settled.confidence < 0.6


def test_the_picture_and_not_the_grammar_decides_on_digits() -> None:
    settled = settle(Word("1,234,5", Box(0, 0, 50, 10), 0.9), [sharp("1,234,5")], Habit(2, 20, 0, 1.0))
    assert settled.text == "1,234,5"


def test_a_text_with_a_number_in_it_stays_a_text() -> None:
    unit = Word("24次", Box(0, 0, 50, 10), 0.7)
    none = np.zeros((6, 1 + len(AMOUNT_ALPHABET)), np.float32)
    none[:, 0] = [0.1, 1, 0.1, 1, 0.001, 1]
    none[0, 3] = none[2, 5] = 0.9
    assert settle(unit, [none], NO_HABIT) == unit


def test_misread_amounts_are_put_right_by_a_second_look_at_the_picture() -> None:
    page = column()
    page[128:134, 290 - 100 : 296 - 100] = 40  # a speck before the third amount, above its digits' middle
    misread = ["1,204.35", "387.10", "'96.48", "4,865.000.00", "0,65"]
    words = [word(page, row, text, 0.6 if row > 1 else 1.0) for row, text in enumerate(misread)]
    read = reread(words, View(page, 72.0, 0.92 * EM))
    assert tuple(each.text for each in read) == AMOUNTS
    assert read[0] is words[0]
    assert all(each.confidence > 0.9 for each in read)
    assert all(len(each.char_x) in (0, len(each.text) + 1) for each in read)


def test_specks_go_and_points_commas_and_minus_stay() -> None:
    clean = column(("-4,865.20",))
    dusty = clean.copy()
    dusty[8:13, 230:235] = 20  # above the digits
    dusty[28:33, 312:317] = 20  # behind the last digit
    mended = without_specks(dusty, 0.92 * EM)
    assert int(np.abs(mended.astype(int) - clean).max()) <= 5
    assert without_specks(clean, 0.92 * EM) is clean


def test_dust_in_a_cell_is_no_line_of_text() -> None:
    page = column(("387.10", "", "96.48"))
    page[4:9, 200:205] = 20  # above an amount
    page[90:96, 150:156] = 20  # in an empty cell
    page[145:150, 180:185] = 20  # far before an amount
    grid = Grid((0.0, 340.0), (0.0, 60.0, 120.0, 180.0), tuple(Span(row, 0, 1, 1) for row in range(3)))
    lines = ink_lines(page, find_ink(page), [grid], 72.0, 0.92 * EM)
    assert [reading.text for reading in recognise([line.crop for line in lines])] == ["387.10", "96.48"]
