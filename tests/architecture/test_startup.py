"""Asking for help costs nothing that only an audit needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.real_files import disclosure

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"paddleocr", "paddlex", "openvino", "cv2", "pandas", "numpy", "sklearn", "pypdfium2", "pikepdf", "PIL"}
SERVICE = {"dbos", "sqlalchemy", "alembic", "fastapi", "uvicorn", "psycopg", "obstore"}
PROGRAM = """
import json, sys
from service.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
sys.stderr.write(json.dumps({"code": code or 0, "modules": sorted(sys.modules)}))
"""


@pytest.mark.parametrize("command", ["--help", "audit --help", "worker --help", "--version"])
def test_help_imports_nothing_heavy(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stderr)
    assert told["code"] == 0
    assert done.stdout
    assert (HEAVY | SERVICE) & set(told["modules"]) == set()


def test_an_audit_needs_nothing_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "甲.pdf").write_bytes(disclosure("澄川市水务局"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "audit", str(tmp_path), "--out", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    told = json.loads(done.stderr.splitlines()[-1])
    assert told["code"] == 0, done.stderr
    assert SERVICE & set(told["modules"]) == set()
