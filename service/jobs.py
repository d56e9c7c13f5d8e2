"""What the rest of the service may ask of the job queue: submit, cancel, retry, progress, list.

All of it is rows of the product's database, in the caller's transaction: an upload, its audit entry and its job are
there together or not at all. Workers hand waiting rows to the durable queue within `Settings.poll_s`
(`service.queue`); whoever asks needs neither a worker nor the queue's engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from models.run import BULK, URGENT, DocumentState
from service.records import DocumentFilter, DocumentRecord, Slice
from service.store import documents, work

__all__ = ["BULK", "URGENT", "Progress", "cancel", "list_jobs", "progress", "submit"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on a document is.

    Attributes:
        stage: `pages` or `findings`; empty when none is at work.
        pages_done, n_pages: of the reading; `n_pages` is 0 until known.
        failure_message: why the last run came to nothing, Chinese; also set while the next try is waited for.
    """

    state: DocumentState
    stage: str
    pages_done: int
    n_pages: int
    attempts: int
    failure_code: str
    failure_message: str


def submit(connection: Connection, document_ids: Sequence[int], *, priority: int = URGENT) -> int:
    """Asks for documents to be processed, or processed again, whatever became of them; returns how many there are.

    Steps whose inputs and versions have not changed are taken from the stage cache; former results stay until the new
    ones replace them. A run at work on one of them ends without writing.
    """
    return work.submit(connection, document_ids, priority=priority)


def cancel(connection: Connection, document_id: int) -> bool:
    """Ends what is asked for or at work on a document, at its next page or step; False when there was nothing to end.

    Former results stay.
    """
    return work.cancel(connection, document_id)


def progress(connection: Connection, document_id: int) -> Progress:
    """How far a document is.

    Raises:
        NotFound: there is no such document.
    """
    row = documents.find_document(connection, document_id)
    return Progress(
        row.state, row.stage, row.pages_done, row.n_pages, row.attempts, row.failure_code, row.failure_message
    )


def list_jobs(connection: Connection, *, after: str = "", limit: int = 50) -> Slice[DocumentRecord]:
    """Documents that wait or are at work, the newest first; goes on from `after` as all lists do."""
    return documents.list_documents(connection, DocumentFilter(states=("queued", "working")), after=after, limit=limit)
