"""Results that older versions have made: how many there are, and to have them made again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from service import reprocessing
from service.api.findings import Given
from service.api.shapes import Shape
from service.deps import ArchiveManager, SiteDep

router = APIRouter(prefix="/outdated", tags=["旧结果"])


class OutdatedOut(Shape):
    """Results of older versions."""

    documents: Annotated[int, Field(description="结果由旧的规则、模型或设置做成的文件数", examples=[1200])]
    to_read: Annotated[int, Field(description="其中须重新读取页面的文件数，其余只重新核对", examples=[0])]


class PortionIn(Given):
    """How many are wanted."""

    limit: Annotated[int, Field(ge=1, le=reprocessing.AT_ONCE, description="这一次最多安排多少份", examples=[1000])] = (
        reprocessing.AT_ONCE
    )


class PortionOut(Shape):
    """What was asked for."""

    queued: Annotated[int, Field(description="这一次安排了多少份；0 为已没有旧结果", examples=[1000])]


@router.get("", summary="结果由旧版本做成的文件数")
def outdated(site: SiteDep, person: ArchiveManager) -> OutdatedOut:
    """How many there are."""
    documents, to_read = reprocessing.count(site.backend, site.versions())
    return OutdatedOut(documents=documents, to_read=to_read)


@router.post("/reprocess", status_code=202, summary="安排一批旧结果重新处理；重复调用直到 queued 为 0")
def reprocess(site: SiteDep, person: ArchiveManager, wanted: PortionIn) -> PortionOut:
    """Asks for some of them."""
    queued = reprocessing.submit_some(site.backend, site.log, person.actor, site.versions(), limit=wanted.limit)
    return PortionOut(queued=queued)
