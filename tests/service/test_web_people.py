"""From the first link to a staff of people: set-up, invitations, passwords, and who may not be lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import SettingsError
from service.auth.invitations import invite_first
from service.auth.passwords import refuse_weak
from tests.service.web_site import PASSWORD, Browser, Web, open_web

HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with open_web(tmp_path, rate_sign_ins="") as web:
        yield web


def send(web: Web, path: str, **form: str) -> int:
    return web.client.post(path, data=form, headers=HERE, follow_redirects=False).status_code


def set_up(web: Web, secret: str, name: str = "王敏", password: str = PASSWORD) -> int:
    return send(web, "/set-up", invitation=secret, name=name, password=password, again=password)


def test_the_first_link_makes_an_administrator_once(web: Web) -> None:
    first = invite_first(web.site.backend.database, web.clock())
    second = invite_first(web.site.backend.database, web.clock())
    assert first is not None
    assert second is not None
    assert web.client.get("/set-up", params={"invitation": first}).status_code == 404
    assert "建立管理员" in web.client.get("/set-up", params={"invitation": second}).text
    assert set_up(web, second, password="short") == 400
    assert set_up(web, second) == 303
    assert set_up(web, second, "李强") == 404
    assert invite_first(web.site.backend.database, web.clock()) is None
    assert send(web, "/sign-in", name=" 王敏 ", password=PASSWORD) == 303


def test_the_first_link_ends_after_a_day(web: Web) -> None:
    secret = invite_first(web.site.backend.database, web.clock())
    web.clock.pass_by(hours=25)
    assert set_up(web, secret or "") == 404


def test_someone_new_sets_the_password_by_a_link(web: Web) -> None:
    boss = web.session(web.user("administrator"))
    made = boss.post("/api/v1/users", json={"name": "李强", "role": "auditor"})
    assert made.status_code == 201
    secret = made.json()["path"].partition("=")[2]
    assert send(web, "/sign-in", name="李强", password=PASSWORD) == 401
    assert set_up(web, secret, "别人") == 303
    assert set_up(web, secret) == 404
    assert send(web, "/sign-in", name="李强", password=PASSWORD) == 303
    assert boss.post("/api/v1/users", json={"name": "李强", "role": "viewer"}).status_code == 409
    assert boss.post("/api/v1/users", json={"name": "李\n强", "role": "viewer"}).status_code == 400


def test_a_new_link_ends_sessions_and_former_links(web: Web) -> None:
    boss = web.session(web.user("administrator"))
    user = boss.post("/api/v1/users", json={"name": "李强", "role": "auditor"}).json()["user"]["id"]
    links = [boss.post(f"/api/v1/users/{user}/invitation").json()["path"].partition("=")[2] for _ in range(2)]
    browser = web.session(user)
    assert set_up(web, links[0]) == 404
    assert browser.get("/api/v1/me").status_code == 200
    assert set_up(web, links[1]) == 303
    assert browser.get("/api/v1/me").status_code == 401


def test_a_link_ends_with_the_account_it_is_for(web: Web) -> None:
    boss = web.session(web.user("administrator"))
    made = boss.post("/api/v1/users", json={"name": "李强", "role": "auditor"}).json()
    path, secret = f"/api/v1/users/{made['user']['id']}", made["path"].partition("=")[2]
    boss.request("PATCH", path, json={"disabled": True})
    boss.request("PATCH", path, json={"disabled": False})
    assert set_up(web, secret) == 404


def test_the_last_administrator_stays(web: Web) -> None:
    boss = web.session(web.user("administrator", "甲"))
    path = f"/api/v1/users/{boss.person.id}"
    assert boss.request("PATCH", path, json={"disabled": True}).status_code == 409
    assert boss.request("PATCH", path, json={"role": "lead"}).status_code == 409
    web.user("administrator", "乙")
    assert boss.request("PATCH", path, json={"role": "lead"}).status_code == 200


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "1234567890", "password12", "wangmin12345", "x" * 300])
def test_weak_passwords_are_refused_with_a_reason(password: str) -> None:
    with pytest.raises(SettingsError, match="密码"):
        refuse_weak(password, "wangmin12")


@pytest.mark.parametrize("password", [PASSWORD, "四个 不相干 的词 马", "Tr0ub4dor&3x"])
def test_good_passwords_are_accepted(password: str) -> None:
    refuse_weak(password, "王敏")


def test_tokens_are_shown_once_and_can_be_revoked(web: Web) -> None:
    browser = web.session(web.user("auditor"))
    page = browser.post("/account/tokens", data={"name": "夜间", "scopes": ["documents:read"], "days": "30"})
    token = page.text.partition("cst_")[2].partition("<")[0]
    headers = {"authorization": f"Bearer cst_{token}"}
    assert web.client.get("/api/v1/me", headers=headers).json()["permissions"] == ["documents:read"]
    assert token not in browser.get("/account").text
    assert browser.post(f"/account/tokens/{token[:10]}/revoke").status_code == 303
    assert web.client.get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "scopes": ["documents:read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["people:manage"]},
        {"name": "x", "scopes": ["documents:read"], "days": "9999"},
    ],
)
def test_a_token_is_no_more_than_its_owner(web: Web, form: dict[str, object]) -> None:
    assert web.session(web.user("viewer")).post("/account/tokens", data=form).status_code == 400


def test_a_token_ends_by_itself_and_makes_no_others(web: Web) -> None:
    browser = web.session(web.user("administrator"))
    headers = {"authorization": f"Bearer {web.token(browser.person)}"}
    made = web.client.post("/api/v1/tokens", json={"name": "x", "scopes": ["documents:read"]}, headers=headers)
    assert made.status_code == 403
    web.clock.pass_by(days=31)
    assert web.client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_person_ends_only_own_sessions(web: Web) -> None:
    user = web.user("viewer", "甲")
    one, two = web.session(user), web.session(user)
    other: Browser = web.session(web.user("viewer", "乙"))
    other.post(f"/account/sessions/{one.person.session}/end")
    assert one.get("/api/v1/me").status_code == 200
    two.post(f"/account/sessions/{one.person.session}/end")
    assert one.get("/api/v1/me").status_code == 401
