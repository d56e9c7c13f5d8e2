"""Lists of findings over millions of rows: filtered by indexed columns, continued from a mark, never by an offset."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select, tuple_, update

from models.errors import NotFound
from service.records import FindingFilter, FindingOrder, FindingRecord, Slice
from service.schema import FindingRow
from service.store.rank import ranks_of
from service.store.rows import any_of, columns, mark, read_mark, records

COUNTED_AT_MOST: Final = 10_000
"""Counting goes on no further than this: an exact number of a larger list takes longer than the list is worth."""


def find_finding(connection: Connection, finding_id: int) -> FindingRecord:
    """One finding.

    Raises:
        NotFound: there is none with this id.
    """
    statement = select(*columns(FindingRecord, FindingRow)).where(FindingRow.id == finding_id)
    found = records(FindingRecord, connection.execute(statement))
    if not found:
        raise NotFound("没有这条问题，可能已因重新处理而不再成立", "请从问题列表重新打开")
    return found[0]


def list_findings(
    connection: Connection,
    wanted: FindingFilter,
    *,
    order: FindingOrder = "gravest",
    after: str = "",
    limit: int = 50,
) -> Slice[FindingRecord]:
    """Findings in the given order.

    Args:
        connection: of a reading transaction.
        wanted: which ones.
        order: `gravest` by severity, then confidence; `newest` by when they were first found.
        after: `Slice.next` of the entries before; empty for the first ones.
        limit: how many at most.

    Raises:
        SettingsError: `after` is no mark of this list.
    """
    conditions = _conditions(wanted)
    statement = select(*columns(FindingRecord, FindingRow)).limit(limit + 1)
    if order == "gravest":
        if after:
            conditions.append(tuple_(FindingRow.rank, FindingRow.id) > tuple_(*read_mark(after, (int, int))))
        statement = statement.order_by(FindingRow.rank, FindingRow.id)
    else:
        if after:
            moment, last = read_mark(after, (datetime, int))
            place = tuple_(moment, last)
            conditions.append(tuple_(FindingRow.created, FindingRow.id) < place)
        statement = statement.order_by(FindingRow.created.desc(), FindingRow.id.desc())
    found = records(FindingRecord, connection.execute(statement.where(*conditions)))
    if len(found) <= limit:
        return Slice(found, "")
    last_shown = found[limit - 1]
    head = last_shown.rank if order == "gravest" else last_shown.created.isoformat()
    return Slice(found[:limit], mark(head, last_shown.id))


def count_findings(connection: Connection, wanted: FindingFilter, *, at_most: int = COUNTED_AT_MOST) -> int:
    """How many findings there are; `at_most` when there are as many or more."""
    some = select(FindingRow.id).where(*_conditions(wanted)).limit(at_most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def set_status(connection: Connection, document_id: int, key: str, status: str) -> bool:
    """Copies the status of a verdict to its finding, in the transaction that changes the verdict.

    Call `lock_document` first. Returns whether the finding exists.
    """
    statement = (
        update(FindingRow).where(FindingRow.document_id == document_id, FindingRow.key == key).values(status=status)
    )
    return connection.execute(statement).rowcount > 0


def _conditions(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        *any_of(FindingRow.rule, wanted.rules),
        *any_of(FindingRow.category, wanted.categories),
        *any_of(FindingRow.severity, wanted.severities),
        *any_of(FindingRow.reading, wanted.readings),
        *any_of(FindingRow.status, wanted.statuses),
        *any_of(FindingRow.kind, wanted.kinds),
        *any_of(FindingRow.year, wanted.years),
    ]
    if wanted.severities:
        # An index by rank leads to them at once; by the column alone, all graver findings would be passed over.
        lowest, beyond = ranks_of(wanted.severities)
        conditions += [FindingRow.rank >= lowest, FindingRow.rank < beyond]
    if wanted.document is not None:
        conditions.append(FindingRow.document_id == wanted.document)
    if wanted.page is not None:
        conditions.append(FindingRow.page == wanted.page)
    if wanted.entity:
        conditions.append(FindingRow.entity == wanted.entity)
    if wanted.text:
        conditions.append(FindingRow.message.contains(wanted.text, autoescape=True))
    if wanted.min_confidence > 0:
        conditions.append(FindingRow.confidence >= wanted.min_confidence)
    if wanted.created_from is not None:
        conditions.append(FindingRow.created >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(FindingRow.created < wanted.created_before)
    if not wanted.with_absent:
        conditions.append(FindingRow.baseline != "absent")
    return conditions
