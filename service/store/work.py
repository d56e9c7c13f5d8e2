"""How documents move between states: every change names the state and the generation it starts from.

A run writes only under its own generation. Cancelling, retrying and handing over again begin a new one, so that a run
that was overtaken, or that a dead worker's ghost still carries on, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.run import DocumentState
from service.records import DocumentRecord
from service.schema import DocumentRow, UploadItemRow, UploadRow
from service.store.documents import find_document, hold_documents
from service.store.rows import portions


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document to hand to the queue."""

    id: int
    generation: int
    priority: int
    owner: int | None


def add_documents(connection: Connection, documents: Sequence[dict[str, Any]]) -> None:
    """Adds documents in state `queued`; each gives sha256, name, media, size, owner, priority and created."""
    add_new_documents(connection, documents)


def add_new_documents(
    connection: Connection, documents: Sequence[dict[str, Any]]
) -> tuple[dict[str, int], frozenset[str]]:
    """Adds those documents that are not known by their bytes.

    Returns:
        The ids of all of them by sha256, and the sha256 of those that were added.
    """
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new: set[str] = set()
    while True:
        known = hold_documents(connection, [document["sha256"] for document in documents])
        missing = sorted((one for one in documents if one["sha256"] not in known), key=itemgetter("sha256"))
        if not missing:
            return known, frozenset(new)
        # Another upload may bring the same bytes at this moment; in one order neither waits for the other for ever.
        connection.execute(make(DocumentRow).on_conflict_do_nothing(index_elements=["sha256"]), missing)
        new |= {one["sha256"] for one in missing}


def wake(connection: Connection, document_ids: Sequence[int], *, priority: int) -> None:
    """Known documents were brought in again: cancelled ones are processed after all, waiting ones get this priority."""
    for some in portions(document_ids):
        asleep = (
            select(DocumentRow.id)
            .where(DocumentRow.id.in_(some))
            .where(
                (DocumentRow.state == "cancelled")
                | ((DocumentRow.state == "queued") & (DocumentRow.priority > priority))
            )
        )
        submit(connection, list(connection.execute(asleep).scalars()), priority=priority)


def add_upload(connection: Connection, upload: dict[str, Any], items: Sequence[dict[str, Any]]) -> None:
    """Adds an upload with its files."""
    connection.execute(insert(UploadRow).values(**upload))
    if items:
        connection.execute(insert(UploadItemRow), [{"upload_id": upload["id"], **item} for item in items])


def submit(connection: Connection, document_ids: Sequence[int], *, priority: int) -> int:
    """Asks for documents to be processed (again), whatever became of them; returns how many there are.

    Former results stay until the new ones are there.
    """
    if not document_ids:
        return 0
    again = update(DocumentRow).where(DocumentRow.id.in_(document_ids)).values(
        **_HANDED_OVER_AGAIN, state="queued", priority=priority, attempts=0, crashes=0, next_try=None,
        failure_code="", failure_message="", stage="", pages_done=0,
    )  # fmt: skip
    return connection.execute(again).rowcount


def cancel(connection: Connection, document_id: int) -> bool:
    """Ends what is asked for or at work on a document; False when there is nothing to end. Former results stay."""
    end = update(DocumentRow).where(DocumentRow.id == document_id, DocumentRow.state.in_(("queued", "working")))
    return connection.execute(end.values(**_HANDED_OVER_AGAIN, state="cancelled", stage="")).rowcount > 0


def is_anything_waiting(connection: Connection, now: datetime) -> bool:
    """Whether a document is to be handed to the queue now."""
    return connection.execute(select(DocumentRow.id).where(*_waits(now)).limit(1)).first() is not None


def waiting(connection: Connection, now: datetime, limit: int) -> tuple[Waiting, ...]:
    """Documents that are to be handed to the queue now, the urgent ones first."""
    statement = (
        select(DocumentRow.id, DocumentRow.generation, DocumentRow.priority, DocumentRow.owner)
        .where(*_waits(now))
        .order_by(DocumentRow.priority, DocumentRow.id)
        .limit(limit)
        # Several workers hand over at once; each takes others.
        .with_for_update(skip_locked=True)
    )
    return tuple(Waiting(*row) for row in connection.execute(statement))


def mark_submitted(connection: Connection, documents: Sequence[Waiting], now: datetime) -> None:
    """Notes that documents were handed over; those that have changed since are left to be handed over again."""
    for document in documents:
        connection.execute(update(DocumentRow).where(*_run(document.id, document.generation)).values(submitted=now))


def begin(
    connection: Connection, document_id: int, generation: int, now: datetime, *, max_crashes: int
) -> DocumentRecord | None:
    """Takes a document into work; None when this run is not wanted any more.

    A run that is entered for the second time lost its worker. After `max_crashes` of these the document is suspected
    of taking its worker along: it is put aside, state `quarantined`.
    """
    taken = update(DocumentRow).where(*_run(document_id, generation), DocumentRow.state.in_(("queued", "working")))
    values = {"state": "working", "started": now, "crashes": DocumentRow.crashes + 1}
    if not connection.execute(taken.values(values)).rowcount:
        return None
    document = find_document(connection, document_id)
    if document.crashes <= max_crashes:
        return document
    connection.execute(
        update(DocumentRow).where(*_run(document_id, generation)).values(
            state="quarantined", stage="", finished=now, failure_code="crashed",
            failure_message=f"处理“{document.name}”时处理进程已 {max_crashes} 次意外中断，不再自动重试。"
            "请检查该文件能否正常打开；确认无误后可点“重新处理”。",
        )
    )  # fmt: skip
    return None


def put_back(connection: Connection, runs: Sequence[tuple[int, int]]) -> None:
    """Notes that runs (document id, generation) were interrupted in good order: their next entry is no crash."""
    for document_id, generation in runs:
        connection.execute(
            update(DocumentRow)
            .where(*_run(document_id, generation), DocumentRow.state == "working", DocumentRow.crashes > 0)
            .values(crashes=DocumentRow.crashes - 1)
        )


def report_progress(
    connection: Connection, document_id: int, generation: int, *, stage: str, pages_done: int, n_pages: int
) -> bool:
    """Notes how far a run is; False when the run is not wanted any more."""
    values: dict[str, Any] = {"stage": stage}
    if n_pages:
        values |= {"pages_done": pages_done, "n_pages": n_pages}
    noted = update(DocumentRow).where(*_run(document_id, generation), DocumentRow.state == "working")
    return connection.execute(noted.values(values)).rowcount > 0


def end_in_failure(
    connection: Connection,
    document_id: int,
    generation: int,
    *,
    state: DocumentState,
    code: str,
    message: str,
    now: datetime,
) -> None:
    """Ends a run without results: `failed` (the file cannot be read) or `quarantined`."""
    connection.execute(
        update(DocumentRow)
        .where(*_run(document_id, generation))
        .values(state=state, stage="", failure_code=code, failure_message=message, finished=now, crashes=0)
    )


def postpone(
    connection: Connection,
    document_id: int,
    generation: int,
    *,
    next_try: datetime,
    code: str,
    message: str,
    is_failure: bool,
) -> None:
    """Lets a document wait for another run; `is_failure` counts this one towards quarantine."""
    values: dict[str, Any] = {"attempts": DocumentRow.attempts + 1} if is_failure else {}
    connection.execute(
        update(DocumentRow)
        .where(*_run(document_id, generation))
        .values(
            **_HANDED_OVER_AGAIN,
            **values,
            state="queued",
            stage="",
            next_try=next_try,
            failure_code=code,
            failure_message=message,
            crashes=0,
        )
    )


def working(connection: Connection, started_before: datetime) -> tuple[tuple[int, int], ...]:
    """Runs (document id, generation) that have been at work since before a moment."""
    statement = select(DocumentRow.id, DocumentRow.generation).where(
        DocumentRow.state == "working", DocumentRow.started < started_before
    )
    return tuple(connection.execute(statement))


def forget_handing_over(connection: Connection) -> None:
    """Has everything that waits handed over again; what the queue knows already stays as it is."""
    connection.execute(update(DocumentRow).where(DocumentRow.state == "queued").values(submitted=None))


def hand_over_again(connection: Connection, runs: Sequence[tuple[int, int]]) -> int:
    """Gives runs that the queue has lost a new generation; returns how many were still wanted."""
    count = 0
    for document_id, generation in runs:
        lost = update(DocumentRow).where(*_run(document_id, generation), DocumentRow.state.in_(("queued", "working")))
        count += connection.execute(lost.values(**_HANDED_OVER_AGAIN, state="queued", stage="")).rowcount
    return count


_HANDED_OVER_AGAIN: dict[str, Any] = {"generation": DocumentRow.generation + 1, "submitted": None}


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_due = or_(DocumentRow.next_try.is_(None), DocumentRow.next_try <= now)
    return DocumentRow.state == "queued", DocumentRow.submitted.is_(None), is_due


def _run(document_id: int, generation: int) -> tuple[ColumnElement[bool], ...]:
    return DocumentRow.id == document_id, DocumentRow.generation == generation
