"""What people decide about findings and cells, by document and key; reading a document again leaves it alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import Connection, insert, select, update

from models.errors import InConflict, RequestError
from service.audit import AuditLog
from service.auth.person import Person
from service.records import FindingRecord
from service.schema import CommentRow, CorrectionRow, UserRow, VerdictRow
from service.store import set_status
from service.store.publish import lock_document

Status = Literal["open", "confirmed", "dismissed", "pending"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
STATUS_LABEL: Final[dict[Status, str]] = {
    "open": "未认定",
    "confirmed": "属实",
    "dismissed": "不属实",
    "pending": "需补充资料",
}
LONGEST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a finding.

    Attributes:
        author: name of who decided last; empty while nobody has.
        version: to be named by the next change; 0 while nobody has decided.
    """

    status: Status
    reason: str
    comment: str
    author: str
    version: int
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class Comment:
    """One remark about a finding."""

    id: int
    author: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says stands in a cell; `read` is what the program read when it was said."""

    table_id: str
    row: int
    col: int
    read: str
    text: str
    author: str
    version: int
    updated: datetime


def verdict_of(connection: Connection, document_id: int, key: str) -> Verdict:
    """The verdict on a finding; an open one where nobody has decided."""
    query = (
        select(
            VerdictRow.status,
            VerdictRow.reason,
            VerdictRow.comment,
            UserRow.name.label("author"),
            VerdictRow.version,
            VerdictRow.updated,
        )
        .outerjoin(UserRow, UserRow.id == VerdictRow.author)
        .where(VerdictRow.document_id == document_id, VerdictRow.finding_key == key)
    )
    row = connection.execute(query).first()
    if row is None:
        return Verdict("open", "", "", "", 0, None)
    return Verdict(row.status, row.reason, row.comment, row.author or "", row.version, row.updated)


def set_verdict(
    connection: Connection,
    log: AuditLog,
    person: Person,
    finding: FindingRecord,
    status: Status,
    reason: str,
    comment: str,
    version: int,
    now: datetime,
) -> Verdict:
    """Decides about a finding.

    Args:
        connection: in a transaction that may write.
        log: of the service.
        person: who decides.
        finding: what about.
        status: the decision.
        reason: a short code of the reason.
        comment: in words.
        version: of the verdict that the person saw.
        now: the time.

    Raises:
        InConflict: someone has decided since.
    """
    lock_document(connection, finding.document_id)
    before = verdict_of(connection, finding.document_id, finding.key)
    if before.version != version:
        raise InConflict(
            f"这条问题已由{before.author or '他人'}认定为“{STATUS_LABEL[before.status]}”（第 {before.version} 版）",
            "请看过现在的认定后再改",
        )
    values = {"status": status, "reason": reason, "comment": comment, "author": person.id, "updated": now}
    mine = (VerdictRow.document_id == finding.document_id, VerdictRow.finding_key == finding.key)
    if version:
        connection.execute(update(VerdictRow).where(*mine).values(**values, version=version + 1))
    else:
        whose = {"document_id": finding.document_id, "finding_key": finding.key, "created": now, "version": 1}
        connection.execute(insert(VerdictRow).values(**values, **whose))
    set_status(connection, finding.document_id, finding.key, status)
    detail = {"key": finding.key, "from": before.status, "to": status, "reason": reason}
    log.append(connection, person.actor, "verdict.set", f"document:{finding.document_id}", detail)
    return verdict_of(connection, finding.document_id, finding.key)


def comments_of(connection: Connection, document_id: int, key: str) -> list[Comment]:
    """The remarks about a finding, in order."""
    query = (
        select(CommentRow.id, UserRow.name, CommentRow.text, CommentRow.created)
        .outerjoin(UserRow, UserRow.id == CommentRow.author)
        .where(CommentRow.document_id == document_id, CommentRow.finding_key == key)
        .order_by(CommentRow.id)
    )
    return [Comment(row.id, row.name or "", row.text, row.created) for row in connection.execute(query)]


def add_comment(
    connection: Connection, log: AuditLog, person: Person, finding: FindingRecord, text: str, now: datetime
) -> Comment:
    """Adds a remark.

    Raises:
        RequestError: it says nothing.
    """
    if not text.strip():
        raise RequestError("意见没有内容", "请写明意见")
    values = {"document_id": finding.document_id, "finding_key": finding.key, "author": person.id}
    adding = insert(CommentRow).values(**values, text=text.strip(), created=now).returning(CommentRow.id)
    number = connection.execute(adding).scalar_one()
    log.append(connection, person.actor, "comment.add", f"document:{finding.document_id}", {"key": finding.key})
    return Comment(number, person.name, text.strip(), now)


def corrections_of(connection: Connection, document_id: int) -> list[Correction]:
    """All corrected cells of a document, by place."""
    query = (
        select(
            CorrectionRow.table_id,
            CorrectionRow.row,
            CorrectionRow.col,
            CorrectionRow.read,
            CorrectionRow.text,
            UserRow.name,
            CorrectionRow.version,
            CorrectionRow.updated,
        )
        .outerjoin(UserRow, UserRow.id == CorrectionRow.author)
        .where(CorrectionRow.document_id == document_id)
        .order_by(CorrectionRow.table_id, CorrectionRow.row, CorrectionRow.col)
    )
    return [Correction(*row[:5], row[5] or "", *row[6:]) for row in connection.execute(query)]


def set_correction(
    connection: Connection,
    log: AuditLog,
    person: Person,
    document_id: int,
    cell: tuple[str, int, int],
    read: str,
    text: str,
    version: int,
    now: datetime,
) -> Correction:
    """Says what stands in a cell; the reading itself stays.

    Args:
        connection: in a transaction that may write.
        log: of the service.
        person: who says so.
        document_id: of the document.
        cell: table, row and column.
        read: what the program read there.
        text: what the page shows.
        version: of the correction that the person saw; 0 for the first.
        now: the time.

    Raises:
        InConflict: someone has corrected the cell since.
    """
    lock_document(connection, document_id)
    table_id, row, col = cell
    former = _correction(connection, document_id, cell)
    if (former.version if former is not None else 0) != version:
        by = former.author if former is not None else "他人"
        raise InConflict(f"这个单元格已由{by}更正", "请看过现在的更正后再改")
    where = f"{table_id} 第{row + 1}行第{col + 1}列"
    if former is not None:
        mine = (
            CorrectionRow.document_id == document_id,
            CorrectionRow.table_id == table_id,
            CorrectionRow.row == row,
            CorrectionRow.col == col,
        )
        values = {"read": read, "text": text, "author": person.id, "version": version + 1, "updated": now}
        connection.execute(update(CorrectionRow).where(*mine).values(values))
    else:
        connection.execute(
            insert(CorrectionRow).values(
                document_id=document_id,
                table_id=table_id,
                row=row,
                col=col,
                read=read,
                text=text,
                author=person.id,
                version=1,
                created=now,
                updated=now,
            )
        )
    log.append(connection, person.actor, "correction.set", f"document:{document_id}", {"cell": where})
    made = _correction(connection, document_id, cell)
    assert made is not None
    return made


def _correction(connection: Connection, document_id: int, cell: tuple[str, int, int]) -> Correction | None:
    made = corrections_of(connection, document_id)
    return next((one for one in made if (one.table_id, one.row, one.col) == cell), None)
