"""Accounts: signing in with a password and a lock-out, and what an administrator may change about a person."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from models.errors import InConflict, NotFound, NotSignedIn, RequestError, TooManyRequests
from service.audit import AuditLog
from service.auth.known_browsers import KNOWN_BROWSER, KnownBrowsers
from service.auth.passwords import hash_password, needs_rehash, refuse_weak, verify_password
from service.auth.person import Person
from service.auth.roles import ROLES, Role
from service.auth.sessions import end_sessions
from service.db import Database
from service.rates import Rates
from service.schema import IdentityRow, InvitationRow, UserRow

_LONGEST_NAME: Final = 60
_NAME: Final = re.compile(rf"[\w.@\- ]{{1,{_LONGEST_NAME}}}")
_ACCOUNTS: Final = select(
    UserRow.__table__,
    select(IdentityRow.user_id).where(IdentityRow.user_id == UserRow.id).exists().label("is_linked"),
)
UNKNOWN_NAME: Final = "unknown-name"
"""Kind of rate: failures for a name that nobody has, so that it locks as a real one would."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person as an administrator sees them.

    Attributes:
        has_password: false until the invitation is taken up.
        is_linked: signs in by the organisation's provider, too or only.
        locked_until: too many failures; None when not locked.
    """

    id: int
    name: str
    role: Role
    disabled: bool
    has_password: bool
    is_linked: bool
    locked_until: datetime | None
    created: datetime


@dataclass(frozen=True, slots=True)
class LockOut:
    """After how many failures in a row an account is locked, and for how long."""

    failures: int
    time: timedelta

    @property
    def rate(self) -> str:
        """The same as a rate, for names that nobody has."""
        return f"{self.failures} per {max(1, round(self.time.total_seconds()))} second"


def sign_in(
    database: Database,
    log: AuditLog,
    rates: Rates,
    name: str,
    password: str,
    lock_out: LockOut,
    now: datetime,
    *,
    known: KnownBrowsers,
    mark: str = "",
) -> int:
    """The id of the person whose name and password these are.

    Args:
        database: of the service.
        log: of the service.
        rates: counts failures for names that nobody has, and of browsers that are known.
        name: as it was typed.
        password: as it was typed.
        lock_out: after how many failures.
        now: the time.
        known: recognises browsers.
        mark: that the browser keeps.

    Raises:
        NotSignedIn: wrong name or password; does not say which.
        TooManyRequests: the account is locked, and this is no browser that the person has signed in from.
    """
    name = tidy_name(name)
    with database.read() as connection:
        user = connection.execute(select(UserRow.__table__).where(UserRow.name == name)).first()
    browser = known.recognised(mark, user.id, user.password_hash) if user is not None and mark else ""
    if user is None:
        rates.check(UNKNOWN_NAME, name, _locked(lock_out))
    elif browser:
        rates.check(KNOWN_BROWSER, browser, _locked(lock_out))
    elif user.locked_until is not None and user.locked_until > now:
        raise _locked(lock_out)
    is_right = verify_password(password, user.password_hash or None if user is not None else None)
    if user is None:
        rates.check(UNKNOWN_NAME, name, _locked(lock_out), count=True)
        with database.write() as connection:
            # The name is not repeated: people type passwords into the wrong field.
            log.append(connection, "—", "session.refuse", "user:—", {"reason": "没有这个用户名"})
        raise _wrong()
    if browser and not is_right:
        rates.check(KNOWN_BROWSER, browser, _locked(lock_out), count=True)
    # Others may have tried while the password was examined: what counts is how things stand now.
    with database.write() as connection:
        row = connection.execute(select(UserRow.__table__).where(UserRow.id == user.id)).one()
        is_locked = row.locked_until is not None and row.locked_until > now and not browser
        is_let_in = is_right and not is_locked and not row.disabled
        if is_let_in:
            _let_in(connection, log, row, password, is_known=bool(browser))
        elif browser:
            detail = {"reason": "密码不对", "known": True}
            log.append(connection, name, "session.refuse", f"user:{row.id}", detail)
        elif not is_locked:
            _count_failure(connection, log, row.id, name, row.failed_logins + 1, lock_out, now)
    if is_locked:
        raise _locked(lock_out)
    if not is_let_in:
        raise _wrong()
    return int(row.id)


def _let_in(connection: Connection, log: AuditLog, row: Row[Any], password: str, *, is_known: bool) -> None:
    # A lock stays for all other browsers: whoever holds the account locked gets no new attempts.
    changes: dict[str, object] = {} if is_known else {"failed_logins": 0, "locked_until": None}
    if needs_rehash(row.password_hash):
        changes["password_hash"] = hash_password(password)
    if changes:
        connection.execute(update(UserRow).where(UserRow.id == row.id).values(**changes))
    log.append(connection, row.name, "session.start", f"user:{row.id}")


def _count_failure(
    connection: Connection, log: AuditLog, user_id: int, name: str, failures: int, lock_out: LockOut, now: datetime
) -> None:
    is_full = failures >= lock_out.failures
    changes = {"failed_logins": 0, "locked_until": now + lock_out.time} if is_full else {"failed_logins": failures}
    connection.execute(update(UserRow).where(UserRow.id == user_id).values(**changes))
    detail = {"reason": "密码不对", "failures": failures, "locked": is_full}
    log.append(connection, name, "session.refuse", f"user:{user_id}", detail)


def _wrong() -> NotSignedIn:
    return NotSignedIn("用户名或密码不对", "请检查后重试；忘记密码时请联系管理员")


def _locked(lock_out: LockOut) -> TooManyRequests:
    minutes = max(1, round(lock_out.time.total_seconds() / 60))
    return TooManyRequests(
        f"连续 {lock_out.failures} 次没有登录成功，已暂停登录",
        f"请在 {minutes} 分钟后重试，或请管理员解除",
        wait_s=round(lock_out.time.total_seconds()),
    )


def tidy_name(name: str) -> str:
    """The form in which names are stored and compared; no more of it than shows that it is too long to be one."""
    # Normalising makes up to eighteen characters of one, and names that nobody has are remembered for a while.
    return unicodedata.normalize("NFKC", name[: 2 * _LONGEST_NAME]).strip()[: 2 * _LONGEST_NAME]


def password_hash_of(connection: Connection, user_id: int) -> str:
    """What is stored of a person's password; empty where there is none."""
    return str(connection.execute(select(UserRow.password_hash).where(UserRow.id == user_id)).scalar_one())


def has_users(connection: Connection) -> bool:
    """Whether anybody was ever made; before that, only the set-up link works."""
    return connection.execute(select(UserRow.id).limit(1)).first() is not None


def list_accounts(connection: Connection) -> list[Account]:
    """All people, by name."""
    rows = connection.execute(_ACCOUNTS.order_by(UserRow.disabled, UserRow.name))
    return [_account(row) for row in rows]


def find_account(connection: Connection, user_id: int) -> Account:
    """One person.

    Raises:
        NotFound: nobody has this id.
    """
    row = connection.execute(_ACCOUNTS.where(UserRow.id == user_id)).first()
    if row is None:
        raise NotFound(f"没有编号为 {user_id} 的用户", "请刷新页面核对")
    return _account(row)


def make_account(connection: Connection, log: AuditLog, actor: str, name: str, role: str, now: datetime) -> int:
    """A new person without a password, who signs in after taking up an invitation.

    Raises:
        RequestError: a name that does not fit, or no such role.
        InConflict: the name is taken.
    """
    name = tidy_name(name)
    if not _NAME.fullmatch(name):
        raise RequestError("用户名应为 1 至 60 个汉字、字母、数字或 . @ - _", "请改正用户名")
    _refuse_unknown_role(role)
    if connection.execute(select(UserRow.id).where(func.lower(UserRow.name) == name.lower())).first() is not None:
        raise InConflict(f"已有名为“{name}”的用户", "请换一个用户名")
    values = {"name": name, "password_hash": "", "role": role, "disabled": False, "failed_logins": 0, "created": now}
    user_id = connection.execute(insert(UserRow).values(**values).returning(UserRow.id)).scalar_one()
    log.append(connection, actor, "user.create", f"user:{user_id}", {"name": name, "role": role})
    return user_id


def change_account(
    connection: Connection,
    log: AuditLog,
    actor: str,
    user_id: int,
    now: datetime,
    *,
    role: str | None = None,
    disabled: bool | None = None,
    unlock: bool = False,
) -> Account:
    """Changes what is given; a person who is disabled is signed out everywhere.

    Raises:
        NotFound: nobody has this id.
        RequestError: no such role.
        InConflict: nobody would be left who can manage people.
    """
    before = find_account(connection, user_id)
    changes: dict[str, object] = {}
    if role is not None and role != before.role:
        _refuse_unknown_role(role)
        changes["role"] = role
    if disabled is not None and disabled != before.disabled:
        changes["disabled"] = disabled
    if before.role == "administrator" and (changes.get("role") or changes.get("disabled")):
        _refuse_losing_the_last(connection, user_id)
    if unlock:
        changes |= {"failed_logins": 0, "locked_until": None}
    if changes:
        connection.execute(update(UserRow).where(UserRow.id == user_id).values(**changes))
        told = {key: value for key, value in changes.items() if key in ("role", "disabled")}
        log.append(
            connection, actor, "user.change", f"user:{user_id}", {**told, **({"unlocked": True} if unlock else {})}
        )
    if changes.get("disabled"):
        end_sessions(connection, user_id, now)
        # Nor may a link that is still under way set a password for the day the account is enabled again.
        connection.execute(delete(InvitationRow).where(InvitationRow.user_id == user_id, InvitationRow.used.is_(None)))
    return find_account(connection, user_id)


def change_password(
    database: Database, log: AuditLog, person: Person, current: str, new: str, lock_out: LockOut, now: datetime
) -> None:
    """Changes one's own password and ends the other sessions.

    Raises:
        NotSignedIn: the current password is wrong.
        TooManyRequests: it was wrong too often.
        SettingsError: the new one is too weak.
    """
    refuse_weak(new, person.name)
    confirm_password(database, log, person, current, lock_out, now)
    made = hash_password(new)
    with database.write() as connection:
        set_password(connection, person.id, made)
        end_sessions(connection, person.id, now, but=person.session)
        log.append(connection, person.actor, "user.password", f"user:{person.id}")


def confirm_password(
    database: Database, log: AuditLog, person: Person, current: str, lock_out: LockOut, now: datetime
) -> None:
    """Goes on only with the person's own password: a session alone may have been left open, or stolen.

    Raises:
        NotSignedIn: the password is wrong.
        TooManyRequests: it was wrong too often.
    """
    with database.read() as connection:
        row = connection.execute(select(UserRow.__table__).where(UserRow.id == person.id)).one()
    if row.locked_until is not None and row.locked_until > now:
        raise _locked(lock_out)
    if verify_password(current, row.password_hash or None):
        return
    with database.write() as connection:
        # Others may have failed while this one was examined.
        failures = connection.execute(select(UserRow.failed_logins).where(UserRow.id == person.id)).scalar_one() + 1
        _count_failure(connection, log, person.id, person.name, failures, lock_out, now)
    raise NotSignedIn("现在的密码不对", "请重新输入")


def set_password(connection: Connection, user_id: int, password_hash: str) -> None:
    """Stores a new hash and forgets former failures."""
    changes = {"password_hash": password_hash, "failed_logins": 0, "locked_until": None}
    connection.execute(update(UserRow).where(UserRow.id == user_id).values(**changes))


def _account(row: Row[Any]) -> Account:
    return Account(
        row.id,
        row.name,
        row.role,
        row.disabled,
        bool(row.password_hash),
        row.is_linked,
        row.locked_until,
        row.created,
    )


def _refuse_unknown_role(role: str) -> None:
    if role not in ROLES:
        raise RequestError(f"没有角色“{role}”", f"请用 {'、'.join(ROLES)} 之一")


def _refuse_losing_the_last(connection: Connection, user_id: int) -> None:
    others = select(UserRow.id).where(
        UserRow.role == "administrator",
        UserRow.disabled.is_(False),
        UserRow.password_hash != "",
        UserRow.id != user_id,
    )
    if connection.execute(others.limit(1)).first() is None:
        raise InConflict("这是最后一个能登录的管理员", "请先让另一人成为管理员")
