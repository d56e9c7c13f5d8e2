"""What a stage made of an input before, so that only what has changed is made again.

Reading leaves pictures of the pages that it took marks off as well, one note a page, stage `cleaned:<index>`. They are
kept of the newest reading alone: they are as large as the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from models.run import Stage
from service.schema import StageCacheRow

_PICTURE: Final = "cleaned:"


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


def keep_pictures(connection: Connection, pages: CacheKey, pictures: Mapping[int, str], now: datetime) -> None:
    """Notes the pictures that a reading left; those of earlier readings are forgotten.

    Args:
        connection: of a transaction that writes.
        pages: the reading.
        pictures: blobs by index of the page.
        now: the present moment.
    """
    is_picture = StageCacheRow.stage.startswith(_PICTURE, autoescape=True)
    connection.execute(delete(StageCacheRow).where(StageCacheRow.input_hash == pages.input_hash, is_picture))
    made_with = {"input_hash": pages.input_hash, "code_version": pages.code_version, "config_hash": pages.config_hash}
    rows = [
        {**made_with, "stage": f"{_PICTURE}{index}", "blob": blob, "created": now} for index, blob in pictures.items()
    ]
    if rows:
        connection.execute(insert(StageCacheRow), rows)


def picture_of(connection: Connection, document_blob: str, input_hash: str, index: int) -> str:
    """The picture of a page that the reading left which made `document_blob`; empty when there is none."""
    reading, picture = aliased(StageCacheRow), aliased(StageCacheRow)
    statement = (
        select(picture.blob)
        .join(reading, (reading.code_version == picture.code_version) & (reading.config_hash == picture.config_hash))
        .where(reading.input_hash == input_hash, reading.stage == "pages", reading.blob == document_blob)
        .where(picture.input_hash == input_hash, picture.stage == f"{_PICTURE}{index}")
        .limit(1)
    )
    return connection.execute(statement).scalar() or ""


def _of(key: CacheKey) -> tuple[ColumnElement[bool], ...]:
    return (
        StageCacheRow.input_hash == key.input_hash,
        StageCacheRow.stage == key.stage,
        StageCacheRow.code_version == key.code_version,
        StageCacheRow.config_hash == key.config_hash,
    )
