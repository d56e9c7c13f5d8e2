"""The stored order of an archive's passages finds what an order made anew finds."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from detect.archive import Archive, ArchiveInMemory
from models.archive import Excerpt, Memory, Source
from service import archive_bands
from service.archive_file import ArchiveFile

WORDS = "穹幕清洗陨石征集观测流星讲解标本巡展望远镜养护星图印制放映座椅更换展柜租用志愿者培训"
ASKING = Source("问", "问.pdf", "问市天文馆", "预算公开", 2031)


@pytest.fixture(autouse=True)
def _short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a few passages and parts of a few entries, so that small archives have many of both."""
    monkeypatch.setattr(archive_bands, "TAIL", 16)
    monkeypatch.setattr(archive_bands, "PART", 5)


def sentences(count: int, seed: int) -> list[str]:
    source = random.Random(seed)
    return ["".join(source.choices(WORDS, k=source.randint(16, 40))) for _ in range(count)]


def memory(number: int, texts: list[str]) -> Memory:
    source = Source(f"sha{number}", f"{number}.pdf", f"第{number}市天文馆", "预算公开", 2031)
    return Memory(source, (), tuple(Excerpt("plan", "实施计划", text, text, 1) for text in texts))


def found(archive: Archive, texts: list[str]) -> list[list[tuple[str, str, float]]]:
    near = archive.resembling(texts, besides=ASKING).of
    return [[(item.source.key, item.excerpt.skeleton, item.alike) for item in each] for each in near]


def changed(texts: list[str]) -> list[str]:
    return [f"{text[:7]}新{text[8:]}" for text in texts]


def runs(path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT low, size FROM runs ORDER BY low").fetchall()


def test_runs_and_tail_find_what_an_order_made_anew_finds(tmp_path: Path) -> None:
    documents = [memory(number, sentences(7, number)) for number in range(30)]
    in_memory = ArchiveInMemory(documents)
    asked = changed([excerpt.skeleton for one in documents for excerpt in one.excerpts])
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        for one in documents:
            archive.add([one])
        expected = found(in_memory, asked)
        assert sum(map(len, expected)) >= len(asked)
        assert found(archive, asked) == expected
    sizes = [size for _, size in runs(tmp_path / "a.db")]
    # in runs that are twice as long as the next, but for a tail
    assert 30 * 7 - 16 < sum(sizes) <= 30 * 7
    assert len(sizes) > 1
    assert all(long >= 2 * short for long, short in pairwise(sizes))
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        assert found(archive, asked) == expected


def test_what_is_gone_is_not_found_and_leaves_with_the_next_merge(tmp_path: Path) -> None:
    gone, kept = sentences(20, 1), sentences(20, 2)
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        archive.add([memory(1, gone)])
        archive.add([memory(1, kept)])
        assert found(archive, changed(gone)) == [[]] * len(gone)
        assert all(found(archive, changed(kept)))
    assert runs(tmp_path / "a.db") == [(0, 20)]


def test_an_id_in_a_run_is_never_given_to_another_text(tmp_path: Path) -> None:
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        archive.add([memory(1, sentences(20, 1))])
        archive.add([memory(1, sentences(5, 2))])  # the ids of all 20 are free, and these five wait in the tail
        assert all(found(archive, changed(sentences(5, 2))))


def test_a_file_of_the_first_version_is_put_in_order(tmp_path: Path) -> None:
    texts = sentences(40, 3)
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        archive.add([memory(1, texts)])
        expected = found(archive, changed(texts))
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        db.executescript("DROP TABLE runs; DROP TABLE bands; PRAGMA user_version = 1;")
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        assert found(archive, changed(texts)) == expected
    assert runs(tmp_path / "a.db") == [(0, 40)]
