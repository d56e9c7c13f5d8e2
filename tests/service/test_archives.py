"""The promises of every archive, and what the file keeps beyond them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detect.archive import Archive, ArchiveInMemory
from detect.skeletons import skeleton
from models.archive import Excerpt, Memory, Observation, Source
from models.document import Document
from models.errors import DamagedInput, SettingsError
from models.report import Report
from service.archive_file import ArchiveFile
from service.cli import app
from service.db import sqlite_driver
from service.stages import Stages

PASSAGE = "三月确定清洗名单，五月完成采购，六至九月逐座清洗穹幕，十月验收{}座。"
Open = Callable[[], Archive]


@pytest.fixture(params=["memory", "file"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    if request.param == "memory":
        yield ArchiveInMemory()
        return
    with closing(ArchiveFile(tmp_path / "archive.db")) as opened:
        yield opened


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
    assert archive.totals(one.source) == {"b01|income.grand|income.amount": one.observations[2]}
    assert archive.sources() == sorted([one.source, other.source], key=lambda source: source.key)


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
    renamed = replace(memory("虚构市星象馆"), source=replace(memory("虚构市星象馆").source, sha256="更正"))
    archive.add([renamed])
    assert {source.entity for source in archive.sources()} == {"虚构市星象馆", "甲乙市天文馆"}


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
    own = Stages(read, check, stages.open_pictures)
    arguments = ["audit", str(tmp_path), "--out", str(tmp_path / "out"), "--archive", str(tmp_path / "archive.db")]
    result = CliRunner().invoke(app, arguments, obj=own)
    assert result.exit_code == 3
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["done", "unreadable", "done"]
    assert [name for name, _ in known] == ["a.pdf", "c.pdf"]
    assert known[0][1] == known[1][1]
