from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore

from models.errors import BlobDamaged, NotFound, StorageFull
from service.blobs import Blobs, LocalBlobs
from service.s3 import ObjectBlobs


@pytest.fixture
def local(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture(params=["local", "object store"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "local":
        return LocalBlobs(tmp_path / "blobs")
    return ObjectBlobs(MemoryStore(), tmp_path / "incoming")


def test_bytes_come_back_under_their_digest(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    assert name == hashlib.sha256(b"abc").hexdigest()
    assert blobs.put(b"abc") == name
    assert blobs.read(name) == b"abc"
    with blobs.as_file(name) as path:
        assert path.read_bytes() == b"abc"
    assert list(blobs.names()) == [name]
    assert list(blobs.names(before=datetime(2026, 1, 1, tzinfo=UTC))) == []
    assert list(blobs.incoming.iterdir()) == []


def test_a_file_moves_into_the_store(blobs: Blobs) -> None:
    for _ in range(2):
        file = blobs.incoming / "x"
        file.write_bytes(b"abc")
        blobs.adopt(file, hashlib.sha256(b"abc").hexdigest())
        assert not file.exists()
    assert blobs.read(hashlib.sha256(b"abc").hexdigest()) == b"abc"


def test_changed_bytes_are_refused_and_put_in_again(local: LocalBlobs, tmp_path: Path) -> None:
    name = local.put(b"abc")
    path = tmp_path / "blobs" / name[:2] / name[2:4] / name
    path.write_bytes(b"abd")
    with pytest.raises(BlobDamaged, match="已损坏"):
        local.read(name)
    with pytest.raises(BlobDamaged), local.as_file(name):
        pass
    local.put(b"abc")
    assert local.read(name) == b"abc"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", ""])
def test_what_is_not_there_is_not_found(blobs: Blobs, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.read(name)
    with pytest.raises(NotFound), blobs.as_file(name):
        pass


def test_a_removed_blob_is_gone(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    blobs.remove(name)
    blobs.remove(name)
    assert not blobs.has(name)


def test_a_full_disk_is_named_and_leaves_nothing(local: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("service.blobs.os.fsync", refuse)
        with pytest.raises(StorageFull, match="No space left"):
            local.put(b"abc")
    assert list(local.names()) == []
    assert list(local.incoming.iterdir()) == []


def test_an_object_that_was_changed_is_refused(tmp_path: Path) -> None:
    store = MemoryStore()
    blobs = ObjectBlobs(store, tmp_path)
    name = blobs.put(b"abc")
    obstore.put(store, f"{name[:2]}/{name[2:4]}/{name}", b"abd")
    with pytest.raises(BlobDamaged):
        blobs.read(name)
    with pytest.raises(BlobDamaged), blobs.as_file(name):
        pass
