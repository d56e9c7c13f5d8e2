"""Which way up a page lies: image in, quarter turns out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ctc import LineReading
from ocr.lines import recognise
from ocr.reduce import reduced

Image = NDArray[np.uint8]

SAMPLE_DPI = 75.0
"""Resolution at which characters are still apart and a page is small."""

MIN_CHARACTERS = 12
"""With fewer blobs of character size their neighbours say nothing."""

MAX_CHARACTERS = 900
"""From the middle of the page; all distances between them take 10 ms."""

CLEAR_DIRECTION = 1.5
"""Neighbours along one direction per neighbour along the other. Pages of text have 3 and more."""

SAMPLE_LINES = 4
SAMPLE_EM = 7
"""Characters read of each line: more cost time and decide nothing."""

MIN_READ = 3.0
CLEAR_READING = 1.6
"""Characters that must be read the right way up, and per one read any other way; 3 and more on all pages tried."""

SURE_LINES = 2
"""Lines that are read first: on nine pages in ten they prove the way up."""

SURE_READ = 10.0
"""Characters read with confidence that prove the way up alone: upside down no page tried gave more than 5."""

FIRST_IDEOGRAPH = "\u3400"


def find_rotation(image: Image, dpi: float) -> int:
    """How far the stored page is turned clockwise from upright: 0, 90, 180 or 270.

    The direction of lines comes from the nearest neighbours of characters, the way up from reading a few lines
    both ways. Without clear evidence the page is taken as it lies.

    Args:
        image: uint8, grey or RGB, skewed by a few degrees at most.
        dpi: its resolution.
    """
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = min(SAMPLE_DPI / dpi, 1.0)
    ink = _characters(reduced(grey, scale))
    read = {0: 0.0}
    for turned in _directions(ink):
        lines = sample_lines(turn_upright(grey, turned), turn_upright(ink, turned), scale)
        read[turned] = 0.0
        for some in (lines[:SURE_LINES], lines[SURE_LINES:]):
            read[turned] += characters_read(recognise(some))
            if read[turned] >= SURE_READ:
                return turned
        over = [np.ascontiguousarray(line[::-1, ::-1]) for line in lines]
        read[turned + 180] = characters_read(recognise(over))
    best = max(read, key=lambda turned: read[turned])
    others = max((value for turned, value in read.items() if turned != best), default=0.0)
    return best if read[best] >= MIN_READ and read[best] > CLEAR_READING * others else 0


def turn_upright(image: Image, rotation_deg: int) -> Image:
    """The page as a person sees it, undoing a clockwise turn of `rotation_deg`."""
    return np.ascontiguousarray(np.rot90(image, rotation_deg // 90))


def characters_read(readings: Sequence[LineReading]) -> float:
    """How many Chinese characters were read with confidence; digits look like digits upside down too."""
    return sum(
        confidence
        for reading in readings
        for character, confidence in zip(reading.text, reading.char_confidence, strict=True)
        if character >= FIRST_IDEOGRAPH and confidence > 0.8
    )


def _characters(small: Image) -> Image:
    """Ink without rules and pictures: 1 where a blob is of the size of a character or a part of one."""
    ink = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 25)
    for shape in ((25, 1), (1, 25)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        ink = cv2.subtract(ink, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    size = np.maximum(stats[:, 2], stats[:, 3])
    kept = (size >= 3) & (size <= SAMPLE_DPI / 2.54) & (np.arange(count) > 0)
    return np.asarray(kept[labels], dtype=np.uint8)


def _directions(ink: Image) -> tuple[int, ...]:
    """The turns after which lines may run across: 0 when they do, 90 when they run down, both when it is not clear.

    Along a line characters stand closer together than from line to line, so the nearest neighbour of most lies on
    their own line (the docstrum of O'Gorman 1993).
    """
    count, _, _, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count - 1 < MIN_CHARACTERS:
        return (0, 90) if count > 1 else ()
    first = max((count - 1 - MAX_CHARACTERS) // 2, 0)
    points = centres[1:][first : first + MAX_CHARACTERS].astype(np.float32)
    across = points[:, None, 0] - points[None, :, 0]
    down = points[:, None, 1] - points[None, :, 1]
    distance = across * across + down * down
    np.fill_diagonal(distance, np.inf)
    nearest = distance.argmin(axis=1)
    rows = np.arange(len(points))
    angle = np.abs(np.arctan2(down[rows, nearest], across[rows, nearest]))
    slant = np.minimum(angle, np.pi - angle)
    beside, below = int((slant < np.radians(20)).sum()), int((slant > np.radians(70)).sum())
    if beside > CLEAR_DIRECTION * below:
        return (0,)
    return (90,) if below > CLEAR_DIRECTION * beside else (0, 90)


def sample_lines(grey: Image, ink: Image, scale: float) -> list[Image]:
    """A few well-filled line images from a page whose lines run across.

    Args:
        grey: the page.
        ink: 1 on its characters, at `SAMPLE_DPI`.
        scale: size of `ink` over size of `grey`.
    """
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    lines = [
        tuple(stats[index, :5].tolist())
        for index in range(1, count)
        if stats[index, 2] > 3 * stats[index, 3] and 6 <= stats[index, 3] <= 24 and stats[index, 2] < 250
    ]
    lines.sort(key=lambda line: -line[4] / math.sqrt(line[3]))
    crops = []
    for x, y, width, height, _ in lines[:SAMPLE_LINES]:
        rows = slice(max(int((y - 1) / scale), 0), int((y + height + 1) / scale))
        columns = slice(max(int((x - 1) / scale), 0), int((x + min(width, SAMPLE_EM * height) + 1) / scale))
        crops.append(np.ascontiguousarray(grey[rows, columns]))
    return crops
