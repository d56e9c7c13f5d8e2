"""Documents and uploads: what lists and pages ask for, and the few changes of state there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from models.errors import NotFound
from models.finding import RuleOutcome, Skip
from service.records import (
    DocumentFilter,
    DocumentRecord,
    PageRecord,
    Slice,
    TableRecord,
    UploadItemRecord,
    UploadRecord,
)
from service.schema import DocumentRow, OutcomeRow, PageRow, SkipRow, TableRow, UploadItemRow, UploadRow
from service.store.rows import any_of, columns, mark, portions, read_mark, records


def find_document(connection: Connection, document_id: int) -> DocumentRecord:
    """One document.

    Raises:
        NotFound: there is none with this id.
    """
    statement = select(*columns(DocumentRecord, DocumentRow)).where(DocumentRow.id == document_id)
    found = records(DocumentRecord, connection.execute(statement))
    if not found:
        raise NotFound(f"没有编号为 {document_id} 的文件", "请从文件列表重新打开")
    return found[0]


def hold_documents(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """Ids of the documents with these bytes, for those that are known; nobody deletes them during this transaction."""
    found: dict[str, int] = {}
    for some in portions(digests):
        statement = select(DocumentRow.sha256, DocumentRow.id).where(DocumentRow.sha256.in_(some))
        held = statement.with_for_update(read=True, key_share=True)
        found |= dict(connection.execute(held).all())
    return found


def list_documents(
    connection: Connection, wanted: DocumentFilter, *, after: str = "", limit: int = 50
) -> Slice[DocumentRecord]:
    """Documents, the newest first.

    Args:
        connection: of a reading transaction.
        wanted: which ones.
        after: `Slice.next` of the entries before; empty for the first ones.
        limit: how many at most.

    Raises:
        SettingsError: `after` is no mark of this list.
    """
    conditions = _conditions(wanted)
    if after:
        moment, last = read_mark(after, (datetime, int))
        place = tuple_(DocumentRow.created, DocumentRow.id)
        conditions.append(place < tuple_(moment, last))
    statement = (
        select(*columns(DocumentRecord, DocumentRow))
        .where(*conditions)
        .order_by(DocumentRow.created.desc(), DocumentRow.id.desc())
        .limit(limit + 1)
    )
    found = records(DocumentRecord, connection.execute(statement))
    more = mark(found[limit - 1].created.isoformat(), found[limit - 1].id) if len(found) > limit else ""
    return Slice(found[:limit], more)


def count_states(connection: Connection) -> dict[str, int]:
    """How many documents are in each state; states without documents are left out."""
    statement = select(DocumentRow.state, func.count()).group_by(DocumentRow.state)
    return dict(connection.execute(statement).all())


def pages_of(connection: Connection, document_id: int) -> tuple[PageRecord, ...]:
    """The pages in order; none before the document was read."""
    statement = select(*columns(PageRecord, PageRow)).where(PageRow.document_id == document_id).order_by(PageRow.index)
    return records(PageRecord, connection.execute(statement))


def tables_of(connection: Connection, document_id: int) -> tuple[TableRecord, ...]:
    """The tables in reading order."""
    statement = select(*columns(TableRecord, TableRow)).where(TableRow.document_id == document_id)
    return records(TableRecord, connection.execute(statement.order_by(TableRow.position)))


def skips_of(connection: Connection, document_id: int) -> tuple[Skip, ...]:
    """The checks that could not be made."""
    statement = select(*columns(Skip, SkipRow)).where(SkipRow.document_id == document_id).order_by(SkipRow.position)
    return records(Skip, connection.execute(statement))


def outcomes_of(connection: Connection, document_id: int) -> tuple[RuleOutcome, ...]:
    """What became of every rule, by rule id."""
    statement = select(*columns(RuleOutcome, OutcomeRow)).where(OutcomeRow.document_id == document_id)
    return records(RuleOutcome, connection.execute(statement.order_by(OutcomeRow.rule)))


def find_upload(connection: Connection, upload_id: str) -> tuple[UploadRecord, tuple[UploadItemRecord, ...]]:
    """An upload with its files in the order they came.

    Raises:
        NotFound: there is none with this id.
    """
    rows = connection.execute(select(*columns(UploadRecord, UploadRow)).where(UploadRow.id == upload_id))
    found = records(UploadRecord, rows)
    if not found:
        raise NotFound("没有这次上传的记录", "请从上传列表重新打开")
    statement = (
        select(
            UploadItemRow.position,
            UploadItemRow.name,
            UploadItemRow.document_id,
            UploadItemRow.duplicate,
            UploadItemRow.code,
            UploadItemRow.message,
            func.coalesce(DocumentRow.state, ""),
        )
        .outerjoin(DocumentRow, DocumentRow.id == UploadItemRow.document_id)
        .where(UploadItemRow.upload_id == upload_id)
        .order_by(UploadItemRow.position)
    )
    return found[0], records(UploadItemRecord, connection.execute(statement))


def list_uploads(
    connection: Connection, *, owner: int | None = None, after: str = "", limit: int = 50
) -> Slice[UploadRecord]:
    """Uploads, the newest first; of one owner, or of all when None. Raises as `list_documents`."""
    conditions: list[ColumnElement[bool]] = [] if owner is None else [UploadRow.owner == owner]
    if after:
        moment, last = read_mark(after, (datetime, str))
        conditions.append(tuple_(UploadRow.created, UploadRow.id) < tuple_(moment, last))
    statement = (
        select(*columns(UploadRecord, UploadRow))
        .where(*conditions)
        .order_by(UploadRow.created.desc(), UploadRow.id.desc())
        .limit(limit + 1)
    )
    found = records(UploadRecord, connection.execute(statement))
    more = mark(found[limit - 1].created.isoformat(), found[limit - 1].id) if len(found) > limit else ""
    return Slice(found[:limit], more)


def _conditions(wanted: DocumentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        *any_of(DocumentRow.state, wanted.states),
        *any_of(DocumentRow.kind, wanted.kinds),
        *any_of(DocumentRow.year, wanted.years),
    ]
    if wanted.entity:
        conditions.append(DocumentRow.entity == wanted.entity)
    if wanted.owner is not None:
        conditions.append(DocumentRow.owner == wanted.owner)
    if wanted.name:
        conditions.append(DocumentRow.name.contains(wanted.name, autoescape=True))
    if wanted.upload:
        of_upload: Any = select(UploadItemRow.document_id).where(UploadItemRow.upload_id == wanted.upload)
        conditions.append(DocumentRow.id.in_(of_upload))
    return conditions
