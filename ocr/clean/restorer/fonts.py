"""Font files of this machine → faces that can set Chinese, and plain faces for digits."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

SYSTEM_FOLDERS = (Path("/usr/share/fonts"),)

DIGIT_FAMILIES = ("Liberation", "DejaVu", "NotoSans-", "NotoSerif-", "NotoSansMono-", "STIX")
"""Families with upright digits; the hundreds of other scripts' faces in a font folder add nothing."""

REQUIRED = "预算审计表元年"
"""A face that lacks one of these is no face for Chinese."""

_MISSING = "\U0010fffe"


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file."""

    path: Path
    index: int

    def at(self, size_px: int) -> ImageFont.FreeTypeFont:
        """The face at a size in pixels."""
        return _load(self.path, self.index, size_px)

    def draws(self, character: str) -> bool:
        """Whether the face has the character, or it is a blank."""
        return character.isspace() or _draws(self.path, self.index, character)


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces that pages and marks are set in.

    Attributes:
        chinese: faces with Chinese characters, digits and Latin letters.
        digits: the Chinese faces, and faces with digits and Latin letters alone.
    """

    chinese: tuple[Face, ...]
    digits: tuple[Face, ...]


@lru_cache(maxsize=500_000)
def _draws(path: Path, index: int, character: str) -> bool:
    font = _load(path, index, 24)
    drawn = bytes(font.getmask(character))
    return any(drawn) and drawn != bytes(font.getmask(_MISSING))


@lru_cache(maxsize=600)
def _load(path: Path, index: int, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size_px, index=index, layout_engine=ImageFont.Layout.BASIC)


def find_faces(folders: Sequence[Path] = (), system: Sequence[Path] = SYSTEM_FOLDERS) -> Faces:
    """Faces of the given folders, of the system's and, if it is installed, of the mplfonts package.

    Raises:
        FileNotFoundError: no face sets Chinese.
    """
    files = _files((*folders, *system, *_package_folder()))
    chinese = [Face(file, 0) for file in files if sets(file, REQUIRED)]
    latin = [Face(file, 0) for file in files if _is_plain(file) and sets(file, "0123456789,.%")]
    if not chinese:
        raise FileNotFoundError("没有找到中文字体：请安装 fonts-noto-cjk、fonts-arphic-uming 等软件包")
    return Faces(tuple(chinese), (*chinese, *latin[:40]))


def find_families(names: Sequence[str], system: Sequence[Path] = SYSTEM_FOLDERS) -> tuple[Face, ...]:
    """Faces with digits whose file names begin with one of `names`."""
    files = [file for file in _files(system) if file.name.startswith(tuple(names))]
    return tuple(Face(file, 0) for file in files if sets(file, "0123456789,.%-()"))


def _files(folders: Sequence[Path]) -> list[Path]:
    """All font files under the folders."""
    return sorted(
        {
            file.resolve()
            for folder in folders
            for file in folder.rglob("*")
            if file.suffix.lower() in {".ttf", ".ttc", ".otf"}
        }
    )


def _package_folder() -> tuple[Path, ...]:
    """The folder of mplfonts' fonts under the Open Font License, all of which are Noto or Source Han."""
    spec = importlib.util.find_spec("mplfonts")
    if spec is None or spec.origin is None:
        return ()
    return (Path(spec.origin).parent / "fonts",)


def _is_plain(file: Path) -> bool:
    condensed = any(word in file.name for word in ("Condensed", "Thin", "Black", "Symbols", "Math"))
    return file.name.startswith(DIGIT_FAMILIES) and not condensed


def sets(file: Path, text: str) -> bool:
    """Whether the first face of a file draws each of these characters, and no two of them alike."""
    if file.name.startswith("SimHei"):  # not under a free licence, wherever it lies
        return False
    try:
        font = _load(file, 0, 24)
        nothing = bytes(font.getmask(_MISSING))
        glyphs = [bytes(font.getmask(character)) for character in text]
    except (OSError, ValueError):
        return False
    return all(any(glyph) and glyph != nothing for glyph in glyphs) and len(set(glyphs)) == len(glyphs)
