"""What was read and found in one document: cells, facts, checks, and the four outputs as files."""

from __future__ import annotations

import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from models.errors import NotFound
from models.geometry import Box
from service.api.documents import DocumentId
from service.api.etags import caching, etag, is_known, not_modified, tagged_json
from service.api.shapes import Listing, Shape, problems
from service.deps import Reader, SiteDep
from service.downloads import attachment
from service.records import DocumentRecord
from service.results import HEAVY, export, report_of
from service.site import Site
from service.store import find_document, outcomes_of, skips_of

router = APIRouter(prefix="/documents", tags=["结果"])

OutputName = Literal["document.json", "findings.json", "tables.xlsx", "report.html"]
_MEDIA_TYPES: dict[OutputName, str] = {
    "document.json": "application/json",
    "findings.json": "application/json",
    "tables.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "report.html": "application/octet-stream",
}

Output = Annotated[OutputName, Path(description="哪一种导出")]
Bbox = Annotated[
    list[float] | None, Field(description="x0, y0, x1, y1：页面点，原点在左上", examples=[[60, 100, 150, 118]])
]


class ReadingOut(Shape):
    """Another way to read a cell."""

    text: str
    probability: float


class CellOut(Shape):
    """One cell."""

    row: Annotated[int, Field(description="行，从 0 起")]
    col: Annotated[int, Field(description="列，从 0 起")]
    rowspan: int
    colspan: int
    text: Annotated[str, Field(examples=["1,300.50"])]
    raw: Annotated[str, Field(description="读到的原样")]
    page: Annotated[int, Field(description="页序，从 0 起")]
    bbox: Bbox
    confidence: Annotated[float, Field(description="读对的概率", examples=[0.98])]
    alternatives: list[ReadingOut]
    damaged: Annotated[bool, Field(description="清除水印或印章时触及了笔画")]


class TableDetail(Shape):
    """One table with its cells."""

    id: str
    title: str
    unit: str
    pages: list[int]
    n_rows: int
    n_cols: int
    cells: list[CellOut]


class FactOut(Shape):
    """One amount with its meaning."""

    form: Annotated[str, Field(description="法定报表的编号", examples=["b03"])]
    line: Annotated[str, Field(description="行：科目或项目", examples=["c20106"])]
    column: Annotated[str, Field(description="栏", examples=["basic"])]
    label: Annotated[str, Field(description="行和栏的名称", examples=["一般公共服务支出 基本支出"])]
    yuan: Annotated[str | None, Field(description="金额（元），精确小数；空白或不是金额时为空", examples=["12005000"])]
    step: Annotated[str | None, Field(description="印出的最末一位代表多少元", examples=["100"])]
    text: Annotated[str, Field(description="印出的样子", examples=["1,200.50"])]
    table: str
    row: int
    col: int
    page: int
    bbox: Bbox


class OutcomeOut(Shape):
    """What became of one rule."""

    rule: Annotated[str, Field(examples=["AR001"])]
    name: str
    run: Annotated[int, Field(description="检查了多少处")]
    consistent: int
    failed: int
    skipped: Annotated[int, Field(description="未能检查多少处；未检查不等于正确")]


class SkipOut(Shape):
    """A check that could not be made."""

    rule: str
    scope: Annotated[str, Field(description="本应检查的内容")]
    reason: Annotated[str, Field(description="未能检查的原因")]


@router.get("/{document_id}/tables/{table_id}", summary="一张表及其单元格", responses=problems(404, 409))
def table(
    request: Request,
    site: SiteDep,
    person: Reader,
    document_id: DocumentId,
    table_id: Annotated[str, Path(max_length=16, description="表编号", examples=["t3"])],
) -> TableDetail:
    """One table."""
    record = _document(site, document_id)
    with HEAVY:
        found = next((one for one in report_of(site.backend.blobs, record).document.tables if one.id == table_id), None)
        if found is None:
            raise NotFound(f"文件“{record.name}”里没有编号为“{table_id}”的表", "请从表的列表里选取")
        cells = [
            CellOut(
                row=cell.row,
                col=cell.col,
                rowspan=cell.rowspan,
                colspan=cell.colspan,
                text=cell.text,
                raw=cell.raw,
                page=cell.page,
                bbox=_bbox(cell.box),
                confidence=round(cell.confidence, 4),
                alternatives=[
                    ReadingOut(text=one.text, probability=round(one.probability, 4)) for one in cell.alternatives
                ],
                damaged=cell.damaged,
            )
            for cell in found.cells
        ]
    detail = TableDetail(
        id=found.id,
        title=found.title,
        unit=found.unit,
        pages=list(found.pages),
        n_rows=found.n_rows,
        n_cols=found.n_cols,
        cells=cells,
    )
    return tagged_json(request, detail)  # type: ignore[return-value]


@router.get("/{document_id}/facts", summary="已认出的金额", responses=problems(404, 409))
def facts(
    request: Request,
    site: SiteDep,
    person: Reader,
    document_id: DocumentId,
    form: Annotated[str, Query(max_length=40, description="只要这张法定报表的")] = "",
) -> Listing[FactOut]:
    """All amounts of recognised tables."""
    record = _document(site, document_id)
    with HEAVY:
        report = report_of(site.backend.blobs, record)
        items = [
            FactOut(
                form=fact.form,
                line=fact.line,
                column=fact.column,
                label=fact.label,
                yuan=None if fact.amount is None else format(fact.amount.value, "f"),
                step=None if fact.amount is None else format(fact.amount.step, "f"),
                text=fact.cell.text,
                table=fact.table,
                row=fact.cell.row,
                col=fact.cell.col,
                page=fact.cell.page,
                bbox=_bbox(fact.cell.box),
            )
            for fact in report.facts
            if not form or fact.form == form
        ]
    return tagged_json(request, Listing[FactOut](items=items, next=""))  # type: ignore[return-value]


@router.get("/{document_id}/checks", summary="各条规则检查了多少处、结果如何", responses=problems(404))
def checks(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> Listing[OutcomeOut]:
    """What became of every rule."""
    with site.backend.database.read() as connection:
        find_document(connection, document_id)
        found = outcomes_of(connection, document_id)
    return tagged_json(request, Listing[OutcomeOut](items=[OutcomeOut.model_validate(one) for one in found], next=""))  # type: ignore[return-value]


@router.get("/{document_id}/skips", summary="未能进行的检查及原因", responses=problems(404))
def skips(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> Listing[SkipOut]:
    """The checks that could not be made."""
    with site.backend.database.read() as connection:
        find_document(connection, document_id)
        found = skips_of(connection, document_id)
    return tagged_json(request, Listing[SkipOut](items=[SkipOut.model_validate(one) for one in found], next=""))  # type: ignore[return-value]


@router.get(
    "/{document_id}/exports/{name}",
    summary="导出：document.json、findings.json、tables.xlsx、report.html",
    response_class=Response,
    responses=problems(404, 409),
)
def exported(request: Request, site: SiteDep, person: Reader, document_id: DocumentId, name: Output) -> Response:
    """One output as a file, the same as `caishen audit` writes."""
    record = _document(site, document_id)
    tag = etag(name, record.report_blob, record.finished)
    if record.report_blob and is_known(request, tag):
        return not_modified(tag)
    with tempfile.TemporaryDirectory() as folder:
        content = export(site.backend.blobs, record, name, FilePath(folder))
    with site.backend.database.write() as connection:
        site.log.append(connection, person.actor, "document.export", f"document:{document_id}", {"what": name})
    stem = record.name.rpartition(".")[0] or record.name
    headers = {**caching(tag), **attachment(f"{stem}-{name}")}
    return Response(content, media_type=_MEDIA_TYPES[name], headers=headers)


def _document(site: Site, document_id: int) -> DocumentRecord:
    with site.backend.database.read() as connection:
        return find_document(connection, document_id)


def _bbox(box: Box | None) -> list[float] | None:
    return None if box is None else box.as_list()
