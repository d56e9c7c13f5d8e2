"""Sign-ins by the organisation's identity provider: one attempt from its start to the account it ends in.

An account belongs to an identity by the provider's address and the person's `sub` there, which never change hands. A
name or an e-mail address does change hands, so neither ever leads to an account that exists already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from models.errors import InConflict, NotAllowed, NotSignedIn
from service.audit import AuditLog
from service.auth.accounts import tidy_name
from service.auth.roles import ROLES, Role
from service.auth.secrets import digest, new_secret, same
from service.auth.sessions import end_sessions
from service.schema import IdentityRow, SignInAttemptRow, UserRow
from service.settings import Settings

ATTEMPT_LASTS: Final = timedelta(minutes=10)
"""In which a person must have signed in at the provider."""
BY: Final = "单位统一身份"
"""How the audit log names this way of signing in, and who made accounts by it."""
_UNFIT: Final = re.compile(r"[^\w.@\- ]+")
_LONGEST_NAME: Final = 54


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the provider's word lets in, and as what.

    Attributes:
        name_claim: what an account is called.
        role_claim: texts by which roles are given, a name or a path with dots; empty when roles are given here.
        roles: text of the claim → role.
        default_role: of those to whom the claim gives none; None lets nobody in without an administrator.
        domains: of verified e-mail addresses; empty for any person.
    """

    name_claim: str
    role_claim: str
    roles: Mapping[str, Role]
    default_role: Role | None
    domains: frozenset[str]

    def refuse_foreign(self, claims: Mapping[str, Any]) -> None:
        """Lets pass who has a verified address of one of the domains, or anybody where there are none.

        Raises:
            NotAllowed: says which of these it was.
        """
        if not self.domains:
            return
        address = claims.get("email")
        if not isinstance(address, str) or claims.get("email_verified") is not True:
            reason = "单位的身份系统没有给出核实过的邮箱，不能确定您属于允许登录的单位"
            raise NotAllowed(reason, "请联系管理员")
        _, at, domain = address.rpartition("@")
        if not at or domain.casefold() not in self.domains:
            raise NotAllowed("您的邮箱不属于允许登录的单位", "请换用本单位的身份，或联系管理员")

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that the claims give, else the default."""
        given = set(texts_of(claims, self.role_claim)) if self.role_claim else set()
        named = {self.roles[text] for text in given & set(self.roles)}
        return next((role for role in reversed(ROLES) if role in named), self.default_role)


def policy_of(settings: Settings) -> Policy:
    """What the settings say."""
    return Policy(
        name_claim=settings.oidc_name_claim,
        role_claim=settings.oidc_role_claim,
        roles=settings.oidc_role_of,
        default_role=settings.oidc_default_role or None,
        domains=frozenset(part.strip().casefold() for part in settings.oidc_domains.split(",") if part.strip()),
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has begun.

    Attributes:
        browser: secret that only the browser keeps, in a cookie; the callback must come from the same one.
        state: comes back in the address.
        nonce: comes back inside the ID token.
        verifier: of PKCE.
        next: where the person wanted to go.
        user_id: of the person who is signed in already and links this identity; None for a sign-in.
    """

    browser: str
    state: str
    nonce: str
    verifier: str
    next: str
    user_id: int | None


def begin(connection: Connection, next_: str, now: datetime, *, user_id: int | None = None) -> Attempt:
    """Notes a new attempt; those that are over are removed."""
    attempt = Attempt(new_secret(), new_secret(), new_secret(), new_secret(), next_, user_id)
    connection.execute(delete(SignInAttemptRow).where(SignInAttemptRow.expires < now))
    connection.execute(
        insert(SignInAttemptRow).values(
            browser_sha256=digest(attempt.browser),
            state_sha256=digest(attempt.state),
            nonce=attempt.nonce,
            verifier=attempt.verifier,
            next=attempt.next,
            user_id=user_id,
            expires=now + ATTEMPT_LASTS,
        )
    )
    return attempt


def take(connection: Connection, browser: str, state: str, now: datetime) -> Attempt:
    """The attempt that this browser began with this state; it is gone afterwards, whatever comes of it.

    Raises:
        NotSignedIn: there is none, it is over, was used, or belongs to another browser.
    """
    mine = delete(SignInAttemptRow).where(SignInAttemptRow.browser_sha256 == digest(browser))
    row = connection.execute(mine.returning(SignInAttemptRow.__table__)).first()
    if row is None or row.expires <= now or not same(digest(state), row.state_sha256):
        raise NotSignedIn("这次登录已过期、已用过，或不是从这个浏览器开始的", "请从登录页重新开始")
    return Attempt(browser, state, row.nonce, row.verifier, row.next, row.user_id)


def let_in(
    connection: Connection, log: AuditLog, policy: Policy, issuer: str, claims: Mapping[str, Any], now: datetime
) -> int | NotAllowed:
    """The id of the person with this identity, for whom an account is made where there is none.

    A person's role follows the claims for as long as the account has no password of its own: with a password it is a
    local one that was linked, and its role is given here.

    Args:
        connection: in a transaction that may write, and that must be kept where an error is returned: it holds the
            audit log's entry, the account that waits, or the sessions that have ended.
        log: the audit log.
        policy: whom to let in.
        issuer: of the identity.
        claims: examined already.
        now: the time.

    Returns:
        The id, or why the person may not come in.
    """
    user = _find(connection, issuer, claims["sub"])
    try:
        policy.refuse_foreign(claims)
        if user is None:
            user = _make(connection, log, policy, issuer, claims, now)
        elif not user.password_hash:
            _follow(connection, log, policy, user, claims, now)
        if user.disabled:
            raise NotAllowed(f"账号“{user.name}”还没有启用，或已停用", "请联系管理员在“用户”页启用")
    except NotAllowed as error:
        about = f"user:{user.id if user is not None else '—'}"
        log.append(connection, user.name if user else "—", "session.refuse", about, {"by": BY, "reason": error.reason})
        return error
    log.append(connection, user.name, "session.start", f"user:{user.id}", {"by": BY})
    return int(user.id)


def link(
    connection: Connection, log: AuditLog, issuer: str, claims: Mapping[str, Any], user_id: int, now: datetime
) -> None:
    """Makes an identity another way to sign in to an account whose owner has just shown both.

    Raises:
        InConflict: the identity belongs to somebody else here, or the account to another identity.
    """
    owner = _find(connection, issuer, claims["sub"])
    if owner is not None and owner.id != user_id:
        raise InConflict(f"这个统一身份已属于账号“{owner.name}”", "请用该账号登录，或请管理员核对")
    if owner is None and is_linked(connection, user_id):
        raise InConflict("本账号已关联另一个统一身份", "请先解除原来的关联")
    if owner is None:
        _add_identity(connection, log, _name_of(connection, user_id), issuer, claims["sub"], user_id, now)


def unlink(connection: Connection, log: AuditLog, actor: str, user_id: int) -> None:
    """Takes the identity from an account, which must have a password to go on with.

    Raises:
        InConflict: there is no password: nobody could sign in any more.
    """
    if not connection.execute(select(UserRow.password_hash).where(UserRow.id == user_id)).scalar_one():
        raise InConflict("本账号没有密码，解除后将无法登录", "请先请管理员给出设置密码的链接")
    if connection.execute(delete(IdentityRow).where(IdentityRow.user_id == user_id)).rowcount:
        log.append(connection, actor, "identity.unlink", f"user:{user_id}")


def is_linked(connection: Connection, user_id: int) -> bool:
    """Whether a person can sign in by the provider."""
    return connection.execute(select(IdentityRow.user_id).where(IdentityRow.user_id == user_id)).first() is not None


def texts_of(claims: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a claim: of its exact name, else of the path that the dots in it make; none where it is missing."""
    found: Any = claims
    for part in (name,) if name in claims else name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    texts = found if isinstance(found, list) else [found]
    return [text for text in texts if isinstance(text, str)]


def _find(connection: Connection, issuer: str, subject: str) -> Row[Any] | None:
    query = select(UserRow.__table__).join(IdentityRow, IdentityRow.user_id == UserRow.id)
    return connection.execute(query.where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)).first()


def _make(
    connection: Connection, log: AuditLog, policy: Policy, issuer: str, claims: Mapping[str, Any], now: datetime
) -> Row[Any]:
    """A new account; where no role is given, one that waits for an administrator.

    Raises:
        NotAllowed: roles are given by the provider, and it gives none.
    """
    role = policy.role(claims)
    if role is None and policy.role_claim:
        raise _without_role()
    name = _free_name(connection, policy, claims)
    values = {"name": name, "password_hash": "", "role": role or "viewer", "disabled": role is None}
    making = insert(UserRow).values(**values, failed_logins=0, created=now).returning(UserRow.__table__)
    user = connection.execute(making).one()
    detail = {"name": name, "role": user.role, "disabled": user.disabled}
    log.append(connection, BY, "user.create", f"user:{user.id}", detail)
    _add_identity(connection, log, BY, issuer, claims["sub"], user.id, now)
    return user


def _follow(
    connection: Connection, log: AuditLog, policy: Policy, user: Row[Any], claims: Mapping[str, Any], now: datetime
) -> None:
    """Gives the role that the claims give now; whoever lost all of them is signed out everywhere.

    Raises:
        NotAllowed: the claims give no role any more.
    """
    if not policy.role_claim:
        return
    role = policy.role(claims)
    if role is None:
        end_sessions(connection, user.id, now)
        raise _without_role()
    if role != user.role:
        connection.execute(update(UserRow).where(UserRow.id == user.id).values(role=role))
        log.append(connection, BY, "user.change", f"user:{user.id}", {"role": role})


def _add_identity(
    connection: Connection, log: AuditLog, actor: str, issuer: str, subject: str, user_id: int, now: datetime
) -> None:
    connection.execute(insert(IdentityRow).values(issuer=issuer, subject=subject, user_id=user_id, created=now))
    log.append(connection, actor, "identity.link", f"user:{user_id}", {"issuer": issuer, "subject": subject})


def _name_of(connection: Connection, user_id: int) -> str:
    return str(connection.execute(select(UserRow.name).where(UserRow.id == user_id)).scalar_one())


def _free_name(connection: Connection, policy: Policy, claims: Mapping[str, Any]) -> str:
    """A name that nobody has, near to what the provider calls the person."""
    called = [*texts_of(claims, policy.name_claim), claims["sub"]]
    fit = (_UNFIT.sub(" ", tidy_name(name))[:_LONGEST_NAME].strip() for name in called)
    name = next(filter(None, fit), BY)
    number, free = 1, name
    while connection.execute(select(UserRow.id).where(func.lower(UserRow.name) == free.lower())).first() is not None:
        number += 1
        free = f"{name}-{number}"
    return free


def _without_role() -> NotAllowed:
    return NotAllowed("单位的身份系统没有给您使用本系统的角色", "请联系管理员")
