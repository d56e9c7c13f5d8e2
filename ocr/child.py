"""A child process that works off tasks for one caller: limited, where wanted, and killed when it hangs.

A plain child with a pipe rather than a process pool: it never imports the parent's main module, so it starts as
fast as its own work allows, it may be started from inside a worker of any other pool, and a hanging task ends the
moment its time is over. Tasks are answered in order, so that a caller can keep one ahead: the child works on the
next one while the caller uses this one, and waits with its answer (a pipe holds little), which bounds memory.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Literal, Self

from models.errors import CaishenError, MissingResource

# The child looks this often whether its parent still lives.
ORPHAN_CHECK_S = 0.5
# The slowest child imports for four seconds; a machine busy with other things takes many times as long.
START_TIMEOUT_S = 180.0
# A process that was ended closes its pipe a moment before it is gone.
EXIT_TIMEOUT_S = 10.0

FailureKind = Literal["timeout", "crash", "memory", "error"]


class TaskFailure(Exception):
    """A task did not come back with a result.

    Attributes:
        kind: `timeout` (of wall clock or of CPU time), `crash` (the process died), `memory` (its limit was reached),
            or `error`.
        detail: what the library said, for the log; empty for a crash.
    """

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Job:
    """What a child is for.

    Attributes:
        module: imported when the child starts, before its limits take effect.
        max_tasks: after which `Child.is_worn`.
        memory_bytes: address space of the child; None for no limit.
        cpu_s: CPU seconds for one task, which end a hang even when nobody waits for it; None for no limit.
        writes_files: whether it may.
    """

    module: str
    max_tasks: int = 300
    memory_bytes: int | None = None
    cpu_s: float | None = None
    writes_files: bool = False


class Child:
    """A child process; use as a context manager. One caller at a time."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection[Any, Any] | None = None
        self._tasks = 0
        self._waiting = 0
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process_id(self) -> int | None:
        """Of the running child, None before the first task and after `stop`."""
        return self._process.pid if self._process else None

    @property
    def is_worn(self) -> bool:
        """Whether the child has done its share: finish what was submitted, then `stop` (the next task starts anew)."""
        return self._tasks >= self._job.max_tasks

    @property
    def is_busy(self) -> bool:
        """Whether answers are outstanding."""
        return self._waiting > 0

    def submit(self, target: str, *arguments: object) -> None:
        """Queue the function named `module:function`; its answer comes from `result`, in order of submission.

        Raises:
            MissingResource: no child process could be started.
            TaskFailure: the child was killed for good.
        """
        connection = self._connection or self._start()
        self._tasks += 1
        self._waiting += 1
        # A broken pipe shows again in `result`, where it is told apart from a timeout.
        with contextlib.suppress(OSError):
            connection.send((target, arguments))

    def result(self, timeout_s: float) -> Any:
        """The answer to the oldest task.

        Raises:
            CaishenError: raised by the task itself.
            TaskFailure: anything else; after a timeout or a crash the child is gone and all submitted tasks with it.
        """
        if self._connection is None or not self._waiting:
            raise TaskFailure("crash")
        try:
            if not self._connection.poll(timeout_s):
                self.stop()
                raise TaskFailure("timeout")
            succeeded, value = self._connection.recv()
        except (EOFError, OSError) as error:
            raise TaskFailure("timeout" if self._ended_by() == signal.SIGXCPU else "crash") from error
        self._waiting -= 1
        if succeeded:
            return value
        raise value

    def call(self, target: str, *arguments: object, timeout_s: float) -> Any:
        """`submit` and `result` in one, with nothing else under way."""
        self.submit(target, *arguments)
        return self.result(timeout_s)

    def kill(self) -> None:
        """End the child for good, from any thread; a caller that waits for an answer hears of a crash."""
        # In this order, and looked at in the other one in `_start`: a child that is just being started ends as well.
        self._is_over = True
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the child at once. The next task starts a fresh one."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._connection, self._process = None, None
        self._tasks = self._waiting = 0

    def _ended_by(self) -> int:
        """The signal that ended the child, which has closed its side of the pipe; 0 for none."""
        process = self._process
        with contextlib.suppress(subprocess.TimeoutExpired):
            if process is not None:
                process.wait(EXIT_TIMEOUT_S)
        self.stop()
        return -process.returncode if process is not None and process.returncode < 0 else 0

    def _start(self) -> Connection[Any, Any]:
        ours, theirs = Pipe()
        root = str(Path(__file__).resolve().parent.parent)
        program = "import sys; sys.path.insert(0, sys.argv[1]); from ocr.child import serve; serve(*sys.argv[2:])"
        handle = theirs.fileno()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-B", "-c", program, root, str(handle), str(os.getpid())],
            pass_fds=(handle,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
        )
        theirs.close()
        self._connection = ours
        # The time of a task must not pay for the start.
        try:
            if self._is_over:
                self._process.kill()
            ours.send(self._job)
            succeeded, error = ours.recv() if ours.poll(START_TIMEOUT_S) else (False, "超时")
        except (EOFError, OSError):
            succeeded, error = False, "进程中断"
        if not succeeded:
            self.stop()
            if self._is_over:
                raise TaskFailure("crash")
            raise MissingResource(f"无法启动子进程（{error}）", "请检查本机的内存、进程数上限与安装是否完整")
        return ours


def serve(handle: str, parent_id: str) -> None:
    """The child's whole life: its job first, then one task after the other until the parent is gone."""
    threading.Thread(target=_die_with_parent, args=(int(parent_id),), daemon=True).start()
    warnings.simplefilter("ignore")
    connection: Connection[Any, Any] = Connection(int(handle))
    try:
        job: Job = connection.recv()
        connection.send(_prepare(job))
        while True:
            target, arguments = connection.recv()
            if job.cpu_s is not None:
                used = resource.getrusage(resource.RUSAGE_SELF)
                _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + job.cpu_s) + 1, soft_only=True)
            connection.send(_run(target, arguments))
    except (EOFError, OSError):
        os._exit(0)


def _prepare(job: Job) -> tuple[bool, object]:
    succeeded, error = _run("importlib:import_module", (job.module,))
    if job.memory_bytes is not None:
        _limit(resource.RLIMIT_AS, job.memory_bytes)
    if not job.writes_files:
        _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    return succeeded, None if succeeded else str(error)


def _run(target: str, arguments: tuple[object, ...]) -> tuple[bool, object]:
    module, _, function = target.partition(":")
    try:
        return True, getattr(importlib.import_module(module), function)(*arguments)
    except CaishenError as error:
        return False, error
    except MemoryError:
        return False, TaskFailure("memory")
    except Exception as error:  # noqa: BLE001 - untrusted bytes raise anything, and the parent must hear of it
        return False, TaskFailure("error", f"{type(error).__name__}: {error}"[:500])


def _limit(kind: int, value: int, *, soft_only: bool = False) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = hard if hard != resource.RLIM_INFINITY else value
    wanted = min(value, ceiling) if hard != resource.RLIM_INFINITY else value
    resource.setrlimit(kind, (wanted, hard if soft_only else wanted))


def _die_with_parent(parent_id: int) -> None:
    while os.getppid() == parent_id:
        time.sleep(ORPHAN_CHECK_S)
    os._exit(1)
