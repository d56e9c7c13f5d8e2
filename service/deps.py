"""What endpoints depend on: the site, who asks, and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Annotated, Final

import structlog
from fastapi import Depends, Request

from models.errors import NotAllowed, NotSignedIn
from service.auth.person import Person
from service.auth.roles import Permission
from service.auth.secrets import same
from service.auth.sessions import find_session
from service.auth.tokens import find_token
from service.site import REQUESTS, Site

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM: Final = "application/x-www-form-urlencoded"
CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf"


def site_of(request: Request) -> Site:
    """The site that serves the request."""
    site: Site = request.app.state.site
    return site


SiteDep = Annotated[Site, Depends(site_of)]


def cookie_name(site: Site) -> str:
    """Of the session: bound to this host where the connection is encrypted."""
    return "__Host-caishen" if site.settings.is_secure else "caishen"


def person_or_none(request: Request, site: SiteDep) -> Person | None:
    """Who asks; None when nobody is signed in. A token that is not valid is an error, not nobody.

    Raises:
        NotSignedIn: the token is not valid.
        TooManyRequests: this person has asked too often.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        person = find_token(site.backend.database, given.strip(), site.clock())
        if person is None:
            raise NotSignedIn("API 令牌无效、已过期或已作废", "请在“我的账号”里建立新的令牌")
    else:
        cookie = request.cookies.get(cookie_name(site), "")
        person = find_session(site.backend.database, cookie, site.lifetime, site.clock()) if cookie else None
    if person is not None:
        request.state.person = person
        request.state.csrf = person.csrf
        structlog.contextvars.bind_contextvars(user_id=person.id)
        site.rates.count(REQUESTS, str(person.id))
    return person


def signed_in(person: Annotated[Person | None, Depends(person_or_none)]) -> Person:
    """Who asks.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    if person is None:
        raise NotSignedIn("还没有登录，或登录已过期", "请登录后重试；程序调用请用 API 令牌")
    return person


def check_csrf(person: Person, given: str) -> None:
    """A request that changes something must carry the token of its session; programs have none and need none.

    Raises:
        NotAllowed: the token is missing or another one.
    """
    if person.session and not same(given, person.csrf):
        raise NotAllowed("页面已失效（校验码不符）", "请刷新页面后重试")


async def _intended(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Person:
    if request.method not in _SAFE:
        given = request.headers.get(CSRF_HEADER, "")
        if not given and request.headers.get("content-type", "").startswith(_FORM):
            given = str((await request.form()).get(CSRF_FIELD, ""))
        check_csrf(person, given)
    return person


def allowed(permission: Permission) -> Callable[[Person], Person]:
    """A dependency: the person, if role and token allow it and the request was intended."""

    def check(person: Annotated[Person, Depends(_intended)]) -> Person:
        person.must(permission)
        return person

    check.permission = permission  # type: ignore[attr-defined]
    return check


def allowed_in_stream(permission: Permission) -> Callable[[Person], Person]:
    """As `allowed`, for endpoints that find the session's token inside the body and check it themselves."""

    def check(person: Annotated[Person, Depends(signed_in)]) -> Person:
        person.must(permission)
        return person

    check.permission = permission  # type: ignore[attr-defined]
    return check


def in_browser(person: Annotated[Person, Depends(_intended)]) -> Person:
    """A person in a browser: a token may not make tokens or change the password of who made it.

    Raises:
        NotAllowed: the request came with a token.
    """
    if not person.session:
        raise NotAllowed("API 令牌不能用于此操作", "请在浏览器里登录后操作")
    return person


Intended = Annotated[Person, Depends(_intended)]
InBrowser = Annotated[Person, Depends(in_browser)]
Reader = Annotated[Person, Depends(allowed("documents:read"))]
Writer = Annotated[Person, Depends(allowed("documents:write"))]
Deleter = Annotated[Person, Depends(allowed("documents:delete"))]
ArchiveManager = Annotated[Person, Depends(allowed("documents:manage"))]
Judge = Annotated[Person, Depends(allowed("verdicts:write"))]
LogReader = Annotated[Person, Depends(allowed("audit:read"))]
MetricsReader = Annotated[Person, Depends(allowed("metrics:read"))]
PeopleManager = Annotated[Person, Depends(allowed("people:manage"))]
UploadStreamer = Annotated[Person, Depends(allowed_in_stream("documents:write"))]


def address_of(request: Request) -> str:
    """Where the request came from, for limits on sign-ins; what a proxy says counts only if it is one of ours."""
    address = request.client.host if request.client is not None else "unknown"
    trusted = {part.strip() for part in site_of(request).settings.trusted_proxies.split(",")}
    if address in trusted:
        # The last one was written by our proxy; those before it by whoever sent the request.
        address = request.headers.get("x-forwarded-for", address).rpartition(",")[2].strip()
    return _household(address)


def _household(address: str) -> str:
    """The address, or of IPv6 its first 64 bits: a single host has as many addresses below them as it likes."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:60]
    return str(IPv6Network((int(found) >> 64 << 64, 64))) if isinstance(found, IPv6Address) else address
