"""The audit log: everything that matters is in it, and nothing can be changed in it unnoticed."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from typer.testing import CliRunner

from models.report import Report
from service.audit import AuditLog, entries
from service.audit_log_command import app
from service.backend import Backend, open_backend
from service.schema import AuditRow
from service.settings import Settings
from tests.service.web_site import fill, open_web, people

LOG = AuditLog(b"k" * 32)


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    with open_backend(Settings(data_dir=tmp_path)) as backend:
        with backend.database.write() as connection:
            for number in range(1, 6):
                LOG.append(connection, "王敏", "verdict.set", f"document:{number}", {"to": "confirmed", "n": number})
        yield backend


def fault(backend: Backend, log: AuditLog = LOG, expected: tuple[int, str] | None = None) -> str:
    with backend.database.read() as connection:
        return log.verify(connection, expected=expected).fault


def test_an_untouched_log_verifies(backend: Backend) -> None:
    with backend.database.read() as connection:
        verdict = LOG.verify(connection)
    assert (verdict.n_entries, verdict.fault) == (5, "")
    assert fault(backend, expected=(5, verdict.head)) == ""


@pytest.mark.parametrize(
    "values",
    [{"actor": "李强"}, {"detail": {"to": "dismissed", "n": 3}}, {"object": "document:9"}, {"hash": "0" * 64}],
    ids=str,
)
def test_a_changed_entry_is_found(backend: Backend, values: dict[str, object]) -> None:
    with backend.database.write() as connection:
        connection.execute(update(AuditRow).where(AuditRow.id == 3).values(**values))
    assert "第 3 条" in fault(backend)


def test_a_removed_entry_is_found(backend: Backend) -> None:
    with backend.database.write() as connection:
        connection.execute(delete(AuditRow).where(AuditRow.id == 3))
    assert "第 3 条缺失" in fault(backend)


def test_a_log_cut_short_is_found_by_what_was_noted_elsewhere(backend: Backend) -> None:
    with backend.database.read() as connection:
        head = LOG.verify(connection).head
    with backend.database.write() as connection:
        connection.execute(delete(AuditRow).where(AuditRow.id > 3))
    assert fault(backend) == ""
    assert "末尾被删除" in fault(backend, expected=(5, head))


def test_a_log_written_anew_without_the_key_is_found(backend: Backend) -> None:
    forger = AuditLog(b"x" * 32)
    with backend.database.write() as connection:
        connection.execute(delete(AuditRow))
        forger.append(connection, "王敏", "verdict.set", "document:1")
    assert "第 1 条" in fault(backend)


def test_writers_at_once_make_one_chain(backend: Backend) -> None:
    def write(number: int) -> None:
        with backend.database.write() as connection:
            LOG.append(connection, f"人{number}", "session.start", "user:1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(40)))
    assert fault(backend) == ""
    with backend.database.read() as connection:
        assert len(list(entries(connection))) == 45


def test_what_was_rolled_back_left_no_entry(backend: Backend) -> None:
    def fail() -> None:
        with backend.database.write() as connection:
            LOG.append(connection, "王敏", "verdict.set", "document:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert fault(backend) == ""
    with backend.database.read() as connection:
        assert len(list(entries(connection))) == 5


def test_decisions_uploads_and_people_are_logged(tmp_path: Path, report: Report) -> None:
    with open_web(tmp_path) as web:
        fill(web, report)
        who = people(web)
        who["auditor"].request("PUT", "/api/v1/files/a.pdf", content=b"%PDF-1.7")
        who["auditor"].post(f"/api/v1/findings/{web.finding}/verdict", json={"status": "confirmed", "version": 0})
        who["auditor"].get(f"/api/v1/documents/{web.done}/exports/findings.json")
        who["lead"].request("DELETE", f"/api/v1/documents/{web.failed}")
        who["administrator"].post("/api/v1/users", json={"name": "李强", "role": "viewer"})
        who["viewer"].post("/sign-out")
        log = who["lead"].get("/api/v1/audit-log").json()["items"]
        told = [(one["actor"].partition("-")[0], one["action"]) for one in reversed(log)]
        assert told == [
            ("auditor", "document.upload"),
            ("auditor", "verdict.set"),
            ("auditor", "document.export"),
            ("lead", "document.delete"),
            ("administrator", "user.create"),
            ("administrator", "user.invite"),
            ("viewer", "session.end"),
        ]
        assert log[-2]["detail"] == {"key": "AR001:b03:total:total", "from": "open", "to": "confirmed", "reason": ""}
        some = who["lead"].get("/api/v1/audit-log", params={"action": "user", "limit": 1}).json()
        assert [one["action"] for one in some["items"]] == ["user.invite"]
        rest = who["lead"].get("/api/v1/audit-log", params={"action": "user", "cursor": some["next"]}).json()
        assert [one["action"] for one in rest["items"]] == ["user.create"]
        exported = who["lead"].get("/api/v1/audit-log/export").text.splitlines()
        assert json.loads(exported[-1])["action"] == "audit-log.export"
        assert len(exported) == 8


def test_the_command_verifies_and_exports(tmp_path: Path) -> None:
    with open_web(tmp_path) as web:
        people(web)["administrator"].post("/api/v1/users", json={"name": "李强", "role": "viewer"})
    run = CliRunner()
    where = ["--data-dir", str(tmp_path)]
    verified = run.invoke(app, ["verify", *where])
    assert verified.exit_code == 0
    noted = verified.stdout.splitlines()[-1]
    exported = run.invoke(app, ["export", *where, "--out", str(tmp_path / "log.jsonl")])
    assert (exported.exit_code, exported.stderr.strip()) == (0, noted)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2
    with open_backend(Settings(data_dir=tmp_path)) as backend, backend.database.write() as connection:
        connection.execute(delete(AuditRow).where(AuditRow.id == 2))
    assert run.invoke(app, ["verify", *where]).exit_code == 0
    cut = run.invoke(app, ["verify", *where, "--expect", noted])
    assert cut.exit_code == 1
    assert "末尾被删除" in cut.stderr


def test_the_key_is_for_its_owner_only(tmp_path: Path) -> None:
    with open_web(tmp_path):
        key = tmp_path / "audit.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        first = key.read_bytes()
    with open_web(tmp_path):
        assert key.read_bytes() == first
