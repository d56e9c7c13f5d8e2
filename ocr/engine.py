"""The networks: grey images in, text boxes and per-step character probabilities out.

The only module that imports PaddleOCR, and only when the first image is read: PaddleOCR takes
seconds to import. Its `TextDetection` and `TextRecognition` objects run PP-OCRv6 with their runner replaced by
OpenVINO; both graphs take 8-bit grey pixels and do the normalising themselves, and the recognition graph knows only
the characters of Chinese print and ends in a top-k, so that thousands of probabilities a step never reach Python.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
import threading
import types
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MissingResource
from ocr.charset import is_printed
from ocr.networks import Runner, best_precision, import_openvino
from ocr.weights import DETECTION_NAME, RECOGNITION_NAME, Weights, find_weights

Grey = NDArray[np.uint8]

LINE_HEIGHTS_PX = (32, 48)
"""Least and greatest height of the recognition network's input; it was trained with the greatest."""

STEP_PX = 8
"""Width of one recognition step in the network's input."""

TOP_K = 5
"""Readings kept per step: the sixth most probable character had less than 0.1 % everywhere we looked."""

AMOUNT_ALPHABET = "0123456789,.-%()"
"""What printed numbers are made of; full-width forms, and the dashes that stand for a minus, count as these."""

_AMOUNT_FORMS = {"-": "-−–—－", "%": "%％﹪", "(": "(（", ")": ")）", ",": ",，", ".": ".．"}
_BLANK_FORMS = ("", " ", "\u3000")
_AMOUNT_GROUPS = dict.fromkeys(_BLANK_FORMS, 0) | {
    form: group
    for group, character in enumerate(AMOUNT_ALPHABET, 1)
    for form in _AMOUNT_FORMS.get(character, character)
}

DETECTION_SIDE_PX = 960
DETECTION_STRIDE_PX = 32

# Mean and deviation of the pictures that PP-OCR's detection was trained on (its published configuration).
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)

DETECTION_CONFIG: dict[str, Any] = {
    "Global": {"model_name": DETECTION_NAME},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": DETECTION_SIDE_PX}},
            {"NormalizeImage": {"mean": list(_MEAN), "std": list(_STD), "scale": 1 / 255, "order": "hwc"}},
            {"ToCHWImage": None},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.5,
        "max_candidates": 3000,
        "unclip_ratio": 1.6,
    },
}


@dataclass(frozen=True, slots=True)
class Steps:
    """What the recognition network says at each step of each line, most probable first.

    Attributes:
        probability: float32, lines x steps x `TOP_K`.
        character: int32 of the same shape; index into `Engine.characters`, 0 is the blank.
        amount: float32, lines x steps x (1 + length of `AMOUNT_ALPHABET`): the probability of a blank or a space, then
            of each character of the alphabet in any of its forms. What is missing to 1 belongs to other characters.
    """

    probability: NDArray[np.float32]
    character: NDArray[np.int32]
    amount: NDArray[np.float32]


class Engine:
    """Text detection and recognition; safe to call from several threads.

    Attributes:
        characters: the reading of every class; "" for the blank at index 0.
        precision: in which the networks are computed, `bf16` or `f32`.
    """

    def __init__(self, weights: Weights, precision: str | None = None) -> None:
        openvino = import_openvino()
        precision = self.precision = precision or best_precision(openvino)
        with _paddle_quiet():
            paddle = importlib.import_module("paddleocr")
            detection_class = importlib.import_module(
                "paddlex.inference.models.text_detection.predictor"
            ).TextDetRunnerPredictor
            recognition_class = importlib.import_module(
                "paddlex.inference.models.text_recognition.predictor"
            ).TextRecRunnerPredictor
        model, self.characters = _recognition_model(openvino, weights)
        self._amount_groups = _amount_groups(self.characters)
        detection_runner = Runner(openvino, _detection_model(openvino, weights), precision)
        recognition_runner = Runner(openvino, model, precision, has_streams=True)
        self._detection = _with_predictor(
            paddle.TextDetection,
            detection_class(runner=detection_runner, model_name=DETECTION_NAME, model_config=DETECTION_CONFIG),
        ).paddlex_predictor
        self._recognition = _with_predictor(
            paddle.TextRecognition,
            recognition_class(
                runner=recognition_runner,
                model_name=RECOGNITION_NAME,
                model_config=_recognition_config(self.characters),
            ),
        ).paddlex_predictor

    def detect(self, grey: Grey) -> NDArray[np.float32]:
        """Text boxes of an image whose sides are multiples of `DETECTION_STRIDE_PX`.

        Returns:
            Quadrilaterals, boxes x 4 corners x (x, y), in pixels of `grey`, clockwise from the top left.
        """
        height, width = grey.shape
        maps = self._detection.runner(x=[grey[None]])
        quads, _ = self._detection.post_op(maps, [(height, width, 1.0, 1.0)])
        return np.asarray(quads[0], dtype=np.float32).reshape(-1, 4, 2)

    def recognise(self, batches: Iterable[Grey]) -> Iterator[Steps]:
        """Reads lines, some batches ahead while the caller works on one.

        Args:
            batches: each lines x height x width, height one of `LINE_HEIGHTS_PX`, width a multiple of `STEP_PX`. Every
                new shape costs some time and memory once, so callers keep to a few.
        """
        for probability, character, forms in self._recognition.runner.each(batches):
            yield Steps(probability, character, forms @ self._amount_groups)


@cache
def _engine() -> Engine:
    return Engine(find_weights())


_ENGINE_LOCK = threading.Lock()


def engine() -> Engine:
    """The engine of this process, made at the first call (some seconds).

    Raises:
        MissingResource: a library or a model file is not there.
    """
    with _ENGINE_LOCK:
        return _engine()


def published_characters(weights: Weights) -> tuple[str, ...]:
    """The reading of every class of the recognition network as it is published, "" for the blank first."""
    return _characters(import_openvino().Core().read_model(weights.recognition), weights)


def _detection_model(openvino: Any, weights: Weights) -> Any:
    """Detection on 8-bit grey, images x height x width, normalised inside."""
    model = openvino.Core().read_model(weights.detection)
    side = openvino.Dimension(DETECTION_STRIDE_PX, 4 * DETECTION_SIDE_PX)
    return _on_grey(openvino, model, [1, side, side], [255 * m for m in _MEAN], [255 * s for s in _STD])


def _recognition_model(openvino: Any, weights: Weights) -> tuple[Any, tuple[str, ...]]:
    """Recognition on 8-bit grey, lines x height x width, ending in a top-k and the forms of `_amount_places`."""
    ops = openvino.opset13
    model = openvino.Core().read_model(weights.recognition)
    characters = _characters(model, weights)
    kept = [index for index, character in enumerate(characters) if is_printed(character)]
    _keep_classes(ops, model, weights, kept)
    characters = tuple(characters[index] for index in kept)
    _pool_any_height(ops, model, weights)
    shape = [openvino.Dimension(1, 64), openvino.Dimension(*LINE_HEIGHTS_PX), openvino.Dimension(STEP_PX, 4096)]
    model = _on_grey(openvino, model, shape, [127.5] * 3, [127.5] * 3)
    probabilities = model.get_results()[0].input_value(0)
    places = ops.constant(np.array(_amount_places(characters), np.int64))
    forms = ops.gather(probabilities, places, ops.constant(np.int64(2))).output(0)
    outputs = (*_top(ops, probabilities, len(characters)), forms)
    return openvino.Model([ops.result(output) for output in outputs], model.get_parameters()), characters


def _keep_classes(ops: Any, model: Any, weights: Weights, kept: Sequence[int]) -> None:
    """Leaves in the last layer of `model` only some of its classes, in the order of `kept`."""
    *_, product = (op for op in model.get_ordered_ops() if op.get_type_name() == "MatMul")
    (user,) = product.output(0).get_target_inputs()
    for node in (product, user.get_node()):
        constant = node.input_value(1).get_node()
        if constant.get_type_name() != "Constant" or constant.output(0).get_shape()[-1] <= max(kept):
            raise _unexpected(weights)
        some = ops.constant(np.ascontiguousarray(constant.get_data()[..., kept]))
        node.input(1).replace_source_output(some.output(0))
    model.validate_nodes_and_infer_types()


def _pool_any_height(ops: Any, model: Any, weights: Weights) -> None:
    """Lets lines of any height through `model`.

    As published it ends its convolutions in a mean over the three rows that 48 pixels become and over two columns;
    the mean over all rows there are is the same for these.
    """
    pools = [op for op in model.get_ops() if op.get_type_name() == "AvgPool"]
    if [list(pool.get_attributes()["kernel"]) for pool in pools] != [[3, 2]]:
        raise _unexpected(weights)
    rows = ops.reduce_mean(pools[0].input_value(0), ops.constant(np.array([2], np.int64)), True)
    pooled = ops.avg_pool(rows, [1, 2], [0, 0], [0, 0], [1, 2], True)
    for user in list(pools[0].output(0).get_target_inputs()):
        user.replace_source_output(pooled.output(0))


def _unexpected(weights: Weights) -> MissingResource:
    return MissingResource(
        f"模型文件 {weights.recognition} 的结构与预期不符", "请重新安装 rapidocr（3.10 或更高版本）后重试"
    )


def _amount_places(characters: Sequence[str]) -> list[int]:
    """The classes of what numbers are made of, in all its forms."""
    return [index for index, character in enumerate(characters) if character in _AMOUNT_GROUPS]


def _amount_groups(characters: Sequence[str]) -> NDArray[np.float32]:
    """1 where a form of `_amount_places` (row) is one of the blank and `AMOUNT_ALPHABET` (column): adds forms up."""
    groups = [_AMOUNT_GROUPS[characters[index]] for index in _amount_places(characters)]
    return np.eye(1 + len(AMOUNT_ALPHABET), dtype=np.float32)[groups]


def _top(ops: Any, probabilities: Any, classes: int) -> tuple[Any, Any]:
    """The `TOP_K` largest of the last axis and their places; exact, and a sixth of the time of one TopK.

    The classes are dealt into groups, the best `TOP_K` groups by their largest member hold all that is wanted,
    and only their members are ranked.
    """

    def number(*values: int) -> Any:
        return ops.constant(np.array(values, np.int64))

    def largest(values: Any) -> Any:
        return ops.topk(values, ops.constant(np.int64(TOP_K)), -1, "max", "value", index_element_type="i32")

    share = next(share for share in range(12, 0, -1) if classes % share == 0)
    groups = classes // share
    dealt = ops.reduce_max(ops.reshape(probabilities, number(0, 0, share, groups), True), number(2), False)
    members = ops.constant((np.arange(share, dtype=np.int32) * groups).reshape(1, 1, share, 1))
    chosen = ops.unsqueeze(largest(dealt).output(1), number(2))
    places = ops.reshape(ops.add(chosen, members), number(0, 0, share * TOP_K), True)
    best = largest(ops.gather_elements(probabilities, places, 2))
    return best.output(0), ops.gather_elements(places, best.output(1), 2).output(0)


def _characters(model: Any, weights: Weights) -> tuple[str, ...]:
    """The recognition file's own list of characters, framed by the blank and the space as CTC training had it."""
    path = ["framework", "character"]
    if not model.has_rt_info(path):
        raise MissingResource(
            f"模型文件 {weights.recognition} 不含字符表", "请重新安装 rapidocr（3.10 或更高版本）后重试"
        )
    return ("", *model.get_rt_info(path).astype(str).split("\n"), " ")


def _on_grey(openvino: Any, model: Any, shape: list[Any], mean: list[float], deviation: list[float]) -> Any:
    """Puts 8-bit grey to normalised three-channel float in front of `model`."""
    ops = openvino.opset13
    grey = ops.parameter(openvino.PartialShape(shape), np.uint8, "grey")
    channel = ops.unsqueeze(ops.convert(grey, "f32"), ops.constant(np.int64(1)))
    planes = ops.concat([channel, channel, channel], 1)
    centred = ops.subtract(planes, ops.constant(np.array(mean, np.float32).reshape(1, 3, 1, 1)))
    ready = ops.divide(centred, ops.constant(np.array(deviation, np.float32).reshape(1, 3, 1, 1)))
    old = model.get_parameters()[0]
    for user in list(old.output(0).get_target_inputs()):
        user.replace_source_output(ready.output(0))
    made = openvino.Model(model.get_results(), [grey])
    made.validate_nodes_and_infer_types()
    return made


def _recognition_config(characters: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Global": {"model_name": RECOGNITION_NAME},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": [3, LINE_HEIGHTS_PX[-1], 320]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": list(characters[1:-1])},
    }


def _with_predictor(paddle_class: type, predictor: Any) -> Any:
    """An object of PaddleOCR's class around a predictor that already has its runner.

    PaddleOCR would otherwise build a runner of its own and ask for ONNX Runtime or PaddlePaddle to do so.
    """
    made = type(paddle_class.__name__, (paddle_class,), {"_create_paddlex_predictor": lambda _: predictor})
    return made(model_name=predictor.model_name)


_NEEDED_BY_TEXT_MODELS = frozenset({"opencv-contrib-python", "pyclipper", "python-bidi"})


@contextmanager
def _paddle_quiet() -> Iterator[None]:
    """Imports of PaddleOCR without network, without files in the home directory and without what text does not need.

    PaddleX asks `is_dep_available` before it imports each optional library. Answering no for those that its
    text models do without (scikit-learn, Matplotlib, LangChain, ...) saves two thirds of the import time.
    """
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    os.environ.setdefault("PADDLE_PDX_EAGER_INIT", "False")
    os.environ.setdefault("PADDLE_PDX_CACHE_HOME", str(_paddle_cache()))
    if "paddlex" in sys.modules:
        yield
        return
    spec = importlib.util.find_spec("paddlex")
    if spec is None or spec.submodule_search_locations is None or importlib.util.find_spec("paddleocr") is None:
        raise MissingResource("未安装 PaddleOCR", "请运行 pip install paddleocr 后重试")
    package = types.ModuleType("paddlex")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["paddlex"] = package
    try:
        dependencies: Any = importlib.import_module("paddlex.utils.deps")
    finally:
        del sys.modules["paddlex"]
    is_available = dependencies.is_dep_available
    importing = True

    def is_needed(dep: str, /, check_version: bool = False) -> bool:
        if importing and dep not in _NEEDED_BY_TEXT_MODELS:
            return False
        return bool(is_available(dep, check_version=check_version))

    dependencies.is_dep_available = is_needed
    try:
        yield
    finally:
        importing = False


def _paddle_cache() -> Path:
    """A folder for the few empty directories that PaddleX makes at import: the user's cache, else the temporary one."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - `Path.home` raises without a home
    wanted = Path(home) / "caishen" / "paddlex"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return wanted
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"caishen-paddlex-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
