"""One-time links by which a person sets a password: the first administrator, someone new, someone who forgot it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from models.errors import InConflict, NotFound
from service.audit import AuditLog
from service.auth.accounts import find_account, has_users, make_account, set_password
from service.auth.passwords import hash_password, refuse_weak
from service.auth.secrets import digest, new_secret
from service.auth.sessions import end_sessions
from service.db import Database
from service.schema import InvitationRow

FIRST_LASTS: Final = timedelta(hours=24)
LASTS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is for.

    Attributes:
        user_id: whose password it sets; None for the first administrator, who also chooses a name.
        name: of that person; empty for the first administrator.
    """

    user_id: int | None
    name: str


def invite_first(database: Database, now: datetime) -> str | None:
    """The secret of a link by which the first administrator is made; None once there is anybody.

    A former link of this kind stops working, so that only the one printed last does.
    """
    with database.write() as connection:
        if has_users(connection):
            return None
        connection.execute(delete(InvitationRow).where(InvitationRow.user_id.is_(None)))
        return _make(connection, None, now + FIRST_LASTS, now)


def invite(connection: Connection, log: AuditLog, actor: str, user_id: int, now: datetime) -> str:
    """The secret of a link by which a person sets a new password; former links of that person stop working.

    Raises:
        NotFound: nobody has this id.
    """
    find_account(connection, user_id)
    connection.execute(delete(InvitationRow).where(InvitationRow.user_id == user_id, InvitationRow.used.is_(None)))
    log.append(connection, actor, "user.invite", f"user:{user_id}")
    return _make(connection, user_id, now + LASTS, now)


def find_invitation(connection: Connection, secret: str, now: datetime) -> Invitation:
    """What the link is for.

    Raises:
        NotFound: the link is wrong, over, or used.
    """
    row = connection.execute(
        select(InvitationRow.__table__).where(
            InvitationRow.token_sha256 == digest(secret), InvitationRow.used.is_(None), InvitationRow.expires > now
        )
    ).first()
    if row is None or (row.user_id is None and has_users(connection)):
        raise NotFound("链接无效、已用过或已过期", "请向管理员要一个新的链接；首次启动的链接在服务的启动信息里")
    name = "" if row.user_id is None else find_account(connection, row.user_id).name
    return Invitation(row.user_id, name)


def take_up(database: Database, log: AuditLog, secret: str, name: str, password: str, now: datetime) -> int:
    """Sets the password, makes the first administrator where the link is for that, and returns the person's id.

    Args:
        database: of the service.
        log: of the service.
        secret: from the link.
        name: chosen by the first administrator; not regarded for others.
        password: new.
        now: the time.

    Raises:
        NotFound: the link is wrong, over, or used.
        SettingsError: the password is too weak.
        RequestError: a name that does not fit.
    """
    with database.read() as connection:
        invitation = find_invitation(connection, secret, now)
    refuse_weak(password, invitation.name or name)
    made = hash_password(password)
    with database.write() as connection:
        using = update(InvitationRow).where(
            InvitationRow.token_sha256 == digest(secret), InvitationRow.used.is_(None), InvitationRow.expires > now
        )
        if connection.execute(using.values(used=now)).rowcount == 0:
            raise InConflict("链接刚刚被用过", "请直接登录")
        user_id = invitation.user_id
        if user_id is None:
            _refuse_second(connection)
            user_id = make_account(connection, log, "首次设置", name, "administrator", now)
        who = find_account(connection, user_id).name
        set_password(connection, user_id, made)
        end_sessions(connection, user_id, now)
        log.append(connection, who, "user.password", f"user:{user_id}", {"by": "链接"})
    return user_id


def _refuse_second(connection: Connection) -> None:
    """Two people with the first link: the slower one is told to sign in.

    Raises:
        InConflict: there is an administrator by now.
    """
    if has_users(connection):
        raise InConflict("管理员已经建立", "请直接登录")


def _make(connection: Connection, user_id: int | None, expires: datetime, now: datetime) -> str:
    secret = new_secret()
    values = {"token_sha256": digest(secret), "user_id": user_id, "created": now, "expires": expires}
    connection.execute(insert(InvitationRow).values(**values))
    return secret
