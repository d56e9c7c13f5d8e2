"""What the recognition network says step by step → characters with places, and the readings they make (CTC)."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.page import Reading
from ocr.engine import STEP_PX
from ocr.strips import Image, find_ink, spans

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
class Character:
    """One read character: its ink from `x0` to `x1`, in lines `em` high, and what else it or the gap behind may be."""

    text: str
    probability: float
    x0: float
    x1: float
    em: float
    instead: tuple[tuple[str, float], ...]
    behind: tuple[tuple[str, float], ...]


def decode(
    characters: Sequence[str],
    probability: NDArray[np.float32],
    character: NDArray[np.int32],
    strip: Image,
    em: float,
    step_px: int = STEP_PX,
) -> tuple[Character, ...]:
    """CTC: runs of the most probable class, blanks dropped; what else was probable is kept with each run.

    Args:
        characters: the reading of every class.
        probability: steps x k.
        character: steps x k.
        strip: the pixels that were read, for the places of the characters.
        em: height of the ink in them.
        step_px: width of a step in them.
    """
    best = character[:, 0]
    bounds = np.flatnonzero(np.diff(best)) + 1
    starts = np.concatenate(([0], bounds))
    ends = np.concatenate((bounds, [len(best)]))
    kept = [(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if best[a] != 0]
    if not kept:
        return ()
    peaks = [a + int(probability[a:b, 0].argmax()) for a, b in kept]
    lefts, rights = _edges(peaks, strip, step_px)
    found = []
    for order, ((a, b), peak) in enumerate(zip(kept, peaks, strict=True)):
        index = int(best[a])
        instead = _others(characters, probability[a:b], character[a:b], index)
        same = [value for other, value in instead if _folded(other) == _folded(characters[index])]
        until = kept[order + 1][0] if order + 1 < len(kept) else len(best)
        found.append(
            Character(
                text=characters[index],
                probability=min(float(probability[peak, 0]) + sum(same), 1.0),
                x0=lefts[order],
                x1=rights[order],
                em=em,
                instead=tuple(option for option in instead if _folded(option[0]) != _folded(characters[index])),
                behind=_others(characters, probability[b:until], character[b:until], 0) if until > b else (),
            )
        )
    return tuple(found)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """The character without its width: （ and ( are one reading, and doubt between them is none."""
    return unicodedata.normalize("NFKC", character)


def _others(
    characters: Sequence[str], probability: NDArray[np.float32], character: NDArray[np.int32], best: int
) -> tuple[tuple[str, float], ...]:
    """The other classes of a run of steps; the blank only as probable as in its least blank step."""
    others: dict[int, float] = {}
    for index, value in zip(character[:, 1:].ravel().tolist(), probability[:, 1:].ravel().tolist(), strict=True):
        if value >= MIN_ALTERNATIVE and index != best:
            others[index] = max(value, others.get(index, 0.0)) if index else min(value, others.get(index, 1.0))
    return tuple((characters[index], value) for index, value in others.items())


def _edges(peaks: Sequence[int], strip: Image, step_px: int) -> tuple[list[float], list[float]]:
    """Where the ink of each character begins and ends: the widest ink-free gap between two neighbours parts them."""
    ink = find_ink(strip)
    profile = ink.sum(axis=0)
    inked = np.flatnonzero(profile)
    first, last = (int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, strip.shape[1])
    centres = [min((peak + 0.5) * step_px, strip.shape[1] - 1.0) for peak in peaks]
    lefts, rights = [float(first)], []
    for here, there in itertools.pairwise(centres):
        a, b = int(here), max(int(there), int(here) + 1)
        gaps = spans(profile[a:b] == 0)
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


def reading_of(characters: Sequence[Character]) -> LineReading:
    """Puts characters together and finds the other readings in which one of them differs."""
    kept = list(characters)
    while kept and kept[0].text.isspace():
        kept = kept[1:]
    while kept and kept[-1].text.isspace():
        kept = kept[:-1]
    if not kept:
        return LineReading("", 1.0)
    text = "".join(character.text for character in kept)
    confidence = float(np.prod([character.probability for character in kept]))
    return LineReading(
        text=text,
        confidence=confidence,
        char_x=(*(character.x0 for character in kept), kept[-1].x1),
        char_confidence=tuple(character.probability for character in kept),
        alternatives=_alternatives(kept, text, confidence),
    )


def _alternatives(characters: Sequence[Character], text: str, confidence: float) -> tuple[Reading, ...]:
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
