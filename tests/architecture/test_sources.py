"""What holds for every source file, whoever wrote it."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("models", "ocr", "detect", "service")
SOURCES = sorted(path for folder in (*LAYERS, "examples", "bench") for path in (ROOT / folder).rglob("*.py"))
MOST_LINES = 450
# A helper with no home serves a concept that is not yet named.
HOMELESS = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", LAYERS)
def test_generic_names_mean_this_repository(package: str) -> None:
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).resolve() == ROOT / package / "__init__.py"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_modules_say_what_enters_and_leaves(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), f"{named(path)} has no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_modules_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{named(path)} has {lines} lines: split it by concept"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_modules_have_a_home(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    assert not HOMELESS & {word for part in parts for word in (part, *part.split("_"))}
