"""`python -m bench.archive`: the archive of the service with a million passages: remembered, asked, asked after more.

`--database postgresql://…` for PostgreSQL, whose own work is not in the CPU time of this process. The passages are
those of `bench.duplicates`. `--documents 1000000` asks instead for the numbers of so many documents, each of which
prints one amount and one price; their rows are put in without the pipeline.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from bench.duplicates import PASSAGES_A_DOCUMENT, memories, timed
from detect.archive import Resemblances
from models.archive import Memory, ObservationKind, Source
from service.archive_rows import ArchiveInDatabase, PassageIndex
from service.backend import Backend, open_backend
from service.migrate import maintain
from service.schema import DocumentRow, MemoryRow, ObservationRow
from service.settings import Settings
from service.store import work
from service.store.memories import remember

AT_ONCE: Final = 5000
REGION: Final = 1000
AMOUNT: Final[tuple[ObservationKind, str, str]] = ("total", "b01|income.grand|income.amount", "元")
PRICE: Final[tuple[ObservationKind, str, str]] = ("price", "台式计算机", "元/台")


def take_in(backend: Backend, memory: Memory) -> int:
    """Remembers a document as a run does; returns what its comparison may see."""
    digest = hashlib.sha256(memory.source.sha256.encode()).hexdigest()
    values = {"media": "pdf", "size": 1, "owner": None, "priority": 1, "created": datetime.now(UTC)}
    with backend.database.write() as connection:
        added = work.add_new_documents(connection, [{"sha256": digest, "name": memory.source.name, **values}])
        return remember(connection, added[0][digest], memory)


def compare(backend: Backend, passages: PassageIndex, memory: Memory, last: int) -> Resemblances:
    """Asks for everything that resembles a document's passages."""
    with backend.database.read() as connection:
        archive = ArchiveInDatabase(connection, passages, last)
        return archive.resembling([one.skeleton for one in memory.excerpts], besides=memory.source)


def put_in(backend: Backend, documents: int) -> None:
    """Fills the archive: two years of each of half as many organisations, a thousand of them in a region."""
    document = {"media": "pdf", "size": 1, "priority": 1, "state": "done", "created": datetime.now(UTC)}
    number = {"step": "0.01", "label": "x", "text": "1", "page": 0, "sure": 1.0, "features": []}
    for begin in range(0, documents, AT_ONCE):
        sources = {
            n + 1: Source(
                f"{n:064x}", "x.pdf", f"市{n // 2}局", "预算公开", 2030 + n % 2, "部门", f"{n // 2 // REGION}市"
            )
            for n in range(begin, min(begin + AT_ONCE, documents))
        }
        observations = [
            {"memory_id": n, "kind": kind, "item": item, "unit": unit, "value": str(1000 + n % 977), **number}
            | {"year": source.year, "region": source.region}
            for n, source in sources.items()
            for kind, item, unit in (AMOUNT, PRICE)
        ]
        with backend.database.write() as connection:
            rows = [{"id": n, "sha256": source.sha256, "name": source.name} for n, source in sources.items()]
            connection.execute(insert(DocumentRow), [{**row, **document} for row in rows])
            rows = [{"id": n, "document_id": n, "digest": "", "key": s.key, **asdict(s)} for n, s in sources.items()]
            connection.execute(insert(MemoryRow), rows)
            connection.execute(insert(ObservationRow), observations)
    with backend.database.write() as connection:
        maintain(connection)


def ask_for_numbers(backend: Backend, documents: int) -> None:
    """What rules ask of a large archive about one document of its latest year."""
    own = Source("own", "own.pdf", "市0局", "预算公开", 2031, "部门", "0市")
    with backend.database.read() as connection:
        archive = ArchiveInDatabase(connection, PassageIndex(), documents)
        asked: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("organisations", lambda: range(archive.count_entities(besides=own, most=8))),
            ("of its region", lambda: range(archive.count_entities(besides=own, most=8, region=own.region))),
            ("changes", lambda: archive.changes(*AMOUNT[1:], besides=own)),
            ("peers", lambda: archive.peers(*PRICE, besides=own)),
            ("in three years", lambda: archive.peers(*PRICE, besides=own, years=(2030, 2032))),
        )
        for what, ask in asked:
            clock = time.monotonic()
            found = timed(what, ask)
            print(f"{len(found)} found, {time.monotonic() - clock:.2f} s")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.archive", description=__doc__)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="PostgreSQL address; SQLite when left out")
    parser.add_argument("--documents", type=int, default=0, help="ask for numbers of so many documents instead")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", database_url=given.database, disk_floor_bytes=0)
        with open_backend(settings) as backend:
            if given.documents:
                put_in(backend, given.documents)
                ask_for_numbers(backend, given.documents)
                return
            spent, clock, longest = time.process_time(), time.monotonic(), 0.0
            for memory in memories(given.passages, 1):
                start = time.monotonic()
                take_in(backend, memory)
                longest = max(longest, time.monotonic() - start)
            spent, clock = time.process_time() - spent, time.monotonic() - clock
            print(f"{given.passages:,} passages: {spent:.1f} s CPU, {clock:.1f} s; a document at most {longest:.2f} s")
            passages = PassageIndex()
            for what, memory in zip(
                ("first document: index read", "second", "third"),
                memories(3 * PASSAGES_A_DOCUMENT, 2),
                strict=True,
            ):
                last = timed(f"{what}: remembered", partial(take_in, backend, memory))
                found = timed(f"{what}: compared", partial(compare, backend, passages, memory, last))
                print(
                    f"{sum(map(bool, found.of))} of {len(found.of)} resemble others; left out {found.skipped} buckets"
                )


if __name__ == "__main__":
    main()
