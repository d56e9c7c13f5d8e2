"""Pages for administrators: people, everybody's tokens, and the audit log."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.errors import CaishenError
from service.audit_list import LogFilter, list_entries
from service.auth.accounts import change_account, find_account, list_accounts, make_account
from service.auth.invitations import invite
from service.auth.roles import ROLES
from service.auth.tokens import list_tokens, revoke_token
from service.deps import InBrowser, SiteDep
from service.site import Site
from service.web.pages import render

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Form()]


@router.get("/admin/users")
def users_page(request: Request, site: SiteDep, person: InBrowser) -> str:
    """Everybody."""
    person.must("people:manage")
    return _users(request, site)


@router.post("/admin/users")
def user_made(request: Request, site: SiteDep, person: InBrowser, name: Text, role: Text) -> Response:
    """A new person; the link for the password is shown once."""
    person.must("people:manage")
    now = site.clock()
    try:
        with site.backend.database.write() as connection:
            user_id = make_account(connection, site.log, person.actor, name, role, now)
            secret = invite(connection, site.log, person.actor, user_id, now)
    except CaishenError as error:
        return HTMLResponse(_users(request, site, problem=error, name=name, role=role), error.http_status)
    return HTMLResponse(_invited(request, site, user_id, secret))


@router.post("/admin/users/{user_id}")
def user_changed(
    request: Request,
    site: SiteDep,
    person: InBrowser,
    user_id: int,
    role: Text = "",
    action: Text = "",
) -> Response:
    """Another role, disabled or enabled again, unlocked."""
    person.must("people:manage")
    disabled = {"disable": True, "enable": False}.get(action)
    try:
        with site.backend.database.write() as connection:
            change_account(
                connection,
                site.log,
                person.actor,
                user_id,
                site.clock(),
                role=role or None,
                disabled=disabled,
                unlock=action == "unlock",
            )
    except CaishenError as error:
        return HTMLResponse(_users(request, site, problem=error), error.http_status)
    return RedirectResponse("/admin/users", 303)


@router.post("/admin/users/{user_id}/invitation")
def user_invited(request: Request, site: SiteDep, person: InBrowser, user_id: int) -> Response:
    """A new link for someone who forgot the password."""
    person.must("people:manage")
    with site.backend.database.write() as connection:
        secret = invite(connection, site.log, person.actor, user_id, site.clock())
    return HTMLResponse(_invited(request, site, user_id, secret))


@router.get("/admin/tokens")
def tokens_page(request: Request, site: SiteDep, person: InBrowser) -> str:
    """Everybody's tokens."""
    person.must("people:manage")
    with site.backend.database.read() as connection:
        tokens = list_tokens(connection, site.clock())
    return render(request, "tokens.html", tokens=tokens)


@router.post("/admin/tokens/{prefix}/revoke")
def token_revoked(site: SiteDep, person: InBrowser, prefix: str) -> Response:
    """Ends anybody's token."""
    person.must("people:manage")
    with site.backend.database.write() as connection:
        revoke_token(connection, prefix, site.clock())
        site.log.append(connection, person.actor, "token.revoke", f"token:{prefix}")
    return RedirectResponse("/admin/tokens", 303)


@router.get("/admin/audit-log")
def audit_log_page(
    request: Request, site: SiteDep, person: InBrowser, actor: str = "", action: str = "", before: int | None = None
) -> str:
    """What was done, the newest first."""
    person.must("audit:read")
    wanted = LogFilter(actor=actor.strip(), action=action.strip())
    with site.backend.database.read() as connection:
        entries = list_entries(connection, wanted, before=before, limit=50)
    older = ""
    if entries.next:
        older = urlencode({"actor": actor, "action": action, "before": entries.next})
    return render(request, "audit_log.html", entries=entries.items, wanted=wanted, older=older, before=before)


@router.post("/admin/audit-log/verification")
def audit_log_verified(request: Request, site: SiteDep, person: InBrowser) -> str:
    """Examines the whole chain."""
    person.must("audit:read")
    with site.backend.database.read() as connection:
        verdict = site.log.verify(connection)
    return render(request, "audit_log_verified.html", verdict=verdict)


def _users(
    request: Request, site: Site, *, problem: CaishenError | None = None, name: str = "", role: str = "auditor"
) -> str:
    with site.backend.database.read() as connection:
        accounts = list_accounts(connection)
    now = site.clock()
    return render(request, "users.html", accounts=accounts, roles=ROLES, problem=problem, name=name, role=role, now=now)


def _invited(request: Request, site: Site, user_id: int, secret: str) -> str:
    with site.backend.database.read() as connection:
        account = find_account(connection, user_id)
    link = f"{site.settings.public_url or str(request.base_url).rstrip('/')}/set-up?invitation={secret}"
    return render(request, "invited.html", account=account, link=link)
