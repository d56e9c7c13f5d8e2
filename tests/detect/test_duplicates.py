"""Near duplicates among many texts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from detect import duplicates
from detect.duplicates import ALIKE, Pair, find_duplicates
from detect.similar import bare

_WORDS = "穹幕清洗陨石征集观测流星讲解标本巡展望远镜养护星图印制放映座椅更换展柜租用志愿者培训"


def _texts(count: int, seed: int) -> list[str]:
    source = random.Random(seed)
    return ["".join(source.choices(_WORDS, k=source.randint(12, 40))) for _ in range(count)]


def test_equal_texts_are_a_group_and_similar_ones_a_pair() -> None:
    texts = [
        "三月招标，四月起按季度清洗穹幕。",
        "三月招标四月起按季度清洗穹幕",
        "三月招标，五月起按季度清洗穹幕。",
        "六月公告，九月鉴定。",
    ]
    found = find_duplicates(texts)
    assert found.groups == ((0, 1),)
    assert [(pair.one, pair.other) for pair in found.pairs] == [(0, 2)]
    assert found.pairs[0].alike > 0.9
    assert found.skipped == 0


def test_nothing_among_nothing() -> None:
    assert find_duplicates([]) == find_duplicates(["", "。", "一"])


def test_every_pair_that_comparing_all_would_find() -> None:
    source = random.Random(7)
    texts = _texts(300, 3)
    for text in texts[:60]:
        at = source.randrange(len(text))
        texts.append(text[:at] + source.choice(_WORDS) + text[at + 1 :])
    words = [bare(text) for text in texts]
    true = {
        (one, other)
        for one in range(len(texts))
        for other in range(one + 1, len(texts))
        if words[one] != words[other] and fuzz.ratio(words[one], words[other]) >= ALIKE * 100
    }
    found = {(pair.one, pair.other) for pair in find_duplicates(texts).pairs}
    assert found <= true
    assert len(found & true) >= 0.98 * len(true)


def test_a_phrase_that_everybody_carries_is_reported_and_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "LARGEST_BUCKET", 5)
    texts = [f"按照年初计划逐月组织实施并按进度付款{letter}" for letter in "甲乙丙丁戊己庚辛"]
    assert find_duplicates(texts).skipped > 0


@given(st.lists(st.text(alphabet=_WORDS, min_size=2, max_size=12), max_size=12))
def test_pairs_are_what_they_say(texts: list[str]) -> None:
    for pair in find_duplicates(texts).pairs:
        assert isinstance(pair, Pair)
        assert pair.one < pair.other
        assert pair.alike >= ALIKE
        assert bare(texts[pair.one]) != bare(texts[pair.other])
