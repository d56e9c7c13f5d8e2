from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from detect.archive import Archive
from detect.runner import remember
from models.document import Document
from models.errors import SettingsError
from models.report import Report
from service.audit import KEY_FILE, open_audit_log
from service.backend import Backend, open_backend
from service.backup import back_up, restore
from service.blobs import LocalBlobs
from service.check import check
from service.cli import main
from service.intake import take_in
from service.processing import Processor, Steps
from service.schema import (
    AuditRow,
    Base,
    DocumentRow,
    FindingRow,
    SessionRow,
    StageCacheRow,
    UserRow,
    VerdictRow,
    WorkerRow,
)
from service.settings import Settings
from service.store import find_document, work
from service.versions import Versions

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
AFTER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def filled(backend: Backend, report: Report) -> Backend:
    """One document that is done, with a verdict, and one that is at work."""
    for number in range(2):
        content = b"%PDF- made up " + bytes([number])
        file = backend.blobs.incoming / "x"
        file.write_bytes(content)
        take_in(backend, file, f"{number}.pdf", hashlib.sha256(content).hexdigest(), len(content), None)

    def read(path: Path, *, progress: object = None, keep: Callable[[int, bytes], None] | None = None) -> Document:
        assert keep is not None
        keep(0, b"a picture")
        return report.document

    def check(document: Document, *, archive: Archive | None = None) -> Report:
        return report

    versions = Versions({"pages": "1", "findings": "1"}, {"pages": "", "findings": ""})
    steps = Steps(read, remember, check, versions)
    processor = Processor(backend, steps)
    with backend.database.write() as connection:
        values = {"name": "审计员", "password_hash": "x", "role": "admin", "created": NOW}
        connection.execute(insert(UserRow).values(id=5, **values))
        session = {"token_sha256": "0" * 64, "user_id": 5, "csrf": "", "created": NOW, "last_seen": NOW}
        connection.execute(insert(SessionRow).values(**session, expires=NOW))
        open_audit_log(backend.settings).append(connection, "审计员", "document.upload", "document:1")
    document = processor.begin(1, 1)
    assert document is not None
    blob = processor.read(document)
    assert isinstance(blob, str)
    made = processor.check(document, blob)
    assert isinstance(made, str)
    assert processor.publish(document, blob, made) is None
    assert processor.begin(2, 1) is not None
    with backend.database.write() as connection:
        key = "AR001:b03:total:total"
        connection.execute(update(FindingRow).where(FindingRow.key == key).values(status="confirmed"))
        verdict = {"document_id": 1, "finding_key": key, "status": "confirmed", "created": NOW, "updated": NOW}
        connection.execute(insert(VerdictRow).values(**verdict, author=5))
    return backend


def rows(backend: Backend) -> dict[str, list[tuple[object, ...]]]:
    with backend.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def problems(backend: Backend, *, repair: bool = False, quick: bool = False) -> list[tuple[str, bool]]:
    return [(p.message, p.is_repaired) for p in check(backend, AFTER, repair=repair, quick=quick)]


def test_what_was_backed_up_comes_back(filled: Backend, tmp_path: Path) -> None:
    summary = back_up(filled, tmp_path / "backup", NOW)
    assert summary.folder.name == "20260301T123000Z"
    assert summary.missing == ()
    assert not (back_up(filled, tmp_path / "keyless", NOW, with_key=False).folder / KEY_FILE).exists()
    again = back_up(filled, tmp_path / "backup", NOW + timedelta(hours=1))
    assert (again.rows, again.copied) == (summary.rows, 0)
    with open_backend(Settings(data_dir=tmp_path / "other")) as other:
        done = restore(other, tmp_path / "backup")
        assert done.folder == again.folder
        assert (done.rows, done.copied) == (summary.rows, summary.copied)
        before, after = rows(filled), rows(other)
        for name in set(before) - {SessionRow.__tablename__, WorkerRow.__tablename__, DocumentRow.__tablename__}:
            assert after[name] == before[name], name
        assert after[SessionRow.__tablename__] == []
        with other.database.read() as connection:
            assert find_document(connection, 1).state == "done"
            waiting = find_document(connection, 2)
            assert (waiting.state, waiting.generation, waiting.submitted) == ("queued", 2, None)
            verified = open_audit_log(other.settings).verify(connection)
        assert (verified.n_entries, verified.fault) == (1, "")
        assert problems(other) == []


def test_new_rows_go_on_counting_after_a_restore(filled: Backend, settings: Settings, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "backup", NOW)
    with filled.database.write() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
    restore(filled, tmp_path / "backup")
    with filled.database.write() as connection:
        work.add_documents(
            connection,
            [
                {
                    "sha256": "f" * 64,
                    "name": "x",
                    "media": "pdf",
                    "size": 1,
                    "owner": None,
                    "priority": 1,
                    "created": NOW,
                }
            ],
        )
        assert connection.execute(select(DocumentRow.id).where(DocumentRow.sha256 == "f" * 64)).scalar_one() == 3


def test_nothing_is_restored_over_data(filled: Backend, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "backup", NOW)
    with pytest.raises(SettingsError, match="已有数据"):
        restore(filled, tmp_path / "backup")


def test_a_damaged_or_missing_backup_is_refused(filled: Backend, tmp_path: Path) -> None:
    folder = back_up(filled, tmp_path / "backup", NOW).folder
    with open_backend(Settings(data_dir=tmp_path / "other")) as other:
        with pytest.raises(SettingsError, match="没有备份"):
            restore(other, tmp_path / "nothing")
        table = folder / "tables" / "documents.jsonl.gz"
        table.write_bytes(table.read_bytes()[:-1])
        with pytest.raises(SettingsError, match=r"documents\.jsonl\.gz 已损坏"):
            restore(other, folder)
        assert rows(other)[AuditRow.__tablename__] == []


def test_a_lost_blob_is_told_by_the_backup(filled: Backend, tmp_path: Path) -> None:
    with filled.database.read() as connection:
        original = find_document(connection, 2).sha256
    filled.blobs.remove(original)
    assert back_up(filled, tmp_path / "backup", NOW).missing == (original,)


def test_a_sound_installation_has_no_problems(filled: Backend) -> None:
    assert problems(filled) == []


def test_lost_results_are_made_again_and_lost_originals_named(filled: Backend) -> None:
    with filled.database.read() as connection:
        first, second = find_document(connection, 1), find_document(connection, 2)
    filled.blobs.remove(first.document_blob)
    filled.blobs.remove(second.sha256)
    found = problems(filled, quick=True)
    assert [is_repaired for _, is_repaired in found] == [False, False, False]
    assert "原件丢失" in found[1][0]
    assert "2“1.pdf”" in found[1][0]
    repaired = problems(filled, repair=True)
    assert [is_repaired for message, is_repaired in repaired if "原件" not in message] == [True]
    with filled.database.read() as connection:
        assert find_document(connection, 1).state == "queued"
        assert connection.execute(select(StageCacheRow).where(StageCacheRow.blob == first.document_blob)).all() == []


def test_changed_bytes_are_found_unless_looked_at_quickly(filled: Backend) -> None:
    with filled.database.read() as connection:
        name = find_document(connection, 1).document_blob
    (filled.settings.root / "blobs" / name[:2] / name[2:4] / name).write_bytes(b"changed")
    assert problems(filled, quick=True) == []
    assert "丢失或已损坏" in problems(filled)[0][0]


def test_counts_statuses_and_leftovers_are_put_right(filled: Backend) -> None:
    with filled.database.write() as connection:
        connection.execute(update(FindingRow).where(FindingRow.status == "confirmed").values(status="open"))
        connection.execute(delete(FindingRow).where(FindingRow.key == "CP001:b09"))
    filled.blobs.put(b"nobody's")
    old = filled.blobs.incoming / "abc"
    old.write_bytes(b"half")
    os.utime(old, (time.time() - 9e5, time.time() - 9e5))
    found = [message for message, _ in problems(filled, repair=True)]
    assert [
        part in message for part, message in zip(("应有 3 条", "人工认定", "没有用到", "没有传完"), found, strict=True)
    ]
    assert [message for message, _ in problems(filled)] == []
    assert not old.exists()
    with filled.database.read() as connection:
        confirmed = select(FindingRow.status).where(FindingRow.key == "AR001:b03:total:total")
        assert connection.execute(confirmed).scalar_one() == "confirmed"
        assert find_document(connection, 1).state == "queued"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert isinstance(left.value.code, int)
    return left.value.code


def test_the_commands_do_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, backups = (str(tmp_path / name) for name in ("first", "second", "backups"))
    with open_backend(Settings(data_dir=Path(first))) as backend:
        file = backend.blobs.incoming / "x"
        file.write_bytes(b"%PDF- made up")
        sha256 = hashlib.sha256(b"%PDF- made up").hexdigest()
        take_in(backend, file, "甲.pdf", sha256, 13, None)
    assert run("backup", backups, "--data-dir", first) == 0
    assert run("restore", backups, "--data-dir", second) == 0
    assert run("restore", backups, "--data-dir", second) == 2
    assert run("check", "--data-dir", second) == 0
    assert "数据完整" in capsys.readouterr().out
    LocalBlobs(Path(second) / "blobs").remove(sha256)
    assert run("check", "--data-dir", second) == 1
    assert "甲.pdf" in capsys.readouterr().out
