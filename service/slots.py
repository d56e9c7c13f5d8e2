"""A name that no other live worker has, held by a lock that ends with the process.

Two live processes under one name would each take up the other's work as if it had been left behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from models.errors import CaishenError, DatabaseUnavailable
from service.backend import Backend
from service.db import translated

MOST_SLOTS: Final = 256


class SlotLost(CaishenError):
    """The worker's name may be another's by now; only a new start is safe."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A worker's name.

    Attributes:
        id: executor id, the same again when the worker restarts at once.
        lock: the database connection that holds the lock; None where a file does.
    """

    id: str
    lock: Connection | None

    def check(self) -> None:
        """Makes sure that the name is still ours.

        Raises:
            SlotLost: the connection that held the lock is gone; another worker may have the name.
        """
        if self.lock is None:
            return
        try:
            self.lock.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise SlotLost("处理进程与数据库的连接中断", "处理进程会自动重新启动") from error


@contextmanager
def hold_slot(backend: Backend) -> Iterator[Slot]:
    """The first free name: by a lock file with SQLite, by an advisory lock of the database with PostgreSQL.

    Raises:
        DatabaseUnavailable: all names are taken.
    """
    with _by_file(backend) if backend.database.is_sqlite else _by_database(backend) as slot:
        yield slot


@contextmanager
def _by_file(backend: Backend) -> Iterator[Slot]:
    folder = backend.settings.root / "locks"
    folder.mkdir(exist_ok=True, mode=0o700)
    for number in range(MOST_SLOTS):
        handle = os.open(folder / f"worker-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield Slot(f"worker-{number}", None)
        finally:
            os.close(handle)
        return
    raise _none_free()


@contextmanager
def _by_database(backend: Backend) -> Iterator[Slot]:
    host = socket.gethostname()
    with translated():
        connection = backend.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        for number in range(MOST_SLOTS):
            name = f"{host}-{number}"
            key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
            if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one():
                try:
                    yield Slot(name, connection)
                finally:
                    # The pool keeps the session, and with it the lock, unless it is dropped.
                    connection.invalidate()
                return
    raise _none_free()


def _none_free() -> DatabaseUnavailable:
    return DatabaseUnavailable(f"本机已有 {MOST_SLOTS} 个处理进程", "请先停掉一些")
