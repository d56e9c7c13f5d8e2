"""Which numbers the steps of a line say, and how probably: CTC over the characters of amounts alone.

Steps are conditionally independent, so that leaving out every other character and bringing each step back to a sum
of 1 gives the probabilities of texts under the condition that the line is a number.

Graves et al., Connectionist Temporal Classification, 2006 (forward sums); Hannun et al., First-Pass Large Vocabulary
Continuous Speech Recognition using Bi-Directional Recurrent DNNs, 2014 (prefix search).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.engine import AMOUNT_ALPHABET

FLOOR = 1e-3
"""Added to every class of a step: where the network saw no number at all, nothing is to be concluded from crumbs."""

PREFIXES = 8
"""Prefixes kept a step; more found no other numbers in our trials."""

LEAST = 5e-3
"""Characters less probable than this start no prefix of their own."""


def as_number(steps: NDArray[np.float32]) -> NDArray[np.float64]:
    """The steps' probabilities given that the line is a number.

    Args:
        steps: steps x (1 + length of `AMOUNT_ALPHABET`), from `ocr.engine.Steps.amount`.
    """
    raised = steps.astype(np.float64) + FLOOR
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def search(steps: NDArray[np.float64]) -> list[str]:
    """The most probable numbers of a line, best first, at most `PREFIXES`.

    Args:
        steps: from `as_number`.
    """
    # (ends in a blank, ends in its last character) of every prefix.
    kept: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for step in steps:
        likely = [(AMOUNT_ALPHABET[i], float(step[i + 1])) for i in np.flatnonzero(step[1:] >= LEAST)]
        blank = float(step[0])
        grown: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for prefix, (ended, open_) in kept.items():
            same = grown[prefix]
            same[0] += (ended + open_) * blank
            for character, probability in likely:
                longer = grown[prefix + character]
                if prefix.endswith(character):
                    same[1] += open_ * probability
                    longer[1] += ended * probability
                else:
                    longer[1] += (ended + open_) * probability
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:PREFIXES]
        total = sum(sum(way) for _, way in best)
        kept = {prefix: (way[0] / total, way[1] / total) for prefix, way in best}
    return list(kept)


def probabilities(steps: NDArray[np.float64], texts: Sequence[str]) -> NDArray[np.float64]:
    """The probability of each text, all ways of saying it added up.

    Args:
        steps: from `as_number`.
        texts: of characters of `AMOUNT_ALPHABET`.
    """
    states = states_of(texts)
    return forward_sums(steps[:, states], states, np.array([len(text) for text in texts], dtype=np.int64))


def states_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """Classes each text goes through, a blank before and after every character: texts x (1 + twice the longest)."""
    states = np.zeros((len(texts), 2 * max(map(len, texts), default=0) + 1), dtype=np.int64)
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = [AMOUNT_ALPHABET.index(character) + 1 for character in text]
    return states


def forward_sums(
    emitted: NDArray[np.floating], states: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The probability of each text by the forward algorithm.

    Args:
        emitted: steps x texts x states, the probability of each text's states at each step.
        states: from `states_of`.
        lengths: of the texts, in characters.
    """
    may_skip = np.zeros(states.shape, dtype=np.bool_)
    may_skip[:, 2:] = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    count, width = states.shape
    alpha = np.zeros((count, width + 2))  # two columns of nothing before the first state
    alpha[:, 1] = 1.0
    for order, emission in enumerate(emitted):
        grown = alpha[:, 2:] + alpha[:, 1:-1]
        if order:
            grown += alpha[:, :-2] * may_skip
        else:
            grown[:, 1:2] = 1.0
            alpha[:, 1] = 0.0
        alpha[:, 2:] = grown * emission
    rows = np.arange(count)
    last = np.where(lengths > 0, alpha[rows, 1 + np.maximum(2 * lengths, 1)], 0.0)
    return np.asarray(alpha[rows, 2 + 2 * lengths] + last)
