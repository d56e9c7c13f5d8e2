"""Uploads: one file as the body of a request, or a browser's form with many; answered once the bytes are safe."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from models.errors import CaishenError, InConflict, RequestError
from service.answered import answered, remember
from service.api.documents import Cursor, Limit
from service.api.etags import tagged_json
from service.api.multipart import Chunk, Field, FileEnd, FileStart, read_multipart
from service.api.shapes import Failure, Listing, Shape, UploadOut, problems
from service.auth.person import Person
from service.deps import CSRF_FIELD, CSRF_HEADER, Reader, SiteDep, UploadStreamer, check_csrf
from service.intake import take_in
from service.receiving import Received, Receiver
from service.site import UPLOADS, Site
from service.store import find_upload, list_uploads

router = APIRouter(tags=["上传"])

# The name of a form field in which browsers send files; others are passed over.
FILES: Final = "files"
_LONGEST_NAME: Final = 255
ANY_SIZE: Final = 1 << 60
"""Of an upload's body: the files in it are counted, each by the limit of the settings, and never held in memory."""

FileName = Annotated[
    str, Path(description="文件名（URL 编码），只用来称呼", examples=["澄川市水务局2026年部门预算.pdf"])
]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=120,
        description="自定的键：同一个键的同一请求重发，得到同一个上传编号",
    ),
]


class UploadsOut(Shape):
    """What came of a form with several files: those taken in, and those that were refused as a whole."""

    uploads: list[UploadOut]
    refused: list[RefusedFile]


class RefusedFile(Shape):
    """A file that was not taken in."""

    name: str
    refusal: Failure


UploadsOut.model_rebuild()


@router.put(
    "/files/{name:path}",
    max_body_size=ANY_SIZE,
    status_code=201,
    summary="上传一个文件（请求体就是文件）：PDF、PNG、JPEG、TIFF，或装着它们的 ZIP",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    responses={
        200: {"model": UploadOut, "description": "重发的请求，沿用第一次的结果"},
        **problems(400, 409, 413, 415, 507),
    },
)
async def put_file(
    request: Request, response: Response, site: SiteDep, person: UploadStreamer, name: FileName, key: Key = None
) -> UploadOut:
    """Takes in one file; each archive member is judged by itself."""
    check_csrf(person, request.headers.get(CSRF_HEADER, ""))
    site.rates.count(UPLOADS, str(person.id))
    declared = request.headers.get("content-length", "")
    with _receiver(site, name, int(declared) if declared.isdecimal() else None) as receiver:
        async for data in _body(request):
            await run_sync(receiver.write, data)
        received = await run_sync(receiver.complete)
        made, is_new = await run_sync(_taken_in, site, person, tidy_file_name(name), received, key)
    response.status_code = 201 if is_new else 200
    response.headers["location"] = f"/api/v1/uploads/{made.id}"
    return made


@router.post(
    "/uploads",
    max_body_size=ANY_SIZE,
    status_code=201,
    summary="上传多个文件（multipart/form-data，字段名 files）",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {FILES: {"type": "array", "items": {"type": "string", "format": "binary"}}},
                        "required": [FILES],
                    }
                }
            },
        }
    },
    responses=problems(400, 413, 507),
)
async def post_files(request: Request, response: Response, site: SiteDep, person: UploadStreamer) -> UploadsOut:
    """Takes in the files of a form; one that is refused does not stop the others."""
    outcome = await receive_form(request, site, person)
    response.status_code = 201 if outcome.uploads else 200
    return outcome


@router.get("/uploads", summary="上传记录，新的在前", responses=problems(400))
def uploads(
    request: Request,
    site: SiteDep,
    person: Reader,
    mine: Annotated[bool, Query(description="只列自己上传的")] = True,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Listing[UploadOut]:
    """Uploads without their files."""
    with site.backend.database.read() as connection:
        found = list_uploads(connection, owner=person.id if mine else None, after=cursor, limit=limit)
    items = [UploadOut.of(upload, ()) for upload in found.items]
    return tagged_json(request, Listing[UploadOut](items=items, next=found.next))  # type: ignore[return-value]


@router.get("/uploads/{upload_id}", summary="一次上传：其中每个文件收下或拒收", responses=problems(404))
def upload(
    request: Request,
    site: SiteDep,
    person: Reader,
    upload_id: Annotated[str, Path(max_length=32, description="上传编号")],
) -> UploadOut:
    """One upload with its files."""
    with site.backend.database.read() as connection:
        return tagged_json(request, UploadOut.of(*find_upload(connection, upload_id)))  # type: ignore[return-value]


async def receive_form(request: Request, site: Site, person: Person) -> UploadsOut:
    """Reads a form part by part; the session's token must come before the first file, or in the header.

    Raises:
        NotAllowed: it does not.
        RequestError: the form is broken, or holds no file.
    """
    is_intended = False
    if request.headers.get(CSRF_HEADER) or not person.session:
        check_csrf(person, request.headers.get(CSRF_HEADER, ""))
        is_intended = True
    taken: list[UploadOut] = []
    refused: list[RefusedFile] = []
    parts = read_multipart(_body(request), request.headers.get("content-type", ""))
    async for part in parts:
        if isinstance(part, Field) and part.name == CSRF_FIELD:
            check_csrf(person, part.value)
            is_intended = True
        elif isinstance(part, FileStart):
            if not is_intended:
                check_csrf(person, "")
            # A form field without a chosen file is sent as an empty file without a name.
            outcome = await _receive_part(site, person, part, parts)
            if isinstance(outcome, UploadOut):
                taken.append(outcome)
            elif part.filename:
                refused.append(RefusedFile(name=part.filename, refusal=outcome))
    if not taken and not refused:
        raise RequestError("没有选择文件", "请选择要上传的文件")
    return UploadsOut(uploads=taken, refused=refused)


async def _receive_part(
    site: Site, person: Person, start: FileStart, parts: AsyncIterator[object]
) -> UploadOut | Failure:
    """One file of a form; after a refusal the rest of its bytes are passed over."""
    failure: CaishenError | None = None
    received: Received | None = None
    try:
        site.rates.count(UPLOADS, str(person.id))
        with _receiver(site, start.filename, None) as receiver:
            async for part in parts:
                if isinstance(part, Chunk):
                    await run_sync(receiver.write, part.data)
                elif isinstance(part, FileEnd):
                    received = await run_sync(receiver.complete)
                    made, _ = await run_sync(_taken_in, site, person, tidy_file_name(start.filename), received, None)
                    return made
    except CaishenError as error:
        failure = error
    if failure is None or isinstance(failure, RequestError):
        raise failure or RequestError("表单没有传完", "请重新提交")
    return await _refused(failure, received, parts)


async def _refused(failure: CaishenError, received: Received | None, parts: AsyncIterator[object]) -> Failure:
    while received is None:
        part = await anext(parts, None)
        if part is None or isinstance(part, FileEnd):
            break
    return Failure(code=failure.code, message=f"{failure.reason}。{failure.remedy}。")


def _receiver(site: Site, name: str, declared: int | None) -> Receiver:
    settings = site.settings
    return Receiver(
        site.backend.blobs.incoming,
        tidy_file_name(name),
        max_bytes=settings.max_upload_bytes,
        floor_bytes=settings.disk_floor_bytes,
        declared=declared,
    )


def _taken_in(site: Site, person: Person, name: str, received: Received, key: str | None) -> tuple[UploadOut, bool]:
    request = hashlib.sha256(f"{name}\x00{received.sha256}".encode("utf-8", "surrogatepass")).hexdigest()
    database = site.backend.database
    if key is not None:
        with database.read() as connection:
            former = answered(connection, person.id, key)
            if former is not None:
                if former.request != request:
                    raise InConflict("这个 Idempotency-Key 已用于另一个文件", "请为每个新请求换一个键")
                return UploadOut.of(*find_upload(connection, former.upload_id)), False
    upload_id = take_in(site.backend, received.path, name, received.sha256, received.size, person.id)
    with database.write() as connection:
        made = UploadOut.of(*find_upload(connection, upload_id))
        if key is not None:
            remember(connection, person.id, key, request, upload_id, site.clock())
        n_refused = sum(item.refusal is not None for item in made.items)
        detail = {"name": name, "sha256": received.sha256, "size": received.size, "refused": n_refused}
        documents = [item.document_id for item in made.items if item.document_id is not None]
        site.log.append(
            connection, person.actor, "document.upload", f"upload:{upload_id}", {**detail, "documents": documents[:100]}
        )
    return made, True


def tidy_file_name(name: str) -> str:
    """A name to call a file by: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = "".join(character if character.isprintable() else "_" for character in last).strip()
    return plain[-_LONGEST_NAME:] or "未命名"


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for data in request.stream():
            if data:
                yield data
    except ClientDisconnect as error:
        raise RequestError("上传中断，文件没有收下", "请重新上传") from error
