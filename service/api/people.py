"""People and tokens, for administrators' programs and for a token to learn whose it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from service.api.findings import Given
from service.api.shapes import Listing, Shape, problems
from service.auth.accounts import Account, change_account, list_accounts, make_account
from service.auth.invitations import invite
from service.auth.roles import PERMISSIONS, Permission, Role
from service.auth.tokens import list_tokens, make_token, revoke_token
from service.deps import InBrowser, Intended, PeopleManager, SiteDep

router = APIRouter(tags=["用户"])

UserId = Annotated[int, Path(ge=1, le=2**31 - 1, description="用户编号")]


class Me(Shape):
    """Who asks."""

    id: int
    name: str
    role: Role
    permissions: Annotated[list[Permission], Field(description="角色与令牌都允许的权限")]


class UserOut(Shape):
    """One person."""

    id: int
    name: str
    role: Role
    disabled: bool
    has_password: Annotated[bool, Field(description="是否已设置密码")]
    is_linked: Annotated[bool, Field(description="是否用单位统一身份登录")]
    locked_until: Annotated[datetime | None, Field(description="密码错误过多时锁定到何时")]
    created: datetime


class UserIn(Given):
    """A new person."""

    name: Annotated[str, Field(min_length=1, max_length=60, examples=["王敏"])]
    role: Role


class UserChange(Given):
    """What is to change; what is left out stays."""

    role: Role | None = None
    disabled: bool | None = None
    unlock: bool = False


class InvitationOut(Shape):
    """A link by which a person sets a password."""

    user: UserOut
    path: Annotated[str, Field(description="设置密码的网址（不含主机名），只能用一次，7 天内有效")]


class TokenOut(Shape):
    """One token, without its secret."""

    prefix: Annotated[str, Field(description="令牌的前缀，用来指称它", examples=["9f0c3b6f2a"])]
    name: str
    user: str
    scopes: list[Permission]
    created: datetime
    last_used: datetime | None
    expires: datetime | None


class TokenIn(Given):
    """A new token."""

    name: Annotated[str, Field(min_length=1, max_length=120, description="用途", examples=["每日上传"])]
    scopes: Annotated[list[Permission], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=366, description="有效天数")] = 90


class TokenMade(Shape):
    """A new token, shown this once."""

    prefix: str
    token: Annotated[str, Field(description="完整的令牌，只显示这一次")]


@router.get("/me", summary="当前的用户或令牌")
def me(person: Intended) -> Me:
    """Who asks."""
    may = [permission for permission in PERMISSIONS if person.may(permission)]
    return Me(id=person.id, name=person.name, role=person.role, permissions=may)


@router.get("/users", summary="全部用户")
def users(site: SiteDep, person: PeopleManager) -> Listing[UserOut]:
    """Everybody."""
    with site.backend.database.read() as connection:
        return Listing[UserOut](items=[_user(account) for account in list_accounts(connection)], next="")


@router.post("/users", status_code=201, summary="添加用户，得到设置密码的链接", responses=problems(400, 409))
def user_made(site: SiteDep, person: PeopleManager, given: UserIn) -> InvitationOut:
    """A new person."""
    now = site.clock()
    with site.backend.database.write() as connection:
        user_id = make_account(connection, site.log, person.actor, given.name, given.role, now)
        secret = invite(connection, site.log, person.actor, user_id, now)
        account = change_account(connection, site.log, person.actor, user_id, now)
    return InvitationOut(user=_user(account), path=f"/set-up?invitation={secret}")


@router.patch("/users/{user_id}", summary="更改角色、停用或启用、解除锁定", responses=problems(404, 409))
def user_changed(site: SiteDep, person: PeopleManager, user_id: UserId, given: UserChange) -> UserOut:
    """Changes what is given."""
    with site.backend.database.write() as connection:
        account = change_account(
            connection,
            site.log,
            person.actor,
            user_id,
            site.clock(),
            role=given.role,
            disabled=given.disabled,
            unlock=given.unlock,
        )
    return _user(account)


@router.post("/users/{user_id}/invitation", status_code=201, summary="新的设置密码的链接", responses=problems(404))
def user_invited(site: SiteDep, person: PeopleManager, user_id: UserId) -> InvitationOut:
    """For someone who forgot the password."""
    now = site.clock()
    with site.backend.database.write() as connection:
        secret = invite(connection, site.log, person.actor, user_id, now)
        account = change_account(connection, site.log, person.actor, user_id, now)
    return InvitationOut(user=_user(account), path=f"/set-up?invitation={secret}")


@router.get("/tokens", summary="自己的令牌；管理员可看全部")
def tokens(site: SiteDep, person: InBrowser) -> Listing[TokenOut]:
    """Tokens that still work."""
    whose = None if person.may("people:manage") else person.id
    with site.backend.database.read() as connection:
        found = list_tokens(connection, site.clock(), user_id=whose)
    return Listing[TokenOut](items=[TokenOut.model_validate(token) for token in found], next="")


@router.post("/tokens", status_code=201, summary="建立令牌（须在浏览器里登录）", responses=problems(400))
def token_made(site: SiteDep, person: InBrowser, given: TokenIn) -> TokenMade:
    """Makes a token."""
    with site.backend.database.write() as connection:
        token, prefix = make_token(connection, person, given.name, given.scopes, given.days, site.clock())
        detail = {"name": given.name, "scopes": sorted(given.scopes), "days": given.days}
        site.log.append(connection, person.actor, "token.create", f"token:{prefix}", detail)
    return TokenMade(prefix=prefix, token=token)


@router.delete("/tokens/{prefix}", status_code=204, summary="作废令牌", responses=problems(404))
def token_revoked(
    site: SiteDep, person: InBrowser, prefix: Annotated[str, Path(max_length=16, description="令牌的前缀")]
) -> None:
    """Ends one's own token; an administrator may end anybody's."""
    whose = None if person.may("people:manage") else person.id
    with site.backend.database.write() as connection:
        revoke_token(connection, prefix, site.clock(), user_id=whose)
        site.log.append(connection, person.actor, "token.revoke", f"token:{prefix}")


def _user(account: Account) -> UserOut:
    return UserOut.model_validate(account)
