"""Kills workers at random moments while documents are in work, and counts what was lost or doubled.

`python -m bench.soak --documents 300 --kills 20` on SQLite; `--database postgresql://…` for PostgreSQL. Workers are
real processes killed with SIGKILL; most documents are read by a stand-in that takes its time, `--real FOLDER` adds PDF
files that are really read and checked. Exits with 1 unless every document came to its findings, each exactly once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, text

from detect.archive import Archive
from detect.runner import remember
from models.citation import Citation
from models.document import Document
from models.finding import Evidence, Finding
from models.geometry import Box
from models.page import Page
from models.report import Report
from models.table import Block
from service.backend import Backend, open_backend
from service.db import jobs_engine
from service.processing import Keep, Progress, Steps
from service.schema import DocumentRow, FindingRow
from service.settings import Settings
from service.store import count_states
from service.store.work import add_documents
from service.versions import Versions

_MARK = b"%PDF-stand-in "
_SECONDS_MOST = 600.0
_PASSED_ON = (
    "data_dir", "database_url", "poll_s", "heartbeat_s", "dead_after_s", "retry_after_s", "documents_at_once",
)  # fmt: skip
_FULL = "full"
"""While a file of this name is in the data directory, workers can write no file beyond a few pages."""
_FULL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Load:
    """How much is put on the workers.

    Attributes:
        documents: stand-ins.
        kills: of workers.
        workers: at once.
        page_s: shortest and longest time a stand-in's page takes.
        kill_s: shortest and longest time from documents being at work to the next kill.
        trouble_s: how long each trouble lasts that comes before the kills: a disk that takes nothing, databases that
            another process holds locked; on PostgreSQL, connections that are cut once. Zero for none.
    """

    documents: int
    kills: int
    workers: int = 2
    page_s: tuple[float, float] = (0.05, 0.25)
    kill_s: tuple[float, float] = (0.0, 4.0)
    trouble_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        lost: documents without their results at the end.
        doubled: findings beyond those that the documents have.
        missing: findings that are not there.
        kills: workers killed while documents were waiting or in work.
        read_again: readings that had to be done again because a kill cut them off.
        restarts: workers that ended by themselves, to be started again.
    """

    documents: int
    findings: int
    lost: int
    doubled: int
    missing: int
    kills: int
    read_again: int
    restarts: int
    seconds: float

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.doubled or self.missing)


def soak(settings: Settings, load: Load, real: Sequence[Path] = (), seed: int = 1) -> Outcome:
    """Runs the load to its end and counts.

    Raises:
        TimeoutError: documents were still not done ten minutes after the last kill.
    """
    chance = random.Random(seed)
    with open_backend(settings) as backend:
        _fill(backend, load, real, chance)
        begun = time.monotonic()
        crew = _Crew(settings, load.workers)
        try:
            if load.trouble_s:
                _make_trouble(backend, crew, load)
            kills = _kill(backend, crew, load, chance)
            last = time.monotonic()
            while _unfinished(backend):
                if time.monotonic() - last > _SECONDS_MOST:
                    raise TimeoutError
                crew.restart_ended()
                time.sleep(0.5)
        finally:
            crew.end()
        return _count(backend, kills, crew.restarts, time.monotonic() - begun)


class _Crew:
    """The workers, started again when they end, as `caishen serve` does it."""

    def __init__(self, settings: Settings, size: int) -> None:
        self._settings = settings
        self._workers = [start_worker(settings) for _ in range(size)]
        self.restarts = 0

    def kill(self, number: int) -> None:
        self._workers[number].send_signal(signal.SIGKILL)
        self._workers[number].wait()
        self._workers[number] = start_worker(self._settings)

    def restart_ended(self) -> None:
        for number, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[number] = start_worker(self._settings)
                self.restarts += 1

    def end(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.wait(timeout=_SECONDS_MOST)


def _kill(backend: Backend, crew: _Crew, load: Load, chance: random.Random) -> int:
    kills = 0
    while kills < load.kills and _unfinished(backend):
        crew.restart_ended()
        if _working(backend) < load.workers:
            time.sleep(0.05)
            continue
        time.sleep(chance.uniform(*load.kill_s))
        crew.kill(chance.randrange(load.workers))
        kills += 1
    return kills


def _make_trouble(backend: Backend, crew: _Crew, load: Load) -> None:
    """One trouble after the other, each while documents are at work."""
    full = backend.settings.root / _FULL
    for trouble in ("full disk", "locked database", "locked queue", "cut connections"):
        while _working(backend) < load.workers and _unfinished(backend):
            crew.restart_ended()
            time.sleep(0.05)
        if trouble == "full disk":
            full.touch()
            time.sleep(load.trouble_s)
            full.unlink()
        elif trouble == "locked database" and backend.database.is_sqlite:
            with backend.database.write():
                time.sleep(load.trouble_s)
        elif trouble == "locked queue" and backend.database.is_sqlite:
            engine = jobs_engine(backend.settings)
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE held (x)"))
                time.sleep(load.trouble_s)
                connection.execute(text("DROP TABLE held"))
            engine.dispose()
        elif trouble == "cut connections" and not backend.database.is_sqlite:
            with backend.database.read() as connection:
                others = "datname = current_database() AND pid <> pg_backend_pid()"
                connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
            backend.database.close()


def _fill(backend: Backend, load: Load, real: Sequence[Path], chance: random.Random) -> None:
    now = datetime.now(UTC)
    contents = [(f"文件{number}.pdf", stand_in(**_plan(number, load, chance))) for number in range(load.documents)]
    contents += [(path.name, path.read_bytes()) for path in real]
    rows = [
        {
            "sha256": backend.blobs.put(content),
            "name": name,
            "media": "pdf",
            "size": len(content),
            "owner": None,
            "priority": chance.choice((1, 10)),
            "created": now,
        }
        for name, content in contents
    ]
    with backend.database.write() as connection:
        add_documents(connection, rows)


def stand_in(number: int, pages: list[float], findings: int) -> bytes:
    """A file that is read in the given seconds a page and has so many findings."""
    return _MARK + json.dumps({"number": number, "pages": pages, "findings": findings}).encode()


def _plan(number: int, load: Load, chance: random.Random) -> dict[str, Any]:
    pages = [round(chance.uniform(*load.page_s), 3) for _ in range(chance.randint(1, 5))]
    return {"number": number, "pages": pages, "findings": chance.randint(0, 12)}


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    """One worker that reads stand-ins, as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAISHEN_")}
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    environment |= {
        f"CAISHEN_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in given.items()
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bench.soak", "--worker"], env=environment, cwd=Path(__file__).resolve().parent.parent
    )


def _unfinished(backend: Backend) -> bool:
    unfinished = select(DocumentRow.id).where(DocumentRow.state.in_(("queued", "working"))).limit(1)
    with backend.database.read() as connection:
        return connection.execute(unfinished).first() is not None


def _working(backend: Backend) -> int:
    with backend.database.read() as connection:
        return count_states(connection).get("working", 0)


def _count(backend: Backend, kills: int, restarts: int, seconds: float) -> Outcome:
    with backend.database.read() as connection:
        rows = connection.execute(
            select(DocumentRow.id, DocumentRow.sha256, DocumentRow.state, DocumentRow.n_findings)
        ).all()
        found = Counter(connection.execute(select(FindingRow.document_id)).scalars())
    lost = doubled = missing = 0
    for document_id, sha256, state, n_findings in rows:
        content = backend.blobs.read(sha256)
        expected = json.loads(content[len(_MARK) :])["findings"] if content.startswith(_MARK) else n_findings
        lost += state != "done"
        doubled += max(found[document_id] - expected, 0)
        missing += max(expected - found[document_id], 0)
    log = backend.settings.root / "readings"
    readings = Counter(log.read_text(encoding="ascii").split()) if log.exists() else Counter()
    again = sum(readings.values()) - len(readings)
    return Outcome(len(rows), sum(found.values()), lost, doubled, missing, kills, again, restarts, round(seconds, 1))


def _read(path: Path, *, progress: Progress | None = None, keep: Keep | None = None) -> Document:
    content = path.read_bytes()
    if not content.startswith(_MARK):
        from ocr.pipeline import read_document

        return read_document(path, progress=progress, keep=keep)
    plan = json.loads(content[len(_MARK) :])
    with (Settings().root / "readings").open("a", encoding="ascii") as log:
        log.write(f"{plan['number']}\n")
    for index, seconds in enumerate(plan["pages"]):
        time.sleep(seconds)
        if progress is not None:
            progress(index + 1, len(plan["pages"]))
    text = "、".join(f"第{number}项" for number in range(plan["findings"]))
    block = Block(0, Box(60, 60, 500, 80), "paragraph", text)
    return Document("", path.name, tuple(Page(index, 595, 842) for index in range(len(plan["pages"]))), blocks=(block,))


def _check(document: Document, *, archive: Archive | None = None) -> Report:
    if document.blocks and document.blocks[0].text in ("", *_texts()):
        return Report(document, "预算公开", 2026, "澄川市水务局", (), (), findings=_findings(document))
    from detect.runner import audit

    return audit(document, archive=archive)


def _texts() -> set[str]:
    return {"、".join(f"第{number}项" for number in range(n)) for n in range(1, 13)}


def _findings(document: Document) -> tuple[Finding, ...]:
    block = document.blocks[0]
    basis = Citation("《中华人民共和国预算法》", "第十四条")
    return tuple(
        Finding(
            f"AR001:{item}", "AR001", "arithmetic", "error", 0.9, "real", f"{item}不相符。",
            (Evidence(0, block.box, item),), basis,
        )
        for item in block.text.split("、") if item
    )  # fmt: skip


def _obey(folder: Path) -> None:
    """A disk that takes nothing, as this process sees it: files cannot grow, and may not be written further on."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    while True:
        wanted = _FULL_BYTES if (folder / _FULL).exists() else hard
        resource.setrlimit(resource.RLIMIT_FSIZE, (wanted, hard))
        time.sleep(0.05)


def _worker(busy_ms: int) -> None:
    from service import db
    from service.worker import run_worker

    db.BUSY_TIMEOUT_MS = busy_ms  # type: ignore[misc]
    threading.Thread(target=_obey, args=(Settings().root,), daemon=True).start()
    versions = Versions({"pages": "1", "findings": "1"}, {"pages": "soak", "findings": "soak"})
    run_worker(Settings(), Steps(_read, remember, _check, versions), dies_with_parent=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the soak from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", default="", help="PostgreSQL address; SQLite when left out")
    parser.add_argument("--real", type=Path, help="folder of PDF files that are really read")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trouble", type=float, default=0.0, help="seconds that each trouble lasts")
    parser.add_argument("--busy-ms", type=int, default=500, help=argparse.SUPPRESS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        _worker(given.busy_ms)
        return 0
    real = sorted(given.real.rglob("*.pdf")) if given.real else []
    with tempfile.TemporaryDirectory(prefix="caishen-soak-") as folder:
        settings = Settings(
            data_dir=Path(folder),
            database_url=given.database,
            dead_after_s=5.0,
            heartbeat_s=0.5,
            poll_s=0.2,
            retry_after_s=1.0,
        )
        outcome = soak(
            settings, Load(given.documents, given.kills, given.workers, trouble_s=given.trouble), real, given.seed
        )
    print(json.dumps(asdict(outcome)))
    return 0 if outcome.is_sound and outcome.kills == given.kills else 1


if __name__ == "__main__":
    sys.exit(main())
