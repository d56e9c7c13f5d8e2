"""Signing in by the organisation's identity provider, over HTTP, against one that the tests run themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from models.errors import MissingResource, NotAllowed, SettingsError
from service.auth.passwords import hash_password
from service.auth.provider import CALLBACK, Provider, open_provider
from service.auth.single_sign_on import policy_of
from service.schema import AuditRow
from service.settings import load_settings
from tests.service.identity_provider import CLIENT, PERSON, SECRET, IdentityProvider, identity_provider, new_key
from tests.service.waiting import PATIENCE_S
from tests.service.web_site import PASSWORD, Browser, Web, open_web

OIDC: dict[str, Any] = {
    "oidc_client_id": CLIENT,
    "oidc_client_secret": SECRET,
    "public_url": "http://testserver",
    "rate_sign_ins": "",
}


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    """The provider, saying what it says by default."""
    running.__init__(address=running.address)  # type: ignore[misc]
    return running


@contextmanager
def opened(folder: Path, provider: IdentityProvider, **settings: Any) -> Iterator[Web]:
    given = {**OIDC, "oidc_default_role": "auditor", **settings}
    with open_web(folder, oidc_issuer=provider.address, **given) as web:
        # Before anybody is there, only the set-up link works.
        web.user("administrator", "管理员", hash_password(PASSWORD))
        yield web


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, running: IdentityProvider) -> Iterator[Web]:
    with opened(tmp_path_factory.mktemp("data"), running) as web:
        yield web


@pytest.fixture
def web(installation: Web, provider: IdentityProvider) -> Web:
    """An installation that other tests use as well, in a browser that knows nothing of them."""
    installation.client.cookies.clear()
    return installation


def begin(web: Web, next_: str = "/") -> str:
    """Where the provider sends the browser back to, once the person has signed in there."""
    answer = web.client.get("/sign-in/single", params={"next": next_}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    there = requests.get(answer.headers["location"], allow_redirects=False, timeout=PATIENCE_S)
    return there.headers["location"].removeprefix("http://testserver")


def sign_in(web: Web, next_: str = "/") -> Any:
    return web.client.get(begin(web, next_), follow_redirects=False)


def me(web: Web) -> dict[str, Any]:
    return web.client.get("/api/v1/me").json()


def refusals(web: Web) -> list[str]:
    """Reasons of sign-ins that did not work, from the audit log."""
    query = select(AuditRow.detail).where(AuditRow.action == "session.refuse").order_by(AuditRow.id)
    with web.site.backend.database.read() as connection:
        rows = connection.execute(query).scalars()
        return [row["reason"] for row in rows]


def test_someone_new_comes_in_with_an_own_session_and_the_default_role(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    with opened(tmp_path, provider) as web:
        comes_in(web)


def comes_in(web: Web) -> None:
    assert "/sign-in/single?next=/documents/7" in web.client.get("/sign-in?next=/documents/7").text
    page = sign_in(web, "/documents/7")
    assert page.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/documents/7"' in page.text
    cookie = next(line for line in page.headers.get_list("set-cookie") if line.startswith("caishen="))
    assert "samesite=strict" in cookie.lower()
    assert (me(web)["name"], me(web)["role"]) == ("王敏", "auditor")
    first = me(web)["id"]
    web.client.cookies.clear()
    assert sign_in(web).status_code == 200
    assert me(web)["id"] == first
    assert refusals(web) == []
    with web.site.backend.database.read() as connection:
        actions = list(connection.execute(select(AuditRow.action).order_by(AuditRow.id)).scalars())
        assert web.site.log.verify(connection).fault == ""
    assert actions == ["user.create", "identity.link", "session.start", "session.start"]


def test_no_provider_no_button(tmp_path: Path) -> None:
    with open_web(tmp_path) as web:
        web.user("administrator", "管理员")
        assert "sign-in/single" not in web.client.get("/sign-in").text
        assert web.client.get("/sign-in/single").status_code == 404
        assert web.client.get(f"{CALLBACK}?code=x&state=y").status_code == 404


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere_afterwards(web: Web, next_: str) -> None:
    assert 'content="0;url=/"' in sign_in(web, next_).text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"nonce": "another"}, "不是为这一次登录签发的"),
        ({"nonce": None}, "不是为这一次登录签发的"),
        ({"aud": "another"}, "不是签发给本系统的"),
        ({"aud": [CLIENT, "another"]}, "不是签发给本系统的"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "不是签发给本系统的"),
        ({"iss": "https://evil.example"}, "签发者不是所设置的身份系统"),
        ({"exp": 1}, "已过期"),
        ({"exp": None}, "缺少 exp"),
        ({"iat": 2**33}, "签发时间在将来"),
        ({"sub": None}, "缺少 sub"),
        ({"sub": "x" * 256}, "没有说明登录的是谁"),
        ({"at_hash": "AAAA"}, "访问凭证不符"),
    ],
    ids=lambda given: str(given)[:40],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    web: Web, provider: IdentityProvider, changes: dict[str, Any], why: str
) -> None:
    provider.changes = changes
    answer = sign_in(web)
    assert answer.status_code == 401
    assert why in answer.text
    assert me(web)["status"] == 401
    assert why in refusals(web)[-1]


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_could_have_signed_is_refused(
    web: Web, provider: IdentityProvider, algorithm: str
) -> None:
    provider.algorithm = algorithm
    assert "没有签名，或签名方式不可信" in sign_in(web).text


def test_a_token_signed_with_another_key_of_the_same_name_is_refused(web: Web, provider: IdentityProvider) -> None:
    provider.signing_key = new_key("one", 2)
    assert "签名不对" in sign_in(web).text


def test_new_keys_of_the_provider_are_fetched_when_they_are_first_seen(web: Web, provider: IdentityProvider) -> None:
    assert sign_in(web).status_code == 200
    provider.key = new_key("two")
    provider.asked.clear()
    assert sign_in(web).status_code == 200
    assert sign_in(web).status_code == 200
    assert [path for path in provider.asked if path not in ("/authorize", "/token")] == ["/keys"]


def test_a_key_that_the_provider_does_not_publish_is_refused(web: Web, provider: IdentityProvider) -> None:
    provider.signing_key = new_key("elsewhere")
    assert sign_in(web).status_code == 401


def test_an_answer_is_good_once_and_for_the_browser_that_began(web: Web, provider: IdentityProvider) -> None:
    back = begin(web)
    cookie = web.client.cookies["caishen-single"]
    assert web.client.get(back).status_code == 200
    web.client.cookies.clear()
    for cookies in ({"caishen-single": cookie}, {}, {"caishen-single": "another"}):
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        again = web.client.get(back, headers=headers)
        assert again.status_code == 401
        assert "已用过" in again.text
    assert me(web)["status"] == 401


def test_another_browser_cannot_end_what_this_one_began(web: Web) -> None:
    theirs = begin(web)
    web.client.cookies.clear()
    begin(web)
    assert web.client.get(theirs).status_code == 401
    assert me(web)["status"] == 401


def test_a_code_is_good_once(web: Web, provider: IdentityProvider) -> None:
    first = begin(web)
    code = parse_qs(urlsplit(first).query)["code"][0]
    assert web.client.get(first).status_code == 200
    web.client.cookies.clear()
    state = parse_qs(urlsplit(begin(web)).query)["state"][0]
    answer = web.client.get(CALLBACK, params={"code": code, "state": state})
    assert answer.status_code == 401
    assert "代码已用过" in answer.text


def test_an_attempt_ends_by_itself(web: Web) -> None:
    back = begin(web)
    web.clock.pass_by(minutes=11)
    assert web.client.get(back).status_code == 401
    web.clock.pass_by(minutes=-11)


def test_a_provider_that_is_away_is_named_and_passwords_still_work(tmp_path: Path, provider: IdentityProvider) -> None:
    nobody = IdentityProvider("http://127.0.0.1:9")
    with opened(tmp_path, nobody) as web:
        answer = web.client.get("/sign-in/single")
        assert answer.status_code == 503
        assert "连不上单位的身份系统" in answer.text
        assert web.client.get("/sign-in/single").text.count("连不上单位的身份系统") == 1
        form = {"name": "管理员", "password": PASSWORD}
        here = {"sec-fetch-site": "same-origin"}
        assert web.client.post("/sign-in", data=form, headers=here, follow_redirects=False).status_code == 303


def test_a_provider_that_fails_in_the_middle_lets_nobody_in(tmp_path: Path, provider: IdentityProvider) -> None:
    provider.metadata = {"token_endpoint": "http://127.0.0.1:9/token"}
    with opened(tmp_path, provider) as web:
        answer = sign_in(web)
        assert answer.status_code == 503
        assert me(web)["status"] == 401
        assert "连不上" in refusals(web)[-1]


def opened_provider(address: str) -> Provider:
    settings = load_settings(**{**OIDC, "oidc_issuer": address})
    provider = open_provider(settings)
    assert provider is not None
    return provider


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "http://127.0.0.1:1"}, {"token_endpoint": "file:///etc/passwd"}, {"jwks_uri": None}],
    ids=str,
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    provider: IdentityProvider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    with pytest.raises(MissingResource):
        opened_provider(provider.address).authorization_address("s", "n", "v" * 43)


def test_whoever_stops_at_the_provider_is_told(web: Web) -> None:
    state = parse_qs(urlsplit(begin(web)).query)["state"][0]
    answer = web.client.get(CALLBACK, params={"error": "access_denied", "state": state})
    assert answer.status_code == 401
    assert "取消了登录" in answer.text


def test_an_answer_of_another_provider_is_refused(web: Web) -> None:
    assert web.client.get(begin(web) + "&iss=https://evil.example").status_code == 401


def test_a_wrong_client_secret_is_named(tmp_path: Path, provider: IdentityProvider) -> None:
    file = tmp_path / "secret"
    file.write_text("another\n")
    with opened(tmp_path / "data", provider, oidc_client_secret_file=file) as web:
        assert "客户端编号或密钥不对" in sign_in(web).text
    file.write_text(f"{SECRET}\n")
    with opened(tmp_path / "data2", provider, oidc_client_secret="", oidc_client_secret_file=file) as web:
        assert sign_in(web).status_code == 200


ROLES = {"oidc_role_claim": "groups", "oidc_roles": "审计一处=auditor, 信息中心=administrator", "oidc_default_role": ""}


def test_roles_follow_the_provider_and_whoever_loses_them_is_out(tmp_path: Path, provider: IdentityProvider) -> None:
    with opened(tmp_path, provider, **ROLES) as web:
        assert sign_in(web).status_code == 200
        assert me(web)["role"] == "auditor"
        provider.person["groups"] = ["信息中心", "审计一处", "别的"]
        assert sign_in(web).status_code == 200
        assert me(web)["role"] == "administrator"
        old = web.client.cookies["caishen"]
        web.client.cookies.clear()
        provider.person["groups"] = ["别的"]
        answer = sign_in(web)
        assert answer.status_code == 403
        assert "没有给您使用本系统的角色" in answer.text
        assert web.client.get("/api/v1/me", headers={"cookie": f"caishen={old}"}).status_code == 401


def test_roles_may_lie_deeper_and_at_the_userinfo_endpoint(tmp_path: Path, provider: IdentityProvider) -> None:
    provider.person |= {"realm_access": {"roles": ["lead-of-audit"]}}
    provider.hidden = ("realm_access", "name")
    settings = {"oidc_role_claim": "realm_access.roles", "oidc_roles": "lead-of-audit=lead", "oidc_default_role": ""}
    with opened(tmp_path, provider, **settings) as web:
        assert sign_in(web).status_code == 200
        assert (me(web)["name"], me(web)["role"]) == ("王敏", "lead")


def test_what_userinfo_says_of_somebody_else_is_not_used(tmp_path: Path, provider: IdentityProvider) -> None:
    provider.hidden, provider.changes = ("groups",), {"sub": "u-002"}
    with opened(tmp_path, provider, **ROLES) as web:
        assert "不是同一个人" in sign_in(web).text


def test_without_a_role_an_account_waits_for_an_administrator(tmp_path: Path, provider: IdentityProvider) -> None:
    with opened(tmp_path, provider, oidc_default_role="") as web:
        answer = sign_in(web)
        assert answer.status_code == 403
        assert "还没有启用" in answer.text
        boss = web.session(web.user("administrator"))
        waiting = next(user for user in boss.get("/api/v1/users").json()["items"] if user["name"] == "王敏")
        assert (waiting["disabled"], waiting["role"], waiting["is_linked"]) == (True, "viewer", True)
        boss.request("PATCH", f"/api/v1/users/{waiting['id']}", json={"disabled": False, "role": "lead"})
        assert sign_in(web).status_code == 200
        assert me(web)["role"] == "lead"
        boss.request("PATCH", f"/api/v1/users/{waiting['id']}", json={"disabled": True})
        web.client.cookies.clear()
        assert sign_in(web).status_code == 403
        assert me(web)["status"] == 401


@pytest.mark.parametrize(
    ("person", "is_let_in"),
    [
        ({}, True),
        ({"email": "WM@FZ.Example"}, True),
        ({"email": "wm@fz.example.evil.example"}, False),
        ({"email": "fz.example"}, False),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({"email": None}, False),
    ],
    ids=str,
)
def test_only_verified_addresses_of_the_domain_come_in(person: dict[str, Any], is_let_in: bool) -> None:
    policy = policy_of(load_settings(oidc_domains="other.example, fz.example"))
    with nullcontext() if is_let_in else pytest.raises(NotAllowed):
        policy.refuse_foreign({**PERSON, **person})


def test_nobody_of_another_domain_gets_an_account(tmp_path: Path, provider: IdentityProvider) -> None:
    with opened(tmp_path, provider, oidc_domains="other.example") as web:
        assert sign_in(web).status_code == 403
        assert "不属于允许登录的单位" in refusals(web)[-1]
        boss = web.session(web.user("administrator"))
        assert "王敏" not in boss.get("/api/v1/users").text


def test_a_name_or_an_address_leads_to_nobodys_account(web: Web, provider: IdentityProvider) -> None:
    mine = web.user("lead", "wm@fz.example", hash_password(PASSWORD))
    provider.person |= {"sub": "u-003", "name": "WM@fz.example", "preferred_username": "wm@fz.example"}
    assert sign_in(web).status_code == 200
    assert me(web)["id"] != mine
    assert me(web)["name"] == "WM@fz.example-2"


def linking(web: Web, browser: Browser, password: str = PASSWORD) -> Any:
    """The answer to the callback of a person who links the account."""
    page = browser.post("/account/identity", data={"current": password})
    if page.status_code != 200:
        return page
    address = page.text.partition("url=")[2].partition('"')[0].replace("&amp;", "&")
    back = requests.get(address, allow_redirects=False, timeout=PATIENCE_S).headers["location"]
    return web.client.get(back.removeprefix("http://testserver"))


def test_a_local_account_is_linked_by_its_owner_and_keeps_its_role(tmp_path: Path, provider: IdentityProvider) -> None:
    with opened(tmp_path, provider, **ROLES) as web:
        browser = web.session(web.user("lead", "李强", hash_password(PASSWORD)))
        assert linking(web, browser, "wrong").status_code == 401
        assert linking(web, browser).status_code == 200
        assert me(web)["status"] == 401, "linking signs nobody in"
        assert sign_in(web).status_code == 200
        assert (me(web)["name"], me(web)["role"]) == ("李强", "lead")
        other = web.session(web.user("viewer", "张三", hash_password(PASSWORD)))
        answer = linking(web, other)
        assert answer.status_code == 409
        assert "已属于账号“李强”" in answer.text
        assert browser.post("/account/identity/unlink").status_code == 303
        assert sign_in(web).status_code == 200
        assert me(web)["name"] == "王敏"


def test_an_account_without_a_password_stays_linked_and_the_last_local_administrator_stays(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    provider.person["groups"] = ["信息中心"]
    with opened(tmp_path, provider, **ROLES) as web:
        assert sign_in(web).status_code == 200
        linked = web.session(me(web)["id"])
        assert linked.post("/account/identity/unlink").status_code == 409
        local = next(user["id"] for user in linked.get("/api/v1/users").json()["items"] if user["name"] == "管理员")
        assert linked.request("PATCH", f"/api/v1/users/{local}", json={"disabled": True}).status_code == 409


def test_signing_out_ends_the_session_here_and_shows_the_way_out_there(web: Web, provider: IdentityProvider) -> None:
    sign_in(web)
    browser = web.session(me(web)["id"])
    answer = browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?left=1"
    assert browser.get("/api/v1/me").status_code == 401
    web.client.cookies.clear()
    page = web.client.get("/sign-in?left=1").text
    assert f"{provider.address}/leave?client_id=caishen" in page.replace("&amp;", "&")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": "http://id.example"}, "CAISHEN_OIDC_ISSUER"),
        ({"oidc_issuer": "https://id.example"}, "CAISHEN_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "https://id.example", "oidc_client_id": "x"}, "CAISHEN_PUBLIC_URL"),
        ({"oidc_roles": "a=boss"}, "CAISHEN_OIDC_ROLES"),
        ({"oidc_role_claim": "groups"}, "CAISHEN_OIDC_ROLES"),
        ({"oidc_default_role": "boss"}, "CAISHEN_OIDC_DEFAULT_ROLE"),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused_by_name(given: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(**given)


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path, provider: IdentityProvider) -> None:
    with (
        pytest.raises(SettingsError, match="CAISHEN_OIDC_CLIENT_SECRET_FILE"),
        opened(tmp_path, provider, oidc_client_secret_file=tmp_path / "none"),
    ):
        pass
