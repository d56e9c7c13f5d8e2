"""Pages for one's own account: set-up link, sign-in, sign-out, password, sessions and tokens."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.errors import CaishenError, InConflict, NotFound, SettingsError
from service.auth.accounts import change_password, find_account, has_users, password_hash_of, sign_in
from service.auth.invitations import find_invitation, take_up
from service.auth.known_browsers import KNOWN_FOR_S
from service.auth.passwords import SHORTEST
from service.auth.person import Person
from service.auth.roles import PERMISSIONS, granted
from service.auth.sessions import end_session, leave_session, open_sessions, start_session
from service.auth.single_sign_on import is_linked
from service.auth.tokens import list_tokens, make_token, revoke_token
from service.deps import InBrowser, SiteDep, address_of, cookie_name, person_or_none
from service.site import SIGN_INS, Site
from service.web.pages import render

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Form()]
Visitor = Annotated[Person | None, Depends(person_or_none)]


@router.get("/sign-in")
def sign_in_page(
    request: Request,
    site: SiteDep,
    person: Visitor,
    next: str = "/",  # noqa: A002 - in the address
    left: str = "",
) -> Response:
    """The form, or the way on for those who are signed in."""
    if person is not None:
        return see(inside(next))
    with site.backend.database.read() as connection:
        if not has_users(connection):
            error = NotFound("还没有任何用户", "请打开服务启动时给出的首次设置链接，建立管理员")
            return HTMLResponse(render(request, "error.html", error=error, status=404), 404)
    return HTMLResponse(sign_in_form(request, site, next=inside(next), has_left=left == "1"))


@router.post("/sign-in")
def sign_in_submitted(request: Request, site: SiteDep, name: Text, password: Text, next: Text = "/") -> Response:  # noqa: A002
    """Starts a session."""
    now = site.clock()
    try:
        site.rates.count(SIGN_INS, address_of(request))
        user_id = sign_in(
            site.backend.database,
            site.log,
            site.rates,
            name,
            password,
            site.lock_out,
            now,
            known=site.known_browsers,
            mark=request.cookies.get(_known_cookie(site), ""),
        )
    except CaishenError as error:
        page = sign_in_form(request, site, next=inside(next), name=name, problem=error)
        return HTMLResponse(page, error.http_status)
    with site.backend.database.read() as connection:
        mark = site.known_browsers.mark(user_id, password_hash_of(connection, user_id))
    response = with_session(request, site, user_id, see(inside(next)))
    response.set_cookie(
        _known_cookie(site),
        mark,
        path="/",
        max_age=KNOWN_FOR_S,
        secure=site.settings.is_secure,
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/sign-out")
def sign_out(site: SiteDep, person: InBrowser) -> Response:
    """Ends the session."""
    with site.backend.database.write() as connection:
        if end_session(connection, person.id, person.session, site.clock()):
            site.log.append(connection, person.actor, "session.end", f"user:{person.id}")
        was_single = site.provider is not None and is_linked(connection, person.id)
    response = see("/sign-in?left=1" if was_single else "/sign-in")
    response.delete_cookie(
        cookie_name(site), path="/", secure=site.settings.is_secure, httponly=True, samesite="strict"
    )
    return response


@router.get("/set-up")
def set_up_page(request: Request, site: SiteDep, invitation: str = "") -> str:
    """The form behind a one-time link."""
    with site.backend.database.read() as connection:
        found = find_invitation(connection, invitation, site.clock())
    return render(request, "set_up.html", invitation=found, secret=invitation, shortest=SHORTEST, name="", problem=None)


@router.post("/set-up")
def set_up_submitted(
    request: Request, site: SiteDep, invitation: Text, name: Text, password: Text, again: Text
) -> Response:
    """Sets the password and signs in."""
    now = site.clock()
    site.rates.count(SIGN_INS, address_of(request))
    try:
        if password != again:
            raise SettingsError("两次输入的密码不同", "请重新输入")
        user_id = take_up(site.backend.database, site.log, invitation, name, password, now)
    except (NotFound, InConflict):
        raise
    except CaishenError as error:
        with site.backend.database.read() as connection:
            found = find_invitation(connection, invitation, now)
        page = render(
            request, "set_up.html", invitation=found, secret=invitation, shortest=SHORTEST, name=name, problem=error
        )
        return HTMLResponse(page, error.http_status)
    return with_session(request, site, user_id, see("/"))


@router.get("/account")
def account_page(request: Request, site: SiteDep, person: InBrowser) -> str:
    """One's own account."""
    return account_page_of(request, site, person)


@router.post("/account/password")
def password_submitted(
    request: Request, site: SiteDep, person: InBrowser, current: Text, password: Text, again: Text
) -> Response:
    """Changes the password."""
    try:
        if password != again:
            raise SettingsError("两次输入的新密码不同", "请重新输入")
        change_password(site.backend.database, site.log, person, current, password, site.lock_out, site.clock())
    except CaishenError as error:
        return HTMLResponse(account_page_of(request, site, person, problem=error), error.http_status)
    return HTMLResponse(account_page_of(request, site, person, good="密码已更改，其他地方的登录已退出。"))


@router.post("/account/sessions/{session}/end")
def session_ended(site: SiteDep, person: InBrowser, session: str) -> Response:
    """Signs out another browser."""
    with site.backend.database.write() as connection:
        if end_session(connection, person.id, session, site.clock()):
            site.log.append(connection, person.actor, "session.end", f"user:{person.id}", {"other": True})
    return see("/account#sessions")


@router.post("/account/tokens")
def token_made(
    request: Request,
    site: SiteDep,
    person: InBrowser,
    name: Text = "",
    scopes: Annotated[list[str], Form()] = [],
    days: Annotated[int, Form()] = 90,
) -> Response:
    """Makes a token and shows it, this once."""
    try:
        with site.backend.database.write() as connection:
            token, prefix = make_token(connection, person, name, scopes, days, site.clock())
            detail = {"name": name.strip(), "scopes": sorted(scopes), "days": days}
            site.log.append(connection, person.actor, "token.create", f"token:{prefix}", detail)
    except CaishenError as error:
        return HTMLResponse(account_page_of(request, site, person, token_problem=error), error.http_status)
    return HTMLResponse(account_page_of(request, site, person, token=token))


@router.post("/account/tokens/{prefix}/revoke")
def token_revoked(site: SiteDep, person: InBrowser, prefix: str) -> Response:
    """Ends one of one's own tokens."""
    with site.backend.database.write() as connection:
        revoke_token(connection, prefix, site.clock(), user_id=person.id)
        site.log.append(connection, person.actor, "token.revoke", f"token:{prefix}")
    return see("/account#tokens")


def account_page_of(request: Request, site: Site, person: Person, **context: object) -> str:
    """One's own account as a page, with what came of a form in `context`."""
    now = site.clock()
    with site.backend.database.read() as connection:
        sessions = open_sessions(connection, person.id, site.lifetime, now)
        tokens = list_tokens(connection, now, user_id=person.id)
        account = find_account(connection, person.id)
    may = [permission for permission in PERMISSIONS if permission in granted(person.role)]
    nothing = {"problem": None, "good": "", "token_problem": None, "token": "", "identity_problem": None}
    return render(
        request,
        "account.html",
        account=account,
        sessions=sessions,
        tokens=tokens,
        permissions=may,
        shortest=SHORTEST,
        single_sign_on=site.provider is not None,
        **{**nothing, **context},
    )


def sign_in_form(
    request: Request,
    site: Site,
    *,
    next: str,  # noqa: A002 - in the address
    name: str = "",
    problem: CaishenError | None = None,
    has_left: bool = False,
) -> str:
    """The page on which people sign in.

    Args:
        request: of a visitor.
        site: knows whether there is a provider.
        next: where to go afterwards.
        name: typed before.
        problem: why it did not work.
        has_left: the visitor has just signed out here, and may want to at the provider as well.
    """
    leave = ""
    if has_left and site.provider is not None:
        leave = site.provider.leave_address(f"{site.settings.public_url}/sign-in")
    return render(
        request,
        "sign_in.html",
        next=next,
        name=name,
        problem=problem,
        leave=leave,
        has_left=has_left,
        single_sign_on=site.provider is not None,
    )


def with_session(request: Request, site: Site, user_id: int, response: Response) -> Response:
    """The answer, with a new session of this person in its cookie; the one that the browser had is over."""
    with site.backend.database.write() as connection:
        leave_session(connection, request.cookies.get(cookie_name(site), ""), site.clock())
        token = start_session(connection, user_id, site.lifetime, site.clock())
    response.set_cookie(
        cookie_name(site),
        token,
        path="/",
        max_age=round(site.settings.session_longest_s),
        secure=site.settings.is_secure,
        httponly=True,
        samesite="strict",
    )
    return response


def _known_cookie(site: Site) -> str:
    return "__Host-caishen-known" if site.settings.is_secure else "caishen-known"


def see(address: str) -> RedirectResponse:
    """Leads a browser from a form to the page that shows what came of it."""
    return RedirectResponse(address, 303)


def inside(address: str) -> str:
    """An address of this service; anything that a browser could take for another host leads to the start page."""
    is_inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return quote(address, safe="/?&=%#:,+-._~") if is_inside and "\\" not in address else "/"
