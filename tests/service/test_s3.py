"""Blobs on a real S3 server over HTTP: what it holds, what it refuses, and what a cut line leaves behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.soak import Load, soak
from models.errors import MissingResource, NotFound
from service.s3 import ObjectBlobs
from tests.service.object_store import S3, s3_server
from tests.service.real_files import text_pdf
from tests.service.web_site import open_web

# More than one part of an upload.
LARGE = hashlib.shake_128(b"large").digest(12 << 20)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture
def blobs(s3: S3, tmp_path: Path) -> Iterator[ObjectBlobs]:
    blobs = s3.blobs(tmp_path)
    yield blobs
    s3.line.left = None
    for name in list(blobs.names()):
        blobs.remove(name)


def incoming(blobs: ObjectBlobs, content: bytes) -> tuple[Path, str]:
    file = blobs.incoming / "upload"
    file.write_bytes(content)
    return file, hashlib.sha256(content).hexdigest()


def test_bytes_come_back_and_can_be_listed_and_removed(blobs: ObjectBlobs) -> None:
    names = {blobs.put(content) for content in (b"", b"abc", b"abd")}
    assert blobs.put(b"abc") in names
    assert set(blobs.names()) == names
    assert set(blobs.names(before=datetime(2020, 1, 1, tzinfo=UTC))) == set()
    gone = hashlib.sha256(b"abc").hexdigest()
    assert (blobs.has(gone), blobs.read(gone)) == (True, b"abc")
    blobs.remove(gone)
    blobs.remove(gone)
    assert not blobs.has(gone)
    with pytest.raises(NotFound):
        blobs.read(gone)


def test_a_large_file_goes_in_parts_and_comes_back_whole(blobs: ObjectBlobs) -> None:
    file, name = incoming(blobs, LARGE)
    blobs.adopt(file, name)
    assert not file.exists()
    with blobs.as_file(name) as path:
        assert path.read_bytes() == LARGE
    assert list(blobs.incoming.iterdir()) == []


def test_a_bucket_that_is_not_there_is_named_and_nothing_counts_as_lost(s3: S3, tmp_path: Path) -> None:
    blobs = s3.blobs(tmp_path, blob_url="s3://caishen-test-none")
    file, name = incoming(blobs, b"abc")
    for use in (
        lambda: blobs.adopt(file, name),
        lambda: blobs.read(name),
        lambda: blobs.has(name),
        lambda: list(blobs.names()),
    ):
        with pytest.raises(MissingResource, match="没有 CAISHEN_BLOB_URL 所指的桶"):
            use()
    assert file.read_bytes() == b"abc"


@pytest.mark.parametrize("changes", [{"s3_secret_key": "another"}, {"s3_access_key": "another"}], ids=str)
def test_wrong_keys_are_named(s3: S3, tmp_path: Path, changes: dict[str, str]) -> None:
    blobs = s3.blobs(tmp_path, **changes)
    file, name = incoming(blobs, b"abc")
    for use in (lambda: blobs.adopt(file, name), lambda: blobs.has(name), lambda: list(blobs.names())):
        with pytest.raises(MissingResource, match="拒绝访问") as caught:
            use()
        assert "CAISHEN_S3_SECRET_KEY" in caught.value.remedy
        assert "another" not in str(caught.value)
    assert file.read_bytes() == b"abc"


def test_an_upload_that_is_cut_leaves_the_file_and_no_half_blob(s3: S3, blobs: ObjectBlobs) -> None:
    file, name = incoming(blobs, LARGE)
    s3.line.left = len(LARGE) // 2
    with pytest.raises(MissingResource, match="连不上对象存储"):
        blobs.adopt(file, name)
    assert file.read_bytes() == LARGE
    s3.line.left = None
    assert not blobs.has(name)
    blobs.adopt(file, name)
    assert blobs.read(name) == LARGE


def test_a_reading_that_is_cut_gives_nothing_and_works_again(s3: S3, blobs: ObjectBlobs) -> None:
    file, name = incoming(blobs, LARGE)
    blobs.adopt(file, name)
    s3.line.left = len(LARGE) // 2
    with pytest.raises(MissingResource, match="连不上对象存储"), blobs.as_file(name):
        pass
    with pytest.raises(MissingResource, match="连不上对象存储"):
        blobs.has(name)
    assert list(blobs.incoming.iterdir()) == []
    s3.line.left = None
    assert blobs.read(name) == LARGE


def test_a_document_goes_all_the_way_through_the_bucket(s3: S3, blobs: ObjectBlobs, tmp_path: Path) -> None:
    """Taken in, read and checked by a worker process, shown with pictures of its pages."""
    settings = s3.settings(tmp_path / "data", poll_s=0.1, heartbeat_s=0.3, dead_after_s=2.0)
    file = text_pdf(tmp_path / "澄川市水务局.pdf", "澄川市水务局")
    outcome = soak(settings, Load(documents=1, kills=0, workers=1, page_s=(0.02, 0.1)), [file])
    assert (outcome.lost, outcome.doubled, outcome.missing, outcome.documents) == (0, 0, 0, 2)
    assert not (tmp_path / "data" / "blobs").exists()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    given = settings.model_dump(include={"blob_url", "s3_endpoint", "s3_access_key", "s3_secret_key"})
    with open_web(tmp_path / "data", **given) as web:
        reader = web.session(web.user("viewer"))
        documents = reader.get("/api/v1/documents").json()["items"]
        number = next(document["id"] for document in documents if document["name"] == file.name)
        assert reader.get(f"/api/v1/documents/{number}/pages/1/picture").headers["content-type"].startswith("image/")
        assert reader.get(f"/api/v1/documents/{number}/file").content == file.read_bytes()
        assert reader.get(f"/api/v1/documents/{number}/tables").json()["items"] != []
        s3.line.left = 0
        answer = web.session(web.user("auditor")).request("PUT", "/api/v1/files/乙.pdf", content=b"%PDF-1.7 another")
        assert answer.status_code == 503
        assert "连不上对象存储" in answer.json()["detail"]
        s3.line.left = None
        assert len(reader.get("/api/v1/documents").json()["items"]) == 2
        assert list(web.site.backend.blobs.incoming.iterdir()) == []
    assert digest in set(blobs.names())
