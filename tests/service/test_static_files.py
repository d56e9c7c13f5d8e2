"""What pages load is shipped whole, named by its content, and what others made is as they published it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from service.static_files import static_address, static_files

STATIC = Path(__file__).parents[2] / "service" / "static"
TEMPLATES = STATIC.parent / "templates"
VENDORED = tomllib.loads((STATIC / "vendor" / "vendored.toml").read_text())["file"]


@pytest.mark.parametrize("file", VENDORED, ids=lambda file: file["name"])
def test_vendored_files_are_as_published(file: dict[str, str]) -> None:
    content = (STATIC / "vendor" / file["name"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert file["version"] in file["source"]
    assert (STATIC / "vendor" / file["licence_file"]).read_text()


def test_every_vendored_file_is_listed() -> None:
    scripts = {path.name for path in (STATIC / "vendor").iterdir() if path.suffix in (".js", ".css")}
    assert scripts == {file["name"] for file in VENDORED}


def test_templates_name_only_files_that_are_shipped() -> None:
    named = {
        name for page in TEMPLATES.rglob("*.html") for name in re.findall(r"static\('([^']+)'\)", page.read_text())
    }
    assert named
    assert named <= set(static_files())


def test_addresses_change_with_the_content() -> None:
    assert static_address("app.css") == f"/static/{static_files()['app.css'].digest}/app.css"


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (*TEMPLATES.rglob("*.html"), *STATIC.glob("*.css"), *STATIC.glob("*.js")):
        outside = re.findall(r"(?:src|href|url|@import)[=(\s'\"]+(?:https?:)?//[^\s'\")]+", path.read_text())
        assert outside == [], path
