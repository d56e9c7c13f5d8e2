"""Page images that came as a folder of an archive: one stored file, a ZIP without compression, and pages out of it.

The bytes depend on the images and their order alone, so that the same pages are the same document under any names.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

MEDIA: Final = "images"
"""The media of a document that is such a file."""
SUFFIX: Final = {"png": ".png", "jpeg": ".jpg", "tiff": ".tif"}
_CHUNK: Final = 1 << 20
# The earliest time that the format knows: the time of packing is no part of the document.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


def write_bundle(target: IO[bytes], images: Iterable[tuple[str, int, Callable[[], IO[bytes]]]]) -> None:
    """Writes images (media, size in bytes, and where their bytes come from) in the order of their pages."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, (media, size, opened) in enumerate(images, 1):
            info = zipfile.ZipInfo(f"{number:05d}{SUFFIX[media]}", _NO_TIME)
            info.file_size = size
            with opened() as source, archive.open(info, "w") as page:
                shutil.copyfileobj(source, page, _CHUNK)


@contextmanager
def unpacked(file: Path, media: str) -> Iterator[Path]:
    """A document's file as it is read: itself, or a folder of its page images."""
    if media != MEDIA:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="caishen-") as folder, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)  # names are ours
        yield Path(folder)


@contextmanager
def page_of(file: Path, media: str, index: int) -> Iterator[tuple[Path, int]]:
    """The file that holds a page, and the page's index in it; a bundle is not unpacked for one page."""
    if media != MEDIA:
        yield file, index
        return
    with tempfile.TemporaryDirectory(prefix="caishen-") as folder, zipfile.ZipFile(file) as archive:
        yield Path(archive.extract(archive.infolist()[index], folder)), 0


def is_one_page(image: IO[bytes]) -> bool:
    """Whether a TIFF holds one picture only: its first directory names no next one. What is damaged is one page."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(image.read(4))
    if order is None:
        return True
    try:
        (directory,) = struct.unpack(f"{order}L", image.read(4))
        image.seek(directory)
        (entries,) = struct.unpack(f"{order}H", image.read(2))
        image.seek(directory + 2 + 12 * entries)
        (following,) = struct.unpack(f"{order}L", image.read(4))
    except (struct.error, OSError, ValueError):
        return True
    return not following
