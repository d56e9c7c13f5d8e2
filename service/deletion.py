"""Removes a document for good: its rows and, where nothing else needs them, its bytes."""

from __future__ import annotations

from sqlalchemy import Connection, delete, literal_column, select, update

from models.errors import InConflict
from service.audit import AuditLog
from service.backend import Backend
from service.schema import CommentRow, CorrectionRow, DocumentRow, StageCacheRow, UploadItemRow, VerdictRow
from service.store import find_document, memories
from service.store.publish import lock_document


def delete_document(backend: Backend, log: AuditLog, actor: str, document_id: int) -> None:
    """Deletes a document with its results; its bytes go once the transaction is through.

    Raises:
        NotFound: there is no such document.
        InConflict: people have decided something about it; that is kept.
    """
    with backend.database.write() as connection:
        record = find_document(connection, document_id)
        # Locks in the order in which a run takes them: the document's row, then the archive.
        lock_document(connection, document_id)
        for row in (VerdictRow, CorrectionRow, CommentRow):
            if connection.execute(select(row.document_id).where(row.document_id == document_id).limit(1)).first():
                raise InConflict(
                    f"“{record.name}”已有人认定过问题、更正过单元格或写过意见，不能删除",
                    "这些认定须予保留；如确需删除，请联系管理员",
                )
        connection.execute(
            update(UploadItemRow)
            .where(UploadItemRow.document_id == document_id)
            .values(document_id=None, code="deleted", message="此文件已被删除。")
        )
        blobs = {record.sha256, record.document_blob, record.report_blob} - {""}
        cached = select(StageCacheRow.blob).where(StageCacheRow.input_hash.in_((record.sha256, record.document_blob)))
        blobs |= set(connection.execute(cached).scalars())
        connection.execute(delete(StageCacheRow).where(StageCacheRow.blob.in_(blobs)))
        memories.forget(connection, document_id)
        connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
        log.append(
            connection,
            actor,
            "document.delete",
            f"document:{document_id}",
            {"name": record.name, "sha256": record.sha256},
        )
        unused = [blob for blob in blobs if not _is_used(connection, blob)]
    for blob in unused:
        backend.blobs.remove(blob)


def _is_used(connection: Connection, blob: str) -> bool:
    """Whether any document needs the bytes; each question is answered from an index of its own."""
    places = (DocumentRow.sha256, DocumentRow.document_blob, DocumentRow.report_blob)
    # An index of blobs leaves out what has none, and is taken only where that is said.
    asked = (select(DocumentRow.id).where(place == blob, place != literal_column("''")).limit(1) for place in places)
    return any(connection.execute(one).first() is not None for one in asked)
