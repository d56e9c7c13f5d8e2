"""Progress as server-sent events: one stream for a document, one for all that is at work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from models.errors import TooManyRequests
from service.api.documents import DocumentId
from service.api.shapes import DocumentOut, Responses, problems
from service.deps import Reader, SiteDep
from service.records import DocumentFilter, DocumentRecord
from service.site import Site
from service.store import find_document, list_documents

router = APIRouter(tags=["进度"])

_LOOK_EVERY_S: Final = 1.0
_SIGN_OF_LIFE_S: Final = 15.0
# Browsers come back by themselves; a session that has ended meanwhile is noticed then.
_LONGEST_S: Final = 300.0
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_DESCRIPTION: Final[Responses] = {
    200: {"content": {"text/event-stream": {}}, "description": "事件 document，数据为一份文件的状态"}
}

Look = Callable[[], list[DocumentRecord]]


@router.get(
    "/documents/{document_id}/events",
    summary="一份文件的进度（server-sent events），处理结束时断开",
    response_class=StreamingResponse,
    responses={**_DESCRIPTION, **problems(404)},
)
def document_events(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> StreamingResponse:
    """Every change of one document until it is done."""

    def look() -> list[DocumentRecord]:
        with site.backend.database.read() as connection:
            return [find_document(connection, document_id)]

    look()
    return _stream(request, site, person.id, look, ends=True)


@router.get(
    "/events",
    summary="所有文件的进度（server-sent events）",
    response_class=StreamingResponse,
    responses=_DESCRIPTION | problems(),
)
def events(
    request: Request,
    site: SiteDep,
    person: Reader,
    mine: Annotated[bool, Query(description="只要自己上传的")] = False,
) -> StreamingResponse:
    """Every change of the two hundred newest documents."""
    wanted = DocumentFilter(owner=person.id if mine else None)

    def look() -> list[DocumentRecord]:
        with site.backend.database.read() as connection:
            return list(list_documents(connection, wanted, limit=200).items)

    return _stream(request, site, person.id, look, ends=False)


def _stream(request: Request, site: Site, user_id: int, look: Look, *, ends: bool) -> StreamingResponse:
    if site.streams[user_id] >= site.settings.max_streams:
        raise TooManyRequests("打开的进度连接过多", "请关闭不用的页面后重试", 10)
    return StreamingResponse(_events(request, site, user_id, look, ends=ends), 200, _HEADERS, "text/event-stream")


async def _events(request: Request, site: Site, user_id: int, look: Look, *, ends: bool) -> AsyncIterator[str]:
    known: dict[int, tuple[Any, ...]] = {}
    site.streams[user_id] += 1
    try:
        loop = asyncio.get_running_loop()
        started = last_sign = loop.time()
        yield "retry: 3000\n\n"
        while loop.time() - started < _LONGEST_S and not await request.is_disconnected():
            records = await run_sync(look)
            for record in records:
                state = (
                    record.state,
                    record.stage,
                    record.pages_done,
                    record.n_pages,
                    record.generation,
                    record.finished,
                )
                if known.get(record.id) != state:
                    known[record.id] = state
                    last_sign = loop.time()
                    yield f"event: document\ndata: {DocumentOut.of(record).model_dump_json()}\n\n"
            if ends and all(record.state not in ("queued", "working") for record in records):
                yield f"event: end\ndata: {json.dumps({'state': records[0].state})}\n\n"
                return
            if loop.time() - last_sign > _SIGN_OF_LIFE_S:
                last_sign = loop.time()
                yield ": alive\n\n"
            await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        site.streams[user_id] -= 1
