"""Takes in the bytes of an upload as they arrive: counted, hashed, and cut at the limit."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from models.errors import DamagedInput, InputTooLarge, StorageFull

_CHECK_EVERY: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """A complete upload.

    Attributes:
        path: of the file among the incoming ones.
        sha256, size: of its bytes.
    """

    path: Path
    sha256: str
    size: int


class Receiver:
    """One file on its way in; a context manager that removes what was not taken over.

    Args:
        folder: on the disk of the blobs.
        name: as its owner calls it, for messages.
        max_bytes: the limit on one file.
        floor_bytes: space that must stay free.
        declared: size that the sender announces; None when unknown.

    Raises:
        InputTooLarge: more than the limit is announced.
        StorageFull: too little space is left.
    """

    def __init__(self, folder: Path, name: str, *, max_bytes: int, floor_bytes: int, declared: int | None) -> None:
        self._folder: Final = folder
        self._name: Final = name
        self._max_bytes: Final = max_bytes
        self._floor_bytes: Final = floor_bytes
        if declared is not None and declared > max_bytes:
            raise self._too_large()
        self._require_space(declared or 0)
        self._digest = hashlib.sha256()
        self._size = 0
        self._checked = 0
        self._file: IO[bytes]
        self._path: Path

    def __enter__(self) -> Receiver:
        try:
            handle, path = tempfile.mkstemp(dir=self._folder)
        except OSError as error:
            raise _full(error) from error
        self._file, self._path = os.fdopen(handle, "wb"), Path(path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Takes the next bytes.

        Raises:
            InputTooLarge: the limit is reached.
            StorageFull: the disk is full.
        """
        self._size += len(data)
        if self._size > self._max_bytes:
            raise self._too_large()
        if self._size - self._checked > _CHECK_EVERY:
            self._checked = self._size
            self._require_space(0)
        self._digest.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise _full(error) from error

    def complete(self) -> Received:
        """Everything has arrived.

        Raises:
            DamagedInput: nothing has.
            StorageFull: the disk is full.
        """
        if not self._size:
            raise DamagedInput(f"“{self._name}”是空文件", "请重新下载或导出该文件后再上传")
        try:
            self._file.flush()
        except OSError as error:
            raise _full(error) from error
        return Received(self._path, self._digest.hexdigest(), self._size)

    def _require_space(self, more: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < self._floor_bytes + more:
            raise StorageFull("服务器的磁盘空间不足，暂不接收上传", "请联系管理员腾出空间；文件没有收下，请稍后重传")

    def _too_large(self) -> InputTooLarge:
        return InputTooLarge(f"“{self._name}”超过 {self._max_bytes >> 20} MB 的上限", "请压缩或拆分后再上传")


def _full(error: OSError) -> StorageFull:
    return StorageFull(
        f"服务器不能写入上传的文件（{error.strerror or error}）", "请联系管理员；文件没有收下，请稍后重传"
    )
