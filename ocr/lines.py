"""Text on an image: pixels in, line readings and words with confidence, character places and other readings out."""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.page import Reading, Word
from ocr.engine import DETECTION_SIDE_PX, DETECTION_STRIDE_PX, LINE_HEIGHT_PX, STEP_PX, Engine, engine

Image = NDArray[np.uint8]

BLANK_CONTRAST = 40
"""Grey levels between paper and darkest ink below which a crop holds no text (print is above 90, noise below 30)."""

INK_SHARE = 0.72
"""Height of the ink in the network's 48 px: what detection leaves around a line in the training pictures."""

MARGIN_PX = 10
"""Paper left and right of the ink, in the network's pixels."""

WORD_GAP_EM = 0.6
"""An ink-free gap wider than this many ink heights ends a word: neighbouring columns stand farther apart."""

PUNCTUATION_EM = 0.55
"""Paper that a full-width mark carries on its open side; it is no gap."""

WIDTHS_PX = (*range(64, 256, 16), *range(256, 512, 32), *range(512, 1024, 64), *range(1024, 1601, 192))
"""Widths the network is fed with; few, because each shape costs memory once, and close, because padding costs time."""

BATCHES = (8, 4, 2, 1)
"""Lines per call, for the same reason."""

MAX_ALTERNATIVES = 6
MIN_ALTERNATIVE = 1e-4
"""Readings below one in ten thousand are noise of the softmax."""

NUMERIC = re.compile(r"[-−—+(（]?[\d,，.．\s]*\d[\d,，.．\s]*[%％)）]*")
_NUMERIC_CHARACTERS = frozenset("0123456789,.-%()")


@dataclass(frozen=True, slots=True)
class LineReading:
    """What one line image says.

    Attributes:
        text: empty for a blank image.
        confidence: probability that the whole of `text` is right (product over its characters).
        char_x: left edge of every character and right edge of the last, in pixels of the image.
        char_confidence: probability of every character.
        alternatives: other readings of the whole line, most probable first; one character differs.
    """

    text: str
    confidence: float
    char_x: tuple[float, ...] = ()
    char_confidence: tuple[float, ...] = ()
    alternatives: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class _Character:
    """One read character: its ink from `x0` to `x1`, in lines `em` high, and what else it or the gap behind may be."""

    text: str
    probability: float
    x0: float
    x1: float
    em: float
    instead: tuple[tuple[str, float], ...]
    behind: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Strip:
    """A line image at the network's height; column `x` of it is `x / scale + x0` in the crop."""

    pixels: Image
    scale: float
    x0: float


_BLANK = LineReading("", 1.0)


def recognise(crops: Sequence[Image]) -> list[LineReading]:
    """Reads images of one text line each.

    Args:
        crops: uint8, grey or RGB, dark ink on lighter paper, of any size. Identical images are read once.

    Returns:
        One reading per crop, in order; an empty text where there is no ink.
    """
    return [_reading(characters) for characters in _read(crops)]


def detect(image: Image, dpi: float | None = None) -> list[Box]:
    """Upright boxes around the text lines of an image, in its pixels, from top to bottom.

    Args:
        image: uint8, grey or RGB, upright and without skew.
        dpi: resolution; without it the image is taken as an A4 page.
    """
    grey = _grey(image)
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


DETECTION_DPI = 82.0
"""Resolution of detection: an A4 page becomes 960 px high, which was enough down to 6 pt characters."""


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
    grey = _grey(image)
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


def _word(characters: Sequence[_Character], line: Box, scale: float) -> Word:
    reading = _reading(characters)
    left = int(line.x0)
    edges = tuple((left + x) * scale for x in reading.char_x)
    return Word(
        text=reading.text,
        box=Box(edges[0], line.y0 * scale, max(edges), line.y1 * scale),
        confidence=reading.confidence,
        char_x=edges,
        alternatives=reading.alternatives,
    )


def _runs(characters: Sequence[_Character]) -> Iterator[Sequence[_Character]]:
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
    rows = np.any(_ink(crop), axis=1)
    parts = [(a, b) for a, b in _spans(rows) if b - a >= 0.15 * box.width]
    if len(parts) < 2:
        return [box]
    margin = 0.1 * box.width
    return [Box(box.x0, max(y0 + a - margin, box.y0), box.x1, min(y0 + b + margin, box.y1)) for a, b in parts]


def _grey(image: Image) -> Image:
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _levels(grey: Image) -> tuple[float, float]:
    """Grey level of the paper and of the darkest ink: the 90th and the half per cent of all pixels."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().cumsum()
    return float(counts.searchsorted(0.9 * grey.size)), float(counts.searchsorted(0.005 * grey.size))


def _ink(grey: Image) -> NDArray[np.bool_]:
    """Where a crop is darker than halfway between its ink and its paper; nowhere when it is blank."""
    paper, dark = _levels(grey)
    if paper - dark < BLANK_CONTRAST:
        return np.zeros(grey.shape, dtype=np.bool_)
    return np.asarray(grey < (paper + dark) / 2)


def _spans(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def _strip(crop: Image) -> _Strip | None:
    """The crop cut to its ink with a margin, at the network's height; none when there is no ink."""
    if crop.size == 0 or min(crop.shape[:2]) < 3:
        return None
    grey = _grey(crop)
    ink = _ink(grey)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size == 0 or columns.size == 0:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    # A dash or a row of dots says nothing of the size of the type: the crop's own height does.
    height = max(bottom - top, min(0.5 * grey.shape[0], float(right - left)))
    scale = LINE_HEIGHT_PX * INK_SHARE / height
    middle, half = (top + bottom) / 2, LINE_HEIGHT_PX / scale / 2
    x0 = left - MARGIN_PX / scale
    width = max(round((right - left) * scale) + 2 * MARGIN_PX, 2 * STEP_PX)
    matrix = np.array([[scale, 0.0, -x0 * scale], [0.0, scale, (half - middle) * scale]])
    matrix[:, 2] += (scale - 1) / 2  # pixel centres
    paper = _levels(grey)[0]
    if scale < 0.7:
        smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        fx, fy = smaller.shape[1] / grey.shape[1], smaller.shape[0] / grey.shape[0]
        matrix = np.array([[1.0, 0.0, -x0 * fx], [0.0, 1.0, (half - middle) * fy]])
        grey = np.asarray(smaller, dtype=np.uint8)
    pixels = cv2.warpAffine(
        grey,
        matrix,
        (width, LINE_HEIGHT_PX),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,),
    )
    return _Strip(np.asarray(pixels, dtype=np.uint8), scale, x0)


def _read(crops: Sequence[Image]) -> list[tuple[_Character, ...]]:
    """The characters of each crop, places in pixels of the crop."""
    strips = [_strip(crop) for crop in crops]
    parts: dict[bytes, Image] = {}
    wanted: list[list[tuple[bytes, int]]] = []
    for strip in strips:
        keys = []
        for start, pixels in _pieces(strip.pixels) if strip else ():
            key = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
            parts.setdefault(key, pixels)
            keys.append((key, start))
        wanted.append(keys)
    read = dict(zip(parts, _read_strips(list(parts.values())), strict=True))
    return [
        tuple(_moved(character, strip, start) for key, start in keys for character in read[key]) if strip else ()
        for strip, keys in zip(strips, wanted, strict=True)
    ]


def _moved(character: _Character, strip: _Strip, start: int) -> _Character:
    return _Character(
        character.text,
        character.probability,
        (character.x0 + start) / strip.scale + strip.x0,
        (character.x1 + start) / strip.scale + strip.x0,
        character.em / strip.scale,
        character.instead,
        character.behind,
    )


def _pieces(pixels: Image) -> Iterator[tuple[int, Image]]:
    """Cuts a strip that is too long at its widest gap in the last third of what fits."""
    start, longest = 0, WIDTHS_PX[-1]
    while pixels.shape[1] - start > longest:
        window = pixels[:, start + longest * 2 // 3 : start + longest]
        gaps = _spans(~np.any(_ink(window), axis=0))
        a, b = max(gaps, key=lambda gap: gap[1] - gap[0]) if gaps else (0, 0)
        end = start + longest * 2 // 3 + (a + b) // 2 if gaps else start + longest
        yield start, np.ascontiguousarray(pixels[:, start:end])
        start = end
    yield start, np.ascontiguousarray(pixels[:, start:])


def _read_strips(strips: Sequence[Image]) -> list[tuple[_Character, ...]]:
    """Reads strips of any width up to the longest, in batches of few shapes."""
    result: list[tuple[_Character, ...]] = [()] * len(strips)
    if not strips:
        return result
    net = engine()
    for width, members in _by_width(strips):
        batch = np.full((len(members), LINE_HEIGHT_PX, width), PADDING, dtype=np.uint8)
        for row, index in enumerate(members):
            batch[row, :, : strips[index].shape[1]] = strips[index]
        steps = net.recognise(batch)
        for row, index in enumerate(members):
            characters = _decode(net, steps.probability[row], steps.character[row], strips[index])
            result[index] = characters
    return result


PADDING = 127
"""Grey right of a strip: zero after normalising, as in training."""


def _by_width(strips: Sequence[Image]) -> Iterator[tuple[int, list[int]]]:
    """Strips that fit the same width, in batches of the allowed sizes."""
    fitting: dict[int, list[int]] = {}
    for index, strip in enumerate(strips):
        width = next(width for width in WIDTHS_PX if width >= strip.shape[1])
        fitting.setdefault(width, []).append(index)
    for width, members in sorted(fitting.items()):
        start = 0
        while start < len(members):
            size = next(size for size in BATCHES if size <= len(members) - start)
            yield width, members[start : start + size]
            start += size


def _decode(
    net: Engine, probability: NDArray[np.float32], character: NDArray[np.int32], strip: Image
) -> tuple[_Character, ...]:
    """CTC: runs of the most probable class, blanks dropped; what else was probable is kept with each run.

    Args:
        net: whose list of characters applies.
        probability: steps x k.
        character: steps x k.
        strip: the pixels that were read, for the places of the characters.
    """
    best = character[:, 0]
    bounds = np.flatnonzero(np.diff(best)) + 1
    starts = np.concatenate(([0], bounds))
    ends = np.concatenate((bounds, [len(best)]))
    kept = [(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if best[a] != 0]
    if not kept:
        return ()
    peaks = [a + int(probability[a:b, 0].argmax()) for a, b in kept]
    lefts, rights = _edges(peaks, strip)
    found = []
    for order, ((a, b), peak) in enumerate(zip(kept, peaks, strict=True)):
        index = int(best[a])
        instead = _others(net, probability[a:b], character[a:b], index)
        same = [value for other, value in instead if _folded(other) == _folded(net.characters[index])]
        until = kept[order + 1][0] if order + 1 < len(kept) else len(best)
        found.append(
            _Character(
                text=net.characters[index],
                probability=min(float(probability[peak, 0]) + sum(same), 1.0),
                x0=lefts[order],
                x1=rights[order],
                em=LINE_HEIGHT_PX * INK_SHARE,
                instead=tuple(option for option in instead if _folded(option[0]) != _folded(net.characters[index])),
                behind=_others(net, probability[b:until], character[b:until], 0) if until > b else (),
            )
        )
    return tuple(found)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """The character without its width: （ and ( are one reading, and doubt between them is none."""
    return unicodedata.normalize("NFKC", character)


def _others(
    net: Engine, probability: NDArray[np.float32], character: NDArray[np.int32], best: int
) -> tuple[tuple[str, float], ...]:
    """The other classes of a run of steps; the blank only as probable as in its least blank step."""
    others: dict[int, float] = {}
    for index, value in zip(character[:, 1:].ravel().tolist(), probability[:, 1:].ravel().tolist(), strict=True):
        if value >= MIN_ALTERNATIVE and index != best:
            others[index] = max(value, others.get(index, 0.0)) if index else min(value, others.get(index, 1.0))
    return tuple((net.characters[index], value) for index, value in others.items())


def _edges(peaks: Sequence[int], strip: Image) -> tuple[list[float], list[float]]:
    """Where the ink of each character begins and ends: the widest ink-free gap between two neighbours parts them."""
    ink = _ink(strip)
    profile = ink.sum(axis=0)
    inked = np.flatnonzero(profile)
    first, last = (int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, strip.shape[1])
    centres = [min((peak + 0.5) * STEP_PX, strip.shape[1] - 1.0) for peak in peaks]
    lefts, rights = [float(first)], []
    for here, there in itertools.pairwise(centres):
        a, b = int(here), max(int(there), int(here) + 1)
        gaps = _spans(profile[a:b] == 0)
        if gaps:
            start, end = max(gaps, key=lambda gap: gap[1] - gap[0])
            rights.append(float(a + start))
            lefts.append(float(a + end))
        else:
            cut = a + int(profile[a:b].argmin())
            rights.append(float(cut))
            lefts.append(float(cut))
    rights.append(float(max(last, lefts[-1])))
    return lefts, rights


def _reading(characters: Sequence[_Character]) -> LineReading:
    """Puts characters together and finds the other readings in which one of them differs."""
    kept = list(characters)
    while kept and kept[0].text.isspace():
        kept = kept[1:]
    while kept and kept[-1].text.isspace():
        kept = kept[:-1]
    if not kept:
        return _BLANK
    text = "".join(character.text for character in kept)
    confidence = float(np.prod([character.probability for character in kept]))
    return LineReading(
        text=text,
        confidence=confidence,
        char_x=(*(character.x0 for character in kept), kept[-1].x1),
        char_confidence=tuple(character.probability for character in kept),
        alternatives=_alternatives(kept, text, confidence),
    )


def _alternatives(characters: Sequence[_Character], text: str, confidence: float) -> tuple[Reading, ...]:
    numeric = NUMERIC.fullmatch(text) is not None
    found: dict[str, float] = {}
    for position, character in enumerate(characters):
        before = "".join(c.text for c in characters[:position])
        after = "".join(c.text for c in characters[position + 1 :])
        rest = confidence / max(character.probability, 1e-9)
        options: Iterable[tuple[str, float]] = (
            *((instead, rest * value) for instead, value in character.instead),
            *((character.text + behind, confidence * value) for behind, value in character.behind),
        )
        for option, probability in options:
            if numeric and not set(option) <= _NUMERIC_CHARACTERS:
                continue
            other = (before + option + after).strip()
            if other and other != text and probability >= MIN_ALTERNATIVE:
                found[other] = max(probability, found.get(other, 0.0))
    ranked = sorted(found.items(), key=lambda item: -item[1])[:MAX_ALTERNATIVES]
    return tuple(Reading(other, min(probability, 1.0)) for other, probability in ranked)
