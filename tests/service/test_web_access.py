"""Who may do what: every role at every address, and nobody anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.auth.roles import GRANTED, PERMISSIONS, ROLES, Permission, Role
from service.web import admin, people, reading, single_sign_on
from tests.service.web_site import Browser, Web, open_web
from tests.service.web_site import people as all_people

OPEN = "open"
SESSION = "session"
ANYBODY_SIGNED_IN = "signed-in"

# What an address asks for. Numbers that do not exist lead to 404 once the request was allowed, and nothing is changed.
API: dict[tuple[str, str], str] = {
    ("PUT", "/api/v1/files/{name}"): "documents:write",
    ("POST", "/api/v1/uploads"): "documents:write",
    ("GET", "/api/v1/uploads"): "documents:read",
    ("GET", "/api/v1/uploads/{upload_id}"): "documents:read",
    ("GET", "/api/v1/documents"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}"): "documents:read",
    ("DELETE", "/api/v1/documents/{document_id}"): "documents:delete",
    ("POST", "/api/v1/documents/{document_id}/retry"): "documents:write",
    ("POST", "/api/v1/documents/{document_id}/cancel"): "documents:write",
    ("GET", "/api/v1/documents/{document_id}/file"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/pages"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/pages/{page_number}"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/pages/{page_number}/picture"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/pages/{page_number}/cleaned"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/tables"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/tables/{table_id}"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/facts"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/checks"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/skips"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/exports/{name}"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/events"): "documents:read",
    ("GET", "/api/v1/documents/{document_id}/corrections"): "documents:read",
    ("POST", "/api/v1/documents/{document_id}/corrections"): "verdicts:write",
    ("GET", "/api/v1/events"): "documents:read",
    ("GET", "/api/v1/findings"): "documents:read",
    ("GET", "/api/v1/findings/count"): "documents:read",
    ("GET", "/api/v1/findings/{finding_id}"): "documents:read",
    ("GET", "/api/v1/findings/{finding_id}/verdict"): "documents:read",
    ("POST", "/api/v1/findings/{finding_id}/verdict"): "verdicts:write",
    ("GET", "/api/v1/findings/{finding_id}/comments"): "documents:read",
    ("POST", "/api/v1/findings/{finding_id}/comments"): "verdicts:write",
    ("GET", "/api/v1/outdated"): "documents:manage",
    ("POST", "/api/v1/outdated/reprocess"): "documents:manage",
    ("GET", "/api/v1/rules"): "documents:read",
    ("GET", "/api/v1/rules/{rule_id}"): "documents:read",
    ("GET", "/api/v1/me"): ANYBODY_SIGNED_IN,
    ("GET", "/api/v1/users"): "people:manage",
    ("POST", "/api/v1/users"): "people:manage",
    ("PATCH", "/api/v1/users/{user_id}"): "people:manage",
    ("POST", "/api/v1/users/{user_id}/invitation"): "people:manage",
    ("GET", "/api/v1/tokens"): SESSION,
    ("POST", "/api/v1/tokens"): SESSION,
    ("DELETE", "/api/v1/tokens/{prefix}"): SESSION,
    ("GET", "/api/v1/audit-log"): "audit:read",
    ("GET", "/api/v1/audit-log/verification"): "audit:read",
    ("GET", "/api/v1/audit-log/export"): "audit:read",
}
OTHERS: dict[tuple[str, str], str] = {
    ("GET", "/api/v1/openapi.json"): ANYBODY_SIGNED_IN,
    ("GET", "/metrics"): "metrics:read",
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/favicon.ico"): OPEN,
}
PAGES: dict[tuple[str, str], str] = {
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("GET", "/sign-in/single"): OPEN,
    ("GET", "/sign-in/single/callback"): OPEN,
    ("GET", "/set-up"): OPEN,
    ("POST", "/set-up"): OPEN,
    ("POST", "/sign-out"): SESSION,
    ("GET", "/account"): SESSION,
    ("POST", "/account/password"): SESSION,
    ("POST", "/account/sessions/{session}/end"): SESSION,
    ("POST", "/account/identity"): SESSION,
    ("POST", "/account/identity/unlink"): SESSION,
    ("POST", "/account/tokens"): SESSION,
    ("POST", "/account/tokens/{prefix}/revoke"): SESSION,
    ("GET", "/admin/users"): "people:manage",
    ("POST", "/admin/users"): "people:manage",
    ("POST", "/admin/users/{user_id}"): "people:manage",
    ("POST", "/admin/users/{user_id}/invitation"): "people:manage",
    ("GET", "/admin/tokens"): "people:manage",
    ("POST", "/admin/tokens/{prefix}/revoke"): "people:manage",
    ("GET", "/admin/audit-log"): "audit:read",
    ("POST", "/admin/audit-log/verification"): "audit:read",
    ("GET", "/"): "documents:read",
    ("GET", "/documents-list"): "documents:read",
    ("POST", "/upload"): "documents:write",
    ("GET", "/documents/{document_id}"): "documents:read",
    ("GET", "/documents/{document_id}/progress"): "documents:read",
    ("POST", "/documents/{document_id}/retry"): "documents:write",
    ("POST", "/documents/{document_id}/cancel"): "documents:write",
    ("POST", "/documents/{document_id}/delete"): "documents:delete",
    ("GET", "/api"): SESSION,
}
JSON: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/documents/{document_id}/corrections"): {"table_id": "t1", "row": 0, "col": 0, "text": "1"},
    ("POST", "/api/v1/findings/{finding_id}/verdict"): {"status": "confirmed", "version": 0},
    ("POST", "/api/v1/findings/{finding_id}/comments"): {"text": "已核对"},
    ("POST", "/api/v1/outdated/reprocess"): {"limit": 1},
    ("POST", "/api/v1/users"): {"name": "新人", "role": "viewer"},
    ("PATCH", "/api/v1/users/{user_id}"): {"role": "viewer"},
    ("POST", "/api/v1/tokens"): {"name": "测试", "scopes": ["documents:read"]},
}
FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("POST", "/sign-in"): {"name": "无", "password": "无"},
    ("POST", "/set-up"): {"invitation": "无", "name": "无", "password": "a", "again": "a"},
    ("POST", "/account/password"): {"current": "无", "password": "a", "again": "b"},
    ("POST", "/account/identity"): {"current": "无"},
    ("POST", "/admin/users"): {"name": "另一个新人", "role": "viewer"},
}
# An endless stream: asked for once by nobody is enough, what it gives has a test of its own.
ENDLESS = ("GET", "/api/v1/events")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with open_web(tmp_path_factory.mktemp("data"), rate_sign_ins="", rate_requests="") as web:
        yield web


@pytest.fixture(scope="module")
def browsers(web: Web) -> dict[Role, Browser]:
    return all_people(web)


def named(endpoint: tuple[str, str]) -> str:
    return " ".join(endpoint)


def address(path: str) -> str:
    """The path with the numbers of things that do not exist."""
    for name, value in {"name": "findings.json", "rule_id": "ZZ999", "prefix": "0" * 10, "session": "0" * 64}.items():
        path = path.replace(f"{{{name}}}", value)
    return re.sub(r"\{\w+\}", "999999", path)


def options(endpoint: tuple[str, str]) -> dict[str, Any]:
    if endpoint in JSON:
        return {"json": JSON[endpoint]}
    if endpoint in FORMS:
        return {"data": FORMS[endpoint]}
    if endpoint[0] == "PUT":
        return {"content": b"no document"}
    if endpoint[1] in ("/upload", "/api/v1/uploads"):
        return {"files": {"files": ("无.txt", b"no document")}}
    return {}


def is_allowed(needed: str, role: Role) -> bool:
    return needed in (OPEN, SESSION, ANYBODY_SIGNED_IN) or needed in GRANTED[role]


def test_every_address_is_in_the_matrix(web: Web) -> None:
    described = {
        (method.upper(), path) for path, methods in web.client.app.openapi()["paths"].items() for method in methods
    }
    assert described == set(API)
    pages = {
        (method, route.path)
        for module in (admin, people, reading, single_sign_on)
        for route in module.router.routes
        for method in route.methods
    }
    assert pages == set(PAGES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", [*API, *OTHERS, *PAGES], ids=named)
def test_a_role_may_do_what_it_is_granted_and_nothing_else(
    web: Web, browsers: dict[Role, Browser], endpoint: tuple[str, str], role: Role
) -> None:
    needed = {**API, **OTHERS, **PAGES}[endpoint]
    is_last = endpoint == ("POST", "/sign-out")
    browser = web.session(browsers[role].person.id) if is_last else browsers[role]
    if endpoint == ENDLESS:
        return
    method, path = endpoint
    answer = browser.request(method, address(path), **options(endpoint))
    assert answer.status_code < 500, answer.text
    if endpoint in (("POST", "/sign-in"), ("POST", "/account/password")):
        return
    if is_allowed(needed, role):
        assert answer.status_code not in (401, 403), answer.text
    else:
        assert answer.status_code == 403
        assert "没有" in answer.text


@pytest.mark.parametrize("endpoint", [*API, *OTHERS, *PAGES], ids=named)
def test_nobody_may_do_nothing(web: Web, endpoint: tuple[str, str]) -> None:
    needed = {**API, **OTHERS, **PAGES}[endpoint]
    method, path = endpoint
    headers = {"sec-fetch-site": "same-origin"}
    answer = web.client.request(method, address(path), headers=headers, follow_redirects=False, **options(endpoint))
    if needed == OPEN:
        assert answer.status_code in (200, 401, 404, 422)
    elif endpoint in PAGES and method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("scope", PERMISSIONS)
@pytest.mark.parametrize("endpoint", [*API, *OTHERS], ids=named)
def test_a_token_may_do_what_its_scope_names(
    web: Web, browsers: dict[Role, Browser], endpoint: tuple[str, str], scope: Permission
) -> None:
    if endpoint == ENDLESS:
        return
    token = tokens(web, browsers["administrator"])[scope]
    needed = {**API, **OTHERS}[endpoint]
    method, path = endpoint
    answer = web.client.request(
        method, address(path), headers={"authorization": f"Bearer {token}"}, follow_redirects=False, **options(endpoint)
    )
    assert answer.status_code < 500, answer.text
    if needed in (OPEN, ANYBODY_SIGNED_IN, scope):
        assert answer.status_code not in (401, 403), answer.text
    else:
        assert answer.status_code == 403


_TOKENS: dict[int, dict[Permission, str]] = {}


def tokens(web: Web, browser: Browser) -> dict[Permission, str]:
    """One token for every scope."""
    if id(web) not in _TOKENS:
        _TOKENS[id(web)] = {scope: web.token(browser.person, scope) for scope in PERMISSIONS}
    return _TOKENS[id(web)]


def test_a_lesser_role_takes_its_tokens_along(tmp_path: Path) -> None:
    with open_web(tmp_path) as web:
        lead = web.session(web.user("lead"))
        token = web.token(lead.person, "documents:delete")
        headers = {"authorization": f"Bearer {token}"}
        assert web.client.delete("/api/v1/documents/9", headers=headers).status_code == 404
        boss = web.session(web.user("administrator"))
        assert boss.request("PATCH", f"/api/v1/users/{lead.person.id}", json={"role": "viewer"}).status_code == 200
        assert web.client.delete("/api/v1/documents/9", headers=headers).status_code == 403
        boss.request("PATCH", f"/api/v1/users/{lead.person.id}", json={"disabled": True})
        assert web.client.delete("/api/v1/documents/9", headers=headers).status_code == 401
        assert lead.get("/api/v1/me").status_code == 401
