"""An installation to a folder and back: rows as JSON lines, blobs beside them, the same for SQLite and PostgreSQL.

Blobs are stored once for all backups in the folder, so that the next one costs only what is new. Rows are read in one
snapshot while the service runs; blobs never change, and are copied after them.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, Table, func, insert, select, text, update

from models.errors import BlobDamaged, NotFound, SettingsError
from service.audit import KEY_FILE
from service.backend import Backend
from service.blobs import Blobs, LocalBlobs, full, sync_path
from service.digests import file_digest
from service.migrate import head
from service.schema import (
    Base,
    DocumentRow,
    SessionRow,
    SignInAttemptRow,
    StageCacheRow,
    UserRow,
    UtcTime,
    WorkerRow,
)

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
# Workers are gone after a restore, and nobody should be signed in by an old cookie.
_LEFT_OUT: Final = {WorkerRow.__tablename__, SessionRow.__tablename__, SignInAttemptRow.__tablename__}
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup or a restore moved.

    Attributes:
        folder: of the backup.
        rows: in all tables.
        copied: blobs that were not there yet.
        missing: digests of blobs that are lost or damaged where they came from.
    """

    folder: Path
    rows: int
    copied: int
    missing: tuple[str, ...]


def back_up(backend: Backend, target: Path, now: datetime, *, with_key: bool = True) -> Summary:
    """Writes a backup into a folder of its own in `target`; a backup that breaks off leaves no such folder.

    Args:
        backend: opened installation; the service may run meanwhile.
        target: the same for all backups.
        now: names the folder.
        with_key: also the key of the audit log; without it the log of a restored installation cannot be verified.

    Raises:
        StorageFull: there is no room, or the folder cannot be written.
    """
    folder = target / now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    unfinished = folder.with_suffix(".unfinished")
    try:
        blobs = LocalBlobs(target / "blobs")
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "tables").mkdir(parents=True, mode=0o700)
        with _snapshot(backend) as connection:
            counts = {
                table.name: _write(connection, table, unfinished / "tables" / f"{table.name}.jsonl.gz")
                for table in _tables()
            }
            wanted = _blobs_of(connection)
        copied, missing = _copy(backend.blobs, blobs, wanted)
        key = backend.settings.root / KEY_FILE
        if with_key and key.exists():
            shutil.copy(key, unfinished / KEY_FILE)
        files = sorted(path for path in unfinished.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "schema": head(),
            "made": now.isoformat(),
            "rows": counts,
            "missing": missing,
            "files": {path.relative_to(unfinished).as_posix(): file_digest(path) for path in files},
        }
        (unfinished / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in [*files, unfinished / _MANIFEST]:
            sync_path(path)
        unfinished.rename(folder)
        sync_path(target)
    except OSError as error:
        raise full(target, error) from error
    return Summary(folder, sum(counts.values()), copied, tuple(missing))


def restore(backend: Backend, source: Path) -> Summary:
    """Fills an empty installation from a backup; what was in work is processed again.

    Args:
        backend: an installation without documents and users.
        source: the folder of one backup, or the folder that holds them: then the newest.

    Raises:
        SettingsError: there is no backup, it is damaged or of another version, or the installation is not empty.
        StorageFull: there is no room.
    """
    folder = _newest(source)
    manifest = _checked(folder)
    with backend.database.read() as connection:
        for row in (DocumentRow, UserRow):
            if connection.execute(select(func.count()).select_from(row)).scalar_one():
                raise SettingsError(
                    f"数据目录“{backend.settings.root}”里已有数据，没有恢复",
                    "请用 --data-dir 指定一个空目录（或空的数据库）",
                )
    blobs = LocalBlobs(folder.parent / "blobs")
    wanted = {
        row[column]
        for table, columns in _BLOB_COLUMNS.items()
        for row in _read(folder / "tables" / f"{table}.jsonl.gz")
        for column in columns
    } - {""}
    # Blobs before rows: a restore that breaks off leaves no row without its bytes.
    copied, missing = _copy(blobs, backend.blobs, wanted)
    count = 0
    with backend.database.write() as connection:
        for table in _tables():
            count += _fill(connection, table, folder / "tables" / f"{table.name}.jsonl.gz")
        again = update(DocumentRow).where(DocumentRow.state.in_(("queued", "working")))
        connection.execute(
            again.values(state="queued", stage="", submitted=None, generation=DocumentRow.generation + 1)
        )
        if not backend.database.is_sqlite:
            _count_on(connection)
    if KEY_FILE in manifest["files"]:
        key = backend.settings.root / KEY_FILE
        key.unlink(missing_ok=True)
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write((folder / KEY_FILE).read_bytes())
    return Summary(folder, count, copied, tuple(missing))


_BLOB_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    DocumentRow.__tablename__: ("sha256", "document_blob", "report_blob"),
    StageCacheRow.__tablename__: ("blob",),
}


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT]


@contextmanager
def _snapshot(backend: Backend) -> Iterator[Connection]:
    """All tables as of one moment."""
    if backend.database.is_sqlite:
        with backend.database.read() as connection:
            yield connection
        return
    engine = backend.database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def _write(connection: Connection, table: Table, path: Path) -> int:
    count = 0
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(select(table))
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as stream:
        for row in rows.mappings():
            content = {name: _as_json(value) for name, value in row.items()}
            stream.write(json.dumps(content, ensure_ascii=False) + "\n")
            count += 1
    return count


def _as_json(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, datetime) else value


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _fill(connection: Connection, table: Table, path: Path) -> int:
    moments = [column.name for column in table.columns if isinstance(column.type, UtcTime)]
    binaries = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
    count = 0
    portion: list[dict[str, Any]] = []
    for row in _read(path):
        for name in moments:
            if row[name] is not None:
                row[name] = datetime.fromisoformat(row[name])
        for name in binaries:
            row[name] = base64.b64decode(row[name])
        portion.append(row)
        if len(portion) == _AT_ONCE:
            connection.execute(insert(table), portion)
            count, portion = count + len(portion), []
    if portion:
        connection.execute(insert(table), portion)
    return count + len(portion)


def _count_on(connection: Connection) -> None:
    """PostgreSQL counts its keys beside the table; rows that brought theirs along have not moved it."""
    for table in _tables():
        key = list(table.primary_key)
        if len(key) == 1 and key[0].autoincrement and key[0].type.python_type is int:
            names = {"table": table.name, "column": key[0].name}
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar()
            last = connection.execute(select(func.max(key[0]))).scalar()
            if sequence and last:
                connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _blobs_of(connection: Connection) -> set[str]:
    found = set(connection.execute(select(StageCacheRow.blob)).scalars())
    for row in connection.execute(select(DocumentRow.sha256, DocumentRow.document_blob, DocumentRow.report_blob)):
        found.update(row)
    return found - {""}


def _copy(source: Blobs, target: Blobs, wanted: set[str]) -> tuple[int, list[str]]:
    copied = 0
    missing = []
    for name in sorted(wanted):
        if target.has(name):
            continue
        try:
            with source.as_file(name) as file:
                own = target.incoming / f"{name}.copy"
                shutil.copyfile(file, own)
                target.adopt(own, name)
        except (NotFound, BlobDamaged):
            missing.append(name)
        else:
            copied += 1
    return copied, missing


def _newest(source: Path) -> Path:
    if (source / _MANIFEST).is_file():
        return source
    found = sorted(path.parent for path in source.glob(f"*Z/{_MANIFEST}"))
    if not found:
        raise SettingsError(f"“{source}”里没有备份", "请指定 caishen backup 写入的文件夹")
    return found[-1]


def _checked(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        broken = [name for name, digest in manifest["files"].items() if file_digest(folder / name) != digest]
        made_with = (manifest["format"], manifest["schema"])
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"备份“{folder}”不完整（{error}）", "请换一份备份") from error
    if broken:
        raise SettingsError(f"备份“{folder}”里的 {broken[0]} 已损坏", "请换一份备份")
    if made_with != (FORMAT, head()):
        raise SettingsError(
            f"备份“{folder}”是由另一版本的财审做的（结构 {made_with[1]}，本版本为 {head()}）",
            "请先用当时的版本恢复，再升级",
        )
    return manifest
