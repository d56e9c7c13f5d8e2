"""The interface for programs: uploads, lists, results, verdicts, exports, progress."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import insert, update

from models.report import Report
from service.schema import DocumentRow
from service.store import cache, work
from service.store.cache import CacheKey
from tests.service.web_site import Browser, Web, fill, open_web, people

API = "/api/v1"
PDF = b"%PDF-1.7\n"


@pytest.fixture
def web(tmp_path: Path, report: Report) -> Iterator[Web]:
    with open_web(tmp_path) as web:
        fill(web, report)
        yield web


@pytest.fixture
def auditor(web: Web) -> Browser:
    return web.session(web.user("auditor", "王敏"))


def put(browser: Browser, name: str, content: bytes, **headers: str) -> tuple[int, dict]:
    answer = browser.request("PUT", f"{API}/files/{name}", content=content, headers=headers)
    return answer.status_code, answer.json()


def test_a_file_becomes_a_document_that_waits(web: Web, auditor: Browser) -> None:
    status, upload = put(auditor, "预算.pdf", PDF)
    assert status == 201
    assert upload["name"] == "预算.pdf"
    document = auditor.get(f"{API}/documents/{upload['items'][0]['document_id']}").json()
    assert (document["state"], document["name"], document["size"]) == ("queued", "预算.pdf", len(PDF))
    mine = auditor.get(f"{API}/documents", params={"mine": True}).json()["items"]
    assert [one["id"] for one in mine] == [document["id"]]
    assert auditor.get(f"{API}/uploads/{upload['id']}").json() == upload


def test_the_same_bytes_are_one_document(auditor: Browser) -> None:
    _, first = put(auditor, "a.pdf", PDF)
    _, again = put(auditor, "b.pdf", PDF)
    assert again["items"][0]["document_id"] == first["items"][0]["document_id"]
    assert (first["items"][0]["duplicate"], again["items"][0]["duplicate"]) == (False, True)


def test_a_request_that_is_sent_again_has_the_same_answer(auditor: Browser) -> None:
    key = {"idempotency-key": "night-run-1"}
    first, again = put(auditor, "a.pdf", PDF, **key), put(auditor, "a.pdf", PDF, **key)
    assert (first[0], again[0]) == (201, 200)
    assert first[1]["id"] == again[1]["id"]
    status, problem = put(auditor, "a.pdf", PDF + b"other", **key)
    assert (status, problem["code"]) == (409, "in-conflict")


def test_an_archive_is_judged_file_by_file(auditor: Browser) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("水务局/预算.pdf", PDF)
        archive.writestr("说明.txt", "文字")
        archive.writestr("../../evil.pdf", PDF + b"evil")
    status, upload = put(auditor, "全部.zip", buffer.getvalue())
    assert (status, upload["kind"]) == (201, "zip")
    assert [item["document_id"] is not None for item in upload["items"]] == [True, False, True]
    assert upload["items"][1]["refusal"]["code"] == "unsupported-format"


def test_an_archive_packed_on_windows_keeps_its_names(auditor: Browser) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("XXXX.pdf", PDF)
    _, upload = put(auditor, "旧.zip", buffer.getvalue().replace(b"XXXX", "预算".encode("gb18030")))
    assert [item["name"] for item in upload["items"]] == ["预算.pdf"]


def test_an_archive_that_unpacks_to_too_much_is_refused(auditor: Browser) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("炸弹.pdf", PDF + bytes(64 << 20))
    status, upload = put(auditor, "炸弹.zip", buffer.getvalue())
    assert (status, upload["items"][0]["refusal"]["code"]) == (201, "too-large")


def test_an_archive_that_lies_about_its_files_is_refused(auditor: Browser) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", PDF * 1000)
    size = (len(PDF) * 1000).to_bytes(4, "little")
    _, upload = put(auditor, "假.zip", buffer.getvalue().replace(size, (20).to_bytes(4, "little")))
    assert upload["items"][0]["refusal"]["code"] == "damaged"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "damaged"), (b"hello", 415, "unsupported-format"), (b"PK\x03\x04 no archive", 422, "damaged")],
)
def test_what_cannot_be_taken_in_is_refused_with_a_remedy(
    auditor: Browser, content: bytes, status: int, code: str
) -> None:
    answered, problem = put(auditor, "坏的.bin", content)
    assert (answered, problem["code"]) == (status, code)
    assert "坏的.bin" in problem["title"]
    assert problem["remedy"].startswith("请")


def test_a_list_goes_on_where_it_stopped(web: Web, auditor: Browser) -> None:
    with web.site.backend.database.write() as connection:
        row = {"name": "x", "media": "pdf", "size": 1, "priority": 1, "created": web.clock()}
        connection.execute(insert(DocumentRow), [{**row, "sha256": f"{n:064}"} for n in range(10, 17)])
    seen: list[int] = []
    cursor = ""
    for _ in range(9):
        part = auditor.get(f"{API}/documents", params={"limit": 2, "cursor": cursor}).json()
        seen += [one["id"] for one in part["items"]]
        cursor = part["next"]
        if not cursor:
            break
    assert len(seen) == 10
    assert seen == sorted(set(seen), reverse=True)


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDI2IiwgMV0", "WzEsIDEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMF0", "é"])
def test_a_cursor_of_another_kind_is_refused(auditor: Browser, cursor: str) -> None:
    for path in ("documents", "findings", "uploads", "audit-log"):
        status = auditor.get(f"{API}/{path}", params={"cursor": cursor}).status_code
        assert status in (400, 403, 422), path


def test_findings_are_filtered_by_every_side(web: Web, auditor: Browser) -> None:
    def rules(**wanted: object) -> list[str]:
        return [one["rule"] for one in auditor.get(f"{API}/findings", params=wanted).json()["items"]]

    assert rules() == ["AR001", "TX001", "CP001"]
    assert rules(rule=["TX001", "CP001"]) == ["TX001", "CP001"]
    assert rules(severity="error") == ["AR001"]
    assert rules(category="narrative") == ["TX001"]
    assert rules(reading="real") == ["CP001"]
    assert rules(document=web.done, page=2) == ["TX001"]
    assert rules(document=web.waiting) == []
    assert rules(text="政府采购") == ["CP001"]
    assert rules(text="100%") == []
    assert rules(year=2026, entity="澄川市水务局") == ["AR001", "TX001", "CP001"]
    assert rules(min_confidence=0.95) == ["AR001"]
    assert rules(status="confirmed") == []
    assert auditor.get(f"{API}/findings/count", params={"severity": "hint"}).json() == {
        "count": 1,
        "is_at_least": False,
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("合计行", ["AR001"]),
        ("合", ["AR001"]),
        ("1,200.50万元", ["AR001"]),
        ("计合", []),
        ("合计填列", []),
        ("，应为", ["AR001"]),
        ('"合计', []),
        ("%", []),
        ("表列不符。", ["TX001"]),
        ("符 没", []),
    ],
)
def test_text_is_found_as_it_is_written(auditor: Browser, wanted: str, expected: list[str]) -> None:
    found = auditor.get(f"{API}/findings", params={"text": wanted}).json()["items"]
    assert [one["rule"] for one in found] == expected


def test_a_verdict_is_kept_and_not_overwritten_unseen(web: Web, auditor: Browser) -> None:
    path = f"{API}/findings/{web.finding}/verdict"
    assert auditor.get(path).json()["status"] == "open"
    made = auditor.post(path, json={"status": "confirmed", "comment": "属实", "version": 0})
    assert (made.status_code, made.json()["version"], made.json()["author"]) == (200, 1, "王敏")
    stale = auditor.post(path, json={"status": "dismissed", "version": 0})
    assert (stale.status_code, stale.json()["code"]) == (409, "in-conflict")
    assert "王敏" in stale.json()["title"]
    assert auditor.post(path, json={"status": "dismissed", "version": 1}).json()["version"] == 2
    assert auditor.get(f"{API}/findings/{web.finding}").json()["status"] == "dismissed"
    assert auditor.post(path, json={"status": "fine", "version": 2}).status_code == 422
    assert auditor.post(path, json={"status": "open", "version": 2, "extra": 1}).status_code == 422


def test_comments_stand_in_order(web: Web, auditor: Browser) -> None:
    path = f"{API}/findings/{web.finding}/comments"
    for text in ("第一条", "第二条"):
        assert auditor.post(path, json={"text": text}).status_code == 201
    assert [one["text"] for one in auditor.get(path).json()["items"]] == ["第一条", "第二条"]
    assert auditor.post(path, json={"text": "   "}).status_code == 400


def test_a_correction_stands_beside_the_reading(web: Web, auditor: Browser) -> None:
    path = f"{API}/documents/{web.done}/corrections"
    cell = {"table_id": "t1", "row": 2, "col": 2, "text": "1,200.50"}
    made = auditor.post(path, json=cell).json()
    assert (made["read"], made["text"], made["version"]) == ("1,300.50", "1,200.50", 1)
    assert auditor.post(path, json=cell).status_code == 409
    assert auditor.post(path, json={**cell, "version": 1, "text": "1,200.55"}).json()["version"] == 2
    assert [one["text"] for one in auditor.get(path).json()["items"]] == ["1,200.55"]
    table = auditor.get(f"{API}/documents/{web.done}/tables/t1").json()
    assert next(one for one in table["cells"] if (one["row"], one["col"]) == (2, 2))["text"] == "1,300.50"
    assert auditor.post(path, json={**cell, "row": 99}).status_code == 404


def test_what_people_decided_keeps_a_document(web: Web) -> None:
    lead = people(web)["lead"]
    lead.post(f"{API}/findings/{web.finding}/verdict", json={"status": "confirmed", "version": 0})
    refused = lead.request("DELETE", f"{API}/documents/{web.done}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in-conflict")
    assert lead.request("DELETE", f"{API}/documents/{web.failed}").status_code == 204
    assert lead.get(f"{API}/documents/{web.failed}").status_code == 404


def test_an_administrator_deletes_decisions_by_typing_the_name(web: Web) -> None:
    who, path = people(web), f"{API}/documents/{web.done}"
    who["auditor"].post(f"{API}/findings/{web.finding}/verdict", json={"status": "confirmed", "version": 0})
    name = "澄川市水务局预算.pdf"
    assert who["lead"].request("DELETE", path, params={"confirm": name}).status_code == 409
    assert who["administrator"].request("DELETE", path).status_code == 409
    page = who["administrator"].post(f"/documents/{web.done}/delete", data={"confirm": "别的.pdf"})
    assert page.status_code == 409
    assert "文件名不符" in page.text
    assert "1 项认定" in page.text
    assert who["lead"].post(f"/documents/{web.done}/delete").status_code == 409
    assert who["administrator"].post(f"/documents/{web.done}/delete", data={"confirm": name}).status_code == 303
    assert who["administrator"].get(path).status_code == 404
    entry = who["administrator"].get(f"{API}/audit-log").json()["items"][0]
    assert entry["action"] == "document.delete"
    assert (entry["detail"]["name"], entry["detail"]["verdicts"]) == (name, 1)


def test_the_bytes_of_a_deleted_document_are_gone(web: Web, report: Report) -> None:
    lead = people(web)["lead"]
    record = lead.get(f"{API}/documents/{web.done}").json()
    blobs = web.site.backend.blobs
    own, shared = (
        keep_picture(web, record["sha256"], page, content) for page, content in enumerate((b"own", b"blank"))
    )
    assert keep_picture(web, "1" * 64, 0, b"blank") == shared
    assert all(map(blobs.has, (record["sha256"], own, shared)))
    assert lead.request("DELETE", f"{API}/documents/{web.done}").status_code == 204
    assert [blobs.has(blob) for blob in (record["sha256"], own, shared)] == [False, False, True]
    assert lead.get(f"{API}/findings").json()["items"] == []


def test_a_cleaned_page_is_shown_as_reading_left_it(web: Web, auditor: Browser) -> None:
    path = f"{API}/documents/{web.done}/pages/1/cleaned"
    blob = keep_picture(web, auditor.get(f"{API}/documents/{web.done}").json()["sha256"], 0, b"\xff\xd8 made up")
    answer = auditor.get(path)
    assert (answer.content, answer.headers["content-type"]) == (b"\xff\xd8 made up", "image/jpeg")
    assert web.site.pictures._cleaner is None
    again = auditor.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    # Lost, it is made again, from the file.
    web.site.backend.blobs.remove(blob)
    drawn = auditor.get(path)
    assert (drawn.status_code, drawn.content[:2]) == (200, b"\xff\xd8")
    assert drawn.content != answer.content


def keep_picture(web: Web, sha256: str, index: int, content: bytes) -> str:
    """A picture that the reading of a document left; returns its blob."""
    blob = web.site.backend.blobs.put(content)
    with web.site.backend.database.write() as connection:
        reading = CacheKey(sha256, "pages", "1", "1")
        document = update(DocumentRow).where(DocumentRow.sha256 == sha256).values(document_blob="d" * 64)
        connection.execute(document)
        cache.remember(connection, reading, "d" * 64, web.clock())
        before = {n: cache.picture_of(connection, "d" * 64, sha256, n) for n in range(index)}
        cache.keep_pictures(connection, reading, {**before, index: blob}, web.clock())
    return blob


def test_retry_and_cancel_change_the_state(web: Web, auditor: Browser) -> None:
    again = auditor.post(f"{API}/documents/{web.failed}/retry")
    assert (again.status_code, again.json()["state"], again.json()["failure"]) == (202, "queued", None)
    assert auditor.post(f"{API}/documents/{web.failed}/cancel").json()["state"] == "cancelled"


def test_a_failure_says_why(web: Web, auditor: Browser) -> None:
    failure = auditor.get(f"{API}/documents/{web.failed}").json()["failure"]
    assert failure == {"code": "damaged", "message": "文件“坏的.pdf”已损坏，无法打开。请重新下载后再试。"}


def test_pages_tables_facts_and_checks(web: Web, auditor: Browser) -> None:
    base = f"{API}/documents/{web.done}"
    assert [page["page_number"] for page in auditor.get(f"{base}/pages").json()["items"]] == [1, 2, 3]
    assert auditor.get(f"{base}/pages/3").json()["problem"] == "本页数据已损坏，无法读取"
    assert [table["id"] for table in auditor.get(f"{base}/tables").json()["items"]] == ["t1", "t2"]
    assert {one["rule"] for one in auditor.get(f"{base}/checks").json()["items"]} == {"AR001", "TX001", "YR001"}
    assert auditor.get(f"{base}/skips").json()["items"][0]["reason"] == "没有提供上年文件"
    assert auditor.get(f"{base}/facts").status_code == 200
    assert auditor.get(f"{base}/pages/9").status_code == 404
    assert auditor.get(f"{API}/documents/{web.waiting}/facts").status_code == 404


def test_exports_are_those_of_the_contract(web: Web, auditor: Browser) -> None:
    base = f"{API}/documents/{web.done}/exports"
    assert len(json.loads(auditor.get(f"{base}/findings.json").content)["findings"]) == 3
    assert len(json.loads(auditor.get(f"{base}/document.json").content)["pages"]) == 3
    book = openpyxl.load_workbook(io.BytesIO(auditor.get(f"{base}/tables.xlsx").content))
    formulas = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f" and cell.value
    ]
    assert formulas == []
    html = auditor.get(f"{base}/report.html")
    assert html.headers["content-disposition"].startswith("attachment;")
    assert "审核底稿" in html.text
    assert auditor.get(f"{base}/secrets.txt").status_code == 422


def test_what_the_caller_has_is_not_sent_again(web: Web, auditor: Browser) -> None:
    base = f"{API}/documents/{web.done}"
    for path in (base, f"{base}/pages", f"{base}/tables/t1", f"{base}/file", f"{base}/exports/findings.json",
                 f"{API}/findings", f"{API}/rules", f"{API}/documents"):  # fmt: skip
        first = auditor.get(path)
        again = auditor.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b""), path
        assert auditor.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_the_original_is_never_opened_in_our_name(web: Web, auditor: Browser) -> None:
    answer = auditor.get(f"{API}/documents/{web.done}/file")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E6%BE%84" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF-")


def test_pages_have_pictures(web: Web, auditor: Browser) -> None:
    path = f"{API}/documents/{web.done}/pages/1/picture"
    answer = auditor.get(path, params={"dpi": 50})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.content[8:12] == b"WEBP"
    assert auditor.get(path, params={"dpi": 50}).content == answer.content
    assert auditor.get(f"{API}/documents/{web.done}/pages/2/cleaned").status_code == 404


def test_progress_is_told_until_the_end(web: Web, auditor: Browser) -> None:
    answer = auditor.get(f"{API}/documents/{web.failed}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert events == ["document", "end"]
    told = next(json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: "))
    assert told["failure"]["code"] == "damaged"
    assert web.site.streams[auditor.person.id] == 0


def test_figures_for_prometheus_come_from_the_database(web: Web) -> None:
    boss = people(web)["administrator"]
    with web.site.backend.database.write() as connection:
        work.begin(connection, web.waiting, 1, datetime.now(UTC), max_crashes=3)
        connection.execute(update(DocumentRow).where(DocumentRow.id == web.waiting).values(stage="pages"))
    text = boss.get("/metrics").text
    assert 'caishen_documents{state="done"} 1.0' in text
    assert 'caishen_documents{state="failed"} 1.0' in text
    assert 'caishen_documents_working{stage="pages"} 1.0' in text
    assert "caishen_pages_per_second 0.01" in text
    assert "caishen_disk_free_bytes " in text


def test_ready_means_migrated_and_room_on_the_disk(web: Web) -> None:
    assert web.client.get("/healthz").text == "ok\n"
    assert web.client.get("/readyz").json() == {"ready": True, "database": "ok", "disk": "ok", "workers": 0}
