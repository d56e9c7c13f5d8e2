"""Asking for help costs nothing that only an audit needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"paddleocr", "paddlex", "openvino", "cv2", "pandas", "numpy", "sklearn", "pypdfium2", "pikepdf", "PIL"}
PROGRAM = """
import json, sys
from service.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
sys.stderr.write(json.dumps({"code": code or 0, "modules": sorted(sys.modules)}))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stderr)
    assert told["code"] == 0
    assert done.stdout
    assert HEAVY & set(told["modules"]) == set()
