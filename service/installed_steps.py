"""The shipped stages as a worker runs them: page processes and sandboxes shared by all documents at work."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from service.installed_versions import rules_of, versions_with
from service.processing import Keep, Progress, Steps

if TYPE_CHECKING:
    from models.document import Document
    from ocr.pool import PagePool
    from ocr.sandbox import Sandbox
    from service.settings import Settings


@contextmanager
def installed_steps(settings: Settings) -> Iterator[Steps]:
    """The steps of this installation; their child processes end with the context.

    Raises:
        SettingsError: the settings file of the rules is missing or wrong.
    """
    from detect.runner import audit, remember
    from ocr.pool import PagePool

    rules = rules_of(settings)
    sandboxes = _Sandboxes()
    with PagePool() as pool:
        try:
            yield Steps(
                partial(_read, sandboxes, pool),
                partial(remember, settings=rules),
                partial(audit, settings=rules),
                versions_with(rules),
            )
        finally:
            sandboxes.close()


class _Sandboxes:
    """Child processes that open files: one for each document that is read at the same time, kept for the next."""

    def __init__(self) -> None:
        self._idle: Final[queue.SimpleQueue[Sandbox]] = queue.SimpleQueue()

    @contextmanager
    def borrow(self) -> Iterator[Sandbox]:
        from ocr.source import sandbox_for

        try:
            sandbox = self._idle.get_nowait()
        except queue.Empty:
            sandbox = sandbox_for()
        try:
            yield sandbox
        except BaseException:
            # Answers that nobody took may still be on their way; the next reader must not take them for its own.
            sandbox.stop()
            raise
        self._idle.put(sandbox)

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get().stop()


def _read(
    sandboxes: _Sandboxes, pool: PagePool, path: Path, *, progress: Progress | None = None, keep: Keep | None = None
) -> Document:
    from ocr.pipeline import read_document

    with sandboxes.borrow() as sandbox:
        return read_document(path, progress=progress, sandbox=sandbox, pool=pool, keep=keep)
