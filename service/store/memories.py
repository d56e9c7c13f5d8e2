"""What the archive remembers of documents, as rows: put there, taken away, and asked for.

A document has one memory, which is replaced when it is read differently and goes with the document. Of several
documents that are versions of one disclosure all are remembered, and the one taken in last speaks for it: whatever is
read again, in whatever order, the answer is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, insert, select, text, update
from sqlalchemy.orm import aliased

from models.archive import Memory
from service.schema import ExcerptRow, MemoryRow, ObservationRow, SkeletonRow
from service.store.rows import portions

# Any number that no other program takes as an advisory lock of the same database: "memory" read as base 36.
_LOCK: Final = 1_352_006_026
_DIGEST_BYTES: Final = 16
_AT_ONCE: Final = 10_000
SOURCE: Final = (
    MemoryRow.sha256,
    MemoryRow.name,
    MemoryRow.entity,
    MemoryRow.kind,
    MemoryRow.year,
    MemoryRow.scope,
    MemoryRow.region,
)
"""Columns of a `Source`, in its order."""
_LATER: Final = aliased(MemoryRow)


def visible(memory: Any) -> ColumnElement[bool]:
    """The condition that a memory was there by the place `last` and speaks for its disclosure."""
    is_superseded = exists().where(
        _LATER.key == memory.key, _LATER.document_id > memory.document_id, _LATER.id <= bindparam("last")
    )
    return and_(memory.id <= bindparam("last"), ~is_superseded)


VISIBLE: Final = visible(MemoryRow)
OTHERS: Final = and_(VISIBLE, MemoryRow.key != bindparam("own_key"), MemoryRow.sha256 != bindparam("own_sha256"))
"""The same for all but one document and the other versions of it."""


def remember(connection: Connection, document_id: int, memory: Memory) -> int:
    """Makes `memory` that of the document; a memory that is the same is left alone.

    Returns:
        The last place of the archive as of now: what a comparison that begins now may see (`VISIBLE`).
    """
    _alone(connection)
    digest = hashlib.sha256(repr(memory).encode("utf-8", "surrogatepass")).hexdigest()
    known = select(MemoryRow.id, MemoryRow.digest).where(MemoryRow.document_id == document_id)
    former = connection.execute(known).first()
    if former is None or former.digest != digest:
        own = memory.source
        values = {
            "document_id": document_id, "digest": digest, "key": own.key, "sha256": own.sha256, "name": own.name,
            "entity": own.entity, "kind": own.kind, "year": own.year, "scope": own.scope, "region": own.region,
        }  # fmt: skip
        if former is None:
            added = connection.execute(insert(MemoryRow).values(values))
            (memory_id,) = added.inserted_primary_key or (0,)
        else:
            memory_id = former.id
            _clear(connection, memory_id)
            connection.execute(update(MemoryRow).where(MemoryRow.id == memory_id).values(values))
        _fill(connection, memory_id, memory)
    return connection.execute(select(func.max(MemoryRow.id))).scalar_one()


def forget(connection: Connection, document_id: int) -> None:
    """Takes a document's memory away, and the texts that nobody else carries."""
    _alone(connection)
    memory_id = connection.execute(select(MemoryRow.id).where(MemoryRow.document_id == document_id)).scalar()
    if memory_id is not None:
        _clear(connection, memory_id)
        connection.execute(delete(MemoryRow).where(MemoryRow.id == memory_id))


def new_skeletons(connection: Connection, after: int) -> Iterator[Sequence[Any]]:
    """Id and bands of the texts that came after one, in order, some at a time."""
    statement = select(SkeletonRow.id, SkeletonRow.bands).where(SkeletonRow.id > after)
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(statement.order_by(SkeletonRow.id))
    yield from rows.partitions()


def texts_of(connection: Connection, skeleton_ids: Sequence[int]) -> dict[int, str]:
    """The texts that are still there, by id."""
    found: dict[int, str] = {}
    for some in portions(skeleton_ids):
        rows = connection.execute(select(SkeletonRow.id, SkeletonRow.text).where(SkeletonRow.id.in_(some)))
        found |= dict(rows.all())
    return found


def _alone(connection: Connection) -> None:
    """One transaction changes memories at a time, as on SQLite: places and ids then grow in the order of commits."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _clear(connection: Connection, memory_id: int) -> None:
    carried = select(ExcerptRow.skeleton_id).where(ExcerptRow.memory_id == memory_id).distinct()
    skeletons = connection.execute(carried).scalars().all()
    connection.execute(delete(ExcerptRow).where(ExcerptRow.memory_id == memory_id))
    connection.execute(delete(ObservationRow).where(ObservationRow.memory_id == memory_id))
    is_carried = exists().where(ExcerptRow.skeleton_id == SkeletonRow.id)
    for some in portions(skeletons):
        connection.execute(delete(SkeletonRow).where(SkeletonRow.id.in_(some), ~is_carried))


def _fill(connection: Connection, memory_id: int, memory: Memory) -> None:
    observations = [
        {
            "memory_id": memory_id, "kind": one.kind, "item": one.item, "unit": one.unit, "value": str(one.value),
            "step": str(one.step), "label": one.label, "text": one.text, "page": one.page, "sure": one.sure,
            "features": list(one.features), "year": memory.source.year, "region": memory.source.region,
        }
        for one in memory.observations
    ]  # fmt: skip
    if observations:
        connection.execute(insert(ObservationRow), observations)
    ids = _skeletons(connection, list(dict.fromkeys(one.skeleton for one in memory.excerpts)))
    excerpts = [
        {
            "memory_id": memory_id, "skeleton_id": ids[one.skeleton], "field": one.field, "label": one.label,
            "text": one.text, "page": one.page,
        }
        for one in memory.excerpts
    ]  # fmt: skip
    if excerpts:
        connection.execute(insert(ExcerptRow), excerpts)


def _skeletons(connection: Connection, texts: Sequence[str]) -> dict[str, int]:
    """Ids of texts; those that nobody carried yet are added."""
    digests = {_digest(one): one for one in texts}
    known = _known(connection, digests)
    new = [one for one in texts if one not in known]
    if not new:
        return known
    # A web process, which only forgets, has no use for what this loads.
    from detect.duplicates import fingerprints

    bands = fingerprints(new).keys.astype("<u4")
    rows = [
        {"digest": _digest(one), "text": one, "bands": keys.tobytes()} for one, keys in zip(new, bands, strict=True)
    ]
    connection.execute(insert(SkeletonRow), rows)
    return known | _known(connection, {_digest(one): one for one in new})


def _known(connection: Connection, digests: dict[bytes, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in portions(list(digests)):
        rows = connection.execute(select(SkeletonRow.digest, SkeletonRow.id).where(SkeletonRow.digest.in_(some)))
        found |= {digests[bytes(digest)]: number for digest, number in rows}
    return found


def _digest(one: str) -> bytes:
    return hashlib.blake2b(one.encode(), digest_size=_DIGEST_BYTES).digest()
