"""Which documents the arguments of a command mean, and where the result of each goes."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from models.errors import DamagedInput, InputError, SettingsError
from service.digests import file_digest

_SNIFFED_BYTES: Final = 1024
_SUFFIXES: Final = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}
_IMAGE_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_IMAGE_SUFFIXES: Final = _SUFFIXES - {".pdf"}
_FORBIDDEN_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Job:
    """One document to audit.

    Attributes:
        source: a file, or a folder of page images.
        target: the folder for its result.
    """

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An argument that leads to no document."""

    source: Path
    error: InputError


def find_documents(inputs: Iterable[Path], *, separate: bool, leave_out: Path) -> Iterator[Path | Unreadable]:
    """Files and folders of page images that `inputs` mean, each once, in the order given and then by natural name.

    Args:
        inputs: files are taken as they are; folders are searched, hidden files and folders passed over.
        separate: every image is a document of its own.
        leave_out: the folder for results; not searched.
    """
    seen: set[Path] = set()
    for source in inputs:
        if not source.exists():
            yield Unreadable(source, InputError(f"找不到“{source}”", "请检查路径和文件名"))
            continue
        try:
            found = list(_documents_in(source, separate, leave_out.resolve())) if source.is_dir() else [source]
        except OSError as error:
            reason = f"不能读取文件夹“{error.filename or source}”（{error.strerror or error}）"
            yield Unreadable(source, InputError(reason, "请检查读取权限"))
            continue
        if not found:
            remedy = "请确认其中有 PDF、PNG、JPEG 或 TIFF 文件"
            yield Unreadable(source, InputError(f"文件夹“{source}”里没有可以审核的文件", remedy))
        for document in found:
            if document.resolve() not in seen:
                seen.add(document.resolve())
                # A folder given as `.` has no name of its own.
                yield document if document.name else document.resolve()


def plan(sources: Iterable[Path], out: Path) -> list[Job | Unreadable]:
    """Gives every document its folder `out/<file stem>`, with a short hash where two would have the same.

    A document that is met twice, with the same name and the same bytes, is audited once.

    Raises:
        SettingsError: `out` is a file.
    """
    if out.exists() and not out.is_dir():
        raise SettingsError(f"输出位置“{out}”是一个文件", "请用 --out 指定一个文件夹")
    documents = list(sources)
    names = [_folder_name(source) for source in documents]
    counts = Counter(name.casefold() for name in names)
    jobs: list[Job | Unreadable] = []
    taken: set[Path] = set()
    for source, name in zip(documents, names, strict=True):
        target = out / name
        if counts[name.casefold()] > 1:
            try:
                target = out / f"{name}-{_digest(source)[:8]}"
            except OSError as error:
                reason = f"不能读取“{source}”（{error.strerror or error}）"
                jobs.append(Unreadable(source, DamagedInput(reason, "请检查读取权限")))
                continue
        if target not in taken:
            taken.add(target)
            jobs.append(Job(source, target))
    return jobs


def natural_order(path: PurePath) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which `page-2` comes before `page-10`."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return tuple((1, int(part), "") if part.isdecimal() else (2, 0, part) for part in parts if part)


def _documents_in(folder: Path, separate: bool, leave_out: Path) -> Iterator[Path]:
    if folder.resolve() == leave_out:
        return
    entries = sorted((entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=natural_order)
    files = [entry for entry in entries if entry.is_file() and _is_document(entry)]
    if not separate and files and all(_is_page_image(file) for file in files):
        yield folder
    else:
        yield from files
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _documents_in(entry, separate, leave_out)


def _is_document(file: Path) -> bool:
    """By the first bytes; what is only named like a document counts too, to be reported and not passed over."""
    start = _start(file)
    return b"%PDF-" in start or start.startswith(_IMAGE_STARTS) or file.suffix.lower() in _SUFFIXES


def _is_page_image(file: Path) -> bool:
    """Whether the file is one picture; a TIFF of several pages is a document of its own."""
    start = _start(file)
    if b"%PDF-" in start or not (start.startswith(_IMAGE_STARTS) or file.suffix.lower() in _IMAGE_SUFFIXES):
        return False
    if not start.startswith((b"II*\x00", b"MM\x00*")):
        return True
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file) as image:
            return getattr(image, "n_frames", 1) == 1
    except (OSError, UnidentifiedImageError, ValueError):
        return True


def _start(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_SNIFFED_BYTES)
    except OSError:
        return b""


def _folder_name(source: Path) -> str:
    resolved = source.resolve()
    name = resolved.name if resolved.is_dir() else resolved.stem
    # Windows allows neither these characters nor a dot or a blank at the end; a leading dot would hide the result.
    return _FORBIDDEN_IN_NAMES.sub("_", name).strip(" .")[:120] or "document"


def _digest(source: Path) -> str:
    if source.is_file():
        return file_digest(source)
    parts = [_digest(file) for file in sorted(source.iterdir(), key=natural_order) if file.is_file()]
    return hashlib.sha256("".join(parts).encode()).hexdigest()
