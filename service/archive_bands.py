"""The keys of an archive's passages, kept in order: whoever shares a band with a passage is found without a scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from detect.duplicates import BANDS, SKETCH, Ordered, Prints, outlines, possible, sharing

SCHEMA: Final = (
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, size INTEGER NOT NULL,
        outlines BLOB NOT NULL
    )""",
    "CREATE TABLE bands (id INTEGER PRIMARY KEY, entries BLOB NOT NULL)",
)
"""A run holds the keys of the passages above `low` up to `high`, `size` of them, and what rules out most of those that
share a key: their lengths and sketches. A row of `bands` is one part of one
band of one run: the run in the bits above 40 of its id, the band in the eight below, the part in the lowest 32."""
TAIL: Final = 8192
"""Passages that wait without order: a fiftieth of a second to read, and rarely enough put in order."""
PART: Final = 400
"""Entries in a part: with eight bytes each one row fits into a page of SQLite (4,096 bytes) with room for chance."""
_ENTRY: Final = np.dtype([("key", "<u4"), ("owner", "<u4")])
_OUTLINE: Final = np.dtype([("owner", "<u4"), ("length", "<i4"), ("sketch", "<u8", (SKETCH,))])


class Run(NamedTuple):
    """Passages whose keys are in order; runs follow each other without a gap."""

    id: int
    low: int
    high: int
    size: int


class BandRuns:
    """The keys of passages as runs in order, each at least twice as long as the next, with a short tail without order.

    Adding a passage moves its keys log2(passages / TAIL) times on average, as in a log-structured merge tree. A search
    reads only the parts in which an equal key may stand, so that nothing is loaded when the file is opened. Passages
    that are gone stay in their run until it is merged; whoever asks finds no text under their id.

    The passages are rows of `skeletons (id, text, keys)`. Ids up to that of the last run are never given again.
    """

    def __init__(self, db: Any) -> None:
        self._db = db

    def _runs(self) -> list[Run]:
        return [Run(*row) for row in self._db.execute("SELECT id, low, high, size FROM runs ORDER BY low")]

    def next_id(self) -> int:
        """An id that no passage has had which is in a run."""
        (last,) = self._db.execute(
            "SELECT max(coalesce((SELECT max(id) FROM skeletons), 0), coalesce((SELECT max(high) FROM runs), 0))"
        ).fetchone()
        return int(last) + 1

    def grow(self) -> None:
        """Put the tail in order once it is long, and join it with the runs that are not twice as long."""
        runs = self._runs()
        low = runs[-1].high if runs else 0
        (size,) = self._db.execute("SELECT count(*) FROM skeletons WHERE id > ?", (low,)).fetchone()
        if size < TAIL:
            return
        outlines, keys = self._unordered(low)
        joined: list[Run] = []
        while runs and runs[-1].size < 2 * (size + sum(run.size for run in joined)):
            joined.append(runs.pop())
        self._join(joined[::-1], outlines, keys)

    def _unordered(self, low: int) -> tuple[np.ndarray, np.ndarray]:
        """Outlines and keys of the passages above `low`, the keys of shape (passages, BANDS)."""
        query = "SELECT id, text, keys FROM skeletons WHERE id > ? ORDER BY id"
        rows = self._db.execute(query, (low,)).fetchall()
        found = np.empty(len(rows), dtype=_OUTLINE)
        found["owner"] = np.fromiter((number for number, _, _ in rows), dtype="<u4", count=len(rows))
        found["length"], found["sketch"] = outlines([text for _, text, _ in rows])
        return found, np.frombuffer(b"".join(packed for _, _, packed in rows), dtype="<u4").reshape(-1, BANDS)

    def _join(self, runs: Sequence[Run], tail: np.ndarray, keys: np.ndarray) -> None:
        """Write one run that holds the passages of some and of the tail behind them, without those that are gone."""
        low = runs[0].low if runs else int(tail["owner"][0]) - 1
        alive = self._alive(low, int(tail["owner"][-1]))
        (number,) = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM runs").fetchone()

        def joined(pieces: Sequence[np.ndarray]) -> np.ndarray:
            return np.concatenate([piece[alive[piece["owner"] - np.uint32(low + 1)]] for piece in pieces])

        known = joined([*map(self._outlines, runs), tail])
        for band in range(BANDS):
            fresh = np.empty(len(tail), dtype=_ENTRY)
            fresh["key"], fresh["owner"] = keys[:, band], tail["owner"]
            entries = joined([*(self._band(run, band) for run in runs), fresh])
            # Stable sorting finds the pieces that are in order already and merges them.
            self._write(number, band, entries[np.argsort(entries["key"], kind="stable")])
        for run in runs:
            self._db.execute("DELETE FROM bands WHERE id >= ? AND id < ?", (_row(run.id, 0), _row(run.id + 1, 0)))
            self._db.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        row = (number, low, int(tail["owner"][-1]), len(known), known.tobytes())
        self._db.execute("INSERT INTO runs VALUES (?,?,?,?,?)", row)

    def _alive(self, low: int, high: int) -> np.ndarray:
        """Which of the ids above `low` up to `high` still are passages."""
        rows = self._db.execute("SELECT id FROM skeletons WHERE id > ? AND id <= ?", (low, high))
        alive = np.zeros(high - low, dtype=bool)
        alive[np.fromiter((number - low - 1 for (number,) in rows), dtype=np.int64)] = True
        return alive

    def _outlines(self, run: Run) -> np.ndarray:
        (packed,) = self._db.execute("SELECT outlines FROM runs WHERE id = ?", (run.id,)).fetchone()
        return np.frombuffer(packed, dtype=_OUTLINE)

    def _band(self, run: Run, band: int) -> np.ndarray:
        span = _row(run.id, band), _row(run.id, band + 1)
        rows = self._db.execute("SELECT entries FROM bands WHERE id >= ? AND id < ? ORDER BY id", span)
        return np.frombuffer(b"".join(entries for (entries,) in rows), dtype=_ENTRY)

    def _write(self, run: int, band: int, entries: np.ndarray) -> None:
        bounds = np.searchsorted(_parts(entries["key"], len(entries)), np.arange(_count(len(entries)) + 1))
        self._db.executemany(
            "INSERT INTO bands VALUES (?,?)",
            (
                (_row(run, band, part), entries[begin:end].tobytes())
                for part, (begin, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
                if begin < end
            ),
        )

    def candidates(self, prints: Prints) -> tuple[list[np.ndarray], int]:
        """For each text the ids of passages that may be alike to it, and how many buckets were left out.

        Ids of passages that are gone may be among them.
        """
        runs = self._runs()
        fresh, keys = self._unordered(runs[-1].high if runs else 0)
        known = np.concatenate([*map(self._outlines, runs), fresh])
        # By id: passages that were gone when their run was written have no length and are like nothing.
        by_id = np.zeros(int(known["owner"][-1]) + 1 if len(known) else 0, dtype=_OUTLINE)
        by_id[known["owner"]] = known

        def ordered(band: int, own: np.ndarray) -> list[Ordered]:
            order = np.argsort(keys[:, band], kind="stable")
            tail = Ordered(keys[order, band], fresh["owner"][order])
            return [tail, *(self._near(run, band, own) for run in runs)]

        near, left_out = sharing(prints.keys, ordered)
        each = zip(near, *prints.outlines(), strict=True)
        return [possible(*one, by_id["length"], by_id["sketch"]) for one in each], left_out

    def _near(self, run: Run, band: int, own: np.ndarray) -> Ordered:
        """The parts of a band of a run in which keys equal to the given ones would stand."""
        wanted = np.unique(_parts(own, run.size)).tolist()
        first = _row(run.id, band)
        # Numbers that this class computed: no text of others gets into the statement, and their count has no limit.
        listed = ",".join(str(first + part) for part in wanted)
        rows = self._db.execute(f"SELECT entries FROM bands WHERE id IN ({listed}) ORDER BY id")  # noqa: S608
        entries = np.frombuffer(b"".join(part for (part,) in rows), dtype=_ENTRY)
        return Ordered(np.ascontiguousarray(entries["key"]), entries["owner"])


def _row(run: int, band: int, part: int = 0) -> int:
    return run << 40 | band << 32 | part


def _count(size: int) -> int:
    return -(-size // PART)


def _parts(keys: np.ndarray, size: int) -> np.ndarray:
    """The part in which each key stands: keys are as good as random, so that equal ranges of them are equally full."""
    return (keys.astype(np.uint64) * np.uint64(_count(size))) >> np.uint64(32)
