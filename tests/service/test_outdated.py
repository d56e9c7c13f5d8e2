"""Results of older versions are found, counted and made again, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select
from typer.testing import CliRunner

from models.report import Report
from models.run import BULK
from service.audit import AuditLog, open_audit_log
from service.backend import Backend, open_backend
from service.cli import app
from service.installed_versions import installed_versions
from service.reprocessing import count, submit_some
from service.schema import AuditRow, DocumentRow, StageCacheRow
from service.settings import Settings
from service.versions import Versions
from tests.service.web_site import fill, open_web, people

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PRESENT = Versions({"pages": "2", "findings": "2"}, {"pages": "c", "findings": "c"})
RULES = replace(PRESENT, code={"pages": "2", "findings": "1"})
BOTH = replace(PRESENT, code={"pages": "1", "findings": "1"})


@pytest.fixture
def log(backend: Backend) -> AuditLog:
    return open_audit_log(backend.settings)


def add(backend: Backend, *made: tuple[Versions | None, str]) -> None:
    """Documents in a state, with results of some versions or none."""
    shared = {"name": "甲.pdf", "media": "pdf", "size": 1, "priority": 1, "created": NOW}
    with backend.database.write() as connection:
        for number, (versions, state) in enumerate(made):
            values = {"sha256": f"{number:064d}", "state": state, "version": versions.digest if versions else ""}
            connection.execute(insert(DocumentRow).values(**shared, **values))
            if versions is not None:
                code, config = versions.of("pages")
                note = {"input_hash": values["sha256"], "stage": "pages", "code_version": code, "config_hash": config}
                connection.execute(insert(StageCacheRow).values(**note, blob="b" * 64, created=NOW))


def waiting(backend: Backend) -> list[tuple[int, int]]:
    with backend.database.read() as connection:
        queued = select(DocumentRow.id, DocumentRow.priority).where(DocumentRow.state == "queued")
        return [tuple(row) for row in connection.execute(queued.order_by(DocumentRow.id))]


def test_outdated_results_are_counted_and_made_again_in_portions(backend: Backend, log: AuditLog) -> None:
    add(backend, (RULES, "done"), (PRESENT, "done"), (BOTH, "done"), (BOTH, "working"), (None, "failed"))
    assert count(backend, PRESENT) == (2, 1)
    assert count(backend, BOTH) == (2, 2)
    assert submit_some(backend, log, "管理员", PRESENT, limit=1) == 1
    # Whoever was interrupted goes on where the last one stopped.
    assert count(backend, PRESENT)[0] == 1
    assert submit_some(backend, log, "管理员", PRESENT, limit=5) == 1
    assert submit_some(backend, log, "管理员", PRESENT) == 0
    assert waiting(backend) == [(1, BULK), (3, BULK)]
    with backend.database.read() as connection:
        told = connection.execute(select(AuditRow.action, AuditRow.detail).order_by(AuditRow.id)).all()
    assert [action for action, _ in told] == ["document.reprocess"] * 2
    assert sum(detail["documents"] for _, detail in told) == 2


def test_a_portion_reads_no_more_than_it_takes(tmp_path: Path) -> None:
    with open_backend(Settings(data_dir=tmp_path, disk_floor_bytes=0)) as backend:
        add(backend, *[(PRESENT, "done")] * 30, *[(BOTH, "done")] * 3)
        asked: list[tuple[str, object]] = []
        listener = ("before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        event.listen(backend.database.engine, *listener)
        assert submit_some(backend, open_audit_log(backend.settings), "管理员", PRESENT, limit=2) == 2
        event.remove(backend.database.engine, *listener)
        (found,) = [one for one in asked if one[0].startswith("SELECT documents.id")]
        with backend.database.read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {found[0]}", found[1]).all()
        index = "ix_documents_version_state_id (version=? AND state=?)"
        assert [row[3] for row in plan] == [f"SEARCH documents USING COVERING INDEX {index}"]


def test_the_command_counts_first_and_goes_on_until_all_are_asked_for(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, disk_floor_bytes=0)
    with open_backend(settings) as backend:
        add(backend, (BOTH, "done"), (installed_versions(settings), "done"), (RULES, "done"))
        run, command = CliRunner(), ["reprocess", "--data-dir", str(tmp_path)]
        told = run.invoke(app, [*command, "--dry-run"])
        assert told.exit_code == 0
        assert "2 份文件" in told.stdout
        assert "2 份须重新读取" in told.stdout
        assert waiting(backend) == []
        assert "已安排 2 份" in run.invoke(app, command).stdout
        assert [number for number, _ in waiting(backend)] == [1, 3]
        assert "0 份文件" in run.invoke(app, command).stdout


def test_programs_of_administrators_ask_for_portions(tmp_path: Path, report: Report) -> None:
    with open_web(tmp_path) as web:
        fill(web, report)
        boss = people(web)["administrator"]
        assert boss.get("/api/v1/outdated").json() == {"documents": 1, "to_read": 1}
        assert boss.post("/api/v1/outdated/reprocess", json={"limit": 7}).json() == {"queued": 1}
        assert boss.post("/api/v1/outdated/reprocess", json={}).json() == {"queued": 0}
        assert waiting(web.site.backend)[0] == (web.done, BULK)
