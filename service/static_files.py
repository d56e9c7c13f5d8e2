"""The files that pages load: read once from the package, served under an address that changes with their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from models.errors import NotFound

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_FOREVER: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file with its media type and the beginning of its SHA-256."""

    content: bytes
    media_type: str
    digest: str


@lru_cache(maxsize=1)
def static_files() -> dict[str, StaticFile]:
    """All shipped files by their path under `static/`; what is not among them cannot be asked for."""
    found: dict[str, StaticFile] = {}

    def collect(folder: Traversable, prefix: str) -> None:
        for entry in folder.iterdir():
            if entry.is_dir():
                collect(entry, f"{prefix}{entry.name}/")
            elif media_type := _TYPES.get(PurePosixPath(entry.name).suffix):
                content = entry.read_bytes()
                digest = hashlib.sha256(content).hexdigest()[:16]
                found[prefix + entry.name] = StaticFile(content, media_type, digest)

    collect(files("service") / "static", "")
    return found


def static_address(name: str) -> str:
    """The address of a shipped file; browsers may keep what they get there for ever.

    Raises:
        KeyError: there is no such file.
    """
    return f"/static/{static_files()[name].digest}/{name}"


@router.get("/static/{digest}/{name:path}")
def static_file(digest: str, name: str) -> Response:
    """One shipped file."""
    found = static_files().get(name)
    if found is None or found.digest != digest:
        raise NotFound("没有这个文件", "请刷新页面")
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": _FOREVER})


@router.get("/favicon.ico")
def favicon() -> Response:
    """The mark of the service, for browsers that ask for it unbidden."""
    return Response(static_files()["mark.svg"].content, media_type="image/svg+xml", headers={"Cache-Control": _FOREVER})
