"""`python -m bench.archive`: the archive of the service with a million passages: remembered, asked, asked after more.

`--database postgresql://…` for PostgreSQL, whose own work is not in the CPU time of this process. The passages are
those of `bench.duplicates`.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.duplicates import PASSAGES_A_DOCUMENT, memories, timed
from detect.archive import Resemblances
from models.archive import Memory
from service.archive_rows import ArchiveInDatabase, PassageIndex
from service.backend import Backend, open_backend
from service.settings import Settings
from service.store import work
from service.store.memories import remember


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


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.archive", description=__doc__)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="PostgreSQL address; SQLite when left out")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", database_url=given.database, disk_floor_bytes=0)
        with open_backend(settings) as backend:
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
                last = timed(f"{what}: remembered", lambda memory=memory: take_in(backend, memory))
                found = timed(
                    f"{what}: compared", lambda memory=memory, last=last: compare(backend, passages, memory, last)
                )
                print(
                    f"{sum(map(bool, found.of))} of {len(found.of)} resemble others; left out {found.skipped} buckets"
                )


if __name__ == "__main__":
    main()
