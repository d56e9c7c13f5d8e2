"""Files → pages: trusted embedded text, or pictures for the reader. All decoding happens in a limited child process.

`read_pages` streams: while the caller works on one page the child prepares the next, and no more than two pages are
ever in memory, so that 2,000 pages cost no more than two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from models.errors import DamagedInput, InputError, InputTimeout, InputTooLarge
from ocr.child import TaskFailure
from ocr.pages import (
    FailedPage,
    Fill,
    ImagePage,
    Limits,
    PageContent,
    PageSize,
    Picture,
    Rule,
    TextPage,
    failed_page,
)
from ocr.sandbox import Sandbox

__all__ = [
    "DEFAULT_LIMITS",
    "FailedPage",
    "Fill",
    "ImagePage",
    "Limits",
    "PageContent",
    "PageSize",
    "Picture",
    "Rule",
    "TextPage",
    "count_pages",
    "file_sha256",
    "inspect",
    "read_again",
    "read_pages",
    "render_page",
    "sandbox_for",
]

DEFAULT_LIMITS = Limits()
# One page is being read by the caller, one is being made.
AHEAD = 2

_PROBLEMS = {
    "timeout": "读取本页超时，已跳过",
    "memory": "读取本页所需内存超过上限，已跳过",
    "crash": "本页数据异常，导致读取程序中断，已跳过",
    "error": "本页数据已损坏，无法读取",
}
_GIVEN_UP = "前面已有多页无法读取，本页未再尝试"


def sandbox_for(limits: Limits = DEFAULT_LIMITS) -> Sandbox:
    """A child process that many documents can share, one after the other; it costs 0.3 s to start."""
    return Sandbox(limits.memory_bytes, cpu_s=limits.task_cpu_s)


def file_sha256(path: Path) -> str:
    """Digest of the bytes of a file; of a folder, of its files' digests and names in name order.

    Raises:
        DamagedInput: the file is not there or cannot be read.
    """
    try:
        if path.is_dir():
            listing = "".join(f"{file_sha256(file)} {file.name}\n" for file in sorted(path.iterdir()) if file.is_file())
            return hashlib.sha256(listing.encode()).hexdigest()
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path) from error


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS, sandbox: Sandbox | None = None) -> tuple[PageSize, ...]:
    """The sizes of all pages, without reading any.

    Raises:
        InputError: the file cannot be opened, or exceeds the limits.
    """
    with _borrowed(sandbox, limits) as child:
        return _open(path, limits, child)


def count_pages(path: Path, limits: Limits = DEFAULT_LIMITS, sandbox: Sandbox | None = None) -> int:
    """How many pages the document has; raises as `inspect` does."""
    return len(inspect(path, limits, sandbox))


def read_pages(path: Path, limits: Limits = DEFAULT_LIMITS, sandbox: Sandbox | None = None) -> Iterator[PageContent]:
    """The pages of a document in order, one at a time; the next is prepared meanwhile.

    Args:
        path: a PDF, PNG, JPEG or TIFF file, whatever its name, or a folder of page images (natural name order).
        limits: what the document may cost.
        sandbox: a child process to use and leave running; by default one is started and ended.

    Yields:
        One `TextPage`, `ImagePage` or `FailedPage` for every page. After `limits.max_failures` pages that hung or
        crashed the child the rest are `FailedPage`s untried.

    Raises:
        InputError: the file cannot be opened, exceeds the limits, or not one of its pages can be read.
    """
    with _borrowed(sandbox, limits) as child:
        sizes = _open(path, limits, child)
        failed: list[PageContent] = []
        read = 0
        for content in _stream(path, sizes, limits, child):
            # Failed pages are held back until one page could be read: a file without any is refused as a whole.
            if isinstance(content, FailedPage) and not read:
                failed.append(content)
                continue
            read += 1
            yield from failed
            failed.clear()
            yield content
        if not read:
            raise _nothing_read(path, failed)


def read_again(path: Path, indexes: Sequence[int], limits: Limits = DEFAULT_LIMITS) -> Iterator[PageContent]:
    """Some pages of a document once more, by a child of their own; those that cannot be read now are left out.

    Args:
        path: as for `read_pages`, which has read the document.
        indexes: of the pages, from 0.
        limits: as for `read_pages`.
    """
    with sandbox_for(limits) as child:
        for index in indexes:
            with suppress(InputError, TaskFailure):
                yield child.call("ocr.decode:read_page", str(path), index, limits, timeout_s=limits.page_timeout_s)


def render_page(
    path: Path,
    page_index: int,
    dpi: float,
    rotation_deg: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    sandbox: Sandbox | None = None,
) -> Picture:
    """A page's picture for people, (height, width, 3) RGB or (height, width) grey.

    Args:
        path: as for `read_pages`.
        page_index: from 0.
        dpi: lowered where the page would have more than `limits.max_render_pixels`.
        rotation_deg: `Page.rotation_deg` of the page, which is turned back by it: upright as the boxes are.
        limits: what the document may cost.
        sandbox: as for `read_pages`.

    Raises:
        InputError: the file or this page cannot be read.
    """
    with _borrowed(sandbox, limits) as child:
        _check_files(path, limits)
        try:
            picture: Picture = child.call(
                "ocr.decode:render_page",
                str(path),
                page_index,
                dpi,
                limits,
                timeout_s=limits.open_timeout_s + limits.page_timeout_s,
            )
        except TaskFailure as failure:
            raise InputTimeout(
                f"文件“{path.name}”第 {page_index + 1} 页无法生成图像（{_PROBLEMS[failure.kind]}）", "请检查该页内容"
            ) from failure
    # rot90 turns counter-clockwise: back from a clockwise turn.
    return np.ascontiguousarray(np.rot90(picture, k=rotation_deg // 90 % 4))


@contextmanager
def _borrowed(sandbox: Sandbox | None, limits: Limits) -> Iterator[Sandbox]:
    if sandbox is not None:
        try:
            yield sandbox
        finally:
            # An abandoned reading leaves answers behind that the next one must not take for its own.
            if sandbox.is_busy:
                sandbox.stop()
        return
    with sandbox_for(limits) as own:
        yield own


def _check_files(path: Path, limits: Limits) -> None:
    """What can be said before a byte is decoded."""
    try:
        if path.is_dir():
            size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
        elif path.is_file():
            size = path.stat().st_size
            if not size:
                raise DamagedInput(f"文件“{path.name}”是空文件", "请重新下载或导出该文件后再试")
        else:
            raise DamagedInput(f"找不到文件“{path}”", "请检查路径是否正确")
    except OSError as error:
        raise _unreadable(path) from error
    if size > limits.max_bytes:
        raise InputTooLarge(
            f"文件“{path.name}”大小为 {size / (1 << 20):.0f} MB，超过 {limits.max_bytes >> 20} MB 的上限",
            "请压缩或拆分后再试",
        )


def _open(path: Path, limits: Limits, child: Sandbox) -> tuple[PageSize, ...]:
    _check_files(path, limits)
    try:
        return tuple(child.call("ocr.decode:open_document", str(path), limits, timeout_s=limits.open_timeout_s))
    except TaskFailure as failure:
        if failure.kind in ("timeout", "memory"):
            raise InputTimeout(
                f"打开文件“{path.name}”所需的时间或内存超过上限", "文件结构可能异常，请用其他软件另存后再试"
            ) from failure
        raise DamagedInput(f"文件“{path.name}”已损坏，无法打开", "请重新下载或重新扫描该文件后再试") from failure


def _stream(path: Path, sizes: tuple[PageSize, ...], limits: Limits, child: Sandbox) -> Iterator[PageContent]:
    """Every page, failed ones included, with the child working one page ahead."""
    failures = 0
    submitted = 0
    for index, size in enumerate(sizes):
        if failures >= limits.max_failures:
            yield failed_page(index, size, _GIVEN_UP)
            continue
        if child.is_worn and submitted == index:
            child.stop()
        while submitted < min(index + AHEAD, len(sizes)) and not (child.is_worn and submitted > index):
            child.submit("ocr.decode:read_page", str(path), submitted, limits)
            submitted += 1
        try:
            yield child.result(limits.page_timeout_s)
        except InputError as error:
            yield failed_page(index, size, error.reason)
        except TaskFailure as failure:
            if failure.kind != "error":
                failures += 1
                submitted = index + 1
            if failure.kind == "memory":
                # A process at its limit has little left for the pages to come.
                child.stop()
            yield failed_page(index, size, _PROBLEMS[failure.kind])


def _nothing_read(path: Path, failed: list[PageContent]) -> InputError:
    reasons = {content.page.problem for content in failed}
    if reasons & {_PROBLEMS["timeout"], _PROBLEMS["memory"]}:
        return InputTimeout(
            f"读取文件“{path.name}”所需的时间或内存超过上限，没有一页能够读取", "请用其他软件另存或重新扫描后再试"
        )
    return DamagedInput(f"文件“{path.name}”的 {len(failed)} 页均无法读取", "请重新下载或重新扫描该文件后再试")


def _unreadable(path: Path) -> DamagedInput:
    return DamagedInput(f"无法读取文件“{path.name}”", "请检查文件是否存在以及是否有读取权限")
