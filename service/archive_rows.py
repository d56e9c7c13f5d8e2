"""The archive of the service: rows of the product's database, as rules ask them during one check.

A check sees what was remembered before it began, never the document itself or another version of it. The index of
passages is kept in memory, one for all checks of a process, and brought up to date by what has come since.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import Connection, Executable, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from detect.archive import Peer, Resemblance, Resemblances, Years, ranked
from detect.duplicates import BANDS, LARGEST_BUCKET, Ordered, fingerprints, likeness, sharing
from models.archive import Excerpt, Observation, ObservationKind, Source
from models.report import DocumentKind
from service.schema import ExcerptRow, MemoryRow, ObservationRow, SkeletonRow
from service.store.memories import OTHERS, SOURCE, VISIBLE, new_skeletons, texts_of, visible

_OBSERVATION: Final = (
    ObservationRow.kind,
    ObservationRow.item,
    ObservationRow.unit,
    ObservationRow.value,
    ObservationRow.step,
    ObservationRow.label,
    ObservationRow.text,
    ObservationRow.page,
    ObservationRow.sure,
    ObservationRow.features,
)
_EXCERPT: Final = (ExcerptRow.field, ExcerptRow.label, ExcerptRow.text, SkeletonRow.text, ExcerptRow.page)
# Written once: a document asks a thousand times, and putting a statement together costs more than its answer.
_BY_KEY: Final = select(*SOURCE).where(MemoryRow.key == bindparam("key"), VISIBLE)
_ENTITIES: Final = (
    select(MemoryRow.entity)
    .distinct()
    .where(MemoryRow.entity.not_in(("", bindparam("own_entity"))), VISIBLE)
    .limit(bindparam("most"))
)
_ENTITIES_HERE: Final = _ENTITIES.where(MemoryRow.region == bindparam("region"))
_OBSERVATIONS: Final = (
    select(*_OBSERVATION)
    .join(MemoryRow, MemoryRow.id == ObservationRow.memory_id)
    .where(MemoryRow.key == bindparam("key"), ObservationRow.kind == bindparam("kind"), VISIBLE)
    .order_by(ObservationRow.id)
)
MOST_PEERS: Final = 10_000
"""As many as a threshold may ask for. The index gives the latest ones first, whatever stands behind them."""
MOST_CHANGES: Final = 2000
"""Twice as many organisations as a threshold may ask for."""
_SAME: Final = (
    select(ObservationRow.id, *SOURCE, *_OBSERVATION)
    .join(MemoryRow, MemoryRow.id == ObservationRow.memory_id)
    .where(
        ObservationRow.kind == bindparam("kind"),
        ObservationRow.item == bindparam("item"),
        ObservationRow.unit == bindparam("unit"),
        OTHERS,
    )
    .order_by(ObservationRow.year.desc(), ObservationRow.id.desc())
    .limit(bindparam("most"))
)
_STATED: Final = ObservationRow.year.between(bindparam("first"), bindparam("last_year"))
_PEERS: Final = (_SAME.where(_STATED), _SAME.where(ObservationRow.year.is_(None)))
_NEIGHBOURS: Final = tuple(part.where(ObservationRow.region == bindparam("region")) for part in _PEERS)
_ANY_YEAR: Final = (-32_768, 32_767)
_BEFORE: Final = aliased(MemoryRow)
_AMOUNT: Final = aliased(ObservationRow)
_CHANGES: Final = (
    select(*SOURCE, *_OBSERVATION, *(getattr(_BEFORE, one.key) for one in SOURCE),
           *(getattr(_AMOUNT, one.key) for one in _OBSERVATION))
    .join(MemoryRow, MemoryRow.id == ObservationRow.memory_id)
    # The key of the same disclosure a year before; see `models.archive.Source.key`.
    .join(_BEFORE, _BEFORE.key == MemoryRow.entity + "|" + MemoryRow.scope + "|" + MemoryRow.kind + bindparam("before"))
    .join(
        _AMOUNT,
        (_AMOUNT.memory_id == _BEFORE.id) & (_AMOUNT.kind == bindparam("kind"))
        & (_AMOUNT.item == bindparam("item")) & (_AMOUNT.unit == bindparam("unit")),
    )
    .where(
        ObservationRow.kind == bindparam("kind"), ObservationRow.item == bindparam("item"),
        ObservationRow.unit == bindparam("unit"), ObservationRow.year == bindparam("year"),
        MemoryRow.entity.not_in(("", bindparam("own_entity"))), OTHERS, visible(_BEFORE),
    )
    .order_by(ObservationRow.id.desc())
    .limit(bindparam("most"))
)  # fmt: skip
_CARRYING: Final = (
    select(*_EXCERPT)
    .join(SkeletonRow, SkeletonRow.id == ExcerptRow.skeleton_id)
    .join(MemoryRow, MemoryRow.id == ExcerptRow.memory_id)
)
_EXCERPTS: Final = _CARRYING.where(MemoryRow.key == bindparam("key"), VISIBLE).order_by(ExcerptRow.id)
_CARRIERS: Final = (
    _CARRYING.with_only_columns(*SOURCE, *_EXCERPT, maintain_column_froms=True)
    .where(ExcerptRow.skeleton_id == bindparam("skeleton"), OTHERS)
    .order_by(ExcerptRow.memory_id, ExcerptRow.id)
    .limit(LARGEST_BUCKET)
)
_FEW: Final = 20_000
_PART: Final = 8
"""Texts beside the large index are put in order again with each that comes: when they are more than these, and more
than an eighth of all, they join it, so that the work for a text stays bounded however many there are."""


class _Texts(NamedTuple):
    """The keys of texts with their ids, of one length, and the keys of each band in order."""

    ids: np.ndarray
    keys: np.ndarray
    bands: tuple[Ordered, ...]


class PassageIndex:
    """All texts of the archive, in memory; for any number of threads.

    Texts that are gone stay in it until the process ends: the database is asked for what is found, and answers nothing.
    A million texts take 0.7 GB.
    """

    def __init__(self) -> None:
        self._large = self._late = _ordered(*_NONE)
        self._lock: Final = threading.Lock()

    def sharing(self, connection: Connection, keys: np.ndarray) -> tuple[list[np.ndarray], int]:
        """For each text the ids of those that may be alike, and how many buckets were left out as too large."""
        with self._lock:
            self._catch_up(connection)
            parts = (self._large, self._late)
        return sharing(keys, lambda band, _: [part.bands[band] for part in parts])

    def _catch_up(self, connection: Connection) -> None:
        last = max((int(part.ids[-1]) for part in (self._large, self._late) if len(part.ids)), default=0)
        new = [_unpacked(rows) for rows in new_skeletons(connection, last)]
        if not new:
            return
        ids, keys = _joined([self._late[:2], *new])
        if len(ids) > max(_FEW, len(self._large.ids) // _PART):
            self._large = _ordered(*_joined([self._large[:2], (ids, keys)]))
            ids, keys = _NONE
        self._late = _ordered(ids, keys)


_NONE: Final = np.empty(0, np.int64), np.empty((0, BANDS), np.uint32)


def _unpacked(rows: Sequence[tuple[int, bytes]]) -> tuple[np.ndarray, np.ndarray]:
    ids, bands = zip(*rows, strict=True)
    return np.array(ids, np.int64), np.frombuffer(b"".join(bands), dtype="<u4").reshape(len(rows), BANDS)


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([ids for ids, _ in parts]), np.concatenate([keys for _, keys in parts])


def _ordered(ids: np.ndarray, keys: np.ndarray) -> _Texts:
    bands = []
    for band in range(BANDS):
        column = np.ascontiguousarray(keys[:, band])
        order = np.argsort(column, kind="stable")
        bands.append(Ordered(column[order], ids[order]))
    return _Texts(ids, keys, tuple(bands))


class ArchiveInDatabase:
    """What was remembered by one moment; implements `detect.archive.Archive`.

    A rule that fails is reported as not checked. When the database fails, the document must wait instead: `require`
    raises what happened.

    Args:
        connection: of one reading transaction.
        passages: of this process.
        last: what `service.store.memories.remember` returned.
    """

    def __init__(self, connection: Connection, passages: PassageIndex, last: int) -> None:
        self._connection: Final = connection
        self._passages: Final = passages
        self._last: Final = last
        self._trouble: SQLAlchemyError | None = None

    def require(self) -> None:
        """Raises what went wrong while rules asked; nothing when all was answered."""
        if self._trouble is not None:
            raise self._trouble

    def count_entities(self, *, besides: Source, most: int, region: str | None = None) -> int:
        """How many other organisations are remembered, of one region where one is given; counted up to `most`."""
        named = {"own_entity": besides.entity, "most": most}
        rows = self._rows(_ENTITIES, **named) if region is None else self._rows(_ENTITIES_HERE, region=region, **named)
        return len(rows)

    def find(self, entity: str, scope: str, kind: DocumentKind, year: int) -> Source | None:
        """The disclosure of one organisation for one year; None when it is not remembered."""
        key = Source("", "", entity, kind, year, scope).key
        rows = self._rows(_BY_KEY, key=key) if entity else []
        return Source(*rows[0]) if rows else None

    def observations(self, source: Source, kind: ObservationKind) -> list[Observation]:
        """The observations of one kind of one document, in its order."""
        return [_observation(row) for row in self._rows(_OBSERVATIONS, key=source.key, kind=kind)]

    def excerpts(self, source: Source) -> list[Excerpt]:
        """The passages of one document, in its order."""
        return [Excerpt(*row) for row in self._rows(_EXCERPTS, key=source.key)]

    def peers(
        self, kind: ObservationKind, item: str, unit: str, *, besides: Source, years: Years | None = None
    ) -> list[Peer]:
        """The same number in other documents, ordered by key of the source; see `detect.archive.Archive.peers`."""
        first, last = years or _ANY_YEAR
        named = {"kind": kind, "item": item, "unit": unit, "first": first, "last_year": last, **_own(besides)}
        named["most"] = MOST_PEERS
        found = {row[0]: row[1:] for statement in _PEERS for row in self._rows(statement, **named)}
        if besides.region and len(found) >= MOST_PEERS:
            for statement in _NEIGHBOURS:
                found |= {row[0]: row[1:] for row in self._rows(statement, region=besides.region, **named)}
        peers = (_peer(found[number]) for number in sorted(found))
        return sorted(peers, key=lambda peer: peer.source.key)

    def changes(self, item: str, unit: str, *, besides: Source) -> list[tuple[Peer, Peer]]:
        """An amount of other organisations in a year and the one before; see `detect.archive.Archive.changes`."""
        if besides.year is None:
            return []
        named = {"kind": "total", "item": item, "unit": unit, "own_entity": besides.entity, **_own(besides)}
        rows = self._rows(_CHANGES, year=besides.year, before=f"|{besides.year - 1}", most=MOST_CHANGES, **named)
        pairs = [(_peer(row[:_PEER]), _peer(row[_PEER:])) for row in rows]
        return sorted(pairs, key=lambda pair: pair[0].source.key)

    def resembling(self, skeletons: Sequence[str], *, besides: Source) -> Resemblances:
        """Passages of all other documents whose skeletons are nearly the same, at most 200 of each skeleton."""
        with self._noting():
            candidates, skipped = self._passages.sharing(self._connection, fingerprints(skeletons).keys)
            distinct = np.unique(np.concatenate([_NONE[0], *candidates]))
            texts = texts_of(self._connection, distinct.tolist())
        where: dict[int, list[tuple[Source, Excerpt]]] = {}
        found = []
        for skeleton, near in zip(skeletons, candidates, strict=True):
            there = [one for one in np.unique(near).tolist() if one in texts]
            scores = likeness(skeleton, [texts[one] for one in there])
            alike = {one: score for one, score in zip(there, scores, strict=True) if score}
            for one in alike.keys() - where.keys():
                rows = self._rows(_CARRIERS, skeleton=one, **_own(besides))
                where[one] = [(Source(*row[:7]), Excerpt(*row[7:])) for row in rows]
            each = ((score, *carrier) for one, score in alike.items() for carrier in where[one])
            found.append(ranked(Resemblance(source, excerpt, score) for score, source, excerpt in each))
        return Resemblances(tuple(found), skipped)

    def _rows(self, statement: Executable, **named: object) -> Sequence[Any]:
        with self._noting():
            return self._connection.execute(statement, {"last": self._last, **named}).all()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            self._trouble = self._trouble or error
            raise


_PEER: Final = len(SOURCE) + len(_OBSERVATION)


def _peer(row: Sequence[Any]) -> Peer:
    return Peer(Source(*row[: len(SOURCE)]), _observation(row[len(SOURCE) :]))


def _own(source: Source) -> dict[str, object]:
    return {"own_key": source.key, "own_sha256": source.sha256}


def _observation(row: Sequence[Any]) -> Observation:
    kind, item, unit, value, step, label, text, page, sure, features = row
    named = tuple((name, number) for name, number in features)
    return Observation(kind, item, unit, Decimal(value), Decimal(step), label, text, page, sure, named)
