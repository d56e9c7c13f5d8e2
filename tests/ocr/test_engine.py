"""The models are found where the wheel keeps them, and the engine says what it promises about shapes and order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.errors import MissingResource
from ocr.engine import LINE_HEIGHTS_PX, STEP_PX, TOP_K, engine
from ocr.weights import find_weights


def test_weights_are_in_the_installed_wheel() -> None:
    weights = find_weights()
    assert weights.detection.suffix == weights.recognition.suffix == ".onnx"


def test_a_missing_model_file_is_named_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(MissingResource) as caught:
        find_weights(tmp_path)
    assert "PP-OCRv6_det_small.onnx" in caught.value.reason
    assert "重新安装" in caught.value.remedy


@pytest.mark.parametrize("height", LINE_HEIGHTS_PX)
def test_every_step_has_its_readings_in_falling_order(height: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3, height, 96), dtype=np.uint8)
    (steps,) = engine().recognise([noise])
    assert steps.probability.shape == steps.character.shape == (3, 96 // STEP_PX, TOP_K)
    assert (np.diff(steps.probability, axis=2) <= 0).all()
    assert len(np.unique(steps.character[0, 0])) == TOP_K
    assert int(steps.character.max()) < len(engine().characters)


def test_the_blank_is_class_zero_and_digits_are_known() -> None:
    characters = engine().characters
    assert characters[0] == ""
    assert set("0123456789.,%") <= set(characters)


def test_only_characters_of_chinese_print_are_asked_for() -> None:
    characters = engine().characters
    assert set("预算镕堃喆乂①Ⅳ℃±×≥￥α（）【】％■√") <= set(characters)
    assert not set("預門體ñｱ🀄θ∅") & set(characters)
    assert len(set(characters)) == len(characters) < 10_000
    assert any(len(characters) % share == 0 for share in range(8, 13))  # else the best of them are found slowly


def test_lines_of_a_batch_do_not_touch_each_other() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (4, LINE_HEIGHTS_PX[1], 96), dtype=np.uint8)
    together, alone = engine().recognise([noise, noise[2:3]])
    np.testing.assert_allclose(together.probability[2], alone.probability[0], atol=0.02)


def test_batches_come_back_in_order_and_as_they_are_alone() -> None:
    random = np.random.default_rng(2)
    batches = [random.integers(0, 255, (1, LINE_HEIGHTS_PX[0], width), dtype=np.uint8) for width in range(160, 32, -8)]
    together = list(engine().recognise(batches))
    first = next(engine().recognise(batches))  # the others are left
    alone = [next(engine().recognise([batch])) for batch in batches]
    assert len(together) == len(batches)
    for steps, same in zip([first, *together], [alone[0], *alone], strict=True):
        np.testing.assert_array_equal(steps.character, same.character)
        np.testing.assert_array_equal(steps.probability, same.probability)


def test_an_empty_page_has_no_text() -> None:
    assert engine().detect(np.full((320, 320), 255, np.uint8)).shape == (0, 4, 2)


def test_reading_code_is_imported_without_the_engine_and_the_engine_leaves_the_home_alone(tmp_path: Path) -> None:
    program = (
        "import sys, ocr.lines\n"
        "assert not {'paddleocr', 'paddlex', 'openvino'} & set(sys.modules)\n"
        "from ocr.engine import engine\n"
        "engine()\n"
        "assert 'sklearn' not in sys.modules and 'matplotlib' not in sys.modules\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, timeout=600)
    assert not list(home.iterdir())
