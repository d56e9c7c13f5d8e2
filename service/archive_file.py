"""The archive of audited documents as one SQLite file: it grows with every audit and is asked by the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from detect.archive import Peer, Resemblance, Resemblances, Years, paired, ranked
from detect.duplicates import LARGEST_BUCKET, fingerprints, likeness
from models.archive import Excerpt, Memory, Observation, ObservationKind, Source
from models.errors import SettingsError
from models.report import DocumentKind
from service import archive_bands
from service.archive_bands import BandRuns
from service.db import BUSY_TIMEOUT_MS, sqlite_driver

_APPLICATION_ID: Final = 0x43534152
_VERSION: Final = 2
_AT_ONCE: Final = 500
"""Values in one `IN (…)`: below the least limit of variables that SQLite was ever built with (999)."""
_SCHEMA: Final = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, name TEXT NOT NULL, entity TEXT NOT NULL,
    kind TEXT NOT NULL, year INTEGER, scope TEXT NOT NULL, region TEXT NOT NULL
);
CREATE INDEX sources_sha256 ON sources (sha256);
CREATE TABLE observations (
    source INTEGER NOT NULL REFERENCES sources (id), kind TEXT NOT NULL, item TEXT NOT NULL, unit TEXT NOT NULL,
    value TEXT NOT NULL, step TEXT NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL, page INTEGER NOT NULL,
    sure REAL NOT NULL, features TEXT NOT NULL
);
CREATE INDEX observations_source ON observations (source, kind);
CREATE INDEX observations_item ON observations (kind, item, unit);
CREATE TABLE skeletons (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL, keys BLOB NOT NULL);
CREATE TABLE excerpts (
    source INTEGER NOT NULL REFERENCES sources (id), skeleton INTEGER NOT NULL REFERENCES skeletons (id),
    field TEXT NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL, page INTEGER NOT NULL
);
CREATE INDEX excerpts_source ON excerpts (source);
CREATE INDEX excerpts_skeleton ON excerpts (skeleton);
"""
_SOURCE: Final = "s.sha256, s.name, s.entity, s.kind, s.year, s.scope, s.region"
_OBSERVATION: Final = "o.kind, o.item, o.unit, o.value, o.step, o.label, o.text, o.page, o.sure, o.features"
_EXCERPT: Final = "e.field, e.label, e.text, k.text, e.page"


class ArchiveFile:
    """An archive in one file, for one process at a time to write and any to read.

    Raises:
        SettingsError: the file is none of ours, was written by a newer version, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        driver = sqlite_driver()
        try:
            self._db = driver.connect(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
            self._bands = BandRuns(self._db)
            try:
                self._prepare(path)
            except BaseException:
                self._db.close()
                raise
        except driver.DatabaseError as error:
            raise SettingsError(
                f"打不开档案文件“{path}”（{error}）", "请检查路径、权限和剩余空间，或用 --archive 指定其他文件"
            ) from error

    def _prepare(self, path: Path) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == _APPLICATION_ID and version > _VERSION:
            raise SettingsError(f"档案文件“{path}”由更新版本的财审写成", "请升级财审，或用 --archive 指定其他文件")
        if tables and application != _APPLICATION_ID:
            raise SettingsError(f"“{path}”不是财审的档案文件", "请用 --archive 指定档案文件或一个新文件名")
        if not tables:
            with self._transaction():
                for statement in (*_SCHEMA.strip().rstrip(";").split(";\n"), *archive_bands.SCHEMA):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
        elif version < _VERSION:
            self._put_in_order()

    def _put_in_order(self) -> None:
        """Bring a file of version 1, which kept no order, up to date: some seconds for a million passages."""
        with self._transaction():
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version < _VERSION:  # and no other process was faster
                for statement in archive_bands.SCHEMA:
                    self._db.execute(statement)
                self._bands.grow()
                self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Lets go of the file; what was added is in it."""
        self._db.close()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        # IMMEDIATE: a deferred transaction that turns into a writing one fails instead of waiting for its turn.
        self._db.execute(begin)
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def add(self, memories: Iterable[Memory]) -> None:
        """Remember documents, all of them or none; one takes the place of a former one with its key or its sha256."""
        with self._transaction():
            for memory in memories:
                self._forget(memory.source)
                self._remember(memory)
            self._bands.grow()

    def _forget(self, source: Source) -> None:
        found = self._db.execute("SELECT id FROM sources WHERE key = ? OR sha256 = ?", (source.key, source.sha256))
        for (former,) in found.fetchall():
            used = self._db.execute("SELECT DISTINCT skeleton FROM excerpts WHERE source = ?", (former,)).fetchall()
            self._db.execute("DELETE FROM excerpts WHERE source = ?", (former,))
            self._db.execute("DELETE FROM observations WHERE source = ?", (former,))
            self._db.execute("DELETE FROM sources WHERE id = ?", (former,))
            self._db.executemany(
                "DELETE FROM skeletons WHERE id = ? AND NOT EXISTS (SELECT 1 FROM excerpts WHERE skeleton = id)", used
            )

    def _remember(self, memory: Memory) -> None:
        own = memory.source
        source = self._db.execute(
            "INSERT INTO sources (key, sha256, name, entity, kind, year, scope, region) VALUES (?,?,?,?,?,?,?,?)",
            (own.key, own.sha256, own.name, own.entity, own.kind, own.year, own.scope, own.region),
        ).lastrowid
        rows = [(source, *_packed(observation)) for observation in memory.observations]
        self._db.executemany("INSERT INTO observations VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
        texts = list(dict.fromkeys(excerpt.skeleton for excerpt in memory.excerpts))
        known = self._skeletons(texts)
        new = [text for text in texts if text not in known]
        ids = range(first := self._bands.next_id(), first + len(new))
        known.update(zip(new, ids, strict=True))
        keys = (own.astype("<u4").tobytes() for own in fingerprints(new).keys)
        self._db.executemany(
            "INSERT INTO skeletons (id, digest, text, keys) VALUES (?,?,?,?)",
            zip(ids, map(_digest, new), new, keys, strict=True),
        )
        self._db.executemany(
            "INSERT INTO excerpts VALUES (?,?,?,?,?,?)",
            [(source, known[one.skeleton], one.field, one.label, one.text, one.page) for one in memory.excerpts],
        )

    def _skeletons(self, texts: Sequence[str]) -> dict[str, int]:
        digests = [_digest(text) for text in texts]
        return {text: number for number, text in self._in("SELECT id, text FROM skeletons WHERE digest", digests)}

    def _in(self, begin: str, values: Sequence[Any], end: str = "") -> Iterator[tuple[Any, ...]]:
        for at in range(0, len(values), _AT_ONCE):
            part = values[at : at + _AT_ONCE]
            yield from self._db.execute(f"{begin} IN ({','.join('?' * len(part))}) {end}", part)

    def sources(self) -> list[Source]:
        """Every remembered document, by key."""
        return [Source(*row) for row in self._db.execute(f"SELECT {_SOURCE} FROM sources s ORDER BY key")]  # noqa: S608

    def find(self, entity: str, scope: str, kind: DocumentKind, year: int) -> Source | None:
        """The disclosure of one organisation for one year; None when it is not remembered."""
        key = Source("", "", entity, kind, year, scope).key
        row = self._db.execute(f"SELECT {_SOURCE} FROM sources s WHERE key = ?", (key,)).fetchone()  # noqa: S608
        return Source(*row) if row is not None else None

    def observations(self, source: Source, kind: ObservationKind) -> list[Observation]:
        """The observations of one kind of one document, in its order."""
        rows = self._db.execute(
            f"SELECT {_OBSERVATION} FROM observations o JOIN sources s ON s.id = o.source "  # noqa: S608
            "WHERE s.key = ? AND o.kind = ? ORDER BY o.rowid",
            (source.key, kind),
        )
        return [_observation(row) for row in rows]

    def excerpts(self, source: Source) -> list[Excerpt]:
        """The passages of one document, in its order."""
        rows = self._db.execute(
            f"SELECT {_EXCERPT} FROM excerpts e JOIN sources s ON s.id = e.source "  # noqa: S608
            "JOIN skeletons k ON k.id = e.skeleton WHERE s.key = ? ORDER BY e.rowid",
            (source.key,),
        )
        return [Excerpt(*row) for row in rows]

    def count_entities(self, *, besides: Source, most: int, region: str | None = None) -> int:
        """How many other organisations are remembered, of one region where one is given; counted up to `most`."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM (SELECT DISTINCT entity FROM sources "
            "WHERE entity NOT IN ('', ?) AND region = coalesce(?, region) LIMIT ?)",
            (besides.entity, region, most),
        ).fetchone()
        return int(count)

    def peers(
        self, kind: ObservationKind, item: str, unit: str, *, besides: Source, years: Years | None = None
    ) -> list[Peer]:
        """The same number in all other documents, ordered by key of the source; see `detect.archive.Archive.peers`."""
        first, last = years or (None, None)
        rows = self._db.execute(
            f"SELECT {_SOURCE}, {_OBSERVATION} FROM observations o JOIN sources s ON s.id = o.source "  # noqa: S608
            "WHERE o.kind = ? AND o.item = ? AND o.unit = ? AND s.key <> ? AND s.sha256 <> ? "
            "AND coalesce(s.year BETWEEN ? AND ?, TRUE) ORDER BY s.key, o.rowid",
            (kind, item, unit, besides.key, besides.sha256, first, last),
        )
        return [Peer(Source(*row[:7]), _observation(row[7:])) for row in rows]

    def changes(self, item: str, unit: str, *, besides: Source) -> list[tuple[Peer, Peer]]:
        """An amount of other organisations in a year and the one before; see `detect.archive.Archive.changes`."""
        return paired(self, item, unit, besides)

    def resembling(self, skeletons: Sequence[str], *, besides: Source) -> Resemblances:
        """Passages of all other documents whose skeletons are nearly the same, at most 200 of each skeleton."""
        with self._transaction("BEGIN"):  # one state of the file for all that is read
            near, skipped = self._bands.candidates(fingerprints(skeletons))
            distinct = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *near])).tolist()
            texts: dict[int, str] = dict(self._in("SELECT id, text FROM skeletons WHERE id", distinct))
            where: dict[int, list[tuple[Source, Excerpt]]] = {}
            found = []
            for skeleton, candidates in zip(skeletons, near, strict=True):
                known = [one for one in candidates.tolist() if one in texts]
                scores = likeness(skeleton, [texts[one] for one in known])
                alike = {one: score for one, score in zip(known, scores, strict=True) if score}
                for one in alike.keys() - where.keys():
                    where[one] = self._carriers(one, besides)
                each = ((score, *carrier) for one, score in alike.items() for carrier in where[one])
                found.append(ranked(Resemblance(source, excerpt, score) for score, source, excerpt in each))
        return Resemblances(tuple(found), skipped)

    def _carriers(self, skeleton: int, besides: Source) -> list[tuple[Source, Excerpt]]:
        rows = self._db.execute(
            f"SELECT {_SOURCE}, {_EXCERPT} FROM excerpts e JOIN sources s ON s.id = e.source "  # noqa: S608
            "JOIN skeletons k ON k.id = e.skeleton WHERE e.skeleton = ? AND s.key <> ? AND s.sha256 <> ? LIMIT ?",
            (skeleton, besides.key, besides.sha256, LARGEST_BUCKET),
        )
        return [(Source(*row[:7]), Excerpt(*row[7:])) for row in rows]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _packed(one: Observation) -> tuple[str | int | float, ...]:
    features = json.dumps(one.features, ensure_ascii=False)
    named = (one.kind, one.item, one.unit, str(one.value), str(one.step), one.label, one.text)
    return (*named, one.page, one.sure, features)


def _observation(row: tuple[Any, ...]) -> Observation:
    kind, item, unit, value, step, label, text, page, sure, features = row
    named = tuple((name, number) for name, number in json.loads(features))
    return Observation(kind, item, unit, Decimal(value), Decimal(step), label, text, page, sure, named)
