"""What people ask of the queue, with its entry in the audit log, in one transaction."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from service import jobs
from service.audit import AuditLog


def change_work(
    connection: Connection, log: AuditLog, actor: str, document_id: int, action: Literal["retry", "cancel"]
) -> None:
    """Processes a document again, or ends the work on it; what was so already is no entry."""
    if action == "retry":
        is_changed = jobs.submit(connection, [document_id]) > 0
    else:
        is_changed = jobs.cancel(connection, document_id)
    if is_changed:
        log.append(connection, actor, f"document.{action}", f"document:{document_id}")
