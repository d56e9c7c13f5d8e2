"""Many texts to those that are nearly the same: MinHash of bigrams, an index of bands, and edit distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rensa import RMinHash

ALIKE = 0.8
"""Similarity (edit distance, 0 to 1) from which two texts are nearly the same."""
BANDS = 42
ROWS = 3
"""42 bands of 3 hashes found every pair above 0.8 among 10^5 Chinese strings of 24 characters on average, at six
candidates a string; fewer or longer bands lose pairs."""
LARGEST_BUCKET = 200
"""Texts in one bucket beyond which it is a phrase that everybody carries: they are not compared but reported, since
the work grows with their number and nothing would be learned."""
CHUNK = 50_000
"""Texts hashed at a time: bounds the memory for bigrams."""
SEED = 42
SKETCH = 2
"""Words of 64 bits in a sketch: two leave a third of the candidates that one leaves, four a sixth in twice the room."""
ROUNDING = 1e-6
"""What a product of floats may miss a whole number of characters by."""


class Prints(NamedTuple):
    """What is compared of texts before the texts themselves are.

    Attributes:
        keys: shape (texts, BANDS), uint32; two texts that share a key in one band are candidates.
        lengths: shape (texts,), int32, in characters.
        sketches: shape (texts, SKETCH), uint64, one bit for each character that occurs, several characters to a bit;
            None where they were not kept: then more texts are candidates that are not alike.
    """

    keys: np.ndarray
    lengths: np.ndarray
    sketches: np.ndarray | None = None

    def outlines(self) -> tuple[list[int], Sequence[np.ndarray | None]]:
        """Length and sketch of each text, None for a sketch that was not kept."""
        return self.lengths.tolist(), [None] * len(self.lengths) if self.sketches is None else list(self.sketches)


def fingerprints(texts: Sequence[str]) -> Prints:
    """The prints of texts, which have two characters at least; one and the same text has the same print.

    A million texts of 25 characters take half a minute.
    """
    keys = np.empty((len(texts), BANDS), dtype=np.uint32)
    # Odd multipliers make a 32-bit key of three hashes; by chance two of a million texts share one in 1 of 4,000 bands.
    mix = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], dtype=np.uint32)
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        grams = [[text[at : at + 2] for at in range(len(text) - 1)] for text in part]
        digests = np.asarray(RMinHash.digests_from_token_sets(grams, BANDS * ROWS, SEED), dtype=np.uint32)
        bands = digests.reshape(len(part), BANDS, ROWS)
        bands ^= bands >> np.uint32(15)
        keys[start : start + len(part)] = (bands * mix).sum(axis=2, dtype=np.uint32)
    return Prints(keys, *outlines(texts))


def outlines(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The lengths and the sketches of texts."""
    lengths = np.fromiter(map(len, texts), dtype=np.int32, count=len(texts))
    sketches = np.zeros((len(texts), SKETCH), dtype=np.uint64)
    for start in range(0, len(texts), CHUNK):
        letters = np.frombuffer("".join(texts[start : start + CHUNK]).encode("utf-32-le"), dtype="<u4")
        hashed = ((letters * np.uint32(0x9E3779B1)) >> np.uint32(16)) % np.uint32(64 * SKETCH)
        part = lengths[start : start + CHUNK]
        whose = np.repeat(np.arange(start, start + len(part)), part)
        bits = np.uint64(1) << (hashed % np.uint32(64)).astype(np.uint64)
        np.bitwise_or.at(sketches, (whose, hashed // np.uint32(64)), bits)
    return lengths, sketches


class Ordered(NamedTuple):
    """The keys of one band in ascending order.

    Attributes:
        keys: uint32.
        owners: whose key each is; of equal keys in any order.
    """

    keys: np.ndarray
    owners: np.ndarray


def sharing(keys: np.ndarray, ordered: Callable[[int, np.ndarray], Sequence[Ordered]]) -> tuple[list[np.ndarray], int]:
    """For each of some texts who shares a band with it, once for each band, and how many buckets were left out.

    Args:
        keys: of the texts, shape (texts, BANDS).
        ordered: gives everybody's keys of a band that may equal one of the given ones, in pieces, each in order.
    """
    parts: list[list[np.ndarray]] = [[] for _ in keys]
    left_out = 0
    for band in range(BANDS):
        own = np.ascontiguousarray(keys[:, band])
        pieces = ordered(band, own)
        begins = np.array([np.searchsorted(piece.keys, own, "left") for piece in pieces]).reshape(-1, len(own))
        ends = np.array([np.searchsorted(piece.keys, own, "right") for piece in pieces]).reshape(-1, len(own))
        sizes = (ends - begins).sum(axis=0)
        left_out += int((sizes > LARGEST_BUCKET).sum())
        for at, text in np.argwhere((ends > begins) & (sizes <= LARGEST_BUCKET)).tolist():
            parts[text].append(pieces[at].owners[begins[at, text] : ends[at, text]])
    nobody = np.empty(0, dtype=np.int64)
    return [np.concatenate(each) if each else nobody for each in parts], left_out


def possible(
    near: np.ndarray, length: int, sketch: np.ndarray | None, lengths: np.ndarray, sketches: np.ndarray | None
) -> np.ndarray:
    """Those of `near` whose length and sketch do not rule out that they are alike to a text, ascending, each once.

    An edit similarity of `ALIKE` allows 1 - `ALIKE` of the characters of both texts to be inserted or deleted. It takes
    as many as one text is longer, and one for each character that only one of them has.

    Args:
        near: indexes into `lengths` and `sketches`.
        length: of the text.
        sketch: of the text, or None.
        lengths: of the others.
        sketches: of the others, or None.
    """
    others = lengths[near].astype(np.int64)
    distance = np.abs(others - length)
    if sketch is not None and sketches is not None:
        distance = np.maximum(distance, np.bitwise_count(sketches[near] ^ sketch).sum(axis=1, dtype=np.int64))
    return np.unique(near[distance <= (1 - ALIKE) * (others + length) + ROUNDING])


class BandIndex:
    """The prints of many texts in an order in which those that share a band are found at once.

    A million texts take 0.5 GB and some seconds to be ordered; an archive that is kept stores them in order.
    """

    def __init__(self, prints: Prints) -> None:
        self._prints = prints
        self._bands: list[Ordered] = []
        for band in range(BANDS):
            column = np.ascontiguousarray(prints.keys[:, band])
            order = np.argsort(column, kind="stable").astype(np.int32)
            self._bands.append(Ordered(column[order], order))

    def candidates(self, prints: Prints) -> tuple[list[np.ndarray], int]:
        """The indexes of texts that may be alike to each given text, in order, and how many buckets were left out.

        They share a band with it, and neither length nor sketch rules it out.
        """
        near, left_out = sharing(prints.keys, lambda band, _: [self._bands[band]])
        known = self._prints
        return [
            possible(*own, known.lengths, known.sketches) for own in zip(near, *prints.outlines(), strict=True)
        ], left_out


def likeness(text: str, others: Sequence[str]) -> list[float]:
    """Similarity of a text to each of the others by edit distance, between 0 and 1; 0 below `ALIKE`."""
    if not others:
        return []
    scores = process.cdist([text], others, scorer=fuzz.ratio, score_cutoff=ALIKE * 100)[0]
    return [float(score) / 100 for score in scores]
