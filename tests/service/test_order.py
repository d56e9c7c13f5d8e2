"""Which documents a real worker takes first, and that it goes with the process that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bench.soak import stand_in, start_worker
from models.run import BULK, URGENT
from service.backend import Backend
from service.schema import DocumentRow, UserRow, WorkerRow
from service.settings import Settings
from service.store import count_states, work
from tests.service.waiting import PATIENCE_S, waited_for

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """SQLite alone: the order is made by the same code on both databases."""
    return Settings(data_dir=tmp_path / "data")


def add(backend: Backend, name: str, count: int, owner: int, priority: int) -> None:
    contents = [stand_in(owner * 1000 + priority * 100 + number, [0.02], 1) for number in range(count)]
    rows = [
        {
            "sha256": backend.blobs.put(content),
            "name": name,
            "media": "pdf",
            "size": len(content),
            "owner": owner,
            "priority": priority,
            "created": NOW,
        }
        for content in contents
    ]
    with backend.database.write() as connection:
        work.add_documents(connection, rows)


def test_an_upload_goes_before_an_archive_run_and_users_take_turns(backend: Backend, settings: Settings) -> None:
    with backend.database.write() as connection:
        for owner in (1, 2):
            values = {"name": str(owner), "password_hash": "", "role": "auditor", "created": NOW}
            connection.execute(insert(UserRow).values(id=owner, **values))
    add(backend, "first", 30, 1, BULK)
    add(backend, "second", 3, 2, BULK)
    add(backend, "urgent", 3, 1, URGENT)
    worker = start_worker(settings.model_copy(update={"documents_at_once": 1, "poll_s": 0.05}))
    try:

        def is_done() -> bool:
            with backend.database.read() as connection:
                return count_states(connection) == {"done": 36}

        assert waited_for(is_done)
    finally:
        worker.terminate()
        worker.wait(timeout=PATIENCE_S)
    with backend.database.read() as connection:
        order = list(connection.execute(select(DocumentRow.name).order_by(DocumentRow.finished)).scalars())
    last = {name: len(order) - 1 - order[::-1].index(name) for name in set(order)}
    assert last["urgent"] < 15
    assert last["second"] < last["first"]


def test_a_worker_goes_with_its_parent(backend: Backend, settings: Settings) -> None:
    environment = {**os.environ, "CAISHEN_DATA_DIR": str(settings.root), "CAISHEN_DATABASE_URL": settings.database_url}
    program = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'bench.soak', '--worker'])"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment) as parent:

        def pids() -> list[int]:
            with backend.database.read() as connection:
                return list(connection.execute(select(WorkerRow.pid)).scalars())

        assert waited_for(lambda: bool(pids()))
        parent.send_signal(signal.SIGKILL)
    assert waited_for(lambda: not Path(f"/proc/{pids()[0]}").exists())
