"""The promises of every archive, and what the file keeps beyond them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from detect.archive import Archive, ArchiveInMemory
from detect.skeletons import skeleton
from models.archive import Excerpt, Memory, Observation, Source
from models.document import Document
from models.errors import DamagedInput, SettingsError
from models.report import Report
from service import archive_rows
from service.archive_file import ArchiveFile
from service.archive_rows import ArchiveInDatabase, PassageIndex
from service.audit import open_audit_log
from service.auth.person import Person
from service.backend import Backend, open_backend
from service.cli import app
from service.db import sqlite_driver
from service.deletion import delete_document
from service.schema import ExcerptRow, MemoryRow, ObservationRow, SkeletonRow
from service.stages import Stages
from service.store import work
from service.store.memories import SOURCE, VISIBLE, remember
from tests.service.conftest import settings_on

PASSAGE = "三月确定清洗名单，五月完成采购，六至九月逐座清洗穹幕，十月验收{}座。"
NOW = datetime(2031, 3, 1, tzinfo=UTC)
LEAD = Person(1, "组长", "lead")


class Rows:
    """The archive of the service, asked at once after each addition; documents are taken in as they come."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.passages = PassageIndex()
        self.last = 0

    def add(self, memories: Iterable[Memory]) -> None:
        for memory in memories:
            with self.backend.database.write() as connection:
                self.last = remember(connection, taken_in(connection, memory.source.sha256), memory)

    def sources(self) -> list[Source]:
        with self.backend.database.read() as connection:
            return sources_in(ArchiveInDatabase(connection, self.passages, self.last))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*arguments: Any, **options: Any) -> Any:
            with self.backend.database.read() as connection:
                return getattr(ArchiveInDatabase(connection, self.passages, self.last), name)(*arguments, **options)

        return ask


def sources_in(archive: ArchiveInDatabase) -> list[Source]:
    """Every document that a comparison sees, by key."""
    rows = archive._connection.execute(select(*SOURCE).where(VISIBLE), {"last": archive._last})
    return sorted((Source(*row) for row in rows), key=lambda source: source.key)


def taken_in(connection: Connection, sha256: str) -> int:
    digest = hashlib.sha256(sha256.encode()).hexdigest()
    row = {"sha256": digest, "name": sha256, "media": "pdf", "size": 1, "owner": None, "priority": 1, "created": NOW}
    return work.add_new_documents(connection, [row])[0][digest]


@pytest.fixture(params=["memory", "file", "sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield ArchiveInMemory()
    elif request.param == "file":
        with closing(ArchiveFile(tmp_path / "archive.db")) as opened:
            yield opened
    else:
        with open_backend(settings_on(request.param, request, tmp_path)) as backend:
            yield Rows(backend)


def memory(entity: str, year: int = 2031, *, price: str = "4800", text: str = PASSAGE, sha: str = "") -> Memory:
    source = Source(sha or f"{entity}{year}", f"{entity}.pdf", entity, "预算公开", year, "部门", entity[:3])
    return Memory(
        source,
        (
            Observation("price", "望远镜", "元/台", Decimal(price), Decimal(0), "单价", f"{price}元/台", 4, 0.9),
            Observation(
                "project", "培训", "", Decimal("52000.50"), Decimal("0.01"), "资金", "5.2", 5, 1.0, (("字", 7.5),)
            ),
            Observation("total", "b01|income.grand|income.amount", "元", Decimal(130), Decimal(1), "总计", "130", 1),
        ),
        (Excerpt("plan", "实施计划", text.format(year % 10), skeleton(text.format(year % 10)), 6),),
    )


def test_peers_are_the_same_thing_in_other_documents(archive: Archive) -> None:
    one, other = memory("虚构市天文馆"), memory("甲乙市天文馆", price="5000")
    archive.add([one, other])
    (peer,) = archive.peers("price", "望远镜", "元/台", besides=one.source)
    assert peer.source == other.source
    assert peer.observation == other.observations[0]
    assert archive.peers("price", "望远镜", "元/套", besides=one.source) == []
    assert archive.observations(one.source, "project") == [one.observations[1]]
    assert archive.observations(one.source, "total") == [one.observations[2]]
    assert archive.sources() == sorted([one.source, other.source], key=lambda source: source.key)


def test_peers_of_some_years_alone(archive: Archive) -> None:
    archive.add([memory("甲乙市天文馆", year, price=str(year)) for year in (2028, 2029, 2031)])
    undated = memory("丙丁市天文馆", price="1")
    archive.add([replace(undated, source=replace(undated.source, year=None))])
    besides = memory("虚构市天文馆").source
    found = archive.peers("price", "望远镜", "元/台", besides=besides, years=(2029, 2031))
    assert sorted(peer.observation.value for peer in found) == [1, 2029, 2031]


def test_changes_are_those_of_one_document_and_the_same_one_a_year_before(archive: Archive) -> None:
    own, other = memory("虚构市天文馆"), memory("甲乙市天文馆")
    archive.add([own, memory("虚构市天文馆", 2030), other, memory("甲乙市天文馆", 2030), memory("丙丁市天文馆")])
    unlike = memory("戊己市天文馆", 2030)
    archive.add([memory("戊己市天文馆"), replace(unlike, source=replace(unlike.source, scope="单位"))])
    ((now, then),) = archive.changes("b01|income.grand|income.amount", "元", besides=own.source)
    assert (now.source, then.source) == (other.source, memory("甲乙市天文馆", 2030).source)
    assert now.observation == other.observations[2]
    assert archive.changes("b01|income.grand|income.amount", "元", besides=memory("虚构市天文馆", 2032).source) == []


def test_other_organisations_are_counted_once_and_no_further_than_asked(archive: Archive) -> None:
    own = memory("虚构市天文馆").source
    archive.add(
        [memory(name, year) for name in ("虚构市天文馆", "虚构市植物园", "甲乙市天文馆") for year in (2030, 2031)]
    )
    archive.add([memory("")])
    assert archive.count_entities(besides=own, most=9) == 2
    assert archive.count_entities(besides=own, most=1) == 1
    assert archive.count_entities(besides=own, most=9, region="虚构市") == 1


def test_of_too_many_peers_the_latest_and_those_of_the_own_region_are_asked(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_rows, "MOST_PEERS", 2)
    rows, own = Rows(backend), memory("虚构市天文馆").source
    rows.add([memory("虚构市植物园", 2029)])
    rows.add([memory(f"{name}市天文馆", year) for year in (2031, 2030) for name in ("甲乙", "丙丁")])
    found = rows.peers("price", "望远镜", "元/台", besides=own)
    assert [(peer.source.entity, peer.source.year) for peer in found] == [
        ("丙丁市天文馆", 2031),
        ("甲乙市天文馆", 2031),
        ("虚构市植物园", 2029),
    ]


def test_a_corrected_document_takes_the_place_of_the_former(archive: Archive) -> None:
    archive.add([memory("虚构市天文馆", price="4800"), memory("甲乙市天文馆")])
    archive.add(
        [
            memory(
                "虚构市天文馆",
                price="4900",
                text="另写的一段足够长的实施计划，供更正后的文件使用，共{}条。",
                sha="更正",
            )
        ]
    )
    besides = memory("甲乙市天文馆").source
    assert [peer.observation.value for peer in archive.peers("price", "望远镜", "元/台", besides=besides)] == [4900]
    assert archive.resembling([skeleton(PASSAGE.format(1))], besides=besides).of == ((),)


def test_a_document_that_is_read_otherwise_is_remembered_as_it_is_now(archive: Archive) -> None:
    archive.add([memory("虚构市天文馆", sha="同"), memory("甲乙市天文馆")])
    archive.add([memory("虚构市星象馆", price="5100", sha="同")])
    assert {source.entity for source in archive.sources()} == {"虚构市星象馆", "甲乙市天文馆"}
    besides = memory("甲乙市天文馆").source
    assert [peer.observation.value for peer in archive.peers("price", "望远镜", "元/台", besides=besides)] == [5100]
    (found,) = archive.resembling([skeleton(PASSAGE.format(1))], besides=besides).of
    assert [item.source.entity for item in found] == ["虚构市星象馆"]


def test_a_document_without_a_name_is_known_by_its_bytes(archive: Archive) -> None:
    for sha in ("甲", "乙", "乙"):
        archive.add([replace(memory(""), source=replace(memory("").source, sha256=sha))])
    assert [source.sha256 for source in archive.sources()] == ["乙", "甲"]


def test_the_document_of_another_year_is_found(archive: Archive) -> None:
    last = memory("虚构市天文馆", 2030)
    archive.add([last, memory("虚构市天文馆", 2031)])
    assert archive.find("虚构市天文馆", "部门", "预算公开", 2030) == last.source
    assert archive.find("虚构市天文馆", "单位", "预算公开", 2030) is None
    assert archive.find("虚构市天文馆", "部门", "预算公开", 2029) is None
    assert archive.excerpts(last.source) == list(last.excerpts)


def test_passages_that_resemble_each_other_are_found_most_alike_first(archive: Archive) -> None:
    same, near = memory("甲乙市天文馆"), memory("丙丁市天文馆", text=PASSAGE.replace("六至九月", "七至十月"))
    archive.add([near, same, memory("戊己市天文馆", text="与其他文件毫无关系的一段实施计划，写得足够长，共{}句。")])
    own = memory("虚构市天文馆")
    archive.add([own])
    (found,) = archive.resembling([own.excerpts[0].skeleton], besides=own.source).of
    assert [(item.source.entity, item.excerpt.page) for item in found] == [("甲乙市天文馆", 6), ("丙丁市天文馆", 6)]
    assert found[0].alike == 1 > found[1].alike > 0.8


def test_no_answer_depends_on_the_order_of_the_documents(tmp_path: Path) -> None:
    own = memory("虚构市天文馆")
    documents = [memory(f"{name}市天文馆", 2031, price=f"4{at}00") for at, name in enumerate(("甲乙", "丙丁", "戊己"))]
    answers = []
    for name, order in (("a", documents), ("b", documents[::-1])):
        with closing(ArchiveFile(tmp_path / f"{name}.db")) as archive:
            archive.add([own, *order])
            peers = archive.peers("price", "望远镜", "元/台", besides=own.source)
            alike = archive.resembling([own.excerpts[0].skeleton], besides=own.source)
            answers.append((archive.sources(), peers, alike))
    assert answers[0] == answers[1]
    assert len(answers[0][1]) == len(answers[0][2].of[0]) == 3


def test_a_file_remembers_when_it_is_opened_again(tmp_path: Path) -> None:
    one = memory("虚构市天文馆")
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        archive.add([one])
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        assert archive.sources() == [one.source]
        besides = memory("甲乙市天文馆").source
        (found,) = archive.resembling([one.excerpts[0].skeleton], besides=besides).of
        assert [item.excerpt for item in found] == list(one.excerpts)


def test_a_document_that_cannot_be_added_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    with closing(ArchiveFile(tmp_path / "a.db")) as archive:
        archive.add([memory("虚构市天文馆")])
        broken = replace(memory("虚构市天文馆"), excerpts=(Excerpt("plan", None, "", "", 1),))  # type: ignore[arg-type]
        with pytest.raises(sqlite_driver().IntegrityError):
            archive.add([broken])
        assert archive.observations(memory("虚构市天文馆").source, "price") != []


def test_files_of_others_are_refused_and_left_alone(tmp_path: Path) -> None:
    for name, content in (("a.db", "不是数据库" * 100), ("b.db", None), ("c/d.db", None)):
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        elif "/" not in name:
            with closing(sqlite3.connect(path)) as other:
                other.execute("CREATE TABLE notes (text)")
        before = path.read_bytes() if path.exists() else b""
        with pytest.raises(SettingsError, match="--archive"):
            ArchiveFile(path)
        assert not before or path.read_bytes() == before


def test_a_run_reads_and_remembers_every_document_before_it_checks_one(
    tmp_path: Path, stages: Stages, report: Report
) -> None:
    known: list[tuple[str, list[str]]] = []

    def read(path: Path, *, progress: object = None) -> Document:
        if path.stem == "bad":
            raise DamagedInput("文件已损坏", "请重新取得文件")
        return replace(report.document, name=path.name, sha256=path.stem * 64)

    def check(document: Document, *, archive: Archive | None = None) -> Report:
        assert archive is not None
        known.append((document.name, [source.sha256[0] for source in archive.sources()]))
        return replace(report, document=document)

    for name in ("a.pdf", "bad.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.7")
    own = replace(stages, read=read, check=check)
    arguments = ["audit", str(tmp_path), "--out", str(tmp_path / "out"), "--archive", str(tmp_path / "archive.db")]
    result = CliRunner().invoke(app, arguments, obj=own)
    assert result.exit_code == 3
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["done", "unreadable", "done"]
    assert [name for name, _ in known] == ["a.pdf", "c.pdf"]
    assert known[0][1] == known[1][1]


def counted(backend: Backend) -> list[int]:
    rows = (MemoryRow, ObservationRow, SkeletonRow, ExcerptRow)
    with backend.database.read() as connection:
        return [connection.execute(select(func.count()).select_from(row)).scalar_one() for row in rows]


def test_a_document_is_remembered_once_and_goes_when_it_is_deleted(backend: Backend) -> None:
    rows, own = Rows(backend), memory("虚构市天文馆")
    rows.add([own, memory("甲乙市天文馆")])
    # Two documents of one form carry one text.
    assert counted(backend) == [2, 6, 1, 2]
    rows.add([own, own, replace(own, observations=own.observations[:1])])
    assert counted(backend) == [2, 4, 1, 2]
    assert [source.entity for source in rows.sources()] == ["甲乙市天文馆", "虚构市天文馆"]
    with backend.database.write() as connection:
        ids = [taken_in(connection, one.source.sha256) for one in (own, memory("甲乙市天文馆"))]
    delete_document(backend, open_audit_log(backend.settings), LEAD, ids[0])
    assert counted(backend) == [1, 3, 1, 1]
    delete_document(backend, open_audit_log(backend.settings), LEAD, ids[1])
    assert counted(backend) == [0, 0, 0, 0]


def test_a_comparison_sees_what_was_there_when_it_began(backend: Backend) -> None:
    rows, own = Rows(backend), memory("虚构市天文馆")
    rows.add([memory("甲乙市天文馆"), own])
    began = rows.last
    rows.add([memory("丙丁市天文馆")])
    # An earlier document that is read again in the meantime is still there, as it is now.
    rows.add([memory("甲乙市天文馆", price="5000")])
    for last, expected in ((began, ["甲乙市天文馆"]), (rows.last, ["丙丁市天文馆", "甲乙市天文馆"])):
        with backend.database.read() as connection:
            archive = ArchiveInDatabase(connection, rows.passages, last)
            peers = archive.peers("price", "望远镜", "元/台", besides=own.source)
            (alike,) = archive.resembling([own.excerpts[0].skeleton], besides=own.source).of
        assert [peer.source.entity for peer in peers] == expected
        assert [item.source.entity for item in alike] == expected


def test_of_several_versions_the_last_one_speaks_in_whatever_order_they_are_read(backend: Backend) -> None:
    rows, other = Rows(backend), memory("甲乙市天文馆")
    first, corrected = memory("虚构市天文馆", sha="初"), memory("虚构市天文馆", price="4900", sha="更正")
    rows.add([first, corrected, other, first, replace(first, excerpts=())])
    assert [peer.observation.value for peer in rows.peers("price", "望远镜", "元/台", besides=other.source)] == [4900]
    assert len(rows.sources()) == 2
    with backend.database.write() as connection:
        corrected_id = taken_in(connection, "更正")
    delete_document(backend, open_audit_log(backend.settings), LEAD, corrected_id)
    assert [peer.observation.value for peer in rows.peers("price", "望远镜", "元/台", besides=other.source)] == [4800]


def test_passages_are_found_however_many_came_late(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_rows, "_FEW", 3)
    rows, own = Rows(backend), memory("虚构市天文馆")
    entities = [f"{name}市天文馆" for name in ("甲乙", "丙丁", "戊己", "庚辛", "壬癸", "子丑")]
    for at, entity in enumerate(entities):
        rows.add([memory(entity, text=PASSAGE.replace("逐座", f"逐座{'一二三四五六'[at]}次"))])
        (found,) = rows.resembling([own.excerpts[0].skeleton], besides=own.source).of
        assert {item.source.entity for item in found} == set(entities[: at + 1])


def test_a_database_that_fails_is_no_rule_that_fails(backend: Backend) -> None:
    with backend.database.write() as connection:
        archive = ArchiveInDatabase(connection, PassageIndex(), 1)
        archive.require()
        connection.exec_driver_sql("DROP TABLE archive_excerpts")
        with pytest.raises(DBAPIError):
            archive.excerpts(memory("虚构市天文馆").source)
        # A rule may have swallowed it.
        with pytest.raises(DBAPIError):
            archive.require()
        connection.rollback()
