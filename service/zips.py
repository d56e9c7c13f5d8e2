"""ZIP archives that anyone may have made: what they say of themselves is checked before a byte is unpacked.

Names are only labels; nothing is ever written under them. `zipfile` never yields more bytes of a member than the
member declares, so that declared sizes are limits that hold.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from models.errors import (
    CaishenError,
    DamagedInput,
    EncryptedInput,
    InputError,
    InputTooLarge,
    UnsupportedFormat,
)
from service.settings import Settings

# Bytes of the central directory that one member may take: 46 and its name, extra fields and comment.
_ENTRY_BYTES: Final = 1024
# A small file may be nearly all blanks; a bomb is large.
_RATIO_FROM_BYTES: Final = 1 << 20
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_DEFLATE64: Final = 9
# Of the head of a member, without its name.
_HEADER_BYTES: Final = 30
_ENCRYPTED: Final = 0x1
_UTF8: Final = 0x800
# Left by file managers; nobody means to upload them.
_CLUTTER: Final = (".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes:
        name: with its folders, as the one who packed it saw it.
        size: unpacked, in bytes.
        refusal: why it cannot be taken; None when it can be unpacked.
        open: its bytes; raises what `member_errors` names.
    """

    name: str
    size: int
    refusal: InputError | None
    open: Callable[[], IO[bytes]]


@contextmanager
def open_zip(path: Path, name: str, settings: Settings) -> Iterator[tuple[Member, ...]]:
    """The files of an archive, in its order; folders and the clutter of file managers are left out.

    Args:
        path: of the archive.
        name: as its owner calls it, for messages.
        settings: give the limits.

    Raises:
        InputTooLarge: too many files, or too many bytes unpacked.
        DamagedInput: no archive, or one whose files overlap.
    """
    most = settings.max_zip_members
    if _directory_bytes(path) > most * _ENTRY_BYTES:
        raise _too_many(name, most)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise DamagedInput(f"压缩包“{name}”已损坏，无法打开", "请重新打包后再上传") from error
    with archive:
        infos = archive.infolist()
        if len(infos) > most:
            raise _too_many(name, most)
        if sum(info.file_size for info in infos) > settings.max_zip_bytes:
            limit = settings.max_zip_bytes >> 20
            raise InputTooLarge(f"压缩包“{name}”解压后超过 {limit} MB 的上限", "请分成几个压缩包上传")
        _refuse_overlap(infos, name)
        yield tuple(
            Member(label, info.file_size, _refusal(info, label, settings), _opener(archive, info))
            for info, label in ((info, member_name(info)) for info in infos)
            if not info.is_dir() and not _is_clutter(label)
        )


@contextmanager
def member_errors(name: str) -> Iterator[None]:
    """Errors of unpacking one member as `DamagedInput`."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DamagedInput(f"压缩包里的“{name}”已损坏，无法解压", "请重新打包该文件后再上传") from error


def member_name(info: zipfile.ZipInfo) -> str:
    """The name as it was packed: UTF-8 where the archive says so or the bytes are, else GB 18030.

    Archives made by Windows in Chinese carry GBK names without saying so; `zipfile` shows them as code page 437. One
    setting for the whole archive would garble those packed elsewhere, so each name is judged by itself.
    """
    if info.flag_bits & _UTF8:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _refusal(info: zipfile.ZipInfo, name: str, settings: Settings) -> InputError | None:
    if info.flag_bits & _ENCRYPTED:
        return EncryptedInput(f"压缩包里的“{name}”加了密码", "请去掉密码后重新打包")
    if stat.S_ISLNK(info.external_attr >> 16):
        return UnsupportedFormat(f"压缩包里的“{name}”是链接，不是文件", "请放入文件本身后重新打包")
    if info.compress_type == _DEFLATE64:
        return UnsupportedFormat(
            f"压缩包里的“{name}”用了 Deflate64 压缩（Windows 自带的压缩功能对大文件会这样做）",
            "请用其他压缩软件重新打包，或解压后直接上传该文件",
        )
    if info.compress_type not in _METHODS:
        return UnsupportedFormat(f"压缩包里的“{name}”用了不支持的压缩方法", "请用普通 ZIP 格式重新打包")
    if name.count("/") > settings.max_zip_depth:
        reason = f"压缩包里的“{name[-80:]}”所在文件夹超过 {settings.max_zip_depth} 层"
        return InputTooLarge(reason, "请减少文件夹层数后重新打包")
    if info.file_size > settings.max_upload_bytes:
        reason = f"压缩包里的“{name}”超过 {settings.max_upload_bytes >> 20} MB 的上限"
        return InputTooLarge(reason, "请压缩或拆分该文件")
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > _RATIO_FROM_BYTES and ratio > settings.max_zip_ratio:
        return InputTooLarge(f"压缩包里的“{name}”解压后是原来的 {ratio:.0f} 倍，不像正常文件", "请解压后直接上传该文件")
    return None


def _refuse_overlap(infos: list[zipfile.ZipInfo], name: str) -> None:
    """Members that share bytes can unpack to far more than any ratio of a single one shows."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise DamagedInput(f"压缩包“{name}”里的文件相互重叠，不是正常的压缩包", "请重新打包后再上传")
        end = info.header_offset + _HEADER_BYTES + info.compress_size


def _directory_bytes(path: Path) -> int:
    """Size of the list of members as the archive states it; 0 when there is none.

    `zipfile` builds an object of every entry before anything can be asked of it.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - (1 << 16) - 22 - 76))
        tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return 0
    (stated,) = struct.unpack_from("<L", tail, end + 12)
    # ZIP64: the true size stands in a record of 56 bytes before its locator of 20.
    if tail[max(0, end - 20) : end].startswith(b"PK\x06\x07") and tail[max(0, end - 76) :].startswith(b"PK\x06\x06"):
        (stated,) = struct.unpack_from("<Q", tail, end - 76 + 40)
    return int(stated)


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _is_clutter(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or last in _CLUTTER or last.startswith("._")


def _too_many(name: str, most: int) -> CaishenError:
    return InputTooLarge(f"压缩包“{name}”里的文件超过 {most} 个", "请分成几个压缩包上传")
