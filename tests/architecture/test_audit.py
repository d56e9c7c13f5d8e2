"""The audit of dependencies fails on a known vulnerability, and never calls clean what it could not examine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

PATH = Path(__file__).resolve().parents[2] / ".ci" / "audit.py"
CLEAN = {"name": "clean", "version": "1.0", "vulns": []}
SKIPPED = {"name": "own", "skip_reason": "Dependency not found on PyPI and could not be audited: own (1.0)"}
BAD = {"name": "bad", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}


@pytest.fixture(scope="module")
def audit() -> Any:
    spec = importlib.util.spec_from_file_location("ci_audit", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("pypi", "osv", "code", "says", "does_not_say"),
    [
        ([CLEAN], None, 0, "no known vulnerabilities", "NOT CHECKED"),
        ([CLEAN, BAD], None, 1, "bad 1.0: PYSEC-1, fixed in 1.1", "no known"),
        ([CLEAN, SKIPPED], "it could not be reached", 0, "NOT CHECKED with pypi: 1 packages", "no known"),
        ([SKIPPED], "it could not be reached", 0, "NOT CHECKED with osv, because it could not be", "no known"),
        ([SKIPPED], [CLEAN], 0, "no known vulnerabilities", "clean 1.0"),
        ([SKIPPED], [BAD], 1, "PYSEC-1", "no known"),
        ("it could not be reached", "nor could it", 0, "NOT CHECKED with pypi", "no known"),
    ],
)
def test_what_was_not_examined_is_not_clean(
    audit: Any, pypi: Any, osv: Any, code: int, says: str, does_not_say: str
) -> None:
    given = {name: found for name, found in (("pypi", pypi), ("osv", osv)) if found is not None}
    outcomes = {
        name: found if isinstance(found, str) else audit.outcome_of({"dependencies": found})
        for name, found in given.items()
    }
    found_code, words = audit.verdict(outcomes)
    assert found_code == code
    assert says in words
    assert does_not_say not in words
