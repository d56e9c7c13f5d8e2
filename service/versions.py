"""Digests of what a stage's result depends on besides its input: code, models, libraries, settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from models.run import Stage
from service.digests import file_digest

_ROOT: Final = Path(__file__).resolve().parent.parent
# The folders whose every file can change a stage's result. The networks for text come with `rapidocr`.
_FOLDERS: Final[dict[Stage, tuple[str, ...]]] = {"pages": ("models", "ocr"), "findings": ("models", "detect")}
_LIBRARIES: Final[dict[Stage, tuple[str, ...]]] = {
    "pages": ("opencv-contrib-python", "openvino", "paddleocr", "pikepdf", "pillow", "pypdfium2", "rapidocr"),
    "findings": ("cn2an", "rapidfuzz", "rensa", "scikit-learn"),
}


@dataclass(frozen=True, slots=True)
class Versions:
    """What the results of an installation depend on besides the file.

    Attributes:
        code: digest of the code and models of each stage.
        config: digest of the settings that change what the stage makes.
    """

    code: Mapping[Stage, str]
    config: Mapping[Stage, str]

    def of(self, stage: Stage) -> tuple[str, str]:
        """What a stage's result depends on: digests of code and settings."""
        return self.code[stage], self.config[stage]

    @property
    def digest(self) -> str:
        """One digest for all of it."""
        return digest_of(f"{stage} {self.code[stage]} {self.config[stage]}" for stage in sorted(self.code))


@lru_cache(maxsize=2)
def code_version(stage: Stage) -> str:
    """Digest of the files and libraries that decide what the stage makes of its input."""
    parts = [f"{name} {file_digest(path)}" for folder in _FOLDERS[stage] for name, path in _files(_ROOT / folder)]
    parts += [f"{library} {_installed(library)}" for library in _LIBRARIES[stage]]
    return digest_of(parts)


def digest_of(parts: Iterable[str]) -> str:
    """SHA-256 of texts, one a line."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Source and data of a package by name, without what Python makes of it."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted((path.relative_to(_ROOT).as_posix(), path) for path in found)


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
