"""Dust and punched dots: solid blobs that are no part of any character. All lengths are pixels."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.pages import Picture
from ocr.strips import find_ink

#: A blob is at most this large, in character heights; characters and their separate strokes are larger or not solid.
LARGEST = 0.42
#: Full stops and decimal points of bold type reach this size, in character heights; a solid blob above it is dust.
POINT = 0.2
#: Share of its rectangle that a solid blob fills.
SOLID = 0.8
#: Smaller dots are dust when nothing else stands within this distance, in character heights.
ALONE = 0.6
#: Digits are at least this high, in character heights; commas and the circles of a percent sign are lower.
DIGIT = 0.45
#: Points and commas have their middle in this lowest part of the digits' height, or as far below as ...
LOW = 0.38
#: ... this part of it.
BELOW = 0.25
#: A minus is at least this many times as wide as high.
FLAT = 1.7
#: Noise has many thousands of dots (a fax); then the isolated ones are left to the recogniser.
MAX_DOTS = 20_000


def remove_specks(white: Picture, ink: np.ndarray, char_height: float) -> None:
    """Whitens dust in place.

    Args:
        white: (height, width) grey page; changed.
        ink: bool (height, width), True on its ink; changed.
        char_height: of the type in use.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    small = (np.maximum(width, height) <= LARGEST * char_height) & (np.arange(count) > 0)
    solid = stats[:, cv2.CC_STAT_AREA] >= SOLID * width * height
    blobs = small & solid & (np.minimum(width, height) >= POINT * char_height)
    for i in np.flatnonzero(blobs):
        blobs[i] = not (
            _is_punctuation(stats[i], ink, char_height) or _is_half_a_colon(stats[i], labels, small, char_height)
        )
    dots = np.flatnonzero(small & ~blobs)
    if dots.size <= MAX_DOTS:
        reach = round(ALONE * char_height)
        for i in dots:
            x, y, w, h, area = (int(value) for value in stats[i])
            around = ink[max(0, y - reach) : y + h + reach, max(0, x - reach) : x + w + reach]
            if int(around.sum()) <= area:
                blobs[i] = True
    if not blobs.any():
        return
    specks = np.zeros(ink.shape, dtype=np.uint8)
    for i in np.flatnonzero(blobs):
        x, y, w, h = (int(value) for value in stats[i, :4])
        specks[y : y + h, x : x + w] |= labels[y : y + h, x : x + w] == i
    gone = cv2.dilate(specks, np.ones((3, 3), np.uint8)) > 0
    white[gone] = 255
    ink[gone] = False


def without_specks(crop: Picture, char_height: float) -> Picture:
    """The crop of a number without the dots that can be no part of it.

    A number's points and commas stand low between its digits, and its minus flat in front of them; any other small
    figure is a speck. On a line of Chinese characters, which have dots anywhere, this must not be used.

    Args:
        crop: (height, width) grey, one line; not changed.
        char_height: of the type in use.
    """
    ink = find_ink(crop)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    x, y, width, height, _ = stats[1:].T
    is_digit = height >= DIGIT * char_height
    if not is_digit.any():
        return crop
    top, bottom = float(np.median(y[is_digit])), float(np.median((y + height)[is_digit]))
    left, right = int(x[is_digit].min()), int((x + width)[is_digit].max())
    tall = bottom - top
    middle_x, middle_y = x + width / 2, y + height / 2
    is_low = (bottom - LOW * tall < middle_y) & (middle_y < bottom + BELOW * tall)
    is_point = is_low & (left < middle_x) & (middle_x < right)
    is_minus = (width >= FLAT * height) & (abs(middle_y - (top + bottom) / 2) < tall / 4) & (middle_x < left)
    gone = ~is_digit & (np.maximum(width, height) <= DIGIT * char_height) & ~is_point & ~is_minus
    if not gone.any():
        return crop
    speck = np.concatenate(([False], gone))[labels]
    around = cv2.dilate(speck.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    kept = cv2.dilate((ink & ~speck).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(speck | (around & ~kept), np.uint8(255), crop)


def _is_punctuation(stat: np.ndarray, ink: np.ndarray, char_height: float) -> bool:
    """Whether a blob stands where a full stop, a comma or a decimal point does: low, right behind a character."""
    x, y, _, h, _ = (int(value) for value in stat)
    top = max(0, round(y - 1.1 * char_height))
    before = ink[top : round(y + h + 0.25 * char_height), max(0, round(x - 0.9 * char_height)) : x]
    rows = np.flatnonzero(before.any(axis=1))
    if rows.size == 0:
        return False
    first, last = top + int(rows[0]), top + int(rows[-1]) + 1
    return y >= (first + last) / 2 and y + h >= last - 0.25 * char_height


def _is_half_a_colon(stat: np.ndarray, labels: np.ndarray, small: np.ndarray, char_height: float) -> bool:
    """Whether another dot, and nothing else, stands right above or below a blob."""
    x, y, w, h, _ = (int(value) for value in stat)
    reach = round(0.75 * char_height)
    window = labels[max(0, y - reach) : y + h + reach, x : x + w]
    others = np.setdiff1d(window, [0, labels[y : y + h, x : x + w].max()])
    return bool(others.size) and bool(small[others].all())
