"""Networks compiled for this processor: model in, a function from arrays to arrays out; the only module with OpenVINO.

OpenVINO is imported when the first network is made.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MissingResource

_threads: int | None = None


def use_threads(count: int) -> None:
    """How many threads the networks of this process use from now on; without it as many as there are cores.

    Each count costs half a second when it is first used, and some memory for good.
    """
    global _threads
    _threads = count


_seconds = 0.0
_SECONDS_LOCK = threading.Lock()


def network_seconds() -> float:
    """Seconds that this process has spent inside its networks so far, added up over its threads."""
    return _seconds


class Runner:
    """Stands in for PaddleOCR's own runner: the network compiled by OpenVINO for this processor."""

    def __init__(self, openvino: Any, model: Any, precision: str) -> None:
        self._openvino = openvino
        self._model = model
        # Pinned threads of several processes would all sit on the same cores.
        self._settings: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,
        }
        self._compiled: dict[int | None, Any] = {}
        self._lock = threading.Lock()
        self._local = threading.local()

    def __call__(self, x: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        requests = self._local.__dict__
        key = f"request_{_threads}"
        if key not in requests:
            requests[key] = self._for_threads(_threads).create_infer_request()
        request = requests[key]
        start = time.perf_counter()
        request.infer(list(x), share_inputs=True)
        self._count(time.perf_counter() - start)
        return [np.array(output.data) for output in request.output_tensors]

    @staticmethod
    def _count(seconds: float) -> None:
        global _seconds
        with _SECONDS_LOCK:
            _seconds += seconds

    def _for_threads(self, count: int | None) -> Any:
        with self._lock:
            if count not in self._compiled:
                settings = self._settings if count is None else {**self._settings, "INFERENCE_NUM_THREADS": count}
                self._compiled[count] = self._openvino.Core().compile_model(self._model, "CPU", settings)
            return self._compiled[count]

    def close(self) -> None:
        """Part of the runner's contract; OpenVINO frees the network with the object."""


def compile_network(
    path: Path, shape: tuple[int | tuple[int, int], ...]
) -> Callable[[Sequence[NDArray[Any]]], list[NDArray[Any]]]:
    """A network of our own, compiled for this processor; safe from several threads.

    Args:
        path: the ONNX file.
        shape: of its input, a side given as its least and greatest where several are fed. Every shape that is fed
            costs some time and memory once, so callers keep to a few.

    Raises:
        MissingResource: the file is not there.
    """
    if not path.is_file():
        raise MissingResource(f"缺少模型文件“{path.name}”", "请重新安装本软件")
    openvino = import_openvino()
    model = openvino.Core().read_model(path)
    model.reshape(list(shape))
    return Runner(openvino, model, best_precision(openvino))


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
