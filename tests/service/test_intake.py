from __future__ import annotations

import hashlib
import io
import random
import shutil
import struct
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, insert, select

from models.errors import CaishenError, DamagedInput, InputTooLarge, StorageFull, UnsupportedFormat
from models.run import BULK, URGENT
from ocr.source import count_pages
from service import blobs as blobs_module
from service.backend import Backend, open_backend
from service.bundles import page_of, unpacked
from service.intake import sniff, take_in
from service.records import UploadItemRecord
from service.schema import DocumentRow, UserRow
from service.settings import Settings
from service.store import find_document, find_upload, work
from service.store.workers import present

PDF = b"%PDF-1.7 made up"


def receive(backend: Backend, content: bytes, name: str = "甲.pdf", **options: Any) -> str:
    file = backend.blobs.incoming / hashlib.sha256(name.encode() + content).hexdigest()[:12]
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return take_in(backend, file, name, sha256, len(content), options.pop("owner", None), **options)


def items(backend: Backend, upload: str) -> tuple[UploadItemRecord, ...]:
    with backend.database.read() as connection:
        return find_upload(connection, upload)[1]


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def patched(archive: bytes, offset_in_entry: int, value: bytes) -> bytes:
    """The archive with bytes of its first entry's directory record replaced."""
    at = archive.index(b"PK\x01\x02") + offset_in_entry
    return archive[:at] + value + archive[at + len(value) :]


@pytest.fixture
def local(tmp_path: Path) -> Any:
    settings = Settings(data_dir=tmp_path / "data", disk_floor_bytes=0, max_zip_members=5)
    with open_backend(settings) as backend:
        yield backend


@pytest.mark.parametrize(
    ("start", "media"),
    [
        (b"%PDF-1.4", "pdf"),
        (b"\x00" * 1000 + b"%PDF-1.4", "pdf"),
        (b" " * 1024 + b"%PDF-1.4", ""),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
        (b"PK\x03\x04", "zip"),
        (b"MZ\x90", ""),
        (b"", ""),
    ],
)
def test_types_are_known_by_their_bytes(start: bytes, media: str) -> None:
    assert sniff(start) == media


def test_a_file_becomes_a_document_once(backend: Backend) -> None:
    first = receive(backend, PDF)
    second = receive(backend, PDF, "乙.pdf")
    (one,), (two,) = items(backend, first), items(backend, second)
    assert one.document_id == two.document_id
    assert (one.duplicate, two.duplicate) == (False, True)
    assert one.document_id is not None
    with backend.database.read() as connection:
        document = find_document(connection, one.document_id)
        assert [w.id for w in work.waiting(connection, present(connection), 9)] == [one.document_id]
    assert (document.name, document.media, document.state, document.size) == ("甲.pdf", "pdf", "queued", len(PDF))
    assert backend.blobs.read(document.sha256) == PDF
    assert list(backend.blobs.incoming.iterdir()) == []


def test_the_same_bytes_at_the_same_time_are_one_document(backend: Backend) -> None:
    uploads: list[str] = []
    threads = [
        threading.Thread(target=lambda name=name: uploads.append(receive(backend, PDF, name))) for name in "甲乙丙丁"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({items(backend, upload)[0].document_id for upload in uploads}) == 1


def test_bringing_a_document_again_wakes_it(backend: Backend) -> None:
    upload = receive(backend, PDF, priority=BULK)
    document_id = items(backend, upload)[0].document_id
    assert document_id is not None
    receive(backend, PDF, priority=URGENT)
    with backend.database.write() as connection:
        assert find_document(connection, document_id).priority == URGENT
        work.cancel(connection, document_id)
    receive(backend, PDF, priority=BULK)
    with backend.database.read() as connection:
        assert find_document(connection, document_id).state == "queued"


def test_an_owner_is_kept(backend: Backend) -> None:
    with backend.database.write() as connection:
        now = present(connection)
        connection.execute(insert(UserRow).values(id=7, name="甲", password_hash="", role="auditor", created=now))
    document_id = items(backend, receive(backend, PDF, owner=7))[0].document_id
    assert document_id is not None
    with backend.database.read() as connection:
        assert find_document(connection, document_id).owner == 7


def test_other_files_are_refused(local: Backend) -> None:
    with pytest.raises(UnsupportedFormat, match="不是可以审核的文件"):
        receive(local, b"MZ\x90 program")
    with local.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one() == 0


def test_an_archive_becomes_a_batch(local: Backend) -> None:
    upload = receive(
        local,
        packed({"2026/甲.pdf": PDF, "2026/": b"", "__MACOSX/._甲.pdf": b"x", "乙.pdf": PDF, "说明.txt": b"text"}),
        "全部.zip",
    )
    found = items(local, upload)
    assert [(item.name, item.code, item.duplicate) for item in found] == [
        ("2026/甲.pdf", "", False),
        ("乙.pdf", "", True),
        ("说明.txt", "unsupported-format", False),
    ]
    assert found[0].document_id == found[1].document_id
    assert "PDF、PNG" in found[2].message
    assert list(local.blobs.incoming.iterdir()) == []


def test_names_are_read_one_by_one(local: Backend) -> None:
    gbk, utf8 = "预算/发票.pdf", "决算.pdf"
    archive = packed({"a" * len(gbk.encode("gbk")): PDF, "b" * len(utf8.encode()): PDF + b"2", "第三.pdf": PDF + b"3"})
    for plain, name in (("a" * len(gbk.encode("gbk")), gbk.encode("gbk")), ("b" * len(utf8.encode()), utf8.encode())):
        archive = archive.replace(plain.encode(), name)
    assert [item.name for item in items(local, receive(local, archive, "a.zip"))] == [gbk, utf8, "第三.pdf"]


def test_bad_members_are_refused_one_by_one(local: Backend) -> None:
    good = packed({"好.pdf": PDF})
    cases = [
        (patched(good, 8, struct.pack("<H", 0x801)), "encrypted", "加了密码"),
        (patched(good, 10, struct.pack("<H", 9)), "unsupported-format", "Deflate64"),
        (patched(good, 10, struct.pack("<H", 93)), "unsupported-format", "不支持的压缩方法"),
        (patched(good, 38, struct.pack("<L", 0o120777 << 16)), "unsupported-format", "链接"),
        (patched(good, 16, b"\x00\x00\x00\x00"), "damaged", "已损坏"),
        (packed({"/".join("abcdefghijklmnopqrstu") + ".pdf": PDF}), "too-large", "层"),
        (packed({"零.pdf": PDF + bytes(3 << 20)}), "too-large", "倍"),
        (packed({"内.zip": good}), "unsupported-format", "压缩包里的压缩包"),
    ]
    for archive, code, message in cases:
        (item,) = items(local, receive(local, archive, "a.zip"))
        assert (item.code, item.document_id) == (code, None), message
        assert message in item.message
    assert list(local.blobs.incoming.iterdir()) == []


def overlapping() -> bytes:
    """Two directory entries that lead to the same bytes."""
    archive = packed({"甲.pdf": PDF})
    start, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    entry = archive[start:end]
    closing = bytearray(archive[end:])
    struct.pack_into("<HHL", closing, 8, 2, 2, 2 * len(entry))
    return archive[:start] + entry + entry + bytes(closing)


def zip64_with_a_large_directory() -> bytes:
    """States a directory of 4 GiB in the record that large archives have."""
    record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, 1 << 32, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    closing = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return b"PK\x03\x04" + bytes(64) + record + locator + closing


@pytest.mark.parametrize(
    ("archive", "kind", "message"),
    [
        (packed({f"{n}.pdf": PDF for n in range(6)}), InputTooLarge, "超过 5 个"),
        (zip64_with_a_large_directory(), InputTooLarge, "超过 5 个"),
        (overlapping(), DamagedInput, "相互重叠"),
        (packed({"甲.pdf": PDF})[:-30], DamagedInput, "已损坏"),
    ],
    # Without names the bytes would be the name, and they hold the time.
    ids=["too many members", "directory too large", "overlapping members", "cut off"],
)
def test_bad_archives_are_refused_as_a_whole(
    local: Backend, archive: bytes, kind: type[CaishenError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        receive(local, archive, "坏.zip")
    with local.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one() == 0


def test_the_sum_of_what_comes_out_is_limited(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, disk_floor_bytes=0, max_zip_bytes=1 << 20)
    with open_backend(settings) as backend, pytest.raises(InputTooLarge, match="超过 1 MB"):
        receive(backend, packed({f"{n}.pdf": PDF + bytes(600_000) for n in range(2)}), "大.zip")


def test_an_archive_that_does_not_fit_is_refused_before_it_is_unpacked(
    local: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(StorageFull, match="磁盘空间不足"):
        receive(local, packed({"甲.pdf": PDF}), "a.zip")


def test_a_full_disk_takes_nothing_in_and_the_next_try_does(local: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(blobs_module.os, "fsync", refuse)
        for content, name in ((PDF, "甲.pdf"), (packed({"甲.pdf": PDF}), "a.zip")):
            with pytest.raises(StorageFull):
                receive(local, content, name)
    with local.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one() == 0
    assert items(local, receive(local, PDF))[0].duplicate is False


def png(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (40, 60), shade).save(stream, "PNG")
    return stream.getvalue()


def tiff(*shades: int) -> bytes:
    first, *others = (Image.new("L", (40, 60), shade) for shade in shades)
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=others)
    return stream.getvalue()


def test_a_folder_of_page_images_is_one_document_in_name_order(local: Backend) -> None:
    pages = {"扫描/第10页.png": png(10), "扫描/第2页.tif": tiff(2), "扫描/第1页.png": png(1)}
    others = {"其他/说明.txt": b"text", "其他/表.pdf": PDF}
    (scan, note, table) = items(local, receive(local, packed({**pages, **others}), "澄川.zip"))
    assert (scan.name, note.code, table.name) == ("扫描", "unsupported-format", "其他/表.pdf")
    with local.database.read() as connection:
        document = find_document(connection, scan.document_id or 0)
    assert (document.media, document.name) == ("images", "扫描")
    with local.blobs.as_file(document.sha256) as file:
        with unpacked(file, document.media) as folder:
            assert [page.name for page in sorted(folder.iterdir())] == ["00001.png", "00002.tif", "00003.png"]
            assert count_pages(folder) == 3
        with page_of(file, document.media, 2) as (path, index):
            assert (path.read_bytes(), index) == (png(10), 0)
    # The same pages under other names, and those that were downloaded as they are kept, are the same document.
    renamed = {"a1.png": png(1), "a2.tif": tiff(2), "a3.png": png(10)}
    for content in (packed(renamed), local.blobs.read(document.sha256)):
        (same,) = items(local, receive(local, content, "别的.zip"))
        assert (same.document_id, same.duplicate, same.name) == (scan.document_id, True, "别的")


@pytest.mark.parametrize(
    "files",
    [
        {"1.png": png(1), "2.pdf": PDF},
        {"1.png": png(1), "2.tif": tiff(2, 3)},
        {"1.png": png(1), "a/2.png": png(2)},
        {"1.png": png(1), "2.zip": packed({"a": b"b"})},
    ],
)
def test_images_beside_other_documents_stay_documents_of_their_own(local: Backend, files: dict[str, bytes]) -> None:
    taken = items(local, receive(local, packed(files), "澄川.zip"))
    assert [one.name for one in taken] == list(files)


def test_a_folder_whose_pages_cannot_all_be_unpacked_is_refused(local: Backend) -> None:
    stream = io.BytesIO()
    Image.frombytes("L", (90, 90), random.Random(1).randbytes(8100)).save(stream, "PNG")
    archive = packed({"a/1.png": png(1), "a/2.png": stream.getvalue()}, zipfile.ZIP_STORED)
    at = archive.index(stream.getvalue()) + 8000
    broken = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    (one,) = items(local, receive(local, broken, "澄川.zip"))
    assert (one.name, one.document_id, one.code) == ("a", None, "damaged")
    assert list(local.blobs.incoming.iterdir()) == []
