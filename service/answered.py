"""Uploads that came with an `Idempotency-Key`, so that a program which lost the answer may simply ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from service.schema import AnsweredRow

KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked with a key, and what came of it."""

    request: str
    upload_id: str


def answered(connection: Connection, user_id: int, key: str) -> Answered | None:
    """The answer that was given to a key of this user."""
    mine = (AnsweredRow.user_id == user_id, AnsweredRow.key == key)
    row = connection.execute(select(AnsweredRow.request, AnsweredRow.upload_id).where(*mine)).first()
    return None if row is None else Answered(row.request, row.upload_id)


def remember(connection: Connection, user_id: int, key: str, request: str, upload_id: str, now: datetime) -> None:
    """Notes an answer; the first one stays. Answers that are old enough are forgotten."""
    connection.execute(delete(AnsweredRow).where(AnsweredRow.created < now - KEPT))
    if answered(connection, user_id, key) is None:
        values = {"user_id": user_id, "key": key, "request": request, "upload_id": upload_id, "created": now}
        connection.execute(insert(AnsweredRow).values(**values))
