"""Browser sessions: made at sign-in, found by their token's digest, ended by time or by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from service.auth.person import Person
from service.auth.secrets import digest, new_secret
from service.db import Database
from service.schema import SessionRow, UserRow

SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly it is known when a session was last used: a write with every request would cost too much."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without a request, and at most."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it in a list.

    Attributes:
        id: digest of its token.
    """

    id: str
    created: datetime
    last_seen: datetime


def start_session(connection: Connection, user_id: int, lifetime: Lifetime, now: datetime) -> str:
    """Makes a session and returns its token, which is not stored; sessions that are long over are removed."""
    token = new_secret()
    connection.execute(delete(SessionRow).where(SessionRow.expires < now - lifetime.longest))
    connection.execute(
        insert(SessionRow).values(
            token_sha256=digest(token),
            user_id=user_id,
            csrf=new_secret(),
            created=now,
            last_seen=now,
            expires=now + lifetime.longest,
        )
    )
    return token


def find_session(database: Database, token: str, lifetime: Lifetime, now: datetime) -> Person | None:
    """The person whose session it is; None when it is unknown, over, revoked, or the person disabled."""
    query = (
        select(
            SessionRow.token_sha256,
            SessionRow.csrf,
            SessionRow.last_seen,
            UserRow.id,
            UserRow.name,
            UserRow.role,
        )
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(
            SessionRow.token_sha256 == digest(token),
            SessionRow.revoked.is_(None),
            SessionRow.expires > now,
            SessionRow.last_seen > now - lifetime.idle,
            UserRow.disabled.is_(False),
        )
    )
    with database.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    if row.last_seen < now - SEEN_EVERY:
        with database.write() as connection:
            seen = update(SessionRow).where(SessionRow.token_sha256 == row.token_sha256).values(last_seen=now)
            connection.execute(seen)
    return Person(row.id, row.name, row.role, session=row.token_sha256, csrf=row.csrf)


def open_sessions(connection: Connection, user_id: int, lifetime: Lifetime, now: datetime) -> list[OpenSession]:
    """A person's sessions that are not over, the last used first."""
    query = (
        select(SessionRow.token_sha256, SessionRow.created, SessionRow.last_seen)
        .where(
            SessionRow.user_id == user_id,
            SessionRow.revoked.is_(None),
            SessionRow.expires > now,
            SessionRow.last_seen > now - lifetime.idle,
        )
        .order_by(SessionRow.last_seen.desc())
    )
    return [OpenSession(*row) for row in connection.execute(query)]


def end_session(connection: Connection, user_id: int, session: str, now: datetime) -> bool:
    """Ends one session of a person; false where it is not theirs or over already."""
    mine = (SessionRow.user_id == user_id, SessionRow.token_sha256 == session, SessionRow.revoked.is_(None))
    return connection.execute(update(SessionRow).where(*mine).values(revoked=now)).rowcount > 0


def leave_session(connection: Connection, token: str, now: datetime) -> None:
    """Ends the session of this token, whoever's it is; nothing happens where there is none."""
    mine = (SessionRow.token_sha256 == digest(token), SessionRow.revoked.is_(None))
    connection.execute(update(SessionRow).where(*mine).values(revoked=now))


def end_sessions(connection: Connection, user_id: int, now: datetime, *, but: str = "") -> None:
    """Ends all sessions of a person, except one."""
    mine = (SessionRow.user_id == user_id, SessionRow.token_sha256 != but, SessionRow.revoked.is_(None))
    connection.execute(update(SessionRow).where(*mine).values(revoked=now))
