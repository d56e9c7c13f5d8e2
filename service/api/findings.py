"""Findings over all documents, and what people say about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from models.errors import NotFound
from models.finding import Category, ReadingVerdict, Severity
from service.api.documents import Cursor, DocumentId, Limit
from service.api.etags import tagged_json
from service.api.shapes import Listing, Shape, problems
from service.deps import Judge, Reader, SiteDep
from service.records import FindingFilter, FindingOrder, FindingRecord
from service.results import HEAVY, report_of
from service.store import COUNTED_AT_MOST, count_findings, find_document, find_finding, list_findings
from service.triage import (
    LONGEST_TEXT,
    Status,
    add_comment,
    comments_of,
    corrections_of,
    set_correction,
    set_verdict,
    verdict_of,
)

router = APIRouter(tags=["问题"])

FindingId = Annotated[int, Path(ge=1, le=2**63 - 1, description="问题编号", examples=[2048])]


class FindingOut(Shape):
    """One finding."""

    id: Annotated[int, Field(description="问题编号", examples=[2048])]
    document_id: Annotated[int, Field(examples=[17])]
    key: Annotated[str, Field(description="重新处理后不变的标识", examples=["AR001:b03:total:total"])]
    rule: Annotated[str, Field(examples=["AR001"])]
    category: Category
    severity: Annotated[Severity, Field(description="error 错误、warning 警告、hint 提示；由规则决定")]
    reading: Annotated[
        ReadingVerdict, Field(description="real 页面确实如此、probable-misread 疑似误识、undecided 待复核")
    ]
    confidence: Annotated[float, Field(description="页面确有此问题的概率", examples=[0.97])]
    page: Annotated[int | None, Field(description="首要依据所在页的页序，从 0 起")]
    message: Annotated[str, Field(examples=["合计行填列1,300.50万元，应为1,200.50万元。"])]
    expected: str
    observed: str
    difference: str
    basis: Annotated[str, Field(description="依据的规定")]
    evidence: Annotated[list[dict[str, Any]], Field(description="依据所在的单元格或语句，与 findings.json 相同")]
    kind: str
    year: int | None
    entity: str
    status: Annotated[str, Field(description="人的认定：open、confirmed、dismissed、pending")]
    baseline: Annotated[str, Field(description="与上一次处理相比：new、unchanged、updated、absent")]
    created: datetime
    updated: datetime

    @classmethod
    def of(cls, record: FindingRecord) -> FindingOut:
        """A finding's record as it is shown outside."""
        return cls.model_validate(record)


class FindingCount(Shape):
    """How many findings fit."""

    count: Annotated[int, Field(examples=[128])]
    is_at_least: Annotated[bool, Field(description="数到上限为止，实际可能更多")]


class VerdictOut(Shape):
    """What was decided about a finding."""

    status: Status
    reason: str
    comment: str
    author: Annotated[str, Field(description="最后认定的人；空为还没有人认定")]
    version: Annotated[int, Field(description="下一次更改时要带上；还没有人认定时为 0")]
    updated: datetime | None


class Given(BaseModel):
    """Base of what is sent in: unknown members are an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


class VerdictIn(Given):
    """A decision about a finding."""

    status: Annotated[Status, Field(description="confirmed 属实、dismissed 不属实、pending 需补充资料、open 收回认定")]
    reason: Annotated[str, Field(max_length=40, description="简短的原因代码", examples=["rounding"])] = ""
    comment: Annotated[str, Field(max_length=LONGEST_TEXT, description="说明")] = ""
    version: Annotated[int, Field(ge=0, le=10**9, description="看到的版本，防止覆盖他人的认定", examples=[0])]


class CommentOut(Shape):
    """One remark."""

    id: int
    author: str
    text: str
    created: datetime


class CommentIn(Given):
    """A remark."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, examples=["已与单位核对，系四舍五入。"])]


class CorrectionOut(Shape):
    """What a person says stands in a cell."""

    table_id: Annotated[str, Field(examples=["t3"])]
    row: int
    col: int
    read: Annotated[str, Field(description="程序读到的")]
    text: Annotated[str, Field(description="页面上印的")]
    author: str
    version: int
    updated: datetime


class CorrectionIn(Given):
    """What stands in a cell."""

    table_id: Annotated[str, Field(max_length=16, examples=["t3"])]
    row: Annotated[int, Field(ge=0, le=10**6)]
    col: Annotated[int, Field(ge=0, le=10**6)]
    text: Annotated[str, Field(max_length=500, description="页面上印的", examples=["1,200.50"])]
    version: Annotated[int, Field(ge=0, le=10**9, description="看到的更正的版本；还没有更正时为 0")] = 0


def _wanted(
    document: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="文件编号")] = None,
    page: Annotated[int | None, Query(ge=1, le=100_000, description="首要依据的页码，从 1 起")] = None,
    rule: Annotated[list[Annotated[str, Query(max_length=8)]], Query(description="规则，可给多个")] = [],
    category: Annotated[list[Category], Query(description="类别，可给多个")] = [],
    severity: Annotated[list[Severity], Query(description="级别，可给多个")] = [],
    reading: Annotated[list[ReadingVerdict], Query(description="读数判定，可给多个")] = [],
    status: Annotated[list[Status], Query(description="人的认定，可给多个")] = [],
    kind: Annotated[list[Annotated[str, Query(max_length=32)]], Query(description="文种，可给多个")] = [],
    year: Annotated[list[Annotated[int, Query(ge=1900, le=2200)]], Query(description="年度，可给多个")] = [],
    entity: Annotated[str, Query(max_length=200, description="单位，完全一致")] = "",
    text: Annotated[str, Query(max_length=100, description="问题或依据中含有的文字")] = "",
    min_confidence: Annotated[float, Query(ge=0, le=1, description="概率不低于")] = 0.0,
) -> FindingFilter:
    return FindingFilter(
        document=document,
        page=None if page is None else page - 1,
        rules=tuple(rule),
        categories=tuple(category),
        severities=tuple(severity),
        readings=tuple(reading),
        statuses=tuple(status),
        kinds=tuple(kind),
        years=tuple(year),
        entity=entity,
        text=text,
        min_confidence=min_confidence,
    )


Wanted = Annotated[FindingFilter, Depends(_wanted)]


@router.get("/findings", summary="问题列表", responses=problems(400))
def findings(
    request: Request,
    site: SiteDep,
    person: Reader,
    wanted: Wanted,
    order: Annotated[FindingOrder, Query(description="gravest 严重的在前，newest 新的在前")] = "gravest",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Listing[FindingOut]:
    """Findings that fit all that is given."""
    with site.backend.database.read() as connection:
        found = list_findings(connection, wanted, order=order, after=cursor, limit=limit)
    shown = Listing[FindingOut](items=[FindingOut.of(record) for record in found.items], next=found.next)
    return tagged_json(request, shown)  # type: ignore[return-value]


@router.get("/findings/count", summary="符合条件的问题数（数到 10,000 为止）", responses=problems(400))
def findings_count(request: Request, site: SiteDep, person: Reader, wanted: Wanted) -> FindingCount:
    """How many fit."""
    with site.backend.database.read() as connection:
        count = count_findings(connection, wanted)
    return tagged_json(request, FindingCount(count=count, is_at_least=count >= COUNTED_AT_MOST))  # type: ignore[return-value]


@router.get("/findings/{finding_id}", summary="一个问题", responses=problems(404))
def finding(request: Request, site: SiteDep, person: Reader, finding_id: FindingId) -> FindingOut:
    """One finding."""
    with site.backend.database.read() as connection:
        return tagged_json(request, FindingOut.of(find_finding(connection, finding_id)))  # type: ignore[return-value]


@router.get("/findings/{finding_id}/verdict", summary="对一个问题的认定", responses=problems(404))
def verdict(site: SiteDep, person: Reader, finding_id: FindingId) -> VerdictOut:
    """What was decided."""
    with site.backend.database.read() as connection:
        found = find_finding(connection, finding_id)
        return VerdictOut.model_validate(verdict_of(connection, found.document_id, found.key))


@router.post("/findings/{finding_id}/verdict", summary="认定一个问题；重新处理后保留", responses=problems(404, 409))
def decide(site: SiteDep, person: Judge, finding_id: FindingId, given: VerdictIn) -> VerdictOut:
    """Decides."""
    with site.backend.database.write() as connection:
        found = find_finding(connection, finding_id)
        decided = set_verdict(
            connection,
            site.log,
            person,
            found,
            given.status,
            given.reason,
            given.comment,
            given.version,
            site.clock(),
        )
    return VerdictOut.model_validate(decided)


@router.get("/findings/{finding_id}/comments", summary="对一个问题的意见", responses=problems(404))
def comments(site: SiteDep, person: Reader, finding_id: FindingId) -> Listing[CommentOut]:
    """Remarks in order."""
    with site.backend.database.read() as connection:
        found = find_finding(connection, finding_id)
        said = comments_of(connection, found.document_id, found.key)
    return Listing[CommentOut](items=[CommentOut.model_validate(one) for one in said], next="")


@router.post("/findings/{finding_id}/comments", status_code=201, summary="添加意见", responses=problems(400, 404))
def comment(site: SiteDep, person: Judge, finding_id: FindingId, given: CommentIn) -> CommentOut:
    """Adds a remark."""
    with site.backend.database.write() as connection:
        found = find_finding(connection, finding_id)
        made = add_comment(connection, site.log, person, found, given.text, site.clock())
    return CommentOut.model_validate(made)


@router.get("/documents/{document_id}/corrections", summary="更正过的单元格", responses=problems(404))
def corrections(site: SiteDep, person: Reader, document_id: DocumentId) -> Listing[CorrectionOut]:
    """Corrected cells of a document."""
    with site.backend.database.read() as connection:
        find_document(connection, document_id)
        made = corrections_of(connection, document_id)
    return Listing[CorrectionOut](items=[CorrectionOut.model_validate(one) for one in made], next="")


@router.post(
    "/documents/{document_id}/corrections",
    summary="更正一个单元格；程序读到的原样保留，重新处理后更正也保留",
    responses=problems(404, 409),
)
def correct(site: SiteDep, person: Judge, document_id: DocumentId, given: CorrectionIn) -> CorrectionOut:
    """Says what stands in a cell."""
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
    with HEAVY:
        tables = report_of(site.backend.blobs, record).document.tables
        cells = (cell for table in tables if table.id == given.table_id for cell in table.cells)
        cell = next((cell for cell in cells if (cell.row, cell.col) == (given.row, given.col)), None)
    if cell is None:
        where = f"表 {given.table_id} 第 {given.row + 1} 行第 {given.col + 1} 列"
        raise NotFound(f"文件“{record.name}”里没有{where}的单元格", "请从表的单元格里选取；合并的单元格用左上角的位置")
    place = (given.table_id, given.row, given.col)
    with site.backend.database.write() as connection:
        made = set_correction(
            connection, site.log, person, document_id, place, cell.text, given.text, given.version, site.clock()
        )
    return CorrectionOut.model_validate(made)
