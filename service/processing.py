"""What is done with one document, engine apart: its bytes to pages, pages to findings, findings to the database.

Every step may be run again at any time: results are blobs named by their content, notes in the stage cache, and rows
replaced as a whole under the run's generation.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal, Protocol

from models.archive import Memory
from models.codec import OutdatedRecord, decode, encode
from models.document import Document
from models.errors import BlobDamaged, CaishenError, InputError, InputTooLarge, MissingResource, NotFound
from models.report import Report
from models.run import Stage
from service.archive_rows import ArchiveInDatabase, PassageIndex
from service.backend import Backend
from service.bundles import unpacked
from service.records import DocumentRecord
from service.stages import Check
from service.store import cache, memories, publish, work
from service.store.cache import CacheKey
from service.store.workers import present
from service.versions import Versions

_LOG: Final = logging.getLogger(__name__)
PROGRESS_EVERY_S: Final = 1.0
# Attempts that fail through the machine's fault (disk full, database away) never count and are not made more rarely
# with time, but not as soon as the first retry of others: a full disk does not empty itself.
_MACHINE_WAITS: Final = 3
MAX_CRASHES: Final = 5
"""Runs of a document that may end with their worker before it is put aside. More than failures, because a worker that
is killed takes documents along that have nothing to do with it."""

Progress = Callable[[int, int], None]
Keep = Callable[[int, bytes], None]
Kind = Literal["ended", "unreadable", "machine", "failure"]


class Read(Protocol):
    """Reads a file, or a folder of page images, into a document."""

    def __call__(self, path: Path, *, progress: Progress | None = None, keep: Keep | None = None) -> Document: ...


@dataclass(frozen=True, slots=True)
class Steps:
    """The two stages and the versions of what is in them.

    Attributes:
        read: file → document; raises `InputError` where the file cannot be read. Gives `keep` the index and a JPEG of
            every page that marks were taken off.
        remember: document → what the archive keeps of it.
        check: document → report with findings, compared with the archive.
        versions: of what each stage is made of.
    """

    read: Read
    remember: Callable[[Document], Memory]
    check: Check
    versions: Versions


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a step came to no result.

    Attributes:
        kind: `ended` when the run is not wanted any more, `unreadable` when the file is at fault, `machine` when the
            machine is, `failure` for everything else.
        code, message: for the document's row; the message is Chinese.
    """

    kind: Kind
    code: str = ""
    message: str = ""


class _Ended(Exception):
    """The run is not wanted any more."""


class Processor:
    """Runs the steps of documents.

    Args:
        backend: opened installation.
        steps: the stages to run.
    """

    def __init__(self, backend: Backend, steps: Steps) -> None:
        self._backend: Final = backend
        self._steps: Final = steps
        self._passages: Final = PassageIndex()

    @property
    def backend(self) -> Backend:
        """The installation that is worked on."""
        return self._backend

    def begin(self, document_id: int, generation: int) -> DocumentRecord | None:
        """Takes a document into work; None when this run is not wanted (any more)."""
        with self._backend.database.write() as connection:
            now = present(connection)
            return work.begin(connection, document_id, generation, now, max_crashes=MAX_CRASHES)

    def read(self, document: DocumentRecord) -> str | Trouble:
        """The blob of the document's `Document`."""
        return self._guarded(document, "pages", lambda: self._read(document))

    def check(self, document: DocumentRecord, document_blob: str) -> str | Trouble:
        """The blob of the document's `Report`."""
        return self._guarded(document, "findings", lambda: self._check(document, document_blob))

    def publish(self, document: DocumentRecord, document_blob: str, report_blob: str) -> Trouble | None:
        """Replaces the document's results; the run is done."""
        ended = self._guarded(document, "findings", lambda: self._publish(document, document_blob, report_blob))
        return ended if isinstance(ended, Trouble) else None

    def settle(self, document: DocumentRecord, trouble: Trouble) -> None:
        """Decides what becomes of a document whose run came to no result: another try, or the end."""
        settings = self._backend.settings
        with self._backend.database.write() as connection:
            now = present(connection)
            run = (connection, document.id, document.generation)
            if trouble.kind == "unreadable":
                work.end_in_failure(*run, state="failed", code=trouble.code, message=trouble.message, now=now)
            elif trouble.kind == "failure" and document.attempts + 1 >= settings.max_attempts:
                message = f"{trouble.message}已连续失败 {document.attempts + 1} 次，不再自动重试。"
                work.end_in_failure(*run, state="quarantined", code=trouble.code, message=message, now=now)
            elif trouble.kind != "ended":
                is_failure = trouble.kind == "failure"
                wait_s = (
                    settings.retry_after_s * 2**document.attempts
                    if is_failure
                    else settings.retry_after_s * _MACHINE_WAITS
                )
                due = now + timedelta(seconds=wait_s)
                work.postpone(*run, next_try=due, code=trouble.code, message=trouble.message, is_failure=is_failure)

    def _read(self, document: DocumentRecord) -> str:
        key, blobs = self._pages_of(document), self._backend.blobs
        with self._backend.database.read() as connection:
            known = cache.cached(connection, key)
        if known and blobs.has(known):
            return known
        pictures: dict[int, str] = {}

        def keep(index: int, picture: bytes) -> None:
            pictures[index] = blobs.put(picture)

        with (
            blobs.as_file(document.sha256) as file,
            unpacked(file, document.media) as opened,
            _named(opened, document.name) as path,
        ):
            read = self._steps.read(path, progress=self._progress(document), keep=keep)
        blob = blobs.put(encode(replace(read, sha256=document.sha256, name=document.name)))
        with self._backend.database.write() as connection:
            now = present(connection)
            cache.remember(connection, key, blob, now)
            cache.keep_pictures(connection, key, pictures, now)
        return blob

    def _check(self, document: DocumentRecord, document_blob: str) -> str:
        """Not from the stage cache: what is found depends on what the archive holds by now, and takes a second."""
        read = decode(Document, self._backend.blobs.read(document_blob))
        memory = self._steps.remember(read)
        database = self._backend.database
        with database.write() as connection:
            run = (connection, document.id, document.generation)
            if not work.report_progress(*run, stage="findings", pages_done=0, n_pages=0):
                raise _Ended
            last = memories.remember(connection, document.id, memory)
        with database.read() as connection:
            archive = ArchiveInDatabase(connection, self._passages, last)
            report = self._steps.check(read, archive=archive)
            archive.require()
        return self._backend.blobs.put(encode(report))

    def _publish(self, document: DocumentRecord, document_blob: str, report_blob: str) -> str:
        report = decode(Report, self._backend.blobs.read(report_blob))
        with self._backend.database.write() as connection:
            taken = publish.publish(
                connection,
                document.id,
                document.generation,
                report,
                document_blob=document_blob,
                report_blob=report_blob,
                version=self._steps.versions.digest,
                now=present(connection),
            )
        if not taken:
            raise _Ended
        return report_blob

    def _pages_of(self, document: DocumentRecord) -> CacheKey:
        return CacheKey(document.sha256, "pages", *self._steps.versions.of("pages"))

    def _progress(self, document: DocumentRecord) -> Progress:
        """Notes pages as they are done, at most once a second, and ends a run that is not wanted any more."""
        last = 0.0

        most = self._backend.settings.max_pages

        def note(done: int, total: int) -> None:
            nonlocal last
            if total > most:
                reason = f"文件“{document.name}”有 {total} 页，超过 {most} 页的上限"
                raise InputTooLarge(reason, "请拆分后再上传，或由管理员调高 CAISHEN_MAX_PAGES")
            if done < total and time.monotonic() - last < PROGRESS_EVERY_S:
                return
            last = time.monotonic()
            with self._backend.database.write() as connection:
                run = (connection, document.id, document.generation)
                if not work.report_progress(*run, stage="pages", pages_done=done, n_pages=total):
                    raise _Ended

        return note

    def _guarded(self, document: DocumentRecord, stage: Stage, step: Callable[[], str]) -> str | Trouble:
        try:
            with self._backend.database.write() as connection:
                run = (connection, document.id, document.generation)
                if not work.report_progress(*run, stage=stage, pages_done=0, n_pages=0):
                    raise _Ended
            return step()
        except _Ended:
            return Trouble("ended")
        except InputError as error:
            return Trouble("unreadable", error.code, str(error))
        except MissingResource as error:
            _LOG.warning("document %d waits: %s", document.id, error)
            return Trouble("machine", error.code, str(error))
        except (OutdatedRecord, NotFound, BlobDamaged) as error:
            return self._lost(document, stage, error)
        except CaishenError as error:
            return Trouble("failure", error.code, str(error))
        except Exception as error:  # noqa: BLE001 - one document must not take the worker along
            _LOG.exception("document %d failed in stage %s", document.id, stage)
            reason = f"处理“{document.name}”时程序内部出错（{type(error).__name__}）。"
            return Trouble("failure", "internal", reason)

    def _lost(self, document: DocumentRecord, stage: Stage, error: Exception) -> Trouble:
        """A stored input is gone or cannot be used: it is made again in the next run, unless it is the original."""
        with self._backend.database.write() as connection:
            cache.forget(connection, self._pages_of(document))
        message = str(error) if isinstance(error, CaishenError) else f"“{document.name}”的中间结果无法使用。"
        return Trouble("failure", f"lost-{stage}", message)


@contextmanager
def _named(file: Path, name: str) -> Iterator[Path]:
    """The file under the name that its owner knows, for messages: a link in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="caishen-") as folder:
        # A name from an upload may hold anything; only its last part, without what no file name may hold, is used.
        clean = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())[:80]
        link = Path(folder) / (clean if clean not in ("", ".", "..") else "document")
        link.symlink_to(file.resolve())
        yield link
