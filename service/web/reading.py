"""Pages for documents: upload and list, the state of one, its report, and the description of the interface."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.errors import InConflict
from models.run import DocumentState
from service.api.documents import DocumentId
from service.api.etags import caching, etag, is_known, not_modified
from service.api.uploads import ANY_SIZE, receive_form
from service.deletion import decisions_about, delete_document
from service.deps import InBrowser, SiteDep, UploadStreamer
from service.export.report_html import report_context
from service.records import DocumentFilter, DocumentRecord
from service.requests import change_work
from service.results import HEAVY, report_of
from service.site import Site
from service.store import count_states, find_document, list_documents
from service.web.pages import render

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PER_PAGE: Final = 40
# What the list can be narrowed to, by the word in the address.
GROUPS: Final[dict[str, tuple[str, tuple[DocumentState, ...]]]] = {
    "": ("全部", ()),
    "active": ("处理中", ("queued", "working")),
    "done": ("已完成", ("done",)),
    "failed": ("未完成", ("failed", "quarantined", "cancelled")),
}

Group = Annotated[str, Query(max_length=10)]
Name = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str, Query(max_length=500)]


@router.get("/")
def documents_page(
    request: Request, site: SiteDep, person: InBrowser, group: Group = "", name: Name = "", cursor: Cursor = ""
) -> str:
    """Upload, and all documents."""
    person.must("documents:read")
    return render(request, "documents.html", **_listed(site, group, name, cursor), limit=site.settings.max_upload_bytes)


@router.get("/documents-list")
def documents_list(
    request: Request, site: SiteDep, person: InBrowser, group: Group = "", name: Name = "", cursor: Cursor = ""
) -> str:
    """The list alone, for the page to bring itself up to date."""
    person.must("documents:read")
    return render(request, "documents_list.html", **_listed(site, group, name, cursor))


@router.post("/upload", max_body_size=ANY_SIZE)
async def uploaded(request: Request, site: SiteDep, person: UploadStreamer) -> Response:
    """Files sent by a browser without scripts."""
    outcome = await receive_form(request, site, person)
    items = [item for upload in outcome.uploads for item in upload.items]
    return HTMLResponse(render(request, "uploaded.html", items=items, refused=outcome.refused))


@router.get("/documents/{document_id}")
def document_page(request: Request, site: SiteDep, person: InBrowser, document_id: DocumentId) -> Response:
    """The report; while there is none, how far the work is."""
    person.must("documents:read")
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
    if not record.report_blob:
        return HTMLResponse(render(request, "document.html", record=record))
    tag = etag(person.csrf, record.report_blob, record.state, record.stage, record.generation, record.pages_done)
    if is_known(request, tag):
        return not_modified(tag)
    try:
        with HEAVY:
            return HTMLResponse(_report(request, site, record), headers=dict(caching(tag)))
    except InConflict:
        # Written by another version: the state page offers to process it again.
        return HTMLResponse(render(request, "document.html", record=record))


@router.get("/documents/{document_id}/progress")
def document_progress(request: Request, site: SiteDep, person: InBrowser, document_id: DocumentId) -> Response:
    """How far the work is; sends the browser to the report once there is one."""
    person.must("documents:read")
    with site.backend.database.read() as connection:
        record = find_document(connection, document_id)
    page = HTMLResponse(render(request, "document_progress.html", record=record))
    if record.state == "done":
        page.headers["HX-Refresh"] = "true"
    return page


@router.post("/documents/{document_id}/retry")
def retried(site: SiteDep, person: InBrowser, document_id: DocumentId) -> Response:
    """Processes a document again."""
    person.must("documents:write")
    with site.backend.database.write() as connection:
        find_document(connection, document_id)
        change_work(connection, site.log, person.actor, document_id, "retry")
    return RedirectResponse(f"/documents/{document_id}", 303)


@router.post("/documents/{document_id}/cancel")
def cancelled(site: SiteDep, person: InBrowser, document_id: DocumentId) -> Response:
    """Ends the work on a document."""
    person.must("documents:write")
    with site.backend.database.write() as connection:
        find_document(connection, document_id)
        change_work(connection, site.log, person.actor, document_id, "cancel")
    return RedirectResponse(f"/documents/{document_id}", 303)


@router.post("/documents/{document_id}/delete")
def deleted(
    request: Request, site: SiteDep, person: InBrowser, document_id: DocumentId, confirm: Annotated[str, Form()] = ""
) -> Response:
    """Removes a document for good; asks an administrator for its name where people have decided something about it."""
    person.must("documents:delete")
    try:
        delete_document(site.backend, site.log, person, document_id, confirm=confirm)
    except InConflict:
        if not person.may("documents:manage"):
            raise
        with site.backend.database.read() as connection:
            record, decisions = find_document(connection, document_id), decisions_about(connection, document_id)
        page = render(request, "delete.html", record=record, decisions=decisions, is_wrong=bool(confirm))
        return HTMLResponse(page, InConflict.http_status)
    return RedirectResponse("/", 303)


@router.get("/api")
def interface_page(request: Request, person: InBrowser) -> str:
    """The description of the interface, for people."""
    origin = request.app.state.site.settings.public_url or str(request.base_url).rstrip("/")
    schema = request.app.openapi()
    groups: dict[str, list[dict[str, object]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            entry = {"method": method.upper(), "path": path, **operation}
            groups.setdefault(operation["tags"][0], []).append(entry)
    return render(request, "interface.html", groups=groups, description=schema["info"]["description"], origin=origin)


def _listed(site: Site, group: str, name: str, cursor: str) -> dict[str, object]:
    group = group if group in GROUPS else ""
    wanted = DocumentFilter(states=GROUPS[group][1], name=name.strip())
    with site.backend.database.read() as connection:
        found = list_documents(connection, wanted, after=cursor, limit=PER_PAGE)
        states = count_states(connection)
    counts = {key: sum(states.get(state, 0) for state in states_ or states) for key, (_, states_) in GROUPS.items()}
    here = {key: value for key, value in (("group", group), ("name", name), ("cursor", cursor)) if value}
    following = {key: value for key, value in (("group", group), ("name", name), ("cursor", found.next)) if value}
    return {
        "records": found.items,
        "groups": [(key, label, counts[key]) for key, (label, _) in GROUPS.items()],
        "group": group,
        "name": name,
        "cursor": cursor,
        "here": urlencode(here),
        "following": urlencode(following) if found.next else "",
        "is_active": any(record.state in ("queued", "working") for record in found.items),
        "is_empty": not sum(states.values()),
    }


def _report(request: Request, site: Site, record: DocumentRecord) -> str:
    report = report_of(site.backend.blobs, record)
    at = (record.finished or record.created).astimezone()

    def address(index: int) -> str:
        return f"/api/v1/documents/{record.id}/pages/{index + 1}/picture?dpi=120"

    return render(request, "report_page.html", record=record, **report_context(report, address, at=at))
