"""The way of a browser to the organisation's identity provider and back, to sign in or to link an account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.errors import CaishenError, NotAllowed, NotFound, NotSignedIn
from service.auth.accounts import confirm_password
from service.auth.provider import Provider
from service.auth.single_sign_on import BY, Attempt, begin, let_in, link, policy_of, take, unlink
from service.deps import InBrowser, SiteDep, address_of
from service.site import SIGN_INS, Site
from service.web.pages import render
from service.web.people import account_page_of, inside, see, sign_in_form, with_session

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Form()]


@router.get("/sign-in/single")
def begun(request: Request, site: SiteDep, next: str = "/") -> Response:  # noqa: A002 - in the address
    """Sends the browser to the provider."""
    provider = _provider(site)
    try:
        site.rates.count(SIGN_INS, address_of(request))
        attempt, address = _begin(site, provider, inside(next))
    except CaishenError as error:
        return HTMLResponse(sign_in_form(request, site, next=inside(next), problem=error), error.http_status)
    return _remembering(site, attempt, see(address))


@router.get("/sign-in/single/callback")
def came_back(
    request: Request, site: SiteDep, code: str = "", state: str = "", error: str = "", iss: str = ""
) -> Response:
    """Where the provider sends the browser afterwards."""
    provider = _provider(site)
    now = site.clock()
    browser = request.cookies.get(_cookie(site), "")
    next_ = "/"
    try:
        site.rates.count(SIGN_INS, address_of(request))
        with site.backend.database.write() as connection:
            attempt = take(connection, browser, state, now)
        next_ = attempt.next
        claims = _identified(site, provider, attempt, code=code, error=error, iss=iss)
        if attempt.user_id is not None:
            with site.backend.database.write() as connection:
                link(connection, site.log, provider.issuer, claims, attempt.user_id, now)
            response: Response = _onward(request, "已关联单位统一身份", attempt.next)
        else:
            with site.backend.database.write() as connection:
                who = let_in(connection, site.log, policy_of(site.settings), provider.issuer, claims, now)
            if isinstance(who, NotAllowed):
                raise who
            response = with_session(request, site, who, _onward(request, "登录成功", attempt.next))
    except CaishenError as problem:
        response = HTMLResponse(sign_in_form(request, site, next=next_, problem=problem), problem.http_status)
    response.delete_cookie(_cookie(site), path="/", secure=site.settings.is_secure, httponly=True, samesite="lax")
    return response


@router.post("/account/identity")
def linked(request: Request, site: SiteDep, person: InBrowser, current: Text) -> Response:
    """Begins to link one's account to an identity; the password is asked for, as a session may be somebody else's."""
    provider = _provider(site)
    try:
        confirm_password(site.backend.database, site.log, person, current, site.lock_out, site.clock())
        attempt, address = _begin(site, provider, "/account", user_id=person.id)
    except CaishenError as error:
        return HTMLResponse(account_page_of(request, site, person, identity_problem=error), error.http_status)
    return _remembering(site, attempt, _onward(request, "正在转到单位的身份系统", address))


@router.post("/account/identity/unlink")
def unlinked(request: Request, site: SiteDep, person: InBrowser) -> Response:
    """Takes the identity from one's account."""
    try:
        with site.backend.database.write() as connection:
            unlink(connection, site.log, person.actor, person.id)
    except CaishenError as error:
        return HTMLResponse(account_page_of(request, site, person, identity_problem=error), error.http_status)
    return RedirectResponse("/account", 303)


def _provider(site: Site) -> Provider:
    if site.provider is None:
        raise NotFound("没有设置单位统一身份登录", "请用用户名和密码登录")
    return site.provider


def _begin(site: Site, provider: Provider, next_: str, *, user_id: int | None = None) -> tuple[Attempt, str]:
    with site.backend.database.write() as connection:
        attempt = begin(connection, next_, site.clock(), user_id=user_id)
    return attempt, provider.authorization_address(attempt.state, attempt.nonce, attempt.verifier)


def _identified(
    site: Site, provider: Provider, attempt: Attempt, *, code: str, error: str, iss: str
) -> dict[str, object]:
    """The claims of who came back; a failure is noted, because the attempt was a real one.

    Raises:
        NotSignedIn: the provider refused, or what it gave is not valid.
        MissingResource: the provider cannot be reached.
    """
    try:
        if error == "access_denied":
            raise NotSignedIn("在单位的身份系统里取消了登录，或它不允许您使用本系统", "请重试，或联系管理员")
        # RFC 9207: an answer may say whose it is.
        if error or not code or iss not in ("", provider.issuer):
            what = error if error.isascii() and error.isprintable() else ""
            raise NotSignedIn(f"单位的身份系统没有完成登录（{what[:60] or '回答不完整'}）", "请从登录页重新开始")
        return provider.identify(code, attempt.nonce, attempt.verifier, site.clock())
    except CaishenError as problem:
        with site.backend.database.write() as connection:
            detail = {"by": BY, "reason": problem.reason}
            site.log.append(connection, "—", "session.refuse", f"user:{attempt.user_id or '—'}", detail)
        raise


def _onward(request: Request, title: str, address: str) -> HTMLResponse:
    """A page that leads on by itself.

    After a redirect from another site browsers hold back cookies that are for this site only, and `form-action` keeps
    the answer to a form from leading to another site; a page of ours that leads on is neither.
    """
    return HTMLResponse(render(request, "onward.html", title=title, address=address))


def _cookie(site: Site) -> str:
    return "__Host-caishen-single" if site.settings.is_secure else "caishen-single"


def _remembering(site: Site, attempt: Attempt, response: Response) -> Response:
    """The answer with the browser's half of the attempt; `lax`, so that it comes along from the provider."""
    response.set_cookie(
        _cookie(site),
        attempt.browser,
        path="/",
        max_age=600,
        secure=site.settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return response
