"""What a stage made of an input before, so that only what has changed is made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from models.run import Stage
from service.schema import StageCacheRow


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Everything that determines a stage's result.

    Attributes:
        input_hash: SHA-256 of the bytes that the stage works on.
        code_version: digest of the code and models that the stage runs.
        config_hash: digest of the settings that change its result.
    """

    input_hash: str
    stage: Stage
    code_version: str
    config_hash: str


def cached(connection: Connection, key: CacheKey) -> str:
    """The blob that holds the result; empty when there is none."""
    found = connection.execute(select(StageCacheRow.blob).where(*_of(key))).scalar()
    return found or ""


def remember(connection: Connection, key: CacheKey, blob: str, now: datetime) -> None:
    """Notes where a result is; a former note is replaced."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(StageCacheRow).values(
        input_hash=key.input_hash,
        stage=key.stage,
        code_version=key.code_version,
        config_hash=key.config_hash,
        blob=blob,
        created=now,
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["input_hash", "stage", "code_version", "config_hash"], set_={"blob": blob, "created": now}
        )
    )


def forget(connection: Connection, key: CacheKey) -> None:
    """Drops a note whose blob is gone or cannot be used."""
    connection.execute(delete(StageCacheRow).where(*_of(key)))


def _of(key: CacheKey) -> tuple[ColumnElement[bool], ...]:
    return (
        StageCacheRow.input_hash == key.input_hash,
        StageCacheRow.stage == key.stage,
        StageCacheRow.code_version == key.code_version,
        StageCacheRow.config_hash == key.config_hash,
    )
