"""The systems beside which scans are read: each with its own settings, all with the same PP-OCRv6 weights."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from ocr.engine import DETECTION_CONFIG, engine, published_characters
from ocr.weights import DETECTION_NAME, RECOGNITION_NAME, find_weights

Peer = Callable[[np.ndarray], object]
"""Reads the text of one page picture, uint8 grey or RGB: no tables, no cleaning."""

# Part of the published configuration of PP-OCRv6 recognition: lines of 48 px.
_LINE_SHAPE = [3, 48, 320]


def peers() -> dict[str, Peer]:
    """The peers by name; none where ONNX Runtime, the engine that both come with, is not installed."""
    if importlib.util.find_spec("onnxruntime") is None:
        print("onnxruntime is not installed: no peer was timed")
        return {}
    return {"RapidOCR": _rapidocr(), "PaddleOCR": _paddleocr()}


def _rapidocr() -> Peer:
    from rapidocr import RapidOCR

    made: Peer = RapidOCR(params={"Global.log_level": "error"})
    return made


def _paddleocr() -> Peer:
    """PaddleOCR's text detection and recognition with their own steps before and after, on ONNX Runtime."""
    # Our engine imports PaddleOCR without what needs a network; afterwards its classes are their own again.
    engine()
    import paddleocr
    from paddlex.inference.pipelines.components import CropByPolys

    weights, folder = find_weights(), Path(tempfile.mkdtemp(prefix="caishen-bench-"))
    recognition = {
        "Global": {"model_name": RECOGNITION_NAME},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": _LINE_SHAPE}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": list(published_characters(weights)[1:-1])},
    }
    detect = paddleocr.TextDetection(
        model_name=DETECTION_NAME,
        model_dir=_model_folder(folder / "detection", weights.detection, DETECTION_CONFIG),
        engine="onnxruntime",
    )
    recognise = paddleocr.TextRecognition(
        model_name=RECOGNITION_NAME,
        model_dir=_model_folder(folder / "recognition", weights.recognition, recognition),
        engine="onnxruntime",
    )
    crop = CropByPolys(det_box_type="quad")

    def read(image: np.ndarray) -> object:
        colour = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR if image.ndim == 2 else cv2.COLOR_RGB2BGR)
        (found,) = detect.predict(colour)
        crops = crop(colour, found["dt_polys"])
        return recognise.predict(crops) if crops else []

    return read


def _model_folder(folder: Path, network: Path, config: dict[str, Any]) -> str:
    folder.mkdir()
    (folder / "inference.onnx").symlink_to(network)
    (folder / "inference.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return str(folder)
