"""A small installation for tests of the web: people of every role; documents that are done, waiting and failed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import insert
from starlette.testclient import TestClient

from models.codec import encode
from models.report import Report
from service.app import create_app
from service.auth import passwords
from service.auth.person import Person
from service.auth.roles import PERMISSIONS, ROLES, Permission, Role
from service.auth.sessions import find_session, start_session
from service.auth.tokens import make_token
from service.deps import CSRF_HEADER
from service.records import FindingFilter
from service.schema import DocumentRow, UserRow
from service.settings import Settings
from service.site import Site
from service.store import list_findings, work
from service.store.publish import publish

PASSWORD = "correct horse battery"
SAMPLE = Path(__file__).parents[2] / "service" / "sample" / "sample.pdf"


class Clock:
    """A time that only passes when told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Web:
    """The running application and what is in it."""

    client: TestClient
    site: Site
    clock: Clock
    done: int = 0
    waiting: int = 0
    failed: int = 0
    finding: int = 0

    def user(self, role: Role, name: str = "", password_hash: str = "x") -> int:
        """A new person who needs no password: tests start their sessions directly."""
        values = {"name": name or f"{role}-{hashlib.sha256(role.encode()).hexdigest()[:4]}", "role": role}
        with self.site.backend.database.write() as connection:
            made = insert(UserRow).values(
                **values, password_hash=password_hash, disabled=False, failed_logins=0, created=self.clock()
            )
            return int(connection.execute(made.returning(UserRow.id)).scalar_one())

    def session(self, user_id: int) -> Browser:
        """A signed-in browser."""
        site = self.site
        with site.backend.database.write() as connection:
            token = start_session(connection, user_id, site.lifetime, self.clock())
        person = find_session(site.backend.database, token, site.lifetime, self.clock())
        assert person is not None
        return Browser(self.client, token, person)

    def token(self, person: Person, *scopes: Permission) -> str:
        """An API token of a person."""
        with self.site.backend.database.write() as connection:
            return make_token(connection, person, "测试", scopes or PERMISSIONS, 30, self.clock())[0]


@dataclass
class Browser:
    """What a browser of one signed-in person sends."""

    client: TestClient
    token: str
    person: Person

    def request(self, method: str, path: str, **options: Any) -> Any:
        """A request from one of our pages, with the session's cookie and token."""
        headers = {
            "cookie": f"caishen={self.token}",
            "sec-fetch-site": "same-origin",
            CSRF_HEADER: self.person.csrf,
            **options.pop("headers", {}),
        }
        return self.client.request(method, path, headers=headers, follow_redirects=False, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.request("POST", path, **options)


@contextmanager
def open_web(folder: Path, **settings: Any) -> Iterator[Web]:
    """An application over an empty installation."""
    clock = Clock()
    # What a hash costs is the library's business; here it only has to be one.
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    app = create_app(Settings(data_dir=folder, disk_floor_bytes=0, **settings))
    with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as client:
        site = app.state.site
        site = app.state.site = replace(site, clock=clock)
        yield Web(client, site, clock)


def fill(web: Web, report: Report) -> None:
    """Adds a document with results, one that waits and one that cannot be read."""
    backend, now = web.site.backend, web.clock()
    original = SAMPLE.read_bytes()
    digests = [backend.blobs.put(original), "1" * 64, "2" * 64]
    rows = [
        {
            "sha256": digest,
            "name": name,
            "media": "pdf",
            "size": len(original),
            "owner": None,
            "priority": 1,
            "created": now,
        }
        for digest, name in zip(digests, ("澄川市水务局预算.pdf", "等待.pdf", "坏的.pdf"), strict=True)
    ]
    blob = backend.blobs.put(encode(report))
    with backend.database.write() as connection:
        ids = [
            connection.execute(insert(DocumentRow).values(**row).returning(DocumentRow.id)).scalar_one() for row in rows
        ]
        web.done, web.waiting, web.failed = ids
        now = web.clock()
        assert work.begin(connection, web.done, 1, now, max_crashes=3)
        assert publish(connection, web.done, 1, report, document_blob="", report_blob=blob, version="1", now=now)
        work.end_in_failure(
            connection,
            web.failed,
            1,
            state="failed",
            code="damaged",
            message="文件“坏的.pdf”已损坏，无法打开。请重新下载后再试。",
            now=now,
        )
        web.finding = list_findings(connection, FindingFilter(document=web.done)).items[0].id


def people(web: Web) -> dict[Role, Browser]:
    """One signed-in person of every role."""
    return {role: web.session(web.user(role)) for role in ROLES}
