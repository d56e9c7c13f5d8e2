"""The web service: settings in, an application out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

import structlog
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

from service import problems, static_files
from service.api import (
    audit_log,
    documents,
    events,
    findings,
    operations,
    outdated,
    people,
    results,
    rules,
    uploads,
)  # fmt: skip
from service.api.shapes import ProblemOut
from service.api.shapes import problems as problems_of
from service.audit import open_audit_log
from service.auth.provider import open_provider
from service.backend import Backend, open_backend
from service.deps import signed_in
from service.entrance import Entrance
from service.logs import configure_logs
from service.pictures import Pictures
from service.security import Guard
from service.settings import Settings
from service.site import Site, rates_of
from service.web import admin, reading
from service.web import people as people_pages
from service.web import single_sign_on as single_sign_on_pages

API: Final = "/api/v1"
LARGEST_BODY: Final = 1 << 20
"""Bytes of a request other than an upload: read into memory before anybody is asked who sent them."""
_DESCRIPTION: Final = """上传预算、决算公开文件，查看处理进度，取回表格、金额和问题。

认证：在“我的账号”里建立 API 令牌，请求时带上 `Authorization: Bearer cst_…`。
错误：一律为 `application/problem+json`，`code` 固定，`detail` 说明原因和办法。
翻页：列表的 `next` 不为空时，作为参数 `cursor` 传回得到下一段。
缓存：带上 `If-None-Match` 时，没有变化的内容回答 304。
坐标：页面点（1/72 英寸），原点在页面左上角；页序 `page` 从 0 起，页码 `page_number` 从 1 起。"""


def create_app(settings: Settings, *, entrance: Entrance | None = None) -> FastAPI:
    """The application over an installation, which it opens when it starts and closes when it ends.

    Args:
        settings: of the installation.
        entrance: a link that signs in without a password; for the demonstration only.
    """
    if not structlog.is_configured():
        configure_logs()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_backend(settings) as backend:
            site = open_site(backend)
            app.state.site = site
            try:
                yield
            finally:
                site.pictures.close()

    app = FastAPI(
        title="财审",
        version=version("caishen"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_BODY,
    )
    app.add_middleware(Guard, secure=settings.is_secure)
    problems.install(app)
    for module in (uploads, documents, events, results, findings, outdated, rules, people, audit_log):
        app.include_router(module.router, prefix=API, responses=problems_of())
    for module in (operations, static_files, people_pages, single_sign_on_pages, admin, reading):
        app.include_router(module.router)
    if entrance is not None:
        app.include_router(entrance.router())
    _describe(app)
    return app


def open_site(backend: Backend) -> Site:
    """What a web process works with."""
    settings = backend.settings
    return Site(
        backend=backend,
        log=open_audit_log(settings),
        rates=rates_of(settings),
        pictures=Pictures(backend.blobs, settings.root / "cache" / "pictures"),
        provider=open_provider(settings),
    )


def _describe(app: FastAPI) -> None:
    """Adds the form of errors and of authentication to the description, and serves it to those signed in."""
    generate = app.openapi

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            schema["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
            schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            schema["security"] = [{"token": []}]
            schema["servers"] = [{"url": "/"}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]

    @app.get(f"{API}/openapi.json", include_in_schema=False, dependencies=[Depends(signed_in)])
    def openapi() -> JSONResponse:
        return JSONResponse(describe())
