"""Processes again what older versions have made, a portion at a time, with an entry in the audit log for each."""

from __future__ import annotations

from models.run import BULK
from service.audit import AuditLog
from service.backend import Backend
from service.store import outdated
from service.versions import Versions

AT_ONCE = 1000
"""Documents of one portion: some tenths of a second in which others wait to write."""


def count(backend: Backend, present: Versions) -> tuple[int, int]:
    """How many documents there are whose results older versions made, and of how many the pages are read again."""
    with backend.database.read() as connection:
        return outdated.count_outdated(connection, present)


def submit_some(backend: Backend, log: AuditLog, actor: str, present: Versions, *, limit: int = AT_ONCE) -> int:
    """Asks for up to `limit` of them, behind everything that people have asked for; returns how many there were.

    Only the stages that have changed run again. What people decided stays with every finding that is found again.
    """
    with backend.database.write() as connection:
        ids = outdated.submit_outdated(connection, present, priority=BULK, limit=limit)
        if ids:
            detail = {"documents": len(ids), "first": ids[0], "last": ids[-1]}
            log.append(connection, actor, "document.reprocess", "documents", detail)
    return len(ids)
