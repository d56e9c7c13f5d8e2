"""Content-addressed bytes: what is put in is durable when the call returns, what is read is what was put in.

The name of a blob is the SHA-256 of its bytes, on a local disk as `ab/cd/abcd…`. Putting the same bytes twice is one
blob. Bytes that no longer match their name are refused, never handed out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from models.errors import BlobDamaged, NotFound, StorageFull
from service.digests import file_digest
from service.settings import Settings

NAME: Final = re.compile(r"[0-9a-f]{64}")


class Blobs(Protocol):
    """A store of blobs; local and S3 keep the same promises.

    Attributes:
        incoming: a local folder where files are written before they are adopted; on a local store on the same disk.
    """

    incoming: Path

    def adopt(self, file: Path, sha256: str) -> None:
        """Takes `file` (whose digest the caller has computed) into the store; durable on return, the file is gone.

        Raises:
            StorageFull: there is no room; the file is still there.
        """
        ...

    def put(self, content: bytes) -> str:
        """Stores bytes and returns their digest; durable on return.

        Raises:
            StorageFull: there is no room.
        """
        ...

    def read(self, sha256: str) -> bytes:
        """The bytes of a blob.

        Raises:
            NotFound: there is no such blob.
            BlobDamaged: the bytes are not those that were put in.
        """
        ...

    @contextmanager
    def as_file(self, sha256: str) -> Iterator[Path]:
        """A blob as a local file that must not be changed, checked against its digest. Raises as `read` does."""
        ...

    def has(self, sha256: str) -> bool: ...

    def remove(self, sha256: str) -> None:
        """Removes a blob; nothing happens when there is none."""
        ...

    def names(self, before: datetime | None = None) -> Iterator[str]:
        """The digests of all blobs, or of those stored before a moment, in no order."""
        ...


def open_blobs(settings: Settings) -> Blobs:
    """The store that the settings name."""
    if settings.blob_url:
        from service.s3 import ObjectBlobs, s3_store

        return ObjectBlobs(s3_store(settings), settings.root / "incoming")
    return LocalBlobs(settings.root / "blobs")


class LocalBlobs:
    """Blobs as files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self.incoming = folder / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)

    def adopt(self, file: Path, sha256: str) -> None:
        target = self._path(sha256)
        if self._is_whole(target, sha256):
            file.unlink()
            return
        try:
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.replace(target)
            # The names of the file and of the folders above it must be on the disk as well.
            for folder in (target.parent, target.parent.parent, self._folder):
                sync_path(folder)
        except OSError as error:
            raise full(self._folder, error) from error

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        if self._is_whole(self._path(sha256), sha256):
            return sha256
        try:
            handle, name = tempfile.mkstemp(dir=self.incoming)
        except OSError as error:
            raise full(self._folder, error) from error
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            self.adopt(Path(name), sha256)
        except OSError as error:
            raise full(self._folder, error) from error
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
        return sha256

    def read(self, sha256: str) -> bytes:
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise missing(sha256) from error
        return checked(content, sha256)

    @contextmanager
    def as_file(self, sha256: str) -> Iterator[Path]:
        path = self._path(sha256)
        try:
            is_whole = file_digest(path) == sha256
        except FileNotFoundError as error:
            raise missing(sha256) from error
        if not is_whole:
            raise damaged(sha256)
        yield path

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    def remove(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def names(self, before: datetime | None = None) -> Iterator[str]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            is_old = before is None or path.stat().st_mtime < before.timestamp()
            if is_old and NAME.fullmatch(path.name):
                yield path.name

    def _path(self, sha256: str) -> Path:
        if not NAME.fullmatch(sha256):
            raise missing(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    @staticmethod
    def _is_whole(path: Path, sha256: str) -> bool:
        """Whether the blob is there already; a damaged one is put in again."""
        try:
            return file_digest(path) == sha256
        except FileNotFoundError:
            return False


def sync_path(path: Path) -> None:
    """Brings a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checked(content: bytes, sha256: str) -> bytes:
    """The content, if it is what the name promises.

    Raises:
        BlobDamaged: it is not.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise damaged(sha256)
    return content


def missing(sha256: str) -> NotFound:
    """The error for a blob that is not there."""
    return NotFound(f"存储中没有内容 {sha256[:12]}…", "请运行 caishen check 检查数据是否完整")


def damaged(sha256: str) -> BlobDamaged:
    """The error for a blob whose bytes have changed."""
    return BlobDamaged(f"存储的内容 {sha256[:12]}… 已损坏", "请运行 caishen check，并从备份恢复该文件")


def full(folder: Path, error: OSError) -> StorageFull:
    """The error for a disk that takes nothing more."""
    return StorageFull(
        f"不能写入“{folder}”（{error.strerror or error}）", "请检查磁盘剩余空间和写入权限；已确认收到的文件没有丢失"
    )
