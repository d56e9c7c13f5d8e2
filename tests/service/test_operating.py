"""What is written for those who run the service names settings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["docs/operating.md", "compose.yaml", "Dockerfile"])
def test_every_variable_is_a_setting(name: str) -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z0-9_]+)", (ROOT / name).read_text(encoding="utf-8")))
    assert named
    assert {variable.lower() for variable in named} - set(Settings.model_fields) == set()


def test_defaults_are_those_that_are_written_down() -> None:
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    units = {"": 1, " MB": 1 << 20, " GB": 1 << 30}
    rows = re.findall(rf"\| `{PREFIX}(\w+)` \| (\d+)( [MG]B)? \|", text)
    assert len(rows) >= 10
    for name, number, unit in rows:
        assert Settings.model_fields[name.lower()].default == int(number) * units[unit], name
