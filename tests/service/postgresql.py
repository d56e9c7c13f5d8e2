"""A real PostgreSQL server for tests, started by the tests themselves and reached over a socket file only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.service.waiting import PATIENCE_S

NOT_INSTALLED = "no PostgreSQL server is installed under /usr/lib/postgresql"


def binaries() -> Path | None:
    """The newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def server() -> Iterator[Path]:
    """Runs a server while in use; yields the folder of its socket.

    The server refuses to run as root; root runs it as the user `postgres`.
    """
    programs = binaries()
    assert programs is not None, NOT_INSTALLED
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="caishen-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)

    control = (str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", str(round(PATIENCE_S)))
    try:
        run(
            str(programs / "initdb"), "-D", str(data), "-U", "caishen", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync",
        )  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=80 -c shared_buffers=64MB"
        run(*control, "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield folder
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(socket: Path, name: str) -> str:
    """Makes an empty database and returns its address."""
    import psycopg

    with psycopg.connect(host=str(socket), user="caishen", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://caishen@/{name}?host={socket}"
