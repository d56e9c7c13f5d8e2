"""Many texts to those that are nearly the same: MinHash of bigrams, an index of bands, and edit distance."""

from __future__ import annotations

from collections.abc import Sequence
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


class Prints(NamedTuple):
    """What is compared of texts before the texts themselves are.

    Attributes:
        keys: shape (texts, BANDS), uint32; two texts that share a key in one band are candidates.
        lengths: shape (texts,), int32, in characters.
    """

    keys: np.ndarray
    lengths: np.ndarray


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
    return Prints(keys, np.fromiter(map(len, texts), dtype=np.int32, count=len(texts)))


class BandIndex:
    """The prints of many texts in an order in which those that share a band are found at once.

    A million texts take 0.5 GB and some seconds to be ordered.
    """

    def __init__(self, prints: Prints) -> None:
        keys, self._lengths = prints
        self._order = np.empty((BANDS, len(keys)), dtype=np.int32)
        self._sorted = np.empty((BANDS, len(keys)), dtype=np.uint32)
        for band in range(BANDS):
            column = np.ascontiguousarray(keys[:, band])
            self._order[band] = np.argsort(column, kind="stable")
            self._sorted[band] = column[self._order[band]]

    def candidates(self, prints: Prints) -> tuple[list[np.ndarray], int]:
        """The indexes of texts that may be alike to each given text, in order, and how many buckets were left out.

        They share a band with it, and their length does not rule it out: an edit similarity of `ALIKE` means that the
        shorter one has at least `ALIKE / (2 - ALIKE)` of the characters of the longer one.
        """
        keys, lengths = prints
        begins = np.array([np.searchsorted(self._sorted[band], keys[:, band], "left") for band in range(BANDS)])
        ends = np.array([np.searchsorted(self._sorted[band], keys[:, band], "right") for band in range(BANDS)])
        sizes = ends - begins
        found = []
        for text in range(len(keys)):
            bands = np.flatnonzero((sizes[:, text] > 0) & (sizes[:, text] <= LARGEST_BUCKET))
            parts = [self._order[band, begins[band, text] : ends[band, text]] for band in bands]
            near = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int32)
            others, own = self._lengths[near], lengths[text]
            found.append(near[np.minimum(others, own) >= ALIKE / (2 - ALIKE) * np.maximum(others, own)])
        return found, int((sizes > LARGEST_BUCKET).sum())


def likeness(text: str, others: Sequence[str]) -> list[float]:
    """Similarity of a text to each of the others by edit distance, between 0 and 1; 0 below `ALIKE`."""
    if not others:
        return []
    scores = process.cdist([text], others, scorer=fuzz.ratio, score_cutoff=ALIKE * 100)[0]
    return [float(score) / 100 for score in scores]
