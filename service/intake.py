"""A received file becomes one document, an archive a batch of them; on return bytes and rows are on the disk."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from models.errors import CaishenError, InConflict, InputError, InputTooLarge, StorageFull, UnsupportedFormat
from models.run import URGENT
from service.backend import Backend
from service.blobs import full
from service.bundles import MEDIA, SUFFIX, is_one_page, write_bundle
from service.digests import file_digest
from service.inputs import natural_order
from service.store import work
from service.store.workers import present
from service.unused import hold_blobs
from service.zips import Member, member_errors, open_zip

SNIFFED_BYTES: Final = 1024
_CHUNK: Final = 1 << 20
_STARTS: Final[tuple[tuple[str, tuple[bytes, ...]], ...]] = (
    ("png", (b"\x89PNG\r\n\x1a\n",)),
    ("jpeg", (b"\xff\xd8\xff",)),
    ("tiff", (b"II*\x00", b"MM\x00*")),
    ("zip", (b"PK\x03\x04", b"PK\x05\x06")),
)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file whose bytes are in the blob store."""

    name: str
    media: str
    sha256: str
    size: int


def sniff(start: bytes) -> str:
    """`pdf`, `png`, `jpeg`, `tiff` or `zip` by the first 1,024 bytes; empty for anything else.

    Our own list: libraries take any ZIP for an office document or refuse a PDF with leading bytes, which readers
    accept within the first 1,024.
    """
    for media, starts in _STARTS:
        if start.startswith(starts):
            return media
    return "pdf" if b"%PDF-" in start[:SNIFFED_BYTES] else ""


def take_in(
    backend: Backend, path: Path, name: str, sha256: str, size: int, owner: int | None, *, priority: int = URGENT
) -> str:
    """Takes a received file into the installation and asks for it to be processed.

    Bytes that are known already are not stored or processed again: the upload leads to the document there is. A file
    whose content turns out to be unreadable is taken in; its document says so.

    Args:
        backend: opened installation.
        path: of the file, in `Blobs.incoming`; gone afterwards when it is a document itself.
        name: as its owner calls it.
        sha256: of its bytes.
        size: in bytes.
        owner: user id; None for the command line.
        priority: `models.run.URGENT` or `BULK`.

    Returns:
        The upload's id. Of an archive each file is taken in or refused by itself; a folder that holds page images only
        is one document.

    Raises:
        UnsupportedFormat: neither a document nor an archive.
        InputTooLarge, DamagedInput: the archive as a whole is refused.
        StorageFull, DatabaseUnavailable, InConflict: nothing was taken in.
    """
    with path.open("rb") as stream:
        media = sniff(stream.read(SNIFFED_BYTES))
    if not media:
        raise _unsupported(name)
    if media == "zip":
        items = _take_archive(backend, path, name)
        path.unlink(missing_ok=True)
    else:
        backend.blobs.adopt(path, sha256)
        items = [_Taken(name, media, sha256, size)]
    kind = "zip" if media == "zip" else "file"
    return _record(
        backend, {"name": name, "kind": kind, "sha256": sha256, "size": size, "owner": owner}, items, priority
    )


def _take_archive(backend: Backend, path: Path, name: str) -> list[_Taken | tuple[str, InputError]]:
    settings = backend.settings
    with open_zip(path, name, settings) as members:
        needed = sum(member.size for member in members if member.refusal is None)
        if shutil.disk_usage(backend.blobs.incoming).free < settings.disk_floor_bytes + needed:
            raise StorageFull(
                "服务器的磁盘空间不足，放不下解压后的文件", "请联系管理员腾出空间；文件没有收下，请稍后重传"
            )
        folders = _folders_of_pages(members)
        taken = [_take_folder(backend, folder or Path(name).stem, folders[folder]) for folder in folders]
        pages = {id(member) for folder in folders.values() for member, _ in folder}
        return taken + [_take_member(backend, member) for member in members if id(member) not in pages]


def _folders_of_pages(members: Sequence[Member]) -> dict[str, list[tuple[Member, str]]]:
    """Folders of an archive whose documents are page images only, two at least, with these (and media) in name order.

    As `caishen audit` takes a folder. Where anything of a folder is refused, its images stay documents of their own:
    what is missing among the pages of one document would be noticed by nobody.
    """
    found: dict[str, list[tuple[Member, str]]] = {}
    others: set[str] = set()
    for member in members:
        folder = member.name.rpartition("/")[0]
        media = _page_media(member)
        if media:
            found.setdefault(folder, []).append((member, media))
        elif media is None:
            others.add(folder)
    for pages in found.values():
        pages.sort(key=lambda page: natural_order(PurePosixPath(page[0].name)))
    return {folder: pages for folder, pages in found.items() if folder not in others and len(pages) > 1}


def _page_media(member: Member) -> str | None:
    """The media of a page image; empty for what is no document at all; None for any other document, or a refusal."""
    if member.refusal is not None:
        return None
    try:
        with member_errors(member.name):
            with member.open() as source:
                media = sniff(source.read(SNIFFED_BYTES))
            if media in SUFFIX:
                with member.open() as source:
                    return media if is_one_page(source) else None
    except InputError:
        return None
    return None if media else ""


def _take_folder(backend: Backend, name: str, pages: Sequence[tuple[Member, str]]) -> _Taken | tuple[str, InputError]:
    most = backend.settings.max_upload_bytes
    if sum(member.size for member, _ in pages) > most:
        reason = f"压缩包里的文件夹“{name}”中的页面图片合计超过 {most >> 20} MB 的上限"
        return name, InputTooLarge(reason, "请分成几个文件夹，或压缩图片")
    try:
        with tempfile.NamedTemporaryFile(dir=backend.blobs.incoming, delete=False) as file:
            target = Path(file.name)
            with member_errors(name):
                write_bundle(file, [(media, member.size, member.open) for member, media in pages])
            size = file.tell()
        sha256 = file_digest(target)
        backend.blobs.adopt(target, sha256)
    except InputError as error:
        return name, error
    except OSError as error:
        raise full(backend.blobs.incoming, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
    return _Taken(name, MEDIA, sha256, size)


def _take_member(backend: Backend, member: Member) -> _Taken | tuple[str, InputError]:
    if member.refusal is not None:
        return member.name, member.refusal
    try:
        return _unpack(backend, member)
    except InputError as error:
        return member.name, error


def _unpack(backend: Backend, member: Member) -> _Taken:
    digest = hashlib.sha256()
    try:
        with tempfile.NamedTemporaryFile(dir=backend.blobs.incoming, delete=False) as file:
            target = Path(file.name)
            with member_errors(member.name), member.open() as source:
                start = source.read(SNIFFED_BYTES)
                media = sniff(start)
                if media == "zip":
                    raise UnsupportedFormat(
                        f"“{member.name}”是压缩包里的压缩包，没有展开", "请解压后把其中的文件直接打包"
                    )
                if not media:
                    raise _unsupported(member.name)
                chunk = start
                while chunk:
                    digest.update(chunk)
                    file.write(chunk)
                    chunk = source.read(_CHUNK)
            size = file.tell()
        backend.blobs.adopt(target, digest.hexdigest())
    except OSError as error:
        raise full(backend.blobs.incoming, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
    return _Taken(member.name, media, digest.hexdigest(), size)


def _record(
    backend: Backend, upload: dict[str, Any], items: Sequence[_Taken | tuple[str, InputError]], priority: int
) -> str:
    """Rows of the upload, its files, and the documents that are new; their jobs are these rows."""
    upload_id = secrets.token_hex(16)
    taken = {item.sha256: item for item in items if isinstance(item, _Taken)}
    with backend.database.write() as connection:
        hold_blobs(connection)
        _check_stored(backend, taken.values())
        now = present(connection)
        rows = [
            {
                "sha256": item.sha256,
                "name": item.name,
                "media": item.media,
                "size": item.size,
                "owner": upload["owner"],
                "priority": priority,
                "created": now,
            }
            for item in taken.values()
        ]
        ids, new = work.add_new_documents(connection, rows)
        work.wake(connection, [ids[sha256] for sha256 in taken if sha256 not in new], priority=priority)
        seen: set[str] = set()
        values = []
        for position, item in enumerate(items):
            if isinstance(item, _Taken):
                is_known = item.sha256 not in new or item.sha256 in seen
                seen.add(item.sha256)
                told = {"document_id": ids[item.sha256], "duplicate": is_known, "code": "", "message": ""}
                values.append({"position": position, "name": item.name, **told})
            else:
                member, error = item
                told = {"document_id": None, "duplicate": False, "code": error.code, "message": str(error)}
                values.append({"position": position, "name": member, **told})
        work.add_upload(connection, {"id": upload_id, "created": now, **upload}, values)
    return upload_id


def _check_stored(backend: Backend, taken: Iterable[_Taken]) -> None:
    """Bytes that were stored already may have gone since, with the document that had them."""
    for item in taken:
        if not backend.blobs.has(item.sha256):
            raise InConflict(f"“{item.name}”和刚刚被删除的一份文件内容相同，没有收下", "请重新上传")


def _unsupported(name: str) -> CaishenError:
    return UnsupportedFormat(
        f"“{name}”不是可以审核的文件（按内容判断，与文件名无关）", "请上传 PDF、PNG、JPEG、TIFF 或 ZIP 文件"
    )
