"""Documents: lists, one of them, its pages and tables, and what may be done with it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from models.errors import NotFound
from models.run import DocumentState
from service.api.etags import caching, etag, is_known, not_modified, tagged_json
from service.api.shapes import DocumentOut, Listing, PageOut, TableOut, problems
from service.bundles import MEDIA
from service.deletion import delete_document
from service.deps import Deleter, Reader, SiteDep, Writer
from service.downloads import attachment
from service.records import DocumentFilter, PageRecord
from service.requests import change_work
from service.site import Site
from service.store import cache, find_document, list_documents, pages_of, tables_of

router = APIRouter(prefix="/documents", tags=["文件"])

DocumentId = Annotated[int, Path(ge=1, le=2**31 - 1, description="文件编号", examples=[17])]
PageNumber = Annotated[int, Path(ge=1, le=100_000, description="页码，从 1 起", examples=[3])]
Cursor = Annotated[str, Query(max_length=500, description="上一段的 next；不给则从头")]
Limit = Annotated[int, Query(ge=1, le=200, description="最多给出几条")]


@router.get("", summary="文件列表，新的在前", responses=problems(400))
def documents(
    request: Request,
    site: SiteDep,
    person: Reader,
    state: Annotated[list[DocumentState], Query(description="处理状态，可给多个")] = [],
    kind: Annotated[list[str], Query(description="文种，可给多个")] = [],
    year: Annotated[list[Annotated[int, Query(ge=1900, le=2200)]], Query(description="年度，可给多个")] = [],
    entity: Annotated[str, Query(max_length=200, description="单位，完全一致")] = "",
    name: Annotated[str, Query(max_length=200, description="文件名含有的文字")] = "",
    upload: Annotated[str, Query(max_length=32, description="某次上传中的文件")] = "",
    mine: Annotated[bool, Query(description="只列自己上传的")] = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Listing[DocumentOut]:
    """Documents that fit all that is given."""
    wanted = DocumentFilter(
        states=tuple(state),
        kinds=tuple(kind),
        years=tuple(year),
        entity=entity,
        owner=person.id if mine else None,
        upload=upload,
        name=name,
    )
    with site.backend.database.read() as connection:
        found = list_documents(connection, wanted, after=cursor, limit=limit)
    shown = Listing[DocumentOut](items=[DocumentOut.of(record) for record in found.items], next=found.next)
    return tagged_json(request, shown)  # type: ignore[return-value]


@router.get("/{document_id}", summary="一份文件：状态、进度、各级问题数", responses=problems(404))
def document(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> DocumentOut:
    """One document."""
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
    return tagged_json(request, DocumentOut.of(record))  # type: ignore[return-value]


@router.delete(
    "/{document_id}",
    status_code=204,
    summary="删除文件及其结果；已有人认定过问题的，只有管理员可以在 confirm 中写出文件名后连同认定一起删除",
    responses=problems(404, 409),
)
def remove(
    site: SiteDep,
    person: Deleter,
    document_id: DocumentId,
    confirm: Annotated[str, Query(max_length=1000, description="完整的文件名，确认连同人的认定一起删除")] = "",
) -> None:
    """Removes a document for good."""
    delete_document(site.backend, site.log, person, document_id, confirm=confirm)


@router.post("/{document_id}/retry", status_code=202, summary="重新处理", responses=problems(404))
def retry(site: SiteDep, person: Writer, document_id: DocumentId) -> DocumentOut:
    """Processes a document again; steps that would give the same are not repeated."""
    return _changed(site, person.actor, document_id, "retry")


@router.post("/{document_id}/cancel", status_code=202, summary="取消处理；以前的结果保留", responses=problems(404))
def cancel(site: SiteDep, person: Writer, document_id: DocumentId) -> DocumentOut:
    """Ends the work on a document before its next step."""
    return _changed(site, person.actor, document_id, "cancel")


@router.get("/{document_id}/file", summary="原件", response_class=Response, responses=problems(404))
def original(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> Response:
    """The file as it was uploaded."""
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
    tag = etag(record.sha256)
    if is_known(request, tag):
        return not_modified(tag)
    content = site.backend.blobs.read(record.sha256)
    name = f"{record.name}.zip" if record.media == MEDIA else record.name
    headers = {**caching(tag), **attachment(name)}
    # Never as a type that a browser would open in this site's name.
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/{document_id}/pages", summary="各页", responses=problems(404))
def pages(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> Listing[PageOut]:
    """All pages in order."""
    with site.backend.database.read() as connection:
        find_document(connection, document_id)
        found = pages_of(connection, document_id)
    return tagged_json(request, Listing[PageOut](items=[PageOut.of(page) for page in found], next=""))  # type: ignore[return-value]


@router.get("/{document_id}/pages/{page_number}", summary="一页", responses=problems(404))
def page(request: Request, site: SiteDep, person: Reader, document_id: DocumentId, page_number: PageNumber) -> PageOut:
    """One page."""
    return tagged_json(request, PageOut.of(_page(site, document_id, page_number)))  # type: ignore[return-value]


@router.get(
    "/{document_id}/pages/{page_number}/picture",
    summary="页面图片（WebP，已转正）",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}}, **problems(404)},
)
def picture(
    request: Request,
    site: SiteDep,
    person: Reader,
    document_id: DocumentId,
    page_number: PageNumber,
    dpi: Annotated[int, Query(ge=30, le=200, description="每英寸像素数，进到 60、120 或 200")] = 120,
) -> Response:
    """What the file shows."""
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
    found = _page(site, document_id, page_number)
    tag = etag("picture", record.sha256, found.index, found.rotation_deg, dpi)
    if is_known(request, tag):
        return not_modified(tag)
    return Response(site.pictures.of_page(record, found, dpi), media_type="image/webp", headers=dict(caching(tag)))


@router.get(
    "/{document_id}/pages/{page_number}/cleaned",
    summary="清除水印和印章后的页面图片（JPEG）；只有由图片识别的页面才有",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **problems(404)},
)
def cleaned(
    request: Request, site: SiteDep, person: Reader, document_id: DocumentId, page_number: PageNumber
) -> Response:
    """What the reader worked on."""
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
        kept = cache.picture_of(connection, record.document_blob, record.sha256, page_number - 1)
    found = _page(site, document_id, page_number)
    tag = etag("cleaned", record.sha256, found.index, found.rotation_deg, kept)
    if is_known(request, tag):
        return not_modified(tag)
    return Response(site.pictures.cleaned(record, found, kept), media_type="image/jpeg", headers=dict(caching(tag)))


@router.get("/{document_id}/tables", summary="各表（不含单元格）", responses=problems(404))
def tables(request: Request, site: SiteDep, person: Reader, document_id: DocumentId) -> Listing[TableOut]:
    """All tables in reading order."""
    with site.backend.database.read() as connection:
        find_document(connection, document_id)
        found = tables_of(connection, document_id)
    return tagged_json(request, Listing[TableOut](items=[TableOut.of(table) for table in found], next=""))  # type: ignore[return-value]


def _changed(site: Site, actor: str, document_id: int, action: Literal["retry", "cancel"]) -> DocumentOut:
    with site.backend.database.write() as connection:
        find_document(connection, document_id)
        change_work(connection, site.log, actor, document_id, action)
        return DocumentOut.of(find_document(connection, document_id))


def _page(site: Site, document_id: int, page_number: int) -> PageRecord:
    with site.backend.database.read() as connection:
        find_document(connection, document_id)
        found = next((page for page in pages_of(connection, document_id) if page.index == page_number - 1), None)
    if found is None:
        raise NotFound(f"这份文件没有第 {page_number} 页", "请核对页码；尚未读取的文件还没有页面")
    return found
