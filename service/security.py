"""What holds for every request before any route sees it: an id, where it came from, and the headers of the answer."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import CaishenError, NotAllowed
from service.problems import answer

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
# Asked for every few seconds by machines; in the log they would bury everything else.
_UNLOGGED: Final = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger("service.http")


class Guard:
    """ASGI middleware: refuses unsafe requests of other sites, answers with safe headers, logs one line a request.

    Args:
        app: what is guarded.
        secure: the service is reached by https only, so browsers are told to insist on it.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope.setdefault("state", {})["request_id"] = request_id = _request_id(headers)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 500

        has_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal status, has_begun
            has_begun = True
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            if scope["method"] not in _SAFE and not _is_from_here(headers):
                response = answer(scope, _foreign())
                await response(scope, receive, send_guarded)
            else:
                await self._app(scope, receive, send_guarded)
        except Exception as error:
            # The traceback goes to the log, never into the answer.
            log.error("unexpected", error=type(error).__name__, exc_info=error)
            if has_begun:
                raise
            await answer(scope, _unexpected(request_id))(scope, receive, send_guarded)
        finally:
            _log(scope, status, time.perf_counter() - started)

    def _add_headers(self, headers: MutableHeaders, request_id: str) -> None:
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        # Pages and answers hold what only the signed-in person may see; static files say otherwise themselves.
        headers.setdefault("cache-control", "no-store")
        headers["x-request-id"] = request_id
        if self._secure:
            headers["strict-transport-security"] = "max-age=31536000"


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _is_from_here(headers: Headers) -> bool:
    """Whether a browser says that the request was made by a page of this service, or no browser made it.

    A bearer token is never sent by a browser on its own, so requests with one cannot be forged by another site.
    """
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host")
    # Browsers that send neither are older than any in use (Sec-Fetch-Site since 2020 to 2023, Origin with POST before).
    return "cookie" not in headers


def _foreign() -> NotAllowed:
    return NotAllowed("请求不是从本系统的页面发出的，已拒绝", "请从本系统的页面操作；程序调用请用 API 令牌")


def _unexpected(request_id: str) -> CaishenError:
    return CaishenError("程序内部错误", f"请稍后重试；仍然出错时请把编号 {request_id} 告诉管理员")


def _log(scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
    """The route's template, never the path itself: names of uploaded files stand in it."""
    if scope["path"] in _UNLOGGED:
        return
    prefix = "/api/v1" if scope["path"].startswith("/api/v1/") else ""
    route = prefix + getattr(scope.get("route"), "path", "")
    log.info(
        "request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1), **_ids_of(scope)
    )


def _ids_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """The ids in the path; other parameters may be names that people gave."""
    parameters = scope.get("path_params") or {}
    return {key: str(value) for key, value in parameters.items() if key.endswith("_id")}
