"""Lists of findings over millions of rows: filtered by indexed columns, continued from a mark, never by an offset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, UnaryExpression, func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.operators import custom_op

from models.errors import NotFound
from service.records import FindingFilter, FindingOrder, FindingRecord, Slice
from service.schema import FindingRow
from service.store.rank import ranks_of
from service.store.rows import any_of, columns, mark, read_mark, records
from service.store.texts import holds

COUNTED_AT_MOST: Final = 2_000
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
    conditions = _conditions(connection, wanted, order)
    # First the ids, out of one index, then the rows themselves: no row that is passed over is ever read.
    ids = select(FindingRow.id).limit(limit + 1)
    places = (FindingRow.rank, FindingRow.id)
    if order == "gravest":
        if after:
            conditions.append(tuple_(*places) > tuple_(*read_mark(after, (int, int))))
        ids = ids.order_by(*places)
    else:
        if after:
            moment, last = read_mark(after, (datetime, int))
            place = tuple_(moment, last)
            conditions.append(tuple_(FindingRow.created, FindingRow.id) < place)
        ids = ids.order_by(FindingRow.created.desc(), FindingRow.id.desc())
    wanted_ids = list(connection.execute(ids.where(*conditions)).scalars())
    rows = select(*columns(FindingRecord, FindingRow)).where(FindingRow.id.in_(wanted_ids))
    by_id = {finding.id: finding for finding in records(FindingRecord, connection.execute(rows))}
    found = tuple(by_id[finding_id] for finding_id in wanted_ids if finding_id in by_id)
    if len(wanted_ids) <= limit:
        return Slice(found, "")
    last_shown = found[limit - 1]
    head = last_shown.rank if order == "gravest" else last_shown.created.isoformat()
    return Slice(found[:limit], mark(head, last_shown.id))


def count_findings(connection: Connection, wanted: FindingFilter, *, at_most: int = COUNTED_AT_MOST) -> int:
    """How many findings there are; `at_most` when there are as many or more."""
    some = select(FindingRow.id).where(*_conditions(connection, wanted, "gravest")).limit(at_most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def set_status(connection: Connection, document_id: int, key: str, status: str) -> bool:
    """Copies the status of a verdict to its finding, in the transaction that changes the verdict.

    Call `lock_document` first. Returns whether the finding exists.
    """
    statement = (
        update(FindingRow).where(FindingRow.document_id == document_id, FindingRow.key == key).values(status=status)
    )
    return connection.execute(statement).rowcount > 0


def _conditions(connection: Connection, wanted: FindingFilter, order: FindingOrder) -> list[ColumnElement[bool]]:
    """What a finding must fulfil.

    SQLite chooses an index without regard to the limit of a list: it would rather sort the hundred thousand findings
    of one rule than walk a list in its order and pass over the others. A plus before a column keeps the column out of
    that choice where another index leads to the list faster.
    """
    is_led = wanted.document is not None or bool(wanted.entity) or order == "newest"
    walks = connection.dialect.name == "sqlite"

    def one_of(column: InstrumentedAttribute[Any], values: Sequence[object]) -> list[ColumnElement[bool]]:
        return any_of(_kept_out(column) if walks and (is_led or len(values) > 1) else column, values)

    conditions = [
        *one_of(FindingRow.rule, wanted.rules),
        *one_of(FindingRow.category, wanted.categories),
        *one_of(FindingRow.reading, wanted.readings),
        *one_of(FindingRow.status, wanted.statuses),
        *one_of(FindingRow.kind, wanted.kinds),
        *one_of(FindingRow.year, wanted.years),
    ]
    if wanted.severities:
        lowest, beyond, is_whole = ranks_of(wanted.severities)
        conditions += [FindingRow.rank >= lowest, FindingRow.rank < beyond]
        conditions += [] if is_whole else any_of(FindingRow.severity, wanted.severities)
    if wanted.document is not None:
        conditions.append(FindingRow.document_id == wanted.document)
    if wanted.page is not None:
        conditions.append(FindingRow.page == wanted.page)
    if wanted.entity:
        conditions.append(FindingRow.entity == wanted.entity)
    if wanted.text:
        conditions += holds(connection, wanted.text)
    if wanted.min_confidence > 0:
        conditions.append(FindingRow.confidence >= wanted.min_confidence)
    if wanted.created_from is not None:
        conditions.append(FindingRow.created >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(FindingRow.created < wanted.created_before)
    if not wanted.with_absent:
        conditions.append(FindingRow.baseline != "absent")
    return conditions


def _kept_out(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return UnaryExpression(column.expression, operator=custom_op("+"), type_=column.type)
