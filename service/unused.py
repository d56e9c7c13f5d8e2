"""Removes bytes that nothing refers to, while nobody can begin to refer to them.

Bytes and rows change apart: an upload may find its bytes in the store just before a deletion takes them out. So
removing asks once more under a lock, and an upload looks for its bytes under the same lock when it writes its rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, literal_column, select, text

from service.backend import Backend
from service.schema import DocumentRow, StageCacheRow

# Any number that no other program takes as an advisory lock of the same database: "blobs" read as base 36.
_LOCK: Final = 19_487_080
_PLACES: Final = (DocumentRow.sha256, DocumentRow.document_blob, DocumentRow.report_blob, StageCacheRow.blob)


def remove_unused(backend: Backend, blobs: Iterable[str]) -> None:
    """Removes those of some blobs that nothing refers to by now."""
    for blob in blobs:
        with backend.database.write() as connection:
            _lock(connection, "pg_advisory_xact_lock")
            if not _is_used(connection, blob):
                backend.blobs.remove(blob)


def hold_blobs(connection: Connection) -> None:
    """Lets `remove_unused` wait until this transaction, which has written nothing yet, is through."""
    _lock(connection, "pg_advisory_xact_lock_shared")


def _lock(connection: Connection, function: str) -> None:
    # In SQLite only one transaction writes at a time.
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {function}(:lock)"), {"lock": _LOCK})


def _is_used(connection: Connection, blob: str) -> bool:
    """Whether anything needs the bytes; each question is answered from an index of its own."""
    # An index of blobs leaves out what has none, and is taken only where that is said.
    asked = (select(place).where(place == blob, place != literal_column("''")).limit(1) for place in _PLACES)
    return any(connection.execute(one).first() is not None for one in asked)
