"""Errors as answers: problem+json (RFC 9457) for programs, a page in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from models.errors import CaishenError, NotSignedIn, TooManyRequests
from service.web.pages import render

log = structlog.get_logger("service.http")

_STATUS: Final[dict[int, tuple[str, str, str]]] = {
    400: ("bad-request", "请求不完整或格式不对", "请检查后重试"),
    404: ("not-found", "没有这个地址", "请检查网址"),
    405: ("method-not-allowed", "这个地址不接受这种请求", "请对照接口说明检查请求方法"),
    406: ("not-acceptable", "不能按要求的格式回答", "请检查 Accept 头"),
    413: ("too-large", "内容超过大小上限", "请拆分后再传"),
    415: ("unsupported-format", "不接受这种格式的内容", "请检查 Content-Type 头"),
}


class Problem(JSONResponse):
    """An answer of the type `application/problem+json`."""

    media_type = "application/problem+json"


def install(app: FastAPI) -> None:
    """Makes every error of the application an answer of one form."""
    app.add_exception_handler(CaishenError, _on_own)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def answer(scope: Scope, error: CaishenError, *, more: Mapping[str, Any] | None = None) -> Response:
    """The answer to a request that failed: a page where a person asked for one, else problem+json."""
    headers = {"retry-after": str(error.wait_s)} if isinstance(error, TooManyRequests) else {}
    request = Request(scope)
    if not _wants_page(scope):
        if isinstance(error, NotSignedIn):
            headers["www-authenticate"] = "Bearer"
        content = problem(error, request_id=scope.get("state", {}).get("request_id", ""), **(more or {}))
        return Problem(content, error.http_status, headers)
    if isinstance(error, NotSignedIn) and scope["method"] in ("GET", "HEAD"):
        return RedirectResponse(f"/sign-in?{_next(request)}", 303)
    page = render(request, "error.html", error=error, status=error.http_status)
    return HTMLResponse(page, error.http_status, headers)


def problem(error: CaishenError, **more: object) -> dict[str, object]:
    """The members of a problem: `code` is stable, `title` and `detail` are for people."""
    return {
        "type": f"urn:caishen:error:{error.code}",
        "title": error.reason,
        "status": error.http_status,
        "detail": f"{error.reason}。{error.remedy}。",
        "code": error.code,
        "remedy": error.remedy,
        **more,
    }


def _wants_page(scope: Scope) -> bool:
    path: str = scope["path"]
    return not path.startswith(("/api/", "/healthz", "/readyz", "/metrics", "/static/"))


def _next(request: Request) -> str:
    from urllib.parse import urlencode

    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return urlencode({"next": asked})


async def _on_own(request: Request, error: Exception) -> Response:
    assert isinstance(error, CaishenError)
    if error.http_status >= 500:
        log.error("failed", code=error.code, reason=error.reason)
    return answer(request.scope, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = [
        {"at": ".".join(map(str, item["loc"])), "code": item["type"], "message": item["msg"]} for item in error.errors()
    ]
    named = "、".join(dict.fromkeys(place["at"] for place in places[:5]))
    invalid = _InvalidRequest(f"请求的内容不符合要求（{named}）", "请对照接口说明改正后重试")
    return answer(request.scope, invalid, more={"errors": places})


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, reason, remedy = _STATUS.get(error.status_code, ("failed", "请求没有完成", "请稍后重试"))
    response = answer(request.scope, _OfStatus(error.status_code, code, reason, remedy))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


class _InvalidRequest(CaishenError):
    code = "invalid-request"
    http_status = 422


class _OfStatus(CaishenError):
    """An error that the framework raised, known by its status alone."""

    def __init__(self, status: int, code: str, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.http_status = status  # type: ignore[misc]
        self.code = code  # type: ignore[misc]
