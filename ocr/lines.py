"""Text on an image: pixels in, line readings and words with confidence, character places and other readings out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.page import Word
from ocr.ctc import Character, LineReading, decode, reading_of
from ocr.digits.reader import read_numbers
from ocr.engine import DETECTION_SIDE_PX, DETECTION_STRIDE_PX, STEP_PX, Steps, engine
from ocr.strips import BATCHES, WIDTHS_PX, Image, Look, Strip, batches, find_ink, grey_of, pieces, spans, strip_of

WORD_GAP_EM = 0.6
"""An ink-free gap wider than this many ink heights ends a word: neighbouring columns stand farther apart."""

PUNCTUATION_EM = 0.55
"""Paper that a full-width mark carries on its open side; it is no gap."""

PADDING = 127
"""Grey right of a strip: zero after normalising, as in training."""

DETECTION_DPI = 82.0
"""Resolution of detection: an A4 page becomes 960 px high, which was enough down to 6 pt characters."""


def recognise(crops: Sequence[Image], look: Look | None = None) -> list[LineReading]:
    """Reads images of one text line each.

    Args:
        crops: uint8, grey or RGB, dark ink on lighter paper, of any size. Identical images are read once.
        look: how large they are shown to the network; by default as the ink of each suggests.

    Returns:
        One reading per crop, in order; an empty text where there is no ink.
    """
    return [reading_of(characters) for characters in _read(crops, look)]


def detect(image: Image, dpi: float | None = None) -> list[Box]:
    """Upright boxes around the text lines of an image, in its pixels, from top to bottom.

    Args:
        image: uint8, grey or RGB, upright and without skew.
        dpi: resolution; without it the image is taken as an A4 page.
    """
    grey = grey_of(image)
    height, width = grey.shape
    scale = DETECTION_SIDE_PX / max(height, width) if dpi is None else DETECTION_DPI / dpi
    scale = min(scale, 1.0, 3.5 * DETECTION_SIDE_PX / max(height, width))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1.0 else grey
    rows, columns = (-(-side // DETECTION_STRIDE_PX) * DETECTION_STRIDE_PX for side in small.shape)
    canvas = cv2.copyMakeBorder(small, 0, rows - small.shape[0], 0, columns - small.shape[1], cv2.BORDER_REPLICATE)
    boxes = []
    for quad in engine().detect(np.asarray(canvas, dtype=np.uint8)):
        x0, y0 = np.maximum(quad.min(axis=0) / scale, 0.0)
        x1, y1 = np.minimum(quad.max(axis=0) / scale, (width, height))
        if x1 - x0 >= 2 and y1 - y0 >= 2:
            boxes.append(Box(float(x0), float(y0), float(x1), float(y1)))
    return sorted(boxes, key=lambda box: (box.y0, box.x0))


def read_words(image: Image, dpi: float, ignore: Sequence[Box] = ()) -> tuple[Word, ...]:
    """Finds and reads the text of an upright page without skew.

    Args:
        image: uint8, grey or RGB.
        dpi: its resolution.
        ignore: places in pixels; lines whose centre lies in one are not read.

    Returns:
        Words in page points, line by line from top to bottom. A line is cut where a gap is wider than
        `WORD_GAP_EM`.
    """
    grey = grey_of(image)
    places = [
        part
        for box in detect(grey, dpi)
        if not any(other.contains_point(box.center_x, box.center_y) for other in ignore)
        for part in _stacked(grey, box)
    ]
    crops = [grey[int(box.y0) : int(np.ceil(box.y1)), int(box.x0) : int(np.ceil(box.x1))] for box in places]
    words: list[Word] = []
    for box, characters in zip(places, _read(crops), strict=True):
        words.extend(_word(run, box, 72.0 / dpi) for run in _runs(characters))
    return tuple(words)


def _word(characters: Sequence[Character], line: Box, scale: float) -> Word:
    reading = reading_of(characters)
    left = int(line.x0)
    edges = tuple((left + x) * scale for x in reading.char_x)
    return Word(
        text=reading.text,
        box=Box(edges[0], line.y0 * scale, max(edges), line.y1 * scale),
        confidence=reading.confidence,
        char_x=edges,
        alternatives=reading.alternatives,
    )


def _runs(characters: Sequence[Character]) -> Iterator[Sequence[Character]]:
    """Cuts a line where the gap between two characters is wider than a word gap."""
    start, before = 0, None
    for index, after in enumerate(characters):
        if after.text.isspace():
            continue
        if before is None:
            before = after
            continue
        gap_em = (after.x0 - before.x1) / after.em
        gap_em -= PUNCTUATION_EM * ((before.text in "，。、；：？！）》”％") + (after.text in "（《“"))
        if gap_em > WORD_GAP_EM:
            yield characters[start:index]
            start = index
        before = after
    if before is not None:
        yield characters[start:]


def _stacked(grey: Image, box: Box) -> list[Box]:
    """The characters of a line that runs from top to bottom, or the line itself."""
    if box.height < 1.8 * box.width:
        return [box]
    y0, y1, x0, x1 = int(box.y0), int(np.ceil(box.y1)), int(box.x0), int(np.ceil(box.x1))
    crop = grey[y0:y1, x0:x1]
    rows = np.any(find_ink(crop), axis=1)
    parts = [(a, b) for a, b in spans(rows) if b - a >= 0.15 * box.width]
    if len(parts) < 2:
        return [box]
    margin = 0.1 * box.width
    return [Box(box.x0, max(y0 + a - margin, box.y0), box.x1, min(y0 + b + margin, box.y1)) for a, b in parts]


def _read(crops: Sequence[Image], look: Look | None = None) -> list[tuple[Character, ...]]:
    """The characters of each crop, places in pixels of the crop; sure numbers at a small part of a line's cost."""
    if look is not None:
        return _read_any(crops, look)
    numbers = read_numbers(crops)
    others = iter(_read_any([crop for crop, number in zip(crops, numbers, strict=True) if number is None], None))
    return [next(others) if number is None else number for number in numbers]


def _read_any(crops: Sequence[Image], look: Look | None) -> list[tuple[Character, ...]]:
    """The characters of each crop, whatever stands there."""
    strips = [strip_of(crop, look) for crop in crops]
    parts: dict[bytes, Image] = {}
    ems: dict[bytes, float] = {}
    wanted: list[list[tuple[bytes, int]]] = []
    for strip in strips:
        keys: list[tuple[bytes, int]] = []
        wanted.append(keys)
        if strip is None:
            continue
        for start, pixels in pieces(strip.pixels):
            key = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
            parts.setdefault(key, pixels)
            ems.setdefault(key, strip.em)
            keys.append((key, start))
    read = dict(zip(parts, _read_strips(list(parts.values()), list(ems.values())), strict=True))
    return [
        tuple(_moved(character, strip, start) for key, start in keys for character in read[key]) if strip else ()
        for strip, keys in zip(strips, wanted, strict=True)
    ]


def _moved(character: Character, strip: Strip, start: int) -> Character:
    return Character(
        character.text,
        character.probability,
        (character.x0 + start) / strip.scale + strip.x0,
        (character.x1 + start) / strip.scale + strip.x0,
        character.em / strip.scale,
        character.instead,
        character.behind,
    )


def amount_steps(crops: Sequence[Image], look: Look) -> list[NDArray[np.float32] | None]:
    """What the network says of amounts alone, step by step: `ocr.engine.Steps.amount` of each crop, in order.

    Args:
        crops: as for `recognise`, each short enough for one strip.
        look: how large they are shown to the network.

    Returns:
        None where there is no ink, or more than a strip holds.
    """
    strips = [strip_of(crop, look) for crop in crops]
    fitting = [i for i, strip in enumerate(strips) if strip is not None and strip.pixels.shape[1] <= WIDTHS_PX[-1]]
    pixels = [strip.pixels for i in fitting if (strip := strips[i]) is not None]
    result: list[NDArray[np.float32] | None] = [None] * len(crops)
    for index, steps, row in _steps_of(pixels):
        result[fitting[index]] = steps.amount[row, : -(-pixels[index].shape[1] // STEP_PX)]
    return result


def _read_strips(strips: Sequence[Image], ems: Sequence[float]) -> list[tuple[Character, ...]]:
    """Reads strips of any width up to the longest, the height of whose ink is known in columns."""
    result: list[tuple[Character, ...]] = [()] * len(strips)
    for index, steps, row in _steps_of(strips):
        ranked = steps.probability[row], steps.character[row]
        result[index] = decode(engine().characters, *ranked, strips[index], ems[index])
    return result


def _steps_of(strips: Sequence[Image]) -> Iterator[tuple[int, Steps, int]]:
    """(index of the strip, steps of its batch, its row among them), in batches of few shapes; all of one height."""
    # No batch with more than half of the lines: two are read at a time where there are two cores.
    calls = list(batches(strips, sizes=[size for size in BATCHES if 2 * size <= len(strips) + 1]))
    filled = (_batch([strips[index] for index in members], *shape) for shape, members in calls)
    for (_, members), steps in zip(calls, engine().recognise(filled), strict=True):
        for row, index in enumerate(members):
            yield index, steps, row


def _batch(strips: Sequence[Image], lines: int, width: int) -> Image:
    batch = np.full((lines, strips[0].shape[0], width), PADDING, dtype=np.uint8)
    for row, strip in enumerate(strips):
        batch[row, :, : strip.shape[1]] = strip
    return batch
