"""What is written in a mark: its template in, the phrase out, and words told from what is left of that phrase."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.page import Word
from ocr.clean.overpages import learn_mark, light_of
from ocr.clean.template import Overlay
from ocr.lines import read_words
from ocr.pagemark import MarkSample, PageMark

Light = NDArray[np.float32]

SIDE_PX = 720
"""Long side of the picture that is read: the characters of a phrase across a page are 40 to 300 pixels high."""

SKETCH_PX = 160
"""Long side of the picture on which the angle is looked for."""

MARGIN = 12
"""Part of a mark's long side that is left blank around it: lines along the edge of a picture are not found."""

STEP_DEG = 3
"""Distance of the angles tried; lines are read up to 5° off."""

ANGLES = 2
"""Best angles read: a phrase of two characters is as compact across as along."""

APART_DEG = 20
"""Angles closer than this show the same."""

UPRIGHT_DEG = 80
"""From here a phrase may as well run down the page as up."""

SURE = 0.6
"""Confidence of a line that is a phrase: the right ones have 0.68 and more, those read at a wrong angle or from a frame
less than 0.45, and a logo or a character upside down, which have up to 0.77, are single characters or second best."""

QUITE_SURE = 0.95
"""No other angle is tried when a line has this confidence; further lines of a phrase have it too."""

REPEATED = 0.4
"""Share of a line's characters that stand in a longer one: it is another copy, cut by the edge of the picture."""

PAGE_DPI = 100.0
"""What the picture is read as: its lines are looked for at about the size that it has."""


def read_phrase(light: Light, full: float) -> str:
    """The words of a mark, those of several lines parted by a space; empty where none can be read.

    Args:
        light: share of the paper's light that the mark lets through; one copy, or a piece of a page with several.
        full: that of its own strokes.
    """
    cover = np.clip((1 - light) / (1 - full), 0, 1)
    rows, columns = np.flatnonzero((cover > 0.5).any(axis=1)), np.flatnonzero((cover > 0.5).any(axis=0))
    if not rows.size:
        return ""
    cover = cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    margin = max(cover.shape) // MARGIN
    cover = cv2.copyMakeBorder(cover, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(0,))
    scale = min(1.0, SIDE_PX / max(cover.shape))
    cover = np.asarray(cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.float32)
    best: tuple[float, list[Word]] = (0.0, [])
    for angle in _angles(cover):
        picture = np.asarray(np.rint(255 - 225 * np.clip(_turned(cover, angle), 0, 1)), dtype=np.uint8)
        words = [word for word in read_words(picture, PAGE_DPI) if word.confidence >= SURE and letters(word.text) > 1]
        best = max(best, (sum(map(_weight, words)), words), key=lambda one: one[0])
        if any(word.confidence >= QUITE_SURE for word in words):
            break
    lines: list[Word] = []
    for word in sorted(best[1], key=_weight, reverse=True):
        known = {character for line in lines for character in line.text}
        is_new = sum(character in known for character in word.text) < REPEATED * len(word.text)
        if not lines or (is_new and word.confidence >= QUITE_SURE):
            lines.append(word)
    return " ".join(plain(line.text) for line in sorted(lines, key=lambda line: line.box.y0))


def _weight(word: Word) -> float:
    return word.confidence * len(plain(word.text))


def read_copy(overlay: Overlay) -> str:
    """The words of a mark that repeats over a page, from a piece of the page that shows one copy whole."""
    height, width = overlay.light.shape
    down, across = min(overlay.period_px, height), min(overlay.period_px, width)
    top, left = (height - down) // 2, (width - across) // 2
    return read_phrase(overlay.light[top : top + down, left : left + across], overlay.full)


def learn(samples: Sequence[MarkSample]) -> PageMark | None:
    """The mark that pages of a document have in common, with its phrase; none where they have none."""
    mark = learn_mark(samples)
    return None if mark is None else replace(mark, phrase=read_phrase(light_of(mark), mark.full))


def letters(text: str) -> int:
    """How many characters of a text are Chinese or letters; what has fewer than two is no phrase."""
    return sum(unicodedata.category(character).startswith("L") for character in text)


def plain(text: str) -> str:
    """A text as it is compared: full-width forms as plain ones, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _angles(cover: Light) -> Iterator[float]:
    """The angles, in degrees counter-clockwise, at which a mark lies most in rows, best first."""
    scale = min(1.0, SKETCH_PX / max(cover.shape))
    sketch = np.asarray(cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.float32)
    tried = range(-90, 90, STEP_DEG)
    rowness = {angle: float((_turned(sketch, angle).sum(axis=1) ** 2).sum()) for angle in tried}
    found: list[int] = []
    for angle in sorted(tried, key=lambda angle: -rowness[angle]):
        if all(abs((angle - other + 90) % 180 - 90) >= APART_DEG for other in found):
            found.append(angle)
            yield angle
            if abs(angle) >= UPRIGHT_DEG:
                yield angle + 180
        if len(found) == ANGLES:
            return


def _turned(cover: Light, angle_deg: float) -> Light:
    """The picture with a counter-clockwise turn of `angle_deg` undone, whole."""
    height, width = cover.shape
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -angle_deg, 1), dtype=np.float64)
    across, down = np.abs(matrix[:, :2]) @ (width, height)
    matrix[:, 2] += (across / 2 - width / 2, down / 2 - height / 2)
    return np.asarray(cv2.warpAffine(cover, matrix, (int(across) + 1, int(down) + 1)), dtype=np.float32)
