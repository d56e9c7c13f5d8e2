"""Near duplicates among many texts."""

import random

import numpy as np
import pytest
from rapidfuzz import fuzz

from detect import duplicates
from detect.duplicates import ALIKE, BandIndex, fingerprints, likeness, possible

_WORDS = "穹幕清洗陨石征集观测流星讲解标本巡展望远镜养护星图印制放映座椅更换展柜租用志愿者培训"


def _texts(count: int, seed: int) -> list[str]:
    source = random.Random(seed)
    return ["".join(source.choices(_WORDS, k=source.randint(12, 40))) for _ in range(count)]


def test_a_text_has_the_same_keys_whatever_it_stands_beside() -> None:
    one, *others = _texts(20, 1)
    assert np.array_equal(fingerprints([*others, one]).keys[-1], fingerprints([one]).keys[0])


def test_nothing_resembles_anything_in_an_empty_index() -> None:
    found, skipped = BandIndex(fingerprints([])).candidates(fingerprints(_texts(3, 2)))
    assert [len(each) for each in found] == [0, 0, 0]
    assert skipped == 0


def test_every_text_that_comparing_all_would_find() -> None:
    source = random.Random(7)
    texts, changed = _texts(400, 3), []
    for text in texts[:100]:
        at = source.randrange(len(text))
        changed.append(text[:at] + source.choice(_WORDS) + text[at + 1 :])
    true = {
        (one, other)
        for one, text in enumerate(changed)
        for other, known in enumerate(texts)
        if fuzz.ratio(text, known) >= ALIKE * 100
    }
    candidates, _ = BandIndex(fingerprints(texts)).candidates(fingerprints(changed))
    found = {
        (one, other)
        for one, near in enumerate(candidates)
        for other, score in zip(near.tolist(), likeness(changed[one], [texts[at] for at in near]), strict=True)
        if score
    }
    assert found <= true
    assert len(found) >= 0.98 * len(true) > 90


def test_a_phrase_that_everybody_carries_is_reported_and_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"按照年初计划逐月组织实施并按进度付款{letter}" for letter in "甲乙丙丁戊己庚辛"]
    index = BandIndex(fingerprints(texts))
    (everything,), skipped = index.candidates(fingerprints(texts[:1]))
    assert (len(everything), skipped) == (8, 0)
    monkeypatch.setattr(duplicates, "LARGEST_BUCKET", 5)
    _, skipped = index.candidates(fingerprints(texts[:1]))
    assert skipped > 0


def test_lengths_and_characters_rule_out_only_what_is_not_alike() -> None:
    texts = [*_texts(60, 5), "穹幕" * 20]
    texts += [text[: len(text) * 9 // 10] for text in texts]
    prints = fingerprints(texts)
    assert prints.sketches is not None
    everybody = np.arange(len(texts))
    for at, text in enumerate(texts):
        near = possible(everybody, len(text), prints.sketches[at], prints.lengths, prints.sketches)
        alike = {other for other, known in enumerate(texts) if fuzz.ratio(text, known) >= ALIKE * 100}
        assert alike <= set(near.tolist())
        assert len(near) < len(texts) / 3
