"""Embedded text that may be wrong, held against the picture of its page: used where the picture proves it.

Scans often carry the text of somebody else's recognition, unseen, and fonts may name their characters wrongly. A few
of the layer's own lines are read from the picture; where both say the same, the layer is the better reading.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rapidfuzz.distance import Levenshtein

from models.geometry import Box
from models.page import Word
from ocr.clean.flatten import FlatPage
from ocr.grid import find_grids, held_rules
from ocr.inkcells import find_ink
from ocr.lines import recognise
from ocr.pages import Picture, TextPage
from ocr.rules import find_rules
from ocr.seen import SeenPage
from ocr.strips import grey_of
from ocr.wayback import WayBack

#: So many lines with text and so many numbers are read from the picture; fewer than the least prove nothing.
SAMPLED = 10
LEAST_SAMPLED = 3
#: A sampled line has so many characters, so that it says something.
LEAST_CHARACTERS = 4
#: Share of characters on which both agree. Our own reading of office scans reaches 0.995, bad layers 0.5 to 0.9.
AGREED = 0.97
#: Share of the sampled numbers that are the same to the last digit.
NUMBERS_AGREED = 0.9
#: Share of the picture's ink, rules left out, that lies under the layer's words.
COVERED = 0.9
#: White around a line when it is cut out of the picture, in its heights.
MARGIN = 0.2


def prove_layer(layer: TextPage, flat: FlatPage) -> SeenPage | None:
    """What stands on a page by its doubtful text layer, where the picture proves it.

    Args:
        layer: words in points of the page as stored; rules only where the page draws them.
        flat: the page's picture, ready to be read.

    Returns:
        None where the picture says something else or the page is turned: then the picture has to be read.
    """
    if flat.rotation_deg:
        return None
    grey = grey_of(flat.image)
    words = [_on_flat(word, flat.way_back) for word in layer.words]
    ruled = find_rules(grey, flat.dpi)
    rules = layer.rules if layer.rules and flat.way_back is None else tuple(held_rules(ruled.rules))
    if not _is_covered(grey, ruled.mask(ruled.rules) | ruled.faint_mask(ruled.rules), words, flat.dpi):
        return None
    share = agreement(words, grey, flat.dpi)
    if share < AGREED:
        return None
    proven = tuple(replace(word, confidence=min(word.confidence, share)) for word in words)
    return SeenPage(layer.page, proven, rules, tuple(find_grids(rules)), flat.way_back)


def _on_flat(word: Word, way_back: WayBack | None) -> Word:
    """A word of the stored page where it lies on the flat one, which differs by little."""
    if way_back is None:
        return word
    box = word.box
    x, y, depth = np.linalg.inv(way_back.matrix) @ (box.center_x, box.center_y, 1.0)
    right, down = float(x / depth) - box.center_x, float(y / depth) - box.center_y
    moved = Box(box.x0 + right, box.y0 + down, box.x1 + right, box.y1 + down)
    return replace(word, box=moved, char_x=tuple(edge + right for edge in word.char_x))


def agreement(words: Sequence[Word], grey: Picture, dpi: float) -> float:
    """Share of characters that a sample of the layer's lines and their picture have in common, 0 to 1.

    Args:
        words: of the layer, in page points.
        grey: (height, width), the picture of the page.
        dpi: its resolution.

    Returns:
        0.0 where too little can be compared, or where too many of the sampled numbers differ in a digit.
    """
    texts = [word for word in words if len(_plain(word.text)) >= LEAST_CHARACTERS]
    numbers = [word for word in texts if _is_number(word.text)]
    others = [word for word in texts if not _is_number(word.text)]
    sample = [*_spread(others), *_spread(numbers)]
    if len(sample) < LEAST_SAMPLED:
        return 0.0
    readings = recognise([_crop(word, grey, dpi) for word in sample])
    pairs = [(_plain(word.text), _plain(reading.text)) for word, reading in zip(sample, readings, strict=True)]
    counted = [(mine, seen) for mine, seen in pairs if _is_number(mine)]
    if counted and sum(mine == seen for mine, seen in counted) < NUMBERS_AGREED * len(counted):
        return 0.0
    length = sum(max(len(mine), len(seen)) for mine, seen in pairs)
    return 1.0 - sum(Levenshtein.distance(mine, seen) for mine, seen in pairs) / length


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("−", "-")


def _is_number(text: str) -> bool:
    plain = _plain(text)
    return bool(plain) and all(mark in "0123456789.,-%" for mark in plain)


def _spread(words: Sequence[Word]) -> list[Word]:
    """Up to `SAMPLED` words from the top of the page to its foot."""
    ordered = sorted(words, key=lambda word: (word.box.y0, word.box.x0))
    if len(ordered) <= SAMPLED:
        return ordered
    return [ordered[round(i * (len(ordered) - 1) / (SAMPLED - 1))] for i in range(SAMPLED)]


def _crop(word: Word, grey: Picture, dpi: float) -> Picture:
    box, margin = word.box.scaled(dpi / 72), MARGIN * word.box.height * dpi / 72
    rows = slice(max(0, round(box.y0 - margin)), round(box.y1 + margin) + 1)
    return np.ascontiguousarray(grey[rows, max(0, round(box.x0 - margin)) : round(box.x1 + margin) + 1])


def _is_covered(grey: Picture, rules: np.ndarray, words: Sequence[Word], dpi: float) -> bool:
    """Whether the layer has words wherever the page has ink."""
    white = grey.copy()
    white[rules] = 255
    ink = find_ink(white)
    total = int(ink.sum())
    for word in words:
        box, margin = word.box.scaled(dpi / 72), MARGIN * word.box.height * dpi / 72
        rows = slice(max(0, round(box.y0 - margin)), round(box.y1 + margin) + 1)
        ink[rows, max(0, round(box.x0 - margin)) : round(box.x1 + margin) + 1] = False
    return int(ink.sum()) <= (1 - COVERED) * total
