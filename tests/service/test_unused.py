from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.errors import InConflict, NotFound
from service.audit import open_audit_log
from service.auth.person import Person
from service.backend import Backend
from service.deletion import delete_document
from service.intake import take_in
from service.schema import DocumentRow
from service.store import find_upload
from service.unused import remove_unused

PDF = b"%PDF-1.7 made up"
SHA256 = hashlib.sha256(PDF).hexdigest()
LEAD = Person(1, "组长", "lead")


def receive(backend: Backend, times: str = "") -> int:
    file = backend.blobs.incoming / f"received{times}"
    file.write_bytes(PDF)
    upload = take_in(backend, file, "甲.pdf", SHA256, len(PDF), None)
    with backend.database.read() as connection:
        (item,) = find_upload(connection, upload)[1]
    assert item.document_id is not None
    return item.document_id


def test_an_upload_whose_bytes_go_with_a_deleted_document_is_not_acknowledged(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def adopt(file: Path, sha256: str) -> None:
        """The bytes are there, and gone before the rows are written."""
        file.unlink()

    monkeypatch.setattr(backend.blobs, "adopt", adopt)
    with pytest.raises(InConflict, match="没有收下"):
        receive(backend)
    with backend.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one() == 0


def test_bytes_that_are_needed_again_stay(backend: Backend) -> None:
    receive(backend)
    other = backend.blobs.put(b"left over")
    remove_unused(backend, [SHA256, other])
    assert backend.blobs.has(SHA256)
    assert not backend.blobs.has(other)


def test_uploads_and_deletions_of_the_same_bytes_lose_nothing(backend: Backend) -> None:
    log = open_audit_log(backend.settings)
    ids: list[int] = []
    is_over = threading.Event()

    def delete_all() -> None:
        while not is_over.is_set():
            for document_id in list(ids):
                try:
                    delete_document(backend, log, LEAD, document_id)
                except NotFound:
                    ids.remove(document_id)

    deleter = threading.Thread(target=delete_all)
    deleter.start()
    try:
        for number in range(30):
            try:
                ids.append(receive(backend, str(number)))
            except InConflict:
                continue
    finally:
        is_over.set()
        deleter.join()
    with backend.database.read() as connection:
        kept = connection.execute(select(DocumentRow.sha256)).scalars().all()
    assert all(backend.blobs.has(sha256) for sha256 in kept)
    # With the last one deleted nothing is left behind either.
    if not kept:
        assert not backend.blobs.has(SHA256)
