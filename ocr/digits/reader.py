"""Images of short lines → the numbers among them, read by the network of this package; whatever is not sure is left.

What it was trained on, what it reaches and where it ends stands in `model_card.md`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.beam import forward_sums, states_of
from ocr.ctc import Character, decode
from ocr.digits.alphabet import BLANK, CLASSES, OTHER
from ocr.digits.strips import LOOK, STEP_PX, WIDTHS_PX, number_strip
from ocr.engine import TOP_K
from ocr.networks import compile_network
from ocr.numerals import is_well_formed
from ocr.strips import Image, Strip, batches, find_ink, grey_of, levels, spans

WEIGHTS = Path(__file__).with_name("digits.onnx")

BATCHES = (16, 4, 1)
"""Lines per call."""

FLOOR = 0.99
"""Probability, over all ways of saying it, from which a text is believed. Of 9,764 made-up lines in faces never seen
that pass it (bad scans, marks), 5 are misread; the text network misreads 73 of the same, 10 of them surely."""

THOUSANDS = re.compile(r"-?\d{1,3}[.,]\d{3}%?")
THOUSANDS_FLOOR = 0.999
"""Two of those 5 took a comma for a point where either makes a number: such numbers must be surer."""

GAP_EM, POINT_GAP_EM = 0.45, 0.75
"""A gap in the ink, in heights of the ink, that may be a space; behind a point or comma, which some faces set to the
left of half a square, it must be wider. Lines with such gaps are left."""

MINUS_EM, CHARACTER_EM = 0.7, 1.6
"""Widest ink of a minus and of any other character, in heights of the ink: what is wider holds unread ink. Digits that
touch are cut apart roughly."""

WIDEST_EM = 0.8
"""Widest stretch of solid ink without a gap, in heights of the ink ..."""

PERCENT_EM = 1.35
"""... but the last may be a per cent sign ..."""

SOLID = 0.7
"""... solid from so many parts of the contrast of ink and paper on. On table pages of scans more than nine in ten
numbers have no wider one, and four in five (large type) or two in five (small type) of all other lines have one."""

PALE = 0.3
"""Parts of the contrast of ink and paper from which a pixel beside the ink is no noise, ..."""

PALE_PX = 3
"""... when there are so many of them ..."""

BLUR_EM = 0.1
"""... farther from the ink than it is blurred, in its heights."""

LEAST_CHARACTERS = 2
"""A single digit is left: stubs of rules and marks look like one, and nothing beside it says otherwise."""


@dataclass(frozen=True, slots=True)
class Read:
    """One line as the network sees it.

    Attributes:
        strip: what was read.
        steps: float32, steps x classes of `ocr.digits.alphabet`, probabilities.
        text: the most probable class of every step put together.
        probability: of `text`, all ways of saying it added up.
    """

    strip: Strip
    steps: NDArray[np.float32]
    text: str
    probability: float


def read_numbers(crops: Sequence[Image]) -> list[tuple[Character, ...] | None]:
    """The characters of each crop that is surely a number, places in its pixels; none for every other crop.

    Args:
        crops: one line each, uint8, grey or RGB.
    """
    looks = look([_fitting(crop) for crop in crops])
    found = [_characters(read) if read is not None and is_sure(read) else None for read in looks]
    return [None if characters is None or _is_loose(characters) else characters for characters in found]


def number_steps(crops: Sequence[Image]) -> list[NDArray[np.float32] | None]:
    """What the network says of amounts, step by step, as `ocr.lines.amount_steps` gives it for the large one.

    Args:
        crops: one line each, uint8, grey or RGB.

    Returns:
        None where there is no ink, or more than the network holds.
    """
    strips = [number_strip(crop) for crop in crops]
    looks = look([s if s is not None and s.pixels.shape[1] <= WIDTHS_PX[-1] else None for s in strips])
    return [None if read is None else read.steps[:, :OTHER] for read in looks]


def is_sure(read: Read) -> bool:
    """Whether a line is a number beyond doubt: printed as numbers are, and nothing else at all probable."""
    floor = THOUSANDS_FLOOR if THOUSANDS.fullmatch(read.text) else FLOOR
    return (
        len(read.text) >= LEAST_CHARACTERS
        and read.probability >= floor
        and "(" not in read.text  # half or full width: the network does not tell
        and is_well_formed(read.text)
    )


def look(strips: Sequence[Strip | None]) -> list[Read | None]:
    """What the network says of each strip there is, from `number_strip` and no wider than the widest of `WIDTHS_PX`."""
    wanted = [i for i, strip in enumerate(strips) if strip is not None]
    pixels = [strip.pixels for strip in strips if strip is not None]
    found: list[Read | None] = [None] * len(strips)
    for members, steps in _steps_of(pixels):
        best = steps.argmax(axis=2)
        texts = [_text_of(row) for row in best]
        numbers = [row for row, text in enumerate(texts) if CLASSES[OTHER] not in text]
        sums = np.zeros(len(texts))
        if numbers:
            some = [texts[row] for row in numbers]
            states = states_of(some)
            emitted = np.take_along_axis(steps[numbers], states[:, None, :], axis=2).swapaxes(0, 1)
            sums[numbers] = forward_sums(emitted, states, np.array([len(text) for text in some]))
        for row, member in enumerate(members):
            strip = strips[wanted[member]]
            assert strip is not None
            found[wanted[member]] = Read(strip, steps[row], texts[row], float(sums[row]))
    return found


def _fitting(crop: Image) -> Strip | None:
    """The strip of a crop that may be a number by the shape of its ink; seldom one of words."""
    if crop.size == 0 or crop.shape[1] > WIDTHS_PX[-1] / LOOK.ink * crop.shape[0]:
        return None
    grey = grey_of(crop)
    ink = find_ink(grey)
    rows = np.flatnonzero(ink.any(axis=1))
    if rows.size == 0:
        return None
    height = int(rows[-1] - rows[0]) + 1
    paper, dark = levels(grey)
    solid = [b - a for a, b in _column_spans(grey < paper - SOLID * (paper - dark))]
    runs = _column_spans(ink)
    if (
        max(solid[:-1], default=0) > WIDEST_EM * height
        or solid[-1] > (PERCENT_EM if len(solid) > 1 else WIDEST_EM) * height
        or any(b - a > POINT_GAP_EM * height for (_, a), (b, _) in itertools.pairwise(runs))
        or _has_pale_ends(grey, paper - PALE * (paper - dark), runs[0][0], runs[-1][1], height)
    ):
        return None
    strip = number_strip(grey)
    return strip if strip is not None and strip.pixels.shape[1] <= WIDTHS_PX[-1] else None


def _column_spans(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return spans(np.asarray(flags.any(axis=0)))


def _has_pale_ends(grey: Image, level: float, left: int, right: int, height: int) -> bool:
    """Whether anything beside the ink is darker than `level`: a minus or a bracket that would be cut off."""
    reach = max(2, round(BLUR_EM * height))
    sides = (grey[:, : max(left - reach, 0)], grey[:, right + reach :])
    return any(int((side < level).sum()) >= PALE_PX for side in sides)


def _steps_of(strips: Sequence[Image]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """(indexes of strips, their steps) for all of one width together; lines x steps x classes."""
    together: dict[int, tuple[list[int], list[NDArray[np.float32]]]] = {}
    for (lines, width), members in batches(strips, WIDTHS_PX, BATCHES):
        batch = np.full((lines, LOOK.height, width), 255, dtype=np.uint8)
        for row, index in enumerate(members):
            batch[row, :, : strips[index].shape[1]] = strips[index]
        known, steps = together.setdefault(width, ([], []))
        known += members
        steps.append(_network()([batch])[0][: len(members)])
    for known, parts in together.values():
        yield known, np.concatenate(parts)


@cache
def _network() -> Callable[[Sequence[NDArray[Any]]], Sequence[NDArray[Any]]]:
    return compile_network(WEIGHTS, ((1, BATCHES[0]), LOOK.height, (WIDTHS_PX[0], WIDTHS_PX[-1])))


def _is_loose(characters: Sequence[Character]) -> bool:
    """Whether two characters stand so far apart that there may be a space, or one has more ink than its own."""
    gaps = ((after.x0 - before.x1, before) for before, after in itertools.pairwise(characters))
    return any(gap > (POINT_GAP_EM if c.text in ".," else GAP_EM) * c.em for gap, c in gaps) or any(
        c.x1 - c.x0 > (MINUS_EM if c.text == "-" else CHARACTER_EM) * c.em for c in characters
    )


def _text_of(best: NDArray[np.int64]) -> str:
    changes = np.flatnonzero(np.diff(best, prepend=BLANK))
    return "".join(CLASSES[label] for label in best[changes])


def _characters(read: Read) -> tuple[Character, ...]:
    strip = read.strip
    order = np.argsort(-read.steps, axis=1)[:, :TOP_K].astype(np.int32)
    ranked = np.take_along_axis(read.steps, order, axis=1)
    left = max(1.0 - read.probability, 0.0)

    def capped(options: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
        """No other text is more probable than all others together: the fading end of a digit is no second one."""
        return tuple((text, min(value, left)) for text, value in options)

    return tuple(
        Character(
            c.text,
            c.probability,
            c.x0 / strip.scale + strip.x0,
            c.x1 / strip.scale + strip.x0,
            c.em / strip.scale,
            capped(c.instead),
            capped(c.behind),
        )
        for c in decode(CLASSES, ranked, order, strip.pixels, strip.em, STEP_PX)
    )
