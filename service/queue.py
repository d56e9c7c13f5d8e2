"""The durable queue: DBOS behind a few methods; the only module that knows it.

A document's run is one workflow named by document and generation; its steps keep small references. What waits in the
product's database is handed over here (`dispatch`), what was lost with a worker is taken up again (`recover`). Only
public calls of DBOS are used; its admin and cloud parts stay off.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions

from models.errors import DatabaseUnavailable, StorageFull
from models.run import URGENT
from service.db import JOBS_SCHEMA, jobs_engine, jobs_url, translated
from service.processing import Processor, Trouble
from service.store import work
from service.store.rows import portions
from service.store.workers import present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.settings import Settings
    from service.store.work import Waiting

R = TypeVar("R")
_PATIENCE_S: Final = 1.0
_LOG: Final = logging.getLogger(__name__)

PROTOCOL: Final = "1"
"""Version of the order of steps below. DBOS leaves runs of another version alone for ever, and its default, a digest of
the source, would do that at every upgrade: results know their versions by themselves, so this stays."""
APPLICATION: Final = "caishen"
WORKFLOW: Final = "document"
URGENT_QUEUE: Final = "urgent"
BULK_QUEUE: Final = "bulk"
DISPATCH_AT_ONCE: Final = 500
# Ends that a run comes to only when the queue itself failed: a document that fails is an end like any other.
_BROKEN: Final = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
# A workflow may be entered this often; documents that take their worker along are put aside long before.
_ENTRIES: Final = 1000


def run_id(document_id: int, generation: int) -> str:
    """The name of a run."""
    return f"{WORKFLOW}:{document_id}:{generation}"


class Queue:
    """The queue as one worker process uses it.

    Args:
        settings: of the installation.
        processor: does the work on a document.
        executor_id: of this worker; the caller holds the lock that no other live process has it.
    """

    def __init__(self, settings: Settings, processor: Processor, executor_id: str) -> None:
        self._settings: Final = settings
        self._processor: Final = processor
        self._executor_id: Final = executor_id
        self._engine: Final = jobs_engine(settings)
        self._at_work: set[tuple[int, int]] = set()
        self._seen_idle: set[str] = set()
        self._lock: Final = threading.Lock()
        self._client: DBOSClient | None = None
        _mute()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": jobs_url(settings),
            "system_database_engine": self._engine,
            "dbos_system_schema": JOBS_SCHEMA,
            "application_version": PROTOCOL,
            "executor_id": executor_id,
            "enable_otlp": False,
            "console_log_level": "ERROR",
            "log_level": "ERROR",
        }
        DBOS(config=config)
        _register(self)

    def start(self) -> None:
        """Begins to take documents; runs that this worker had in work when it was killed are taken up again."""
        with translated():
            DBOS.launch()
            at_once = self._settings.documents_at_once
            # Partitions are owners: a free place goes to a random one of those who wait, whoever queued first. An
            # auditor's upload has places of its own and never waits for an archive run.
            for name in (URGENT_QUEUE, BULK_QUEUE):
                DBOS.register_queue(
                    name,
                    worker_concurrency=at_once,
                    partition_worker_concurrency=at_once,
                    polling_interval_sec=self._settings.poll_s,
                    on_conflict="always_update",
                )
            is_new = not DBOS.list_workflows(limit=1, load_input=False, load_output=False)
            self._client = DBOSClient(
                system_database_engine=self._engine, dbos_system_schema=JOBS_SCHEMA, application_name=APPLICATION
            )

        if is_new:
            # The books are empty: new, deleted, or not part of a backup. What they held is handed over again.
            with self._processor.backend.database.write() as connection:
                work.forget_handing_over(connection)

    def dispatch(self) -> int:
        """Hands waiting documents over; returns how many. Safe to run in several workers at once."""
        database = self._processor.backend.database
        with database.read() as connection:
            # Most turns find nothing, and need not stand in the way of those who write.
            if not work.is_anything_waiting(connection, present(connection)):
                return 0
        with database.write() as connection:
            now = present(connection)
            documents = work.waiting(connection, now, DISPATCH_AT_ONCE)
            # Handing over twice under one name is once: if this worker dies before the commit below, no harm is done.
            self._enqueue(documents)
            work.mark_submitted(connection, documents, now)
        return len(documents)

    def recover(self, gone: Sequence[str]) -> int:
        """Takes up runs that nobody works on; returns how many.

        Args:
            gone: ids of workers that have left or died.
        """
        with translated():
            lost = [
                status
                for executor in gone
                if executor != self._executor_id
                for status in DBOS.list_workflows(
                    executor_id=executor, status="PENDING", app_version=PROTOCOL, load_input=False, load_output=False
                )
            ]
            # A run that this worker has in the queue's books but not at hand, twice in a row, got lost while the
            # database could not be written (after a full disk, for example).
            own = DBOS.list_workflows(
                executor_id=self._executor_id, status="PENDING", load_input=False, load_output=False
            )
            with self._lock:
                idle = {status.workflow_id for status in own if _run_of(status.workflow_id) not in self._at_work}
            stuck, self._seen_idle = idle & self._seen_idle, idle
            lost += [status for status in own if status.workflow_id in stuck]
            for queue in {status.queue_name for status in lost}:
                # Without a queue's name the run would bypass its limits.
                of_queue = [status.workflow_id for status in lost if status.queue_name == queue]
                DBOS.resume_workflows(of_queue, queue_name=queue or BULK_QUEUE)
        return len(lost)

    def reconcile(self, runs: Sequence[tuple[int, int]]) -> int:
        """Hands over again what the queue has lost or ended without a result; returns how many there were.

        Args:
            runs: that should be at hand, as (document id, generation).
        """
        names = {run_id(*run): run for run in runs}
        with translated():
            alive = {
                status.workflow_id
                for some in portions(list(names))
                for status in DBOS.list_workflows(
                    workflow_ids=list(some),
                    status=["PENDING", "ENQUEUED", "DELAYED"],
                    load_input=False,
                    load_output=False,
                )
            }
            broken = DBOS.list_workflows(
                status=list(_BROKEN), limit=DISPATCH_AT_ONCE, load_input=False, load_output=False
            )
        lost = [run for name, run in names.items() if name not in alive]
        lost += [_run_of(status.workflow_id) for status in broken]
        if not lost:
            return 0
        with self._processor.backend.database.write() as connection:
            count = work.hand_over_again(connection, lost)
        if broken:
            with translated():
                DBOS.delete_workflows([status.workflow_id for status in broken])
        return count

    def clean(self, older_than: timedelta) -> int:
        """Deletes the books of runs that ended long ago; returns how many. Results are not touched."""
        before = (datetime.now(UTC) - older_than).isoformat()
        with translated():
            ended = DBOS.list_workflows(
                status=["SUCCESS", *_BROKEN],
                completed_before=before,
                limit=1000,
                load_input=False,
                load_output=False,
            )
            if ended:
                DBOS.delete_workflows([status.workflow_id for status in ended])
        return len(ended)

    def stop(self, patience_s: int) -> tuple[tuple[int, int], ...]:
        """Takes no more documents and waits for those at work; returns the runs that are still not through."""
        DBOS.destroy(workflow_completion_timeout_sec=patience_s)
        with self._lock:
            return tuple(self._at_work)

    def process(self, document_id: int, generation: int) -> str:
        """One run, called by DBOS; steps that were through before a restart are not run again."""
        run = (document_id, generation)
        with self._held(run):
            # Not a step: every entry counts, also after the worker was killed.
            document = self._patiently(lambda: self._processor.begin(document_id, generation))
            if document is None:
                return "not wanted"
            trouble: Trouble | None
            read = DBOS.run_step({"name": "pages"}, lambda: _told(self._processor.read(document)))
            blob, trouble = _heard(read)
            if trouble is None:
                checked = DBOS.run_step({"name": "findings"}, lambda: _told(self._processor.check(document, blob)))
                report_blob, trouble = _heard(checked)
                if trouble is None:
                    trouble = self._processor.publish(document, blob, report_blob)
            if trouble is not None:
                self._patiently(partial(self._processor.settle, document, trouble))
                return trouble.kind
        return "done"

    def _patiently(self, act: Callable[[], R]) -> R:
        """Waits until the product's database can be written again: before, no document can get on anyway."""
        while True:
            try:
                return act()
            except (StorageFull, DatabaseUnavailable) as error:
                _LOG.warning("waiting: %s", error)
                time.sleep(_PATIENCE_S)

    def _enqueue(self, documents: Sequence[Waiting]) -> None:
        assert self._client is not None
        if not documents:
            return
        with translated(), self._engine.begin() as connection:
            for document in documents:
                options: EnqueueOptions = {
                    "workflow_name": WORKFLOW,
                    "queue_name": URGENT_QUEUE if document.priority <= URGENT else BULK_QUEUE,
                    "workflow_id": run_id(document.id, document.generation),
                    "app_version": PROTOCOL,
                    "priority": document.priority,
                    "queue_partition_key": str(document.owner or 0),
                }
                self._client.enqueue_in_transaction(connection, options, document.id, document.generation)

    @contextmanager
    def _held(self, run: tuple[int, int]) -> Iterator[None]:
        with self._lock:
            self._at_work.add(run)
        try:
            yield
        finally:
            with self._lock:
                self._at_work.discard(run)


def _register(queue: Queue) -> None:
    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=_ENTRIES)
    def document(document_id: int, generation: int) -> str:
        return queue.process(document_id, generation)


def _run_of(name: str) -> tuple[int, int]:
    _, document_id, generation = name.split(":")
    return int(document_id), int(generation)


def _told(outcome: str | Trouble) -> list[str]:
    """A step's outcome as DBOS keeps it."""
    return [outcome] if isinstance(outcome, str) else [outcome.kind, outcome.code, outcome.message]


def _heard(told: list[str]) -> tuple[str, Trouble | None]:
    if len(told) == 1:
        return told[0], None
    kind, code, message = told
    return "", Trouble(kind, code, message)  # type: ignore[arg-type]


def _mute() -> None:
    """DBOS talks to the console and advertises its cloud; its errors are of use, and go where ours go."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.ERROR)
    # It adds a console of its own only where there is no handler.
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
