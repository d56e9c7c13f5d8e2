"""Removes a document for good: its rows and, where nothing else needs them, its bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from models.errors import InConflict
from service.audit import AuditLog
from service.auth.person import Person
from service.backend import Backend
from service.schema import CommentRow, CorrectionRow, DocumentRow, StageCacheRow, UploadItemRow, VerdictRow
from service.store import find_document, memories
from service.unused import remove_unused

_DECISIONS: Final[dict[str, Any]] = {"verdicts": VerdictRow, "comments": CommentRow, "corrections": CorrectionRow}


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people have said about a document, counted."""

    verdicts: int
    comments: int
    corrections: int

    def __bool__(self) -> bool:
        return bool(self.verdicts or self.comments or self.corrections)


def decisions_about(connection: Connection, document_id: int) -> Decisions:
    """What people have said about a document."""
    return Decisions(
        **{
            name: connection.execute(select(func.count()).where(row.document_id == document_id)).scalar_one()
            for name, row in _DECISIONS.items()
        }
    )


def delete_document(backend: Backend, log: AuditLog, person: Person, document_id: int, *, confirm: str = "") -> None:
    """Deletes a document with its results; its bytes go once the transaction is through.

    Args:
        backend: opened installation.
        log: keeps what was deleted, with the number of decisions that went with it.
        person: who deletes.
        document_id: of the document.
        confirm: its name, typed by an administrator who means to delete what people have decided as well.

    Raises:
        NotFound: there is no such document.
        InConflict: people have decided something about it; that is kept unless an administrator confirms.
    """
    with backend.database.write() as connection:
        # Locks in the order in which a run takes them: the document's row, then the archive. The row's is the
        # strongest: an upload of the same bytes comes before all of this, or finds no document.
        connection.execute(select(DocumentRow.id).where(DocumentRow.id == document_id).with_for_update())
        record = find_document(connection, document_id)
        decisions = decisions_about(connection, document_id)
        if decisions and not (person.may("documents:manage") and confirm == record.name):
            raise InConflict(
                f"“{record.name}”已有人认定过问题、更正过单元格或写过意见，不能删除",
                "这些认定须予保留；如确需连同删除，请由管理员填写完整的文件名确认",
            )
        for row in _DECISIONS.values():
            connection.execute(delete(row).where(row.document_id == document_id))
        connection.execute(
            update(UploadItemRow)
            .where(UploadItemRow.document_id == document_id)
            .values(document_id=None, code="deleted", message="此文件已被删除。")
        )
        blobs = {record.sha256, record.document_blob, record.report_blob} - {""}
        own = StageCacheRow.input_hash.in_((record.sha256, record.document_blob))
        blobs |= set(connection.execute(select(StageCacheRow.blob).where(own)).scalars())
        connection.execute(delete(StageCacheRow).where(own))
        memories.forget(connection, document_id)
        connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
        detail = {"name": record.name, "sha256": record.sha256, **(asdict(decisions) if decisions else {})}
        log.append(connection, person.actor, "document.delete", f"document:{document_id}", detail)
    remove_unused(backend, blobs)
