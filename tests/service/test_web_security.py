"""What keeps others out: origins and tokens, lock-out, expiry, limits, headers, and names that try to leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.report import Report
from service.auth.accounts import tidy_name
from service.auth.known_browsers import KnownBrowsers
from service.auth.passwords import hash_password
from service.deps import CSRF_HEADER
from service.static_files import static_address
from tests.service.web_site import PASSWORD, Browser, Web, fill, open_web

MIB = 1 << 20
HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with open_web(tmp_path, max_upload_bytes=MIB, rate_sign_ins="") as web:
        yield web


@pytest.fixture
def boss(web: Web) -> Browser:
    return web.session(web.user("administrator"))


def sign_in(web: Web, name: str, password: str) -> int:
    form = {"name": name, "password": password}
    return web.client.post("/sign-in", data=form, headers=HERE, follow_redirects=False).status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 404),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"sec-fetch-site": "", "origin": "http://testserver"}, 403),
        ({"origin": "http://testserver"}, 404),
        ({"origin": "http://testserver.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
    ids=str,
)
def test_only_our_own_pages_may_change_anything(web: Web, boss: Browser, headers: dict[str, str], status: int) -> None:
    sent = {"cookie": f"caishen={boss.token}", CSRF_HEADER: boss.person.csrf, **headers}
    answer = web.client.post("/api/v1/documents/9/retry", headers=sent)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("given", ["", "0" * 43])
def test_a_change_needs_the_token_of_its_own_session(web: Web, boss: Browser, given: str) -> None:
    assert boss.post("/api/v1/documents/9/retry", headers={CSRF_HEADER: given}).status_code == 403
    assert boss.post("/documents/9/retry", headers={CSRF_HEADER: ""}, data={"csrf": given}).status_code == 403
    assert (
        boss.post("/documents/9/retry", headers={CSRF_HEADER: ""}, data={"csrf": boss.person.csrf}).status_code == 404
    )
    other = web.session(boss.person.id)
    assert boss.post("/api/v1/documents/9/retry", headers={CSRF_HEADER: other.person.csrf}).status_code == 403


def test_a_form_with_files_shows_its_token_before_the_first_file(boss: Browser) -> None:
    file = ("a.txt", b"no document")
    late = [("files", file), ("csrf", (None, boss.person.csrf))]
    early = [("csrf", (None, boss.person.csrf)), ("files", file)]
    assert boss.post("/upload", headers={CSRF_HEADER: ""}, files=late).status_code == 403
    assert boss.post("/upload", headers={CSRF_HEADER: ""}, files=early).status_code == 200


def test_five_wrong_passwords_lock_the_account_and_time_unlocks_it(web: Web) -> None:
    web.user("auditor", "王敏", hash_password(PASSWORD))
    assert [sign_in(web, "王敏", "wrong") for _ in range(5)] == [401] * 5
    assert sign_in(web, "王敏", PASSWORD) == 429
    web.clock.pass_by(minutes=16)
    assert sign_in(web, "王敏", PASSWORD) == 303


def test_others_cannot_lock_people_out_of_the_browser_that_they_use(web: Web) -> None:
    web.user("auditor", "王敏", hash_password(PASSWORD))
    web.user("auditor", "李强", hash_password(PASSWORD))
    assert sign_in(web, "王敏", PASSWORD) == 303
    mark = web.client.cookies["caishen-known"]
    web.client.cookies.clear()
    assert [sign_in(web, "王敏", "wrong") for _ in range(5)] == [401] * 5
    assert sign_in(web, "王敏", PASSWORD) == 429
    web.client.cookies["caishen-known"] = mark
    assert sign_in(web, "王敏", PASSWORD) == 303
    web.client.cookies.clear()
    assert sign_in(web, "王敏", PASSWORD) == 429, "elsewhere it is locked still"
    # A marked browser has a count of its own, and its mark is good for one person only.
    for name, mark_of_it in (("王敏", mark), ("李强", mark), ("王敏", f"x{mark}")):
        web.client.cookies.clear()
        web.client.cookies["caishen-known"] = mark_of_it
        statuses = [sign_in(web, name, "wrong") for _ in range(6)]
        assert statuses[-1] == 429, name
    web.clock.pass_by(minutes=16)
    web.client.cookies.clear()
    assert sign_in(web, "王敏", PASSWORD) == 303


def test_a_new_password_makes_marks_void() -> None:
    marks = KnownBrowsers(b"key")
    mark = marks.mark(1, "hash")
    assert marks.recognised(mark, 1, "hash")
    assert not marks.recognised(mark, 1, "another")
    assert not marks.recognised(mark, 2, "hash")
    assert not KnownBrowsers(b"other").recognised(mark, 1, "hash")


def test_a_name_that_nobody_has_locks_like_any_other(web: Web) -> None:
    assert [sign_in(web, "无此人", "wrong") for _ in range(6)] == [401] * 5 + [429]


def test_an_administrator_unlocks(web: Web, boss: Browser) -> None:
    user = web.user("auditor", "王敏", hash_password(PASSWORD))
    for _ in range(5):
        sign_in(web, "王敏", "wrong")
    assert boss.post(f"/admin/users/{user}", data={"action": "unlock"}).status_code == 303
    assert sign_in(web, "王敏", PASSWORD) == 303


def test_sign_ins_of_one_address_are_limited(tmp_path: Path) -> None:
    with open_web(tmp_path, rate_sign_ins="2/minute", lock_after_failures=50) as web:
        assert [sign_in(web, f"无此人{n}", "wrong") for n in range(3)] == [401, 401, 429]


def test_requests_of_one_person_are_limited(tmp_path: Path) -> None:
    with open_web(tmp_path, rate_requests="2/minute") as web:
        one, other = web.session(web.user("viewer", "甲")), web.session(web.user("viewer", "乙"))
        answers = [one.get("/api/v1/me") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert other.get("/api/v1/me").status_code == 200


def test_a_session_ends_when_idle_and_at_last_in_any_case(web: Web) -> None:
    browser = web.session(web.user("viewer"))
    for _ in range(6):
        web.clock.pass_by(hours=1.9)
        assert browser.get("/api/v1/me").status_code == 200
    web.clock.pass_by(hours=1)
    assert browser.get("/api/v1/me").status_code == 401
    idle = web.session(browser.person.id)
    web.clock.pass_by(hours=2, minutes=1)
    assert idle.get("/api/v1/me").status_code == 401


def test_signing_out_ends_the_session_on_the_server(web: Web, boss: Browser) -> None:
    answer = boss.post("/sign-out")
    assert answer.status_code == 303
    assert "caishen=" in answer.headers["set-cookie"]
    assert boss.get("/api/v1/me").status_code == 401


def test_a_new_password_ends_the_other_sessions(web: Web) -> None:
    user = web.user("auditor", "王敏", hash_password(PASSWORD))
    mine, other = web.session(user), web.session(user)
    form = {"current": PASSWORD, "password": "another good phrase", "again": "another good phrase"}
    assert mine.post("/account/password", data=form).status_code == 200
    assert mine.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert sign_in(web, "王敏", PASSWORD) == 401
    assert sign_in(web, "王敏", "another good phrase") == 303


def test_cookies_cannot_be_read_by_scripts_or_sent_by_other_sites(tmp_path: Path) -> None:
    with open_web(tmp_path, public_url="https://caishen.example") as web:
        web.user("auditor", "王敏", hash_password(PASSWORD))
        form = {"name": "王敏", "password": PASSWORD}
        answer = web.client.post("/sign-in", data=form, headers=HERE, follow_redirects=False)
        cookie = answer.headers["set-cookie"].lower()
        assert cookie.startswith("__host-caishen=")
        assert all(word in cookie for word in ("httponly", "secure", "samesite=strict", "path=/"))
        assert "domain" not in cookie
        assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/me", "/nothing", "/healthz", static_address("app.css")])
def test_every_answer_carries_the_policy(web: Web, boss: Browser, path: str) -> None:
    headers = boss.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'; object-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == ("no-store" if "static" not in path else "public, max-age=31536000, immutable")
    assert headers["x-request-id"]


def test_nothing_stands_inline_in_any_page(web: Web, boss: Browser, report: Report) -> None:
    fill(web, report)
    paths = ("/", f"/documents/{web.done}", f"/documents/{web.failed}", "/account", "/admin/users", "/admin/tokens",
             "/admin/audit-log", "/api", "/sign-in", "/nothing")  # fmt: skip
    for path in paths:
        page = boss.get(path).text
        assert "<style" not in page, path
        assert " style=" not in page, path
        assert " onclick=" not in page, path
        assert "<script>" not in page, path


def test_what_documents_say_is_never_markup(web: Web, boss: Browser, report: Report) -> None:
    fill(web, report)
    page = boss.get(f"/documents/{web.done}").text
    assert "&lt;script&gt;alert(" in page
    assert "<script>alert(" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/static/0/../settings.py",
        "/static/0/%2e%2e/settings.py",
        "/static/..%2f..%2fsettings.py",
        "/api/v1/documents/1/exports/..%2f..%2faudit.key",
        "/api/v1/documents/1/tables/..%2f..%2faudit.key",
    ],
)
def test_no_path_leads_to_other_files(boss: Browser, path: str) -> None:
    assert boss.get(path).status_code in (404, 422)


@pytest.mark.parametrize("name", ["../../evil.pdf", "..%2F..%2Fevil.pdf", "C:\\evil.pdf", "/etc/passwd", "a%00b.pdf"])
def test_the_name_of_an_upload_is_only_a_name(web: Web, boss: Browser, tmp_path: Path, name: str) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.name}
    answer = boss.request("PUT", f"/api/v1/files/{name}", content=b"%PDF-1.7 " + name.encode())
    assert answer.status_code in (201, 404), answer.text
    if answer.status_code == 201:
        assert "/" not in answer.json()["name"]
        assert "\\" not in answer.json()["name"]
        assert "\x00" not in answer.json()["name"]
    after = {path for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.name}
    assert all(path.is_relative_to(tmp_path / "blobs") for path in after - before)
    assert not list(tmp_path.parent.glob("*evil*"))


def test_an_upload_is_cut_at_the_limit_while_it_streams(web: Web, boss: Browser, tmp_path: Path) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += MIB // 4
            yield b"%PDF" + b"x" * (MIB // 4 - 4)

    answer = boss.request("PUT", "/api/v1/files/big.pdf", content=chunks())
    assert answer.status_code == 413
    assert answer.json()["code"] == "too-large"
    declared = boss.request("PUT", "/api/v1/files/big.pdf", content=b"x" * (MIB + 1))
    assert declared.status_code == 413
    form = boss.post("/api/v1/uploads", files=[("files", ("big.pdf", b"x" * (3 * MIB))), ("files", ("a.txt", b"no"))])
    assert form.status_code == 200
    assert [item["refusal"]["code"] for item in form.json()["refused"]] == ["too-large", "unsupported-format"]
    assert list((tmp_path / "blobs" / "incoming").iterdir()) == []


def test_bodies_other_than_uploads_are_small(boss: Browser) -> None:
    assert boss.post("/api/v1/users", content=b"[" * (2 * MIB)).status_code == 413
    assert boss.post("/api/v1/users", content=iter([b" " * MIB] * 3)).status_code == 413


def test_uploads_stop_before_the_disk_is_full(tmp_path: Path) -> None:
    with open_web(tmp_path) as web:
        browser = web.session(web.user("auditor"))
        settings = web.site.settings.model_copy(update={"disk_floor_bytes": 1 << 60})
        object.__setattr__(web.site.backend, "settings", settings)
        answer = browser.request("PUT", "/api/v1/files/a.pdf", content=b"%PDF-1.7")
        assert answer.status_code == 507
        assert answer.json()["code"] == "storage-full"
        assert web.client.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    "next_page", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx"]
)
def test_signing_in_leads_nowhere_else(web: Web, boss: Browser, next_page: str) -> None:
    assert boss.get("/sign-in", params={"next": next_page}).headers["location"] == "/"
    assert boss.get("/sign-in", params={"next": "/documents/3?a=1"}).headers["location"] == "/documents/3?a=1"


def test_an_unexpected_error_says_nothing_of_the_inside(
    web: Web, boss: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.documents.find_document", lambda *_: 1 / 0)
    answer = boss.get("/api/v1/documents/1")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "division" not in answer.text


def test_the_log_holds_no_names_and_no_secrets(
    web: Web, boss: Browser, report: Report, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    fill(web, report)
    caplog.set_level("INFO")
    token = web.token(boss.person, "documents:write")
    web.client.put("/api/v1/files/绝密名单.pdf", content=b"%PDF-1.7", headers={"authorization": f"Bearer {token}"})
    boss.get(f"/documents/{web.done}")
    boss.get("/set-up", params={"invitation": "a-secret-link"})
    boss.get("/api/v1/findings", params={"text": "绝密内容"})
    # The client that makes the requests keeps a log of its own.
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("service", "uvicorn"))]
    told = "".join((*ours, *capfd.readouterr()))
    assert "/documents/{document_id}" in told
    for secret in ("绝密", token, boss.token, boss.person.csrf, "a-secret-link", "水务局"):
        assert secret not in told


def test_problems_have_one_form(boss: Browser) -> None:
    for answer in (
        boss.get("/api/v1/documents/999"),
        boss.get("/api/v1/nothing"),
        boss.get("/api/v1/documents/abc"),
        boss.request("DELETE", "/api/v1/documents"),
        boss.get("/api/v1/documents", params={"cursor": "???"}),
    ):
        problem = json.loads(answer.content)
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == answer.status_code
        assert {"type", "title", "detail", "code", "remedy", "request_id"} <= set(problem)
        assert not problem["detail"].isascii()


def test_signing_in_ends_the_session_that_the_browser_had(web: Web) -> None:
    user = web.user("auditor", "王敏", hash_password(PASSWORD))
    former, other = web.session(user), web.session(user)
    form = {"name": "王敏", "password": PASSWORD}
    headers = {**HERE, "cookie": f"caishen={former.token}"}
    assert web.client.post("/sign-in", data=form, headers=headers, follow_redirects=False).status_code == 303
    web.client.cookies.clear()
    assert former.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200


def test_names_and_passwords_of_any_length_cost_no_more_than_short_ones(web: Web) -> None:
    web.user("auditor", "王敏", hash_password(PASSWORD))
    assert sign_in(web, "\ufdfa" * 100_000, "x") == 401
    assert len(tidy_name("\ufdfa" * 100_000)) <= 120
    assert sign_in(web, "王敏", PASSWORD + " " * 300_000) == 401
    assert sign_in(web, "王敏", PASSWORD) == 303


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:0:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_host_has_one_limit_however_many_addresses_it_has(
    tmp_path: Path, one: str, other: str, is_same: bool
) -> None:
    with open_web(tmp_path, rate_sign_ins="1/minute", trusted_proxies="testclient") as web:
        form = {"name": "无此人", "password": "x"}
        answers = [
            web.client.post("/sign-in", data=form, headers={**HERE, "x-forwarded-for": f"203.0.113.9, {address}"})
            for address in (one, other)
        ]
        assert [answer.status_code for answer in answers] == [401, 429 if is_same else 401]
