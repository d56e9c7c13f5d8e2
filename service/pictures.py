"""Pictures of pages for the web: drawn once in a limited child process, kept as files, found by what they show."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.errors import BlobDamaged, CaishenError, InputTimeout, NotFound
from service.blobs import Blobs
from service.bundles import page_of

if TYPE_CHECKING:
    from ocr.sandbox import Sandbox
    from service.records import DocumentRecord, PageRecord

DPI_STEPS: Final = (60, 120, 200)
"""Resolutions that are drawn; what is asked for is rounded up, so that the store does not fill with near duplicates."""
_TIMEOUT_S: Final = 60.0
_CLEANING_TIMEOUT_S: Final = 120.0
# The restoring network and its runtime reserve far more address space than they use.
_CLEANING_MEMORY_BYTES: Final = 12 << 30
# Loading the network takes many times as long as a page; whoever looks at one cleaned page looks at the next.
_WARM_S: Final = 300.0
_KEPT_BYTES: Final = 2 << 30
_PRUNE_EVERY: Final = 200


class Pictures:
    """A store of page pictures over the originals.

    Args:
        blobs: the originals.
        folder: for the pictures; may be emptied at any time.
        kept_bytes: above this the pictures used longest ago are removed.
    """

    def __init__(self, blobs: Blobs, folder: Path, *, kept_bytes: int = _KEPT_BYTES) -> None:
        self._blobs: Final = blobs
        self._folder: Final = folder
        self._kept_bytes: Final = kept_bytes
        # One caller at a time for each child; more children would take more memory than pictures are worth.
        self._drawing: Final = threading.Lock()
        self._cleaning: Final = threading.Lock()
        self._child: Sandbox | None = None
        self._cleaner: Sandbox | None = None
        self._idle: threading.Timer | None = None
        self._made = 0

    def of_page(self, document: DocumentRecord, page: PageRecord, dpi: int) -> bytes:
        """The upright page as WebP.

        Raises:
            InputError: the page cannot be drawn.
        """
        step = next((step for step in DPI_STEPS if step >= dpi), DPI_STEPS[-1])
        name = f"{document.sha256}-{page.index}-{page.rotation_deg}-{step}.webp"
        return self._kept(name, lambda: self._draw(document, page, step))

    def cleaned(self, document: DocumentRecord, page: PageRecord, kept: str = "") -> bytes:
        """The page as it was read, without watermark and seals, as JPEG.

        Args:
            document: as it was taken in.
            page: of its result.
            kept: the blob with the picture that reading left; without one (nothing was taken off the page, or it was
                read by an earlier version) the page is cleaned again.

        Raises:
            NotFound: the page was not read from a picture.
            InputError: the page cannot be drawn.
        """
        if page.source != "ocr" or page.problem:
            number = page.index + 1
            raise NotFound(f"第 {number} 页没有清理过的图片", "只有由图片识别的页面才有，请看原页图片")
        if kept:
            with contextlib.suppress(NotFound, BlobDamaged):
                return self._blobs.read(kept)
        name = f"{document.sha256}-{page.index}-{page.rotation_deg}-cleaned.jpg"
        return self._kept(name, lambda: self._clean(document, page))

    def close(self) -> None:
        """Ends the child processes."""
        with self._drawing:
            if self._child is not None:
                self._child.stop()
                self._child = None
        self._end_cleaner()

    def _end_cleaner(self) -> None:
        with self._cleaning:
            if self._idle is not None:
                self._idle.cancel()
            if self._cleaner is not None:
                self._cleaner.stop()
            self._idle = self._cleaner = None

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self._folder / name[:2] / name
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            content = make()
            self._keep(path, content)
        return content

    def _draw(self, document: DocumentRecord, page: PageRecord, dpi: int) -> bytes:
        from ocr.source import DEFAULT_LIMITS, sandbox_for

        with (
            self._drawing,
            self._blobs.as_file(document.sha256) as stored,
            page_of(stored, document.media, page.index) as (file, index),
        ):
            if self._child is None or self._child.is_worn:
                if self._child is not None:
                    self._child.stop()
                self._child = sandbox_for()
            arguments = (str(file), index, float(dpi), page.rotation_deg, DEFAULT_LIMITS)
            return _call(self._child, "service.page_pictures:page_picture", arguments, page, _TIMEOUT_S)

    def _clean(self, document: DocumentRecord, page: PageRecord) -> bytes:
        from ocr.sandbox import Sandbox
        from ocr.source import DEFAULT_LIMITS

        with (
            self._cleaning,
            self._blobs.as_file(document.sha256) as stored,
            page_of(stored, document.media, page.index) as (file, index),
        ):
            if self._cleaner is not None and self._cleaner.is_worn:
                self._cleaner.stop()
            self._cleaner = self._cleaner or Sandbox(_CLEANING_MEMORY_BYTES, _CLEANING_TIMEOUT_S)
            if self._idle is not None:
                self._idle.cancel()
            arguments = (str(file), index, page.rotation_deg, DEFAULT_LIMITS)
            try:
                return _call(
                    self._cleaner, "service.page_pictures:cleaned_picture", arguments, page, _CLEANING_TIMEOUT_S
                )
            finally:
                self._idle = threading.Timer(_WARM_S, self._end_cleaner)
                self._idle.daemon = True
                self._idle.start()

    def _keep(self, path: Path, content: bytes) -> None:
        """A full disk costs the next reader a drawing, nothing else."""
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, unfinished = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                Path(unfinished).replace(path)
            except OSError:
                Path(unfinished).unlink(missing_ok=True)
                raise
            self._made += 1
            if self._made % _PRUNE_EVERY == 0:
                self._prune()

    def _prune(self) -> None:
        files = [(path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*/*-*")]
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files, key=lambda file: file[0]):
            if total <= self._kept_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size


def _call(child: Sandbox, target: str, arguments: tuple[Any, ...], page: PageRecord, timeout_s: float) -> bytes:
    from ocr.child import TaskFailure

    try:
        picture: bytes = child.call(target, *arguments, timeout_s=timeout_s)
    except TaskFailure as failure:
        raise InputTimeout(f"第 {page.index + 1} 页无法生成图像", "请下载原件，用其他软件查看该页") from failure
    except CaishenError as error:
        # The child names the file by its place in the store, which says nothing to a reader.
        raise type(error)(f"第 {page.index + 1} 页无法生成图像", "请下载原件，用其他软件查看该页") from error
    return picture
