"""A second look at doubtful numbers: words and the page's pictures in, the same words with settled numbers out.

Every doubtful number is read again from differently prepared crops, once by another network, with nothing but the
characters of amounts allowed. The looks are put together by the geometric mean of what they hold probable; how numbers
are printed, and how those above and below are, decides between readings that the picture allows, and never makes up a
digit. A number that stays ambiguous keeps its other readings and a low confidence. All boxes are page points.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from models.page import Reading, Word
from ocr.beam import as_number, probabilities, search
from ocr.clean.specks import without_specks
from ocr.ctc import MAX_ALTERNATIVES, MIN_ALTERNATIVE
from ocr.digits.reader import number_steps
from ocr.inkcells import line_crop
from ocr.lines import amount_steps
from ocr.numerals import WELL_FORMED, decimals_of, is_number_like, is_well_formed, plain, settle_punctuation
from ocr.pages import Picture
from ocr.strips import CLOSE_UP, SECOND_LOOK

SURE = 0.99
"""Confidence from which a well-formed number on clean paper is left alone: in our test pages one in two hundred of
those is wrong, and a second look would hardly find it."""

SHARPENED_EM = 0.05
"""Radius of the blur that sharpening takes away, in character heights."""

DIGIT_SHARE = 0.5
"""A word with other characters may be a number when digits are at least half of it ..."""

NUMERIC_COLUMN = 0.6
"""... and when for at least this share of the words above and below the same holds; headings stand there too."""

LEAST_MASS = 0.05
"""Such a word with letters in it is a number if a look holds it possible with at least this probability."""

UNSEEN = 1e-3
"""Probability of a number that the first look did not name among the few that it keeps."""

ILL_FORMED = 8.0
"""How much less probable, as a natural logarithm, an ill-formed number is than a well-formed one; chosen on made-up
pages, where 6 did nearly as well: printed numbers are well formed, and their readings seldom by chance."""


@dataclass(frozen=True, slots=True)
class View:
    """The pictures of one page.

    Attributes:
        clean: (height, width) grey, upright and straight, marks taken off, rules and specks whitened.
        dpi: pixels per inch.
        char_height_px: of the type in use.
        others: the same page cleaned in other ways, for words on damaged ground.
    """

    clean: Picture
    dpi: float
    char_height_px: float
    others: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Habit:
    """How the numbers above and below a word are printed.

    Attributes:
        decimals: how many most of them have; None when they do not agree or are too few.
        fractional, whole: how many have decimals and how many, 0 apart, have none.
        numeric_share: how many of all words there are mostly digits, 0 to 1.
    """

    decimals: int | None
    fractional: int
    whole: int
    numeric_share: float

    def log_prior(self, text: str) -> float:
        """How usual it is to print `text` here, up to a constant."""
        if not is_well_formed(text, self.decimals):
            return -ILL_FORMED
        if self.decimals and "." not in text and text != "0":
            return math.log((self.whole + 1) / (self.fractional + self.whole + 2))
        return 0.0


def reread(words: Sequence[Word], view: View) -> list[Word]:
    """Looks again at the doubtful numbers.

    Args:
        words: of one page, their boxes drawn to the ink.
        view: of the same page.

    Returns:
        All words in their order; those that are no number, or sure, unchanged.
    """
    columns = _Columns(words)
    doubtful = [(i, columns.habit(i)) for i, word in enumerate(words) if any(map(str.isdigit, word.text))]
    doubtful = [(i, habit) for i, habit in doubtful if _is_doubtful(words[i], habit)]
    looks: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for indexes, crops, read in _looks([(i, words[i]) for i, _ in doubtful], view):
        for i, steps in zip(indexes, read(crops), strict=True):
            if steps is not None:
                looks[i].append(steps)
    settled = list(words)
    for i, habit in doubtful:
        if looks[i]:
            settled[i] = settle(words[i], looks[i], habit)
    return settled


def _is_doubtful(word: Word, habit: Habit) -> bool:
    """Whether a word with digits is a number, as far as one can see, and not beyond doubt."""
    text = plain(word.text)
    if not is_number_like(text):
        return _is_mostly_digits(text) and habit.numeric_share >= NUMERIC_COLUMN
    return word.damaged or word.confidence < SURE or not is_well_formed(text, habit.decimals)


def _is_mostly_digits(text: str) -> bool:
    return bool(text) and sum(character.isdigit() for character in text) >= DIGIT_SHARE * len(text)


_Reader = Callable[[Sequence[Picture]], Sequence[NDArray[np.float32] | None]]


def _looks(words: Sequence[tuple[int, Word]], view: View) -> Iterable[tuple[list[int], list[Picture], _Reader]]:
    """(places of the words, their crops, what reads them) for each way of looking."""
    close_up = partial(amount_steps, look=CLOSE_UP)

    def crops(picture: Picture, chosen: Sequence[tuple[int, Word]]) -> list[Picture]:
        return [line_crop(picture, word.box.scaled(view.dpi / 72), view.char_height_px) for _, word in chosen]

    def sharpened(crop: Picture) -> Picture:
        blurred = cv2.GaussianBlur(crop, (0, 0), SHARPENED_EM * view.char_height_px)
        return np.asarray(cv2.addWeighted(crop, 2.0, blurred, -1.0, 0.0), dtype=np.uint8)

    everywhere = crops(view.clean, words)
    places = [i for i, _ in words]
    yield places, everywhere, close_up
    yield places, [sharpened(crop) for crop in everywhere], partial(amount_steps, look=SECOND_LOOK)
    yield places, everywhere, number_steps
    # Specks are told from digits by their size, which on damaged ground is that of broken digits too.
    whole = [(i, crop) for (i, word), crop in zip(words, everywhere, strict=True) if not word.damaged]
    yield [i for i, _ in whole], [without_specks(crop, view.char_height_px) for _, crop in whole], close_up
    damaged = [(i, word) for i, word in words if word.damaged]
    for picture in view.others:
        yield [i for i, _ in damaged], crops(picture, damaged), close_up


def settle(word: Word, looks: Sequence[NDArray[np.float32]], habit: Habit) -> Word:
    """The word as the number that the looks agree on best, with the other readings and what each is worth.

    Args:
        word: as it was read first.
        looks: steps x (1 + length of `ocr.engine.AMOUNT_ALPHABET`) each, at least one.
        habit: of the numbers above and below.
    """
    first = plain(word.text)
    is_number = is_number_like(first)
    has_letters = any(character.isalpha() for character in first)
    if has_letters and max(float(np.prod(np.minimum(steps.sum(axis=1), 1.0))) for steps in looks) < LEAST_MASS:
        return word
    numbers = [as_number(steps) for steps in looks]
    found = {first} if is_number else set()
    found.update(text for steps in numbers for text in search(steps) if is_number_like(text))
    if not found:
        return word
    texts = sorted(found)
    seen = [np.log(np.maximum(probabilities(steps, texts), 1e-30)) for steps in numbers]
    if is_number:  # the first look counts too: lines shrunk by specks beside them lose a doubled digit
        readings = {plain(reading.text): reading.probability for reading in word.alternatives}
        readings[first] = word.confidence
        seen.append(np.log([max(readings.get(text, 0.0), UNSEEN) for text in texts]))
    worth: defaultdict[str, float] = defaultdict(float)
    for text, logarithm in zip(texts, np.mean(seen, axis=0), strict=True):
        printed = settle_punctuation(text, habit.decimals)
        worth[printed] += math.exp(float(logarithm) + habit.log_prior(printed))
    total = sum(worth.values())
    ranked = sorted(((text, value / total) for text, value in worth.items()), key=lambda item: -item[1])
    (text, confidence), *others = ranked
    if not is_number:
        others.append((word.text, min(word.confidence, 1.0 - confidence)))
    alternatives = tuple(Reading(other, p) for other, p in others[:MAX_ALTERNATIVES] if p >= MIN_ALTERNATIVE)
    if text == first:
        return replace(word, confidence=confidence, alternatives=alternatives)
    edges = np.linspace(word.box.x0, word.box.x1, len(text) + 1)
    return replace(
        word, text=text, confidence=confidence, alternatives=alternatives, char_x=tuple(float(x) for x in edges)
    )


class _Columns:
    """The words of a page by what stands above and below them."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._texts = [plain(word.text) for word in words]
        self._sides = np.array([(word.box.x0, word.box.x1) for word in words]).reshape(-1, 2)

    def habit(self, index: int) -> Habit:
        """Of the words that share at least half of the narrower width with the word at `index`."""
        x0, x1 = self._sides[index]
        shared = np.minimum(self._sides[:, 1], x1) - np.maximum(self._sides[:, 0], x0)
        narrower = np.minimum(self._sides[:, 1] - self._sides[:, 0], x1 - x0)
        near = [self._texts[i] for i in np.flatnonzero(shared >= 0.5 * narrower) if i != index]
        numbers = [match for text in near if (match := WELL_FORMED.fullmatch(text))]
        whole = sum(not match["decimals"] and match[0] != "0" for match in numbers)
        fractional = sum(bool(match["decimals"]) for match in numbers)
        share = sum(map(_is_mostly_digits, near)) / len(near) if near else 0.0
        return Habit(decimals_of(near), fractional, whole, share)
