"""A person's way through the pages in a real browser: nothing refused by the policy, nothing asked elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import insert

from models.report import Report
from service.app import create_app
from service.auth import passwords
from service.auth.invitations import invite_first
from service.intake import take_in
from service.schema import CommentRow
from service.settings import Settings
from service.site import Site
from service.store import find_upload
from tests.service.identity_provider import CLIENT, SECRET, identity_provider
from tests.service.waiting import PATIENCE_S, waited_for
from tests.service.web_site import PASSWORD, SAMPLE, Web, fill

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

GRAVE = ("serious", "critical")
SERIOUS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, str]]:
    """The application behind a real socket, without workers."""
    monkeypatch.setattr(passwords, "_HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with running(Settings(data_dir=tmp_path, disk_floor_bytes=0), listener) as site:
            yield site, address


@contextmanager
def running(settings: Settings, listener: socket.socket) -> Iterator[Site]:
    """The application with these settings, answering on a socket."""
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert waited_for(lambda: server.started or not thread.is_alive())
        assert server.started
        yield app.state.site
    finally:
        server.should_exit = True
        thread.join()


def launched(playwright: Playwright) -> Browser:
    """A browser without windows; containers give little shared memory, for want of which pages crash."""
    args = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=args, timeout=PATIENCE_S * 1000)


@pytest.fixture
def page(served: tuple[Site, str]) -> Iterator[Page]:
    """A browser's page; what the policy refused and what was asked elsewhere is an error in the end."""
    from playwright.sync_api import sync_playwright

    address = served[1]
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = launched(playwright)
        page = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 860}).new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
        yield page
        browser.close()
    # A refusal (of a file, of a deletion) is an answer, and the browser says so as well.
    assert [line for line in complaints if not re.search("status of (409|415)", line)] == []


def test_from_the_first_link_to_the_report_and_out(served: tuple[Site, str], page: Page, report: Report) -> None:
    site, address = served
    secret = invite_first(site.backend.database, site.clock())
    page.goto(f"{address}/set-up?invitation={secret}")
    page.get_by_label("用户名").fill("王敏")
    page.get_by_label("密码", exact=False).first.fill(PASSWORD)
    page.get_by_label("再输一次").fill(PASSWORD)
    page.get_by_role("button", name="保存并登录").click()
    page.get_by_text("还没有文件").wait_for()

    page.get_by_label("要上传的文件").set_input_files(
        [
            {"name": "预算.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 one"},
            {"name": "说明.txt", "mimeType": "text/plain", "buffer": b"no document"},
        ]
    )
    page.locator("#sending .accepted").get_by_text("已收下").wait_for()
    page.locator("#sending .refused").get_by_text("不是可以审核的文件").wait_for()
    page.locator("#documents").get_by_role("link", name="预算.pdf").wait_for()

    fill(Web(None, site, site.clock), report)  # type: ignore[arg-type]
    page.goto(address)
    page.locator("#documents").get_by_role("link", name="坏的.pdf").click()
    page.get_by_text("已损坏，无法打开").wait_for()
    page.get_by_role("button", name="重新处理").click()
    page.get_by_role("list").get_by_text("排队").wait_for()

    page.goto(address)
    page.locator("#documents").get_by_role("link", name="澄川市水务局预算.pdf").click()
    page.locator("article.finding").first.wait_for()
    assert page.locator("article.finding").count() == 3
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "f1"
    page.locator("#f1 figure.crop svg image, svg.pictures-store image").first.wait_for(state="attached")
    page.keyboard.press("o")
    page.locator("dialog[open] svg").wait_for()
    page.keyboard.press("o")

    page.get_by_role("button", name="退出").click()
    page.get_by_role("heading", name="登录").wait_for()
    page.goto(f"{address}/documents/1")
    page.get_by_role("heading", name="登录").wait_for()


def test_pages_work_without_scripts_and_fit_a_phone(served: tuple[Site, str], page: Page, report: Report) -> None:
    site, address = served
    fill(Web(None, site, site.clock), report)  # type: ignore[arg-type]
    secret = invite_first(site.backend.database, site.clock())
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, locale="zh-CN", viewport={"width": 390, "height": 800}
    )
    plain = context.new_page()
    plain.goto(f"{address}/set-up?invitation={secret}")
    plain.fill("#name", "王敏")
    plain.fill("#password", PASSWORD)
    plain.fill("#again", PASSWORD)
    plain.click("main button")
    plain.set_input_files("#files", [{"name": "预算.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 two"}])
    plain.click("#drop button")
    plain.get_by_text("已收下").wait_for()
    for path in ("/", "/documents/1", "/documents/2", "/account", "/admin/users", "/admin/tokens", "/admin/audit-log",
                 "/api", "/nothing"):  # fmt: skip
        plain.goto(address + path)
        assert plain.locator("body").bounding_box()["width"] <= 390, path  # type: ignore[index]
        assert plain.locator("h1").first.inner_text(), path
    context.close()


def test_no_page_shuts_anybody_out(served: tuple[Site, str], page: Page, report: Report) -> None:
    """What axe-core calls serious or critical by WCAG 2.2 AA: contrast, names of controls, order, roles."""
    site, address = served
    secret = invite_first(site.backend.database, site.clock())
    web = Web(None, site, site.clock)  # type: ignore[arg-type]
    fill(web, report)
    found: list[str] = []

    def examine(where: str) -> None:
        # A blend of colours on its way is nobody's contrast.
        page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
        for fault in Axe().run(page, options=SERIOUS).response["violations"]:
            places = "; ".join(node["html"][:120] for node in fault["nodes"][:3])
            found.extend([f"{where}: {fault['impact']} {fault['id']}: {places}"] * (fault["impact"] in GRAVE))

    page.goto(f"{address}/set-up?invitation={secret}")
    examine("set-up")
    boss = web.session(web.user("administrator", "王敏"))
    web.token(boss.person)
    page.goto(f"{address}/sign-in")
    examine("sign-in")
    page.context.add_cookies([{"name": "caishen", "value": boss.token, "url": address}])
    for path in ("/", f"/documents/{web.waiting}", f"/documents/{web.failed}", "/account", "/admin/users",
                 "/admin/tokens", "/admin/audit-log", "/api"):  # fmt: skip
        page.goto(address + path)
        examine(path)
    page.goto(f"{address}/admin/users")
    page.get_by_label("添加用户").and_(page.locator("input")).fill("李强")
    page.get_by_role("button", name="添加").click()
    examine("a new person")
    page.goto(f"{address}/documents/{web.done}")
    page.locator("article.finding").first.wait_for()
    examine("report")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.locator("dialog[open] svg").wait_for()
    examine("page of the report")
    with site.backend.database.write() as connection:
        remark = {"document_id": web.done, "finding_key": "CP001:b09", "text": "已核实", "created": site.clock()}
        connection.execute(insert(CommentRow).values(**remark))
    page.goto(f"{address}/documents/{web.done}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除").first.click()
    page.get_by_role("heading", name="连同人的认定一起删除").wait_for()
    examine("deletion")
    assert found == [], "\n".join(found)


def test_the_list_brings_itself_up_to_date(served: tuple[Site, str], page: Page, tmp_path: Path) -> None:
    site, address = served
    secret = invite_first(site.backend.database, site.clock())
    page.goto(f"{address}/set-up?invitation={secret}")
    page.fill("#name", "王敏")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("main button")
    received = site.backend.blobs.incoming / "x"
    received.write_bytes(SAMPLE.read_bytes())
    upload = take_in(site.backend, received, "样例.pdf", "0" * 64, 3, None)
    page.goto(address)
    page.get_by_text("排队中").wait_for()
    with site.backend.database.write() as connection:
        document = find_upload(connection, upload)[1][0].document_id
        from service.store import work

        assert document is not None
        work.cancel(connection, document)
    page.get_by_text("已取消").wait_for()


def test_a_browser_comes_back_from_the_identity_provider_signed_in(tmp_path: Path) -> None:
    """The provider is another site: cookies that are for ours only are held back on the way from there."""
    from playwright.sync_api import sync_playwright

    with identity_provider("localhost") as provider, socket.create_server(("127.0.0.1", 0)) as listener:
        provider.asks = True
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(
            data_dir=tmp_path,
            disk_floor_bytes=0,
            public_url=address,
            oidc_issuer=provider.address,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_default_role="lead",
        )
        with running(settings, listener) as site, sync_playwright() as playwright:
            Web(None, site, site.clock).user("administrator", "管理员", passwords.hash_password(PASSWORD))  # type: ignore[arg-type]
            browser = launched(playwright)
            page = browser.new_context(locale="zh-CN").new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            page.goto(f"{address}/account")
            page.get_by_role("link", name="使用单位统一身份登录").click()
            page.get_by_role("link", name="我是王敏").click()
            page.get_by_role("heading", name="王敏").wait_for()
            assert page.url == f"{address}/account"
            page.get_by_role("button", name="退出", exact=True).first.click()
            page.get_by_role("link", name="一并退出").wait_for()
            # Linking begins with a form, whose answer may not lead to another site by itself.
            provider.person["sub"] = "u-002"
            page.get_by_label("用户名").fill("管理员")
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.goto(f"{address}/account")
            page.get_by_label("现在的密码").last.fill(PASSWORD)
            page.get_by_role("button", name="关联单位统一身份").click()
            page.get_by_role("link", name="我是王敏").click()
            page.get_by_text("本账号可以用单位统一身份登录").wait_for()
            browser.close()
