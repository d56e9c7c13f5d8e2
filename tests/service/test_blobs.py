from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.errors import BlobDamaged, NotFound, StorageFull
from service.blobs import LocalBlobs


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


def test_bytes_come_back_under_their_digest(blobs: LocalBlobs) -> None:
    name = blobs.put(b"abc")
    assert name == hashlib.sha256(b"abc").hexdigest()
    assert blobs.put(b"abc") == name
    assert blobs.read(name) == b"abc"
    with blobs.as_file(name) as path:
        assert path.read_bytes() == b"abc"
    assert list(blobs.names()) == [name]
    assert list(blobs.incoming.iterdir()) == []


def test_a_file_moves_into_the_store(blobs: LocalBlobs) -> None:
    for _ in range(2):
        file = blobs.incoming / "x"
        file.write_bytes(b"abc")
        blobs.adopt(file, hashlib.sha256(b"abc").hexdigest())
        assert not file.exists()
    assert blobs.read(hashlib.sha256(b"abc").hexdigest()) == b"abc"


def test_changed_bytes_are_refused_and_put_in_again(blobs: LocalBlobs, tmp_path: Path) -> None:
    name = blobs.put(b"abc")
    path = tmp_path / "blobs" / name[:2] / name[2:4] / name
    path.write_bytes(b"abd")
    with pytest.raises(BlobDamaged, match="已损坏"):
        blobs.read(name)
    with pytest.raises(BlobDamaged), blobs.as_file(name):
        pass
    blobs.put(b"abc")
    assert blobs.read(name) == b"abc"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", ""])
def test_what_is_not_there_is_not_found(blobs: LocalBlobs, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.read(name)
    with pytest.raises(NotFound), blobs.as_file(name):
        pass


def test_a_removed_blob_is_gone(blobs: LocalBlobs) -> None:
    name = blobs.put(b"abc")
    blobs.remove(name)
    blobs.remove(name)
    assert not blobs.has(name)


def test_a_full_disk_is_named_and_leaves_nothing(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("service.blobs.os.fsync", refuse)
        with pytest.raises(StorageFull, match="No space left"):
            blobs.put(b"abc")
    assert list(blobs.names()) == []
    assert list(blobs.incoming.iterdir()) == []
