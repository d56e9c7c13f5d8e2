"""Where the text models come from: file names in, the two ONNX files that the `rapidocr` wheel carries out.

Nothing is downloaded, copied or written: the networks are read in place.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from models.errors import MissingResource

DETECTION_FILE = "PP-OCRv6_det_small.onnx"
RECOGNITION_FILE = "PP-OCRv6_rec_small.onnx"

# PaddleOCR knows the networks under these names.
DETECTION_NAME = "PP-OCRv6_small_det"
RECOGNITION_NAME = "PP-OCRv6_small_rec"


@dataclass(frozen=True, slots=True)
class Weights:
    """The ONNX files of text detection and text recognition."""

    detection: Path
    recognition: Path


def find_weights(folder: Path | None = None) -> Weights:
    """The weights in `folder`, by default in the installed `rapidocr` wheel (which is not imported).

    Raises:
        MissingResource: the wheel is not installed, or a file is not in it.
    """
    if folder is None:
        spec = importlib.util.find_spec("rapidocr")
        if spec is None or not spec.submodule_search_locations:
            raise MissingResource("未安装 rapidocr，找不到文字识别模型", "请运行 pip install rapidocr 后重试")
        folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    weights = Weights(detection=folder / DETECTION_FILE, recognition=folder / RECOGNITION_FILE)
    for path in (weights.detection, weights.recognition):
        if not path.is_file():
            raise MissingResource(f"找不到文字识别模型文件 {path}", "请重新安装 rapidocr（3.10 或更高版本）后重试")
    return weights
