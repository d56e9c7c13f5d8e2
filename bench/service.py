"""The running service under load: hostile files, many large uploads at once, lists over a million findings.

`python -m bench.service hostile FOLDER` uploads every file under FOLDER and waits until each is done or refused with a
reason; `uploads` sends 50 files of 20 MB at once and watches the memory of the web process; `reading` fills a database
with findings and times what people and programs read. Each starts `caishen serve` with a data directory of its own.
Exits with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.database import fill as load
from service.audit import open_audit_log
from service.auth.accounts import make_account
from service.auth.person import Person
from service.auth.roles import PERMISSIONS
from service.auth.tokens import make_token
from service.backend import Backend, open_backend
from service.settings import Settings

MOST_RSS_BYTES = 300 << 20
MOST_P95_S = 0.1
START_S = 60.0
ENDED = ("done", "failed", "quarantined", "cancelled")


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers.

    Attributes:
        client: with a token that may do everything.
        pid: of the web process.
    """

    client: httpx.Client
    pid: int


@contextmanager
def serving(
    folder: Path, *, workers: int, fill: Callable[[Backend], None] | None = None, database: str = ""
) -> Iterator[Running]:
    """`caishen serve` over a fresh installation, filled before it starts; on SQLite unless a `database` is given."""
    settings = Settings(data_dir=folder, database_url=database)
    with open_backend(settings) as backend:
        log = open_audit_log(settings)
        now = datetime.now(UTC)
        with backend.database.write() as connection:
            user_id = make_account(connection, log, "bench", "bench", "administrator", now)
            person = Person(user_id, "bench", "administrator", session="bench")
            token, _ = make_token(connection, person, "bench", PERMISSIONS, 1, now)
        if fill is not None:
            fill(backend)
    environment = {
        **os.environ,
        "CAISHEN_RATE_REQUESTS": "",
        "CAISHEN_RATE_UPLOADS": "",
        "CAISHEN_DISK_FLOOR_BYTES": "0",
        **({"CAISHEN_DATABASE_URL": database} if database else {}),
    }
    arguments = ["serve", "--data-dir", str(folder), "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=(folder / "serve.log").open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        client = httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=120)
        began = time.monotonic()
        while True:
            try:
                client.get("/healthz")
                break
            except httpx.TransportError:
                if time.monotonic() - began > START_S:
                    raise
                time.sleep(0.1)
        yield Running(client, process.pid)
        client.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def hostile(folder: Path, *, seconds: float) -> int:
    """Uploads every file and waits for its end; the service must answer all the time."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "MANIFEST.csv"]
    refused: Counter[str] = Counter()
    broken: list[str] = []
    documents: dict[int, Path] = {}
    with tempfile.TemporaryDirectory() as data, serving(Path(data), workers=1) as service, pulse(service) as waits:
        for file in files:
            answer = service.client.put(f"/api/v1/files/{file.name}", content=file.read_bytes())
            if answer.status_code >= 500 and answer.status_code != 507:
                broken.append(f"{answer.status_code} at upload: {file}")
            elif answer.status_code >= 400:
                refused[answer.json()["code"]] += 1
                if not answer.json()["remedy"]:
                    broken.append(f"refused without a remedy: {file}")
            for item in answer.json().get("items", ()):
                if item["document_id"] is None:
                    refused[item["refusal"]["code"]] += 1
                else:
                    documents[item["document_id"]] = file
        states = wait_for(service, documents, seconds)
        for document, state in states.items():
            told = service.client.get(f"/api/v1/documents/{document}").json()
            if state not in ENDED:
                broken.append(f"still {state} after {seconds:.0f} s: {documents[document]}")
            elif state != "done" and not (told["failure"] or {}).get("message"):
                broken.append(f"{state} without a reason: {documents[document]}")
            elif state == "done":
                page = service.client.get("/api/v1/findings", params={"document": document})
                if page.status_code != 200:
                    broken.append(f"{page.status_code} for findings: {documents[document]}")
        failures = Counter(
            service.client.get(f"/api/v1/documents/{document}").json()["failure"]["code"]
            for document, state in states.items()
            if state in ("failed", "quarantined")
        )
        quarantined = [str(documents[document]) for document, state in states.items() if state == "quarantined"]
    print(f"{len(files)} files, {len(documents)} documents")
    print("refused at upload:", dict(refused))
    print("ended:", dict(Counter(states.values())), "failures:", dict(failures))
    print("quarantined:", *quarantined, sep="\n  ")
    print(f"answers of /healthz: {len(waits)}, longest {max(waits):.2f} s, not answered {sum(w > 10 for w in waits)}")
    for line in broken:
        print("BROKEN", line)
    return 1 if broken or max(waits) > 10 else 0


def wait_for(service: Running, documents: dict[int, Path], seconds: float) -> dict[int, str]:
    """The states of all documents once each has ended, or the time is over."""
    last = time.monotonic() + seconds
    states: dict[int, str] = {}
    while time.monotonic() < last:
        states = {}
        cursor = ""
        while True:
            part = service.client.get("/api/v1/documents", params={"limit": 200, "cursor": cursor}).json()
            states |= {one["id"]: one["state"] for one in part["items"]}
            cursor = part["next"]
            if not cursor:
                break
        if all(states[document] in ENDED for document in documents):
            break
        time.sleep(2)
    return {document: states[document] for document in documents}


@contextmanager
def pulse(service: Running) -> Iterator[list[float]]:
    """Asks whether the service is alive, twice a second; the times it took, in seconds."""
    waits: list[float] = []
    ended = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=service.client.base_url, timeout=30) as client:
            while not ended.wait(0.5):
                began = time.monotonic()
                try:
                    client.get("/healthz").raise_for_status()
                    waits.append(time.monotonic() - began)
                except httpx.HTTPError:
                    waits.append(99.0)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()


def uploads(*, count: int, megabytes: int) -> int:
    """Many large uploads at once; the memory of the web process alone, which a worker is no part of."""
    block = os.urandom(1 << 20)

    def body(number: int) -> Iterator[bytes]:
        yield b"%PDF-1.7 " + str(number).encode()
        for _ in range(megabytes):
            yield block

    with tempfile.TemporaryDirectory() as data, serving(Path(data), workers=0) as service:
        before = resident(service.pid)
        most = before
        ended = threading.Event()

        def watch() -> None:
            nonlocal most
            while not ended.wait(0.05):
                most = max(most, resident(service.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        began = time.monotonic()

        def send(number: int) -> int:
            with httpx.Client(base_url=service.client.base_url, headers=service.client.headers, timeout=600) as client:
                return client.put(f"/api/v1/files/{number}.pdf", content=body(number)).status_code

        with ThreadPoolExecutor(count) as pool:
            statuses = Counter(pool.map(send, range(count)))
        seconds = time.monotonic() - began
        ended.set()
        watcher.join()
    print(f"{count} uploads of {megabytes} MB at once: {seconds:.1f} s, statuses {dict(statuses)}")
    print(f"resident memory of the web process: {before >> 20} MB before, {most >> 20} MB at most")
    return 0 if set(statuses) == {201} and most <= MOST_RSS_BYTES else 1


def resident(pid: int) -> int:
    """Resident bytes of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def reading(*, findings: int, repeat: int, database: str) -> int:
    """What people and programs read, over many findings: the 95th percentile of each address."""

    def fill(backend: Backend) -> None:
        load(backend, findings, random.Random(1))

    with (
        tempfile.TemporaryDirectory() as data,
        serving(Path(data), workers=0, fill=fill, database=database) as service,
    ):
        first = service.client.get("/api/v1/findings").json()
        deep = first["next"]
        for _ in range(20):
            deep = service.client.get("/api/v1/findings", params={"cursor": deep, "limit": 200}).json()["next"]
        asked: dict[str, dict[str, Any]] = {
            "/api/v1/documents": {},
            "/api/v1/documents/17": {},
            "/api/v1/findings": {},
            "/api/v1/findings?severity=error": {"severity": "error"},
            "/api/v1/findings?rule": {"rule": "AR001"},
            "/api/v1/findings?document": {"document": 17},
            "/api/v1/findings?category&severity": {"category": "arithmetic", "severity": "hint"},
            "/api/v1/findings?reading": {"reading": "probable-misread"},
            "/api/v1/findings?text common": {"text": "相差100.00万元"},
            "/api/v1/findings?text absent": {"text": "罕见之词"},
            "/api/v1/findings?cursor deep": {"cursor": deep},
            "/api/v1/findings/count?severity": {"severity": "warning"},
            f"/api/v1/findings/{first['items'][0]['id']}": {},
            f"/api/v1/findings/{first['items'][0]['id']}/verdict": {},
        }
        is_good = True
        for name, parameters in asked.items():
            path = name.partition("?")[0]
            times = []
            for _ in range(repeat):
                began = time.perf_counter()
                answer = service.client.get(path, params=parameters)
                times.append(time.perf_counter() - began)
                assert answer.status_code == 200, answer.text
            p95 = statistics.quantiles(times, n=20)[-1]
            is_good &= p95 <= MOST_P95_S
            print(f"{name:48} median {statistics.median(times) * 1000:7.1f} ms   p95 {p95 * 1000:7.1f} ms", flush=True)
    return 0 if is_good else 1


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = arguments.add_subparsers(dest="command", required=True)
    one = commands.add_parser("hostile")
    one.add_argument("folder", type=Path)
    one.add_argument("--seconds", type=float, default=3600)
    two = commands.add_parser("uploads")
    two.add_argument("--count", type=int, default=50)
    two.add_argument("--megabytes", type=int, default=20)
    three = commands.add_parser("reading")
    three.add_argument("--findings", type=int, default=1_000_000)
    three.add_argument("--repeat", type=int, default=40)
    three.add_argument("--database", default="", help="address of an empty PostgreSQL database; SQLite when left out")
    options = arguments.parse_args()
    if options.command == "hostile":
        return hostile(options.folder, seconds=options.seconds)
    if options.command == "uploads":
        return uploads(count=options.count, megabytes=options.megabytes)
    return reading(findings=options.findings, repeat=options.repeat, database=options.database)


if __name__ == "__main__":
    sys.exit(main())
