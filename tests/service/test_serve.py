"""The supervisor with real processes."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from models.errors import SettingsError
from service.backend import open_backend
from service.intake import take_in
from service.records import DocumentFilter, DocumentRecord, FindingFilter
from service.schema import WorkerRow
from service.serve import run_service
from service.settings import Settings
from service.store import list_documents, list_findings
from tests.service.real_files import disclosure
from tests.service.small_service import app
from tests.service.waiting import PATIENCE_S, waited_for

ROOT = Path(__file__).resolve().parents[2]


def lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def workers(folder: Path) -> list[int]:
    found = [int(path.name.partition("-")[2]) for path in folder.glob("worker-*")]
    return [pid for pid in found if lives(pid)]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.small_service", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        if process.poll() is None:
            process.kill()
        for pid in workers(tmp_path):
            os.kill(pid, signal.SIGKILL)


def test_it_answers_restarts_workers_and_ends_in_good_order(service: subprocess.Popen[str], tmp_path: Path) -> None:
    assert service.stdout is not None
    address = service.stdout.readline().strip()
    assert waited_for(lambda: len(workers(tmp_path)) == 2)
    assert httpx.get(address, timeout=PATIENCE_S).json() == "here"
    lost = workers(tmp_path)[0]
    os.kill(lost, signal.SIGKILL)
    assert waited_for(lambda: len(workers(tmp_path)) == 2 and lost not in workers(tmp_path))
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=PATIENCE_S) == 0
    assert workers(tmp_path) == []


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(data_dir=tmp_path, port=port, workers=0)
        with pytest.raises(SettingsError, match=str(port)):
            run_service(settings, app, worker_command=(), announce=print)


def test_the_worker_command_reads_checks_and_leaves_in_time(settings: Settings) -> None:
    environment = {**os.environ, "CAISHEN_DATA_DIR": str(settings.root), "CAISHEN_DATABASE_URL": settings.database_url}
    content = disclosure("澄川市水务局")
    with open_backend(settings) as backend:
        file = backend.blobs.incoming / "x"
        file.write_bytes(content)
        take_in(backend, file, "预算.pdf", hashlib.sha256(content).hexdigest(), len(content), None)
        worker = subprocess.Popen([sys.executable, "-m", "service.cli", "worker"], cwd=ROOT, env=environment)
        try:

            def document() -> DocumentRecord:
                with backend.database.read() as connection:
                    return list_documents(connection, DocumentFilter()).items[0]

            assert waited_for(lambda: document().state not in ("queued", "working"))
            assert document().state == "done", document().failure_message
            with backend.database.read() as connection:
                found = list_findings(connection, FindingFilter(rules=("AR001",))).items
            assert any("1,300.50" in finding.message for finding in found)
            worker.terminate()
            assert worker.wait(timeout=PATIENCE_S) == 0
        finally:
            worker.kill()
            worker.wait()
        with backend.database.read() as connection:
            assert connection.execute(select(WorkerRow.stopped)).scalar_one() is not None
