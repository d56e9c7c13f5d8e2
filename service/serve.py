"""`caishen serve`: the web application in this process, workers as child processes, all of them gone together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn

from models.errors import SettingsError
from service.settings import PREFIX, Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_LOG: Final = logging.getLogger(__name__)
# Requests under way get this long; with the workers, who end at the same time, the whole stays under 10 s.
GRACE_S: Final = 5
KILL_AFTER_S: Final = 9.0
RESTART_AFTER_S: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
# A worker that lived this long is started again at once.
HEALTHY_AFTER_S: Final = 60.0


def run_service(
    settings: Settings, app: FastAPI, *, worker_command: tuple[str, ...], announce: Callable[[str], None]
) -> None:
    """Serves until SIGTERM or SIGINT, then ends in good order within ten seconds.

    Args:
        settings: of the installation, which is made and migrated already.
        app: opens the installation when it starts.
        worker_command: arguments of Python that run one worker with the settings of the environment.
        announce: is given the address once it is bound.

    Raises:
        SettingsError: the address cannot be bound.
    """
    with _bound(settings) as listener:
        port = listener.getsockname()[1]
        workers = Workers(worker_command, settings)
        config = uvicorn.Config(
            app,
            timeout_graceful_shutdown=GRACE_S,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        server = _Server(config, workers.end)
        # The server raises the signal that ended it once more; nobody is left to be told then.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        workers.start()
        announce(f"http://{_shown_host(settings.host)}:{port}")
        try:
            server.run(sockets=[listener])
        finally:
            workers.end()
            workers.wait()


class Workers:
    """Worker processes that are started again when they end by themselves.

    Args:
        command: arguments of Python.
        settings: how many, and what they work on.
    """

    def __init__(self, command: tuple[str, ...], settings: Settings) -> None:
        self._command: Final = command
        self._settings: Final = settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock: Final = threading.Lock()
        self._ending: Final = threading.Event()
        self._threads: Final = [
            threading.Thread(target=self._keep, name=f"worker-{number}", daemon=True)
            for number in range(settings.workers)
        ]

    def start(self) -> None:
        """Starts all of them."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Asks all of them to end; returns at once."""
        with self._lock:
            self._ending.set()
            for process in self._processes:
                if process.poll() is None:
                    process.terminate()

    def wait(self) -> None:
        """Waits until all have ended; those that do not in time are killed, and their work is taken up again."""
        last = time.monotonic() + KILL_AFTER_S
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, last - time.monotonic()))
        with self._lock:
            for process in self._processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()

    def _keep(self) -> None:
        failures = 0
        while True:
            with self._lock:
                if self._ending.is_set():
                    return
                process = subprocess.Popen([sys.executable, *self._command], env=_environment(self._settings))  # noqa: S603
                self._processes.append(process)
            begun = time.monotonic()
            code = process.wait()
            with self._lock:
                self._processes.remove(process)
            if self._ending.is_set():
                return
            failures = 0 if time.monotonic() - begun > HEALTHY_AFTER_S else failures + 1
            wait_s = RESTART_AFTER_S[min(failures, len(RESTART_AFTER_S) - 1)]
            _LOG.warning("a worker ended by itself (%d); another one starts in %.1f s", code, wait_s)
            self._ending.wait(wait_s)


class _Server(uvicorn.Server):
    """Tells the workers of the end at the moment that it hears of it."""

    def __init__(self, config: uvicorn.Config, on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_end = on_end

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_end()
        super().handle_exit(sig, frame)


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio does not switch off the delay of small packets: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        reason = f"不能在 {settings.host}:{settings.port} 上监听（{error.strerror or error}）"
        raise SettingsError(reason, "该端口可能已被占用：请停掉占用它的程序，或用 --port 换一个") from error
    return listener


def _shown_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - shown, not bound
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _environment(settings: Settings) -> dict[str, str]:
    """The environment for a worker: what was given on the command line counts for it as well."""
    return {**os.environ, f"{PREFIX}DATA_DIR": str(settings.root)}
