"""Image files → pages: their headers and limits, resolution, orientation, and pixels as 8-bit grey or RGB.

Runs inside the sandbox.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

from models.errors import DamagedInput, InputTooLarge
from models.page import Page
from ocr.pages import ImagePage, Limits, PageContent, PageSize, Picture, failed_page

# Detection and recognition were tuned at this resolution; a scan near it is taken pixel by pixel.
SCAN_DPI = 200.0
NATIVE_DPI = (150.0, 300.0)
# What scanners write, from the 98 lines of a standard fax on. 72 and 96 are what programs write that know none.
CREDIBLE_DPI = (97.0, 1200.0)
A4_LONG_PT = 297 / 25.4 * 72
# Channels that differ less are a grey scan with some noise of the camera; a pale red seal differs by 40.
GREY_SPREAD = 14
COLOUR_SHARE = 0.0002
# Pillow opens the MPO files of cameras as JPEG. Importing a plugin is what makes its format known.
_IMAGE_FORMATS = ("PNG", "JPEG", "TIFF")
# How a picture is brought upright, by the number in its EXIF data; from 5 on its sides change places.
_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
REMEDY_DAMAGED = "请重新下载或重新扫描该文件后再试"
_SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One picture of an image file, by its header."""

    file: Path
    number: int
    width: int
    height: int
    width_pt: float
    height_pt: float
    dpi: float
    orientation: int
    problem: str = ""


class Images:
    """One image file with its frames, or a folder of them."""

    def __init__(self, name: str, files: list[Path], limits: Limits) -> None:
        self._limits = limits
        self._frames: list[_Frame] = []
        Image.MAX_IMAGE_PIXELS = None  # Our own limit is checked on every header.
        for file in files:
            self._frames += self._headers(file)
            if len(self._frames) > limits.max_pages:
                raise InputTooLarge(f"“{name}”超过 {limits.max_pages} 页的上限", "请拆分后分别提交")
        if all(frame.problem for frame in self._frames):
            reason = self._frames[0].problem
            if any(frame.width * frame.height > limits.max_pixels for frame in self._frames):
                raise InputTooLarge(f"文件“{name}”{reason}", "请以不高于 600 dpi 重新扫描或缩小图像后再试")
            raise DamagedInput(f"文件“{name}”{reason}", REMEDY_DAMAGED)

    def sizes(self) -> list[PageSize]:
        return [PageSize(frame.width_pt, frame.height_pt) for frame in self._frames]

    def read(self, index: int) -> PageContent:
        frame = self._frames[index]
        if frame.problem:
            return failed_page(index, PageSize(frame.width_pt, frame.height_pt), frame.problem)
        # Finer than the reader needs costs time and shows no more; coarser cannot be helped.
        dpi = frame.dpi if frame.dpi <= NATIVE_DPI[1] else SCAN_DPI
        picture = self.render(index, dpi)
        about = Page(index, frame.width_pt, frame.height_pt, source="ocr")
        return ImagePage(about, grey_if_grey(picture), picture.shape[1] * 72 / frame.width_pt)

    def render(self, index: int, dpi: float) -> Picture:
        frame = self._frames[index]
        most = math.sqrt(self._limits.max_render_pixels / (frame.width_pt * frame.height_pt)) * 72
        dpi = min(dpi, most)
        size = max(round(frame.width_pt * dpi / 72), 1), max(round(frame.height_pt * dpi / 72), 1)
        with Image.open(frame.file, formats=_IMAGE_FORMATS) as image:
            image.seek(frame.number)
            if image.format == "JPEG":
                # Lets the decoder skip the detail that the reduction below would drop.
                image.draft(None, (2 * max(size), 2 * max(size)))
            flat = _eight_bit(image)
            # Reduced before it is turned: a turned copy of a large picture takes as much memory as the picture.
            stored = size[::-1] if frame.orientation in _SIDEWAYS else size
            # Within a pixel the sizes are one; a fax has pixels that are not square, and a draft is still too large.
            if max(abs(flat.width - stored[0]), abs(flat.height - stored[1])) > 1:
                sharp = flat.width <= 2 * stored[0]
                flat = flat.resize(stored, Image.Resampling.LANCZOS if sharp else Image.Resampling.BOX)
            turn = _ORIENTATIONS.get(frame.orientation)
            return np.array(flat if turn is None else flat.transpose(turn), dtype=np.uint8)

    def _headers(self, file: Path) -> list[_Frame]:
        frames: list[_Frame] = []
        try:
            with Image.open(file, formats=_IMAGE_FORMATS) as image:
                count = min(getattr(image, "n_frames", 1), self._limits.max_pages + 1)
                if image.format == "PNG":
                    count = 1
                for number in range(count):
                    image.seek(number)
                    frames.append(self._header(file, number, image))
        except (OSError, ValueError, TypeError, SyntaxError, EOFError, KeyError, IndexError, ZeroDivisionError):
            if not frames:
                frames.append(_Frame(file, 0, 0, 0, 0.0, 0.0, 0.0, 1, f"中的图像“{file.name}”已损坏，无法解码"))
        return frames

    def _header(self, file: Path, number: int, image: Image.Image) -> _Frame:
        width, height = image.size
        problem = ""
        pixels = width * height
        if image.format == "JPEG":
            pixels //= 16  # The decoder can halve a JPEG's sides twice without unfolding it.
        if pixels > self._limits.max_pixels:
            problem = f"的图像为 {width}×{height} 像素，超过 {self._limits.max_pixels // 1_000_000} 百万像素的上限"
        if width < 1 or height < 1:
            problem = "的图像没有像素"
        try:
            orientation = int(image.getexif().get(0x0112, 1))
        except (OSError, ValueError, TypeError, SyntaxError, KeyError):
            orientation = 1
        dpi_x, dpi_y = _dpi(image)
        if orientation in _SIDEWAYS:
            width, height, dpi_x, dpi_y = height, width, dpi_y, dpi_x
        width_pt, height_pt = width * 72 / dpi_x, height * 72 / dpi_y
        return _Frame(file, number, width, height, width_pt, height_pt, max(dpi_x, dpi_y), orientation, problem)


def _dpi(image: Image.Image) -> tuple[float, float]:
    """Pixels per inch across and down; as if the long side were that of A4 where the file says nothing credible."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        across = down = 0.0
    low, high = CREDIBLE_DPI
    # Fax pictures have pixels twice as high as wide; anything beyond is a mistake.
    if low <= across <= high and low <= down <= high and 0.4 <= across / down <= 2.5:
        return across, down
    guessed = max(*image.size, 1) * 72 / A4_LONG_PT
    return guessed, guessed


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey or RGB with 8 bits a channel; transparent parts become white paper."""
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        values = np.asarray(image, dtype=np.float32)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        top = 65535.0 if 255 < high <= 65535 and low >= 0 else max(high, 255.0)
        eight = np.clip(np.nan_to_num(values) * (255.0 / top), 0, 255).astype(np.uint8)
        return Image.fromarray(eight)
    if image.mode in ("1", "L"):
        if "transparency" in image.info:
            return _on_white(image)
        return image if image.mode == "L" else image.convert("L")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    layered = image.convert("RGBA")
    paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    paper.alpha_composite(layered)
    return paper.convert("RGB")


def grey_if_grey(picture: Picture) -> Picture:
    """One channel where there is no colour: a third of the memory, and seals are looked for in colour only."""
    if picture.ndim == 2:
        return picture
    small = picture[::3, ::3].astype(np.int16)
    spread = small.max(axis=2) - small.min(axis=2)
    if np.count_nonzero(spread > GREY_SPREAD) > COLOUR_SHARE * spread.size:
        return picture
    return np.asarray(Image.fromarray(picture).convert("L"), dtype=np.uint8)
