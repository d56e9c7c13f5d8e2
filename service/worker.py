"""One worker process: takes documents from the queue until it is told to end.

A beat every few seconds tells the others that it lives. The same loop hands waiting documents over, takes up what dead
workers left, and clears the books of what ended long ago; every worker does that, and any number of them may.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NoReturn

from models.errors import CaishenError
from service.backend import Backend, open_backend
from service.migrate import maintain
from service.processing import Processor, Steps
from service.queue import Queue
from service.settings import Settings
from service.slots import Slot, SlotLost, hold_slot
from service.store import work, workers

_LOG: Final = logging.getLogger(__name__)
# Time that documents at work get to end when the worker is told to; with the rest of the way out it stays under 10 s.
PATIENCE_S: Final = 5
_CLEAN_EVERY_S: Final = 3600.0


@dataclass
class _Due:
    """When each part of the loop is due again, in seconds of the monotonic clock."""

    beat: float = 0.0
    recover: float = 0.0
    clean: float = field(default_factory=lambda: time.monotonic() + _CLEAN_EVERY_S)


def run_worker(settings: Settings, steps: Steps, *, dies_with_parent: bool = False) -> None:
    """Works until SIGTERM or SIGINT; must be called in the main thread of a process that does nothing else.

    Args:
        settings: of the installation.
        steps: what is done with a document.
        dies_with_parent: end at once when the process that started this one is gone.

    Raises:
        CaishenError: the installation cannot be opened. What goes wrong later ends the process with 1.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    if dies_with_parent:
        threading.Thread(target=_die_with_parent, args=(os.getppid(),), daemon=True).start()
    with open_backend(settings) as backend, hold_slot(backend) as slot:
        queue = Queue(settings, Processor(backend, steps), slot.id)
        try:
            _loop(backend, queue, slot, stop)
        except CaishenError as error:
            _LOG.error("the worker ends, to be started again: %s", error)
            _end(1)
        left = queue.stop(PATIENCE_S)
        _leave(backend, slot, left)
        _end(0)


def _end(code: int) -> NoReturn:
    """Ends the process with the documents that are still at work in its threads; their runs are taken up again."""
    logging.shutdown()
    os._exit(code)


def _loop(backend: Backend, queue: Queue, slot: Slot, stop: threading.Event) -> None:
    settings = backend.settings
    with backend.database.write() as connection:
        workers.beat(connection, slot.id, host=socket.gethostname(), pid=os.getpid())
    queue.start()
    due = _Due()
    healthy = time.monotonic()
    while not stop.wait(settings.poll_s):
        try:
            _turn(backend, queue, slot, due)
            healthy = time.monotonic()
        except SlotLost:
            raise
        except CaishenError as error:
            _LOG.warning("the database cannot be used for now: %s", error)
            if time.monotonic() - healthy > settings.dead_after_s:
                # Others count this worker as dead by now; a fresh start is the simplest way to agree with them.
                raise
            stop.wait(min(settings.heartbeat_s, 1.0))


def _turn(backend: Backend, queue: Queue, slot: Slot, due: _Due) -> None:
    settings = backend.settings
    queue.dispatch()
    now = time.monotonic()
    if now >= due.beat:
        slot.check()
        with backend.database.write() as connection:
            workers.beat(connection, slot.id, host=socket.gethostname(), pid=os.getpid())
        due.beat = now + settings.heartbeat_s
    if now >= due.recover:
        dead_after = timedelta(seconds=settings.dead_after_s)
        with backend.database.read() as connection:
            gone = workers.gone(connection, dead_after)
            stale = work.working(connection, workers.present(connection) - dead_after)
        queue.recover(gone)
        queue.reconcile(stale)
        due.recover = now + settings.heartbeat_s
    if now >= due.clean:
        keep = timedelta(days=settings.keep_jobs_days)
        queue.clean(keep)
        with backend.database.write() as connection:
            workers.forget(connection, keep)
            maintain(connection)
        due.clean = now + _CLEAN_EVERY_S


def _leave(backend: Backend, slot: Slot, left: tuple[tuple[int, int], ...]) -> None:
    try:
        with backend.database.write() as connection:
            work.put_back(connection, left)
            workers.stop(connection, slot.id)
    except CaishenError as error:
        _LOG.warning("left without saying so: %s", error)


def _die_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
