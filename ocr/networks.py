"""Networks compiled for this processor: model in, a function from arrays to arrays out; the only module with OpenVINO.

OpenVINO is imported when the first network is made.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MissingResource
from ocr.machine import usable_cores

MAX_STREAMS = 4
"""Calls that a network works on at a time: each takes memory for what it has between its layers."""

_threads: int | None = None


def use_threads(count: int) -> None:
    """How many threads the networks of this process use from now on; without it as many as there are cores.

    Each count costs half a second when it is first used, and some memory for good.
    """
    global _threads
    _threads = count


class _Clock:
    """Adds up the time during which at least one network is at work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._since = self._seconds = 0.0

    def start(self) -> None:
        with self._lock:
            if not self._under_way:
                self._since = time.perf_counter()
            self._under_way += 1

    def stop(self) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._seconds += time.perf_counter() - self._since

    def seconds(self) -> float:
        with self._lock:
            return self._seconds


_CLOCK = _Clock()


def network_seconds() -> float:
    """Seconds during which at least one network of this process has been at work so far."""
    return _CLOCK.seconds()


class Runner:
    """Stands in for PaddleOCR's own runner: the network compiled by OpenVINO for this processor; safe from threads.

    Args:
        openvino: the module.
        model: the network.
        precision: in which it is computed, `bf16` or `f32`.
        has_streams: whether its calls come many at a time, by `each`, and one thread works on each; else all threads
            share a call. Threads that share one wait for each other after every layer, which costs a fifth.
    """

    def __init__(self, openvino: Any, model: Any, precision: str, *, has_streams: bool = False) -> None:
        self._openvino = openvino
        self._model = model
        self._has_streams = has_streams
        # Pinned threads of several processes would all sit on the same cores.
        self._settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "ENABLE_CPU_PINNING": False}
        self._compiled: dict[int, Any] = {}
        self._lock = threading.Lock()
        self._local = threading.local()

    def __call__(self, x: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        (outputs,) = self.each(x)
        return outputs

    def each(self, inputs: Iterable[NDArray[Any]]) -> Iterator[list[NDArray[Any]]]:
        """The outputs for each input, in order; some inputs ahead are under way while the caller works on one."""
        threads = _threads or usable_cores()
        free, waiting = self._idle().pop(threads, None) or self._requests(threads), deque[Any]()
        try:
            for x in inputs:
                if not free:
                    free.append(waiting.popleft())
                    yield self._outputs(free[-1])
                request = free.pop()
                _CLOCK.start()
                request.start_async([x], share_inputs=True)
                waiting.append(request)
            while waiting:
                free.append(waiting.popleft())
                yield self._outputs(free[-1])
        finally:
            for request in waiting:  # they hold the caller's arrays
                request.wait()
            self._idle()[threads] = [*free, *waiting]

    @staticmethod
    def _outputs(request: Any) -> list[NDArray[Any]]:
        request.wait()
        return [np.array(output.data) for output in request.output_tensors]

    def _idle(self) -> dict[int, list[Any]]:
        """The requests of the calling thread that are not in use, by number of threads."""
        idle: dict[int, list[Any]] = self._local.__dict__.setdefault("idle", {})
        return idle

    def _requests(self, threads: int) -> list[Any]:
        """New requests: two for each stream, so that none is idle while results are fetched."""
        compiled, streams = self._for_threads(threads)
        requests = [compiled.create_infer_request() for _ in range(2 * streams if self._has_streams else 1)]
        for request in requests:
            request.set_callback(lambda _: _CLOCK.stop(), None)
        return requests

    def _for_threads(self, count: int) -> tuple[Any, int]:
        """The network for so many threads, and in how many streams it has them."""
        streams = min(count, MAX_STREAMS) if self._has_streams else 1
        with self._lock:
            if count not in self._compiled:
                settings = {**self._settings, "INFERENCE_NUM_THREADS": count, "NUM_STREAMS": streams}
                self._compiled[count] = self._openvino.Core().compile_model(self._model, "CPU", settings)
            return self._compiled[count], streams

    def close(self) -> None:
        """Part of the runner's contract; OpenVINO frees the network with the object."""


def compile_network(path: Path, shape: tuple[int | tuple[int, int], ...], *, has_streams: bool = False) -> Runner:
    """A network of our own, compiled for this processor.

    Args:
        path: the ONNX file.
        shape: of its input, a side given as its least and greatest where several are fed. Every shape that is fed
            costs some time and memory once, so callers keep to a few.
        has_streams: see `Runner`.

    Raises:
        MissingResource: the file is not there.
    """
    if not path.is_file():
        raise MissingResource(f"缺少模型文件“{path.name}”", "请重新安装本软件")
    openvino = import_openvino()
    model = openvino.Core().read_model(path)
    model.reshape(list(shape))
    return Runner(openvino, model, best_precision(openvino), has_streams=has_streams)


def best_precision(openvino: Any) -> str:
    """bf16 where the processor computes in it, f32 elsewhere (where bf16 would be emulated and slow)."""
    capabilities = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


def import_openvino() -> Any:
    """OpenVINO without its telemetry, which at import would call home and write to the home directory."""
    if "openvino" not in sys.modules:
        modules: dict[str, Any] = sys.modules
        modules.setdefault("openvino_telemetry", None)  # None makes its import fail, which OpenVINO allows for
    try:
        openvino = importlib.import_module("openvino")
        importlib.import_module("openvino.opset13")
    except ImportError as error:
        raise MissingResource(f"无法载入 OpenVINO（{error}）", "请运行 pip install openvino 后重试") from error
    return openvino
