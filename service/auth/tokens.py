"""API tokens: made for a person with some of the person's permissions, shown once, found by their prefix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from models.errors import NotFound, RequestError
from service.auth.person import Person
from service.auth.roles import PERMISSIONS, Permission, granted
from service.auth.secrets import digest, new_token, same, token_prefix
from service.db import Database
from service.schema import ApiTokenRow, UserRow

LONGEST_DAYS: Final = 366
_USED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as lists show it."""

    prefix: str
    name: str
    user_id: int
    user: str
    scopes: tuple[str, ...]
    created: datetime
    last_used: datetime | None
    expires: datetime | None


def make_token(
    connection: Connection, person: Person, name: str, scopes: Iterable[str], days: int, now: datetime
) -> tuple[str, str]:
    """A new token of a person and its prefix; the token is never shown again.

    Args:
        connection: in a transaction that may write.
        person: signed in through a browser.
        name: what it is for, in the person's words.
        scopes: permissions that the person has.
        days: until it ends, at most 366.
        now: the time.

    Raises:
        RequestError: no name, an unknown or missing scope, or a lifetime out of range.
    """
    wanted = tuple(scope for scope in PERMISSIONS if scope in set(scopes))
    if not name.strip() or len(name) > 120:
        raise RequestError("令牌没有名称，或名称超过 120 个字", "请写明令牌的用途，例如“每日上传”")
    if not wanted or len(wanted) != len(set(scopes)) or not set(wanted) <= granted(person.role):
        raise RequestError("令牌的权限没有选，或超出了您的角色", "请至少选择一项自己拥有的权限")
    if not 1 <= days <= LONGEST_DAYS:
        raise RequestError(f"有效期 {days} 天不在 1 至 {LONGEST_DAYS} 天之间", "请改正有效期")
    made = new_token()
    connection.execute(
        insert(ApiTokenRow).values(
            prefix=made.prefix,
            token_sha256=made.digest,
            user_id=person.id,
            name=name.strip(),
            scopes=list(wanted),
            created=now,
            expires=now + timedelta(days=days),
        )
    )
    return made.shown, made.prefix


def find_token(database: Database, token: str, now: datetime) -> Person | None:
    """The person whose token it is, with the token's scopes; None when it is unknown, over or revoked."""
    prefix = token_prefix(token)
    if prefix is None:
        return None
    query = (
        select(
            ApiTokenRow.token_sha256,
            ApiTokenRow.scopes,
            ApiTokenRow.last_used,
            UserRow.id,
            UserRow.name,
            UserRow.role,
        )
        .join(UserRow, UserRow.id == ApiTokenRow.user_id)
        .where(
            ApiTokenRow.prefix == prefix,
            ApiTokenRow.revoked.is_(None),
            ApiTokenRow.expires > now,
            UserRow.disabled.is_(False),
        )
    )
    with database.read() as connection:
        row = connection.execute(query).first()
    if row is None or not same(digest(token), row.token_sha256):
        return None
    if row.last_used is None or row.last_used < now - _USED_EVERY:
        with database.write() as connection:
            connection.execute(update(ApiTokenRow).where(ApiTokenRow.prefix == prefix).values(last_used=now))
    scopes: frozenset[Permission] = frozenset(scope for scope in PERMISSIONS if scope in row.scopes)
    return Person(row.id, row.name, row.role, token=prefix, scopes=scopes)


def list_tokens(connection: Connection, now: datetime, *, user_id: int | None = None) -> list[ApiToken]:
    """Tokens that still work, of one person or of all, the newest first."""
    query = (
        select(
            ApiTokenRow.prefix,
            ApiTokenRow.name,
            ApiTokenRow.user_id,
            UserRow.name.label("user"),
            ApiTokenRow.scopes,
            ApiTokenRow.created,
            ApiTokenRow.last_used,
            ApiTokenRow.expires,
        )
        .join(UserRow, UserRow.id == ApiTokenRow.user_id)
        .where(ApiTokenRow.revoked.is_(None), ApiTokenRow.expires > now)
        .order_by(ApiTokenRow.created.desc(), ApiTokenRow.prefix)
    )
    if user_id is not None:
        query = query.where(ApiTokenRow.user_id == user_id)
    return [ApiToken(**{**row, "scopes": tuple(row["scopes"])}) for row in connection.execute(query).mappings()]


def revoke_token(connection: Connection, prefix: str, now: datetime, *, user_id: int | None = None) -> None:
    """Ends a token; with `user_id` only one of that person.

    Raises:
        NotFound: there is no such token, or it has ended already.
    """
    ending = update(ApiTokenRow).where(ApiTokenRow.prefix == prefix, ApiTokenRow.revoked.is_(None))
    if user_id is not None:
        ending = ending.where(ApiTokenRow.user_id == user_id)
    if connection.execute(ending.values(revoked=now)).rowcount == 0:
        raise NotFound(f"没有令牌 {prefix}，或它已经作废", "请刷新页面核对")
