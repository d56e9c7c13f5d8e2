"""The audit log for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from models.errors import RequestError
from service.api.documents import Limit
from service.api.shapes import Listing, Shape, problems
from service.audit import as_json, entries
from service.audit_list import LogFilter, list_entries
from service.deps import LogReader, SiteDep
from service.downloads import attachment

router = APIRouter(prefix="/audit-log", tags=["操作日志"])


class EntryOut(Shape):
    """One entry."""

    id: Annotated[int, Field(description="序号，连续")]
    at: datetime
    actor: Annotated[str, Field(description="操作人")]
    action: Annotated[str, Field(examples=["document.upload"])]
    object: Annotated[str, Field(examples=["document:17"])]
    detail: dict[str, Any]
    previous_hash: str
    hash: Annotated[str, Field(description="本条的校验值，涵盖前一条的校验值")]


class VerificationOut(Shape):
    """What an examination of the whole log found."""

    n_entries: Annotated[int, Field(description="完好的条数")]
    head: Annotated[str, Field(description="其中最后一条的校验值，请另行保存")]
    fault: Annotated[str, Field(description="发现的问题；空为没有")]


@router.get("", summary="操作日志，新的在前", responses=problems(400))
def audit_log(
    site: SiteDep,
    person: LogReader,
    actor: Annotated[str, Query(max_length=120, description="操作人，完全一致")] = "",
    action: Annotated[str, Query(max_length=60, description="操作，或一类操作（session）")] = "",
    object: Annotated[str, Query(max_length=60, description="对象，例如 document:17")] = "",  # noqa: A002 - in the address
    cursor: Annotated[str, Query(max_length=20, description="上一段的 next")] = "",
    limit: Limit = 50,
) -> Listing[EntryOut]:
    """Entries that fit."""
    if cursor and not (cursor.isascii() and cursor.isdecimal() and int(cursor) < 2**63):
        raise RequestError("翻页标记 cursor 无效", "请从第一段重新开始")
    wanted = LogFilter(actor, action, object)
    with site.backend.database.read() as connection:
        found = list_entries(connection, wanted, before=int(cursor) if cursor else None, limit=limit)
    return Listing[EntryOut](items=[EntryOut.model_validate(entry) for entry in found.items], next=found.next)


@router.get("/verification", summary="校验全部日志")
def verification(site: SiteDep, person: LogReader) -> VerificationOut:
    """Examines the whole chain."""
    with site.backend.database.read() as connection:
        return VerificationOut.model_validate(site.log.verify(connection))


@router.get("/export", summary="导出全部日志，每行一条 JSON", response_class=StreamingResponse)
def export(site: SiteDep, person: LogReader) -> StreamingResponse:
    """The whole log as lines of JSON; taking it out is itself an entry."""
    with site.backend.database.write() as connection:
        site.log.append(connection, person.actor, "audit-log.export", "audit-log:*")

    def lines() -> Iterator[str]:
        with site.backend.database.read() as connection:
            for entry in entries(connection):
                yield as_json(entry) + "\n"

    name = f"caishen-audit-log-{site.clock():%Y%m%d}.jsonl"
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=attachment(name))
