"""What the sandboxed child does: bytes of a document → its pages.

Only this module and those under it open untrusted bytes, and it is never imported outside the sandbox.
Paths come in as strings; everything that goes out crosses a pipe.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pypdfium2 as pdf
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

from models.errors import DamagedInput, EncryptedInput, InputTooLarge, UnsupportedFormat
from models.geometry import Box
from models.page import Page
from ocr.pages import FailedPage, ImagePage, Limits, PageContent, PageSize, Picture, TextPage
from ocr.textlayer import TextLayer, page_frame, read_text_layer

# Detection and recognition were tuned at this resolution; a scan near it is taken pixel by pixel.
SCAN_DPI = 200.0
NATIVE_DPI = (150.0, 300.0)
# What scanners write. 72 and 96 are what programs write that know no resolution.
CREDIBLE_DPI = (100.0, 1200.0)
A4_LONG_PT = 297 / 25.4 * 72
MIN_PAGE_PT, MAX_PAGE_PT = 3.0, 14_400.0 * 10
# Small enough to cost 5 ms, fine enough to see a line of 6 pt type.
INK_CHECK_DPI = 40.0
# Grey levels between paper (or its shade nearby) and ink.
INK_CONTRAST = 60
# Share of the page: one short line of text has about 0.001.
MAX_UNEXPLAINED_INK = 0.0006
# Channels that differ less are a grey scan with some noise of the camera; a pale red seal differs by 40.
GREY_SPREAD = 14
COLOUR_SHARE = 0.0002

# Pillow opens the MPO files of cameras as JPEG. Importing a plugin is what makes its format known.
_IMAGE_FORMATS = ("PNG", "JPEG", "TIFF")
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff"))
_REMEDY_FORMAT = "请提供 PDF、PNG、JPEG 或 TIFF 文件"
_REMEDY_DAMAGED = "请重新下载或重新扫描该文件后再试"


class Source(Protocol):
    """An opened document."""

    def sizes(self) -> list[PageSize]:
        """Of all pages."""

    def read(self, index: int) -> PageContent:
        """The page as trusted text or as a picture."""

    def render(self, index: int, dpi: float) -> Picture:
        """The page as the viewer shows it."""


def sniff(path: Path) -> str:
    """`pdf`, `image`, or empty, by the first bytes alone."""
    with path.open("rb") as file:
        start = file.read(1024)
    if b"%PDF-" in start:
        return "pdf"
    return "image" if start.startswith(_MAGIC) else ""


_opened: tuple[str, Limits, Source] | None = None


def open_document(path: str, limits: Limits) -> list[PageSize]:
    """Open and keep the document; the sizes of its pages."""
    return _source(path, limits).sizes()


def read_page(path: str, index: int, limits: Limits) -> PageContent:
    """One page, trusted text or picture."""
    return _source(path, limits).read(index)


def render_page(path: str, index: int, dpi: float, limits: Limits) -> Picture:
    """One page's picture as the viewer shows it, (height, width, 3) RGB or (height, width) grey."""
    return _source(path, limits).render(index, dpi)


def _source(path: str, limits: Limits) -> Source:
    global _opened
    if _opened is None or _opened[:2] != (path, limits):
        _opened = None
        _opened = (path, limits, _open(Path(path), limits))
    return _opened[2]


def _open(path: Path, limits: Limits) -> Source:
    if path.is_dir():
        files = natural_order(
            file for file in path.iterdir() if file.is_file() and (sniff(file) == "image" or _named_image(file))
        )
        if not files:
            raise UnsupportedFormat(f"文件夹“{path.name}”中没有可识别的页面图像", _REMEDY_FORMAT)
        return _Images(path.name, files, limits)
    kind = sniff(path)
    if kind == "pdf":
        return _Pdf(path, limits)
    if kind == "image":
        return _Images(path.name, [path], limits)
    raise UnsupportedFormat(f"文件“{path.name}”不是 PDF、PNG、JPEG 或 TIFF（按内容判断，与扩展名无关）", _REMEDY_FORMAT)


def _named_image(file: Path) -> bool:
    """A damaged page image keeps its place in the document by its name."""
    return file.suffix.lower() in _SUFFIXES and not file.name.startswith(".")


def natural_order(files: Any) -> list[Path]:
    """By name, numbers by value: 2 before 10; full-width digits count as digits."""

    def key(file: Path) -> list[tuple[int, int, str]]:
        parts = re.split(r"(\d+)", unicodedata.normalize("NFKC", file.name).casefold())
        return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]

    return sorted(files, key=key)


class _Pdf:
    """A PDF, kept open."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._document = _open_pdf(path)
        count = len(self._document)
        if count == 0:
            raise DamagedInput(f"文件“{path.name}”中没有任何页面", _REMEDY_DAMAGED)
        if count > limits.max_pages:
            raise InputTooLarge(
                f"文件“{path.name}”共 {count} 页，超过 {limits.max_pages} 页的上限", "请拆分文件后分别提交"
            )

    def sizes(self) -> list[PageSize]:
        size = pdfium.FS_SIZEF()
        sizes = []
        for index in range(len(self._document)):
            known = pdfium.FPDF_GetPageSizeByIndexF(self._document.raw, index, size)
            sizes.append(PageSize(size.width, size.height) if known else PageSize(0.0, 0.0))
        return sizes

    def read(self, index: int) -> PageContent:
        page = self._load(index)
        try:
            layer = read_text_layer(page.raw)
            if not _credible_size(layer.width_pt, layer.height_pt):
                return _failed(index, layer.width_pt, layer.height_pt, "页面尺寸异常，无法读取")
            if not layer.distrust and not (layer.needs_ink_check and self._has_unexplained_ink(page, layer)):
                return _text_page(index, layer)
            _, width_pt, height_pt, _ = page_frame(page.raw)
            native = layer.image_dpi
            dpi = native if NATIVE_DPI[0] <= native <= NATIVE_DPI[1] else SCAN_DPI
            picture, dpi = self._picture(page, width_pt, height_pt, dpi)
            about = Page(index, width_pt, height_pt, source="ocr")
            return ImagePage(about, _grey_if_grey(picture), dpi)
        finally:
            page.close()

    def render(self, index: int, dpi: float) -> Picture:
        page = self._load(index)
        try:
            _, width_pt, height_pt, _ = page_frame(page.raw)
            return self._picture(page, width_pt, height_pt, dpi)[0]
        finally:
            page.close()

    def _load(self, index: int) -> Any:
        page = self._document[index]
        if _has_form_values(page.raw):
            # What is typed into form fields is not in the page's own content until it is flattened into it.
            pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
            page.close()
            page = self._document[index]
        return page

    def _picture(self, page: Any, width_pt: float, height_pt: float, dpi: float) -> tuple[Picture, float]:
        most = math.sqrt(self._limits.max_render_pixels / (width_pt * height_pt)) * 72
        dpi = min(dpi, most)
        width, height = max(round(width_pt * dpi / 72), 1), max(round(height_pt * dpi / 72), 1)
        bitmap = pdfium.FPDFBitmap_Create(width, height, 0)
        if not bitmap:
            raise MemoryError
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, page.raw, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            buffer = pdfium.FPDFBitmap_GetBuffer(bitmap)
            raw = (pdfium.c_ubyte * (stride * height)).from_address(pdfium.cast(buffer, pdfium.c_void_p).value)
            pixels = np.frombuffer(raw, dtype=np.uint8).reshape(height, stride // 4, 4)
            return np.ascontiguousarray(pixels[:, :width, 2::-1]), dpi
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def _has_unexplained_ink(self, page: Any, layer: TextLayer) -> bool:
        """Whether the page shows ink that none of its words, rules, shades or marks accounts for."""
        if layer.is_empty:
            return False
        _, width_pt, height_pt, _ = page_frame(page.raw)
        picture, dpi = self._picture(page, width_pt, height_pt, INK_CHECK_DPI)
        grey = np.rot90(picture.min(axis=2), k=layer.rotation_deg // 90).astype(np.int16)
        ink = _edges(grey)
        scale = dpi / 72
        boxes = [word.box for word in layer.words] + list(layer.marks)
        boxes += [Box(rule.x0, rule.y0, rule.x1, rule.y1) for rule in layer.rules]
        for box in boxes:
            _blank(ink, box, scale)
        for fill in layer.fills:
            for side in _sides(fill.box):
                _blank(ink, side, scale)
        return bool(np.count_nonzero(ink) > MAX_UNEXPLAINED_INK * ink.size)


def _edges(grey: Any) -> Any:
    """Pixels that differ from a neighbour by the contrast of ink."""
    ink = np.zeros(grey.shape, dtype=bool)
    ink[:, 1:] |= np.abs(np.diff(grey, axis=1)) > INK_CONTRAST
    ink[1:, :] |= np.abs(np.diff(grey, axis=0)) > INK_CONTRAST
    return ink


def _blank(ink: Any, box: Box, scale: float) -> None:
    margin = 2
    y0, y1 = max(int(box.y0 * scale) - margin, 0), int(box.y1 * scale) + margin + 1
    x0, x1 = max(int(box.x0 * scale) - margin, 0), int(box.x1 * scale) + margin + 1
    ink[y0:y1, x0:x1] = False


def _sides(box: Box) -> tuple[Box, Box, Box, Box]:
    return (
        Box(box.x0, box.y0, box.x1, box.y0),
        Box(box.x0, box.y1, box.x1, box.y1),
        Box(box.x0, box.y0, box.x0, box.y1),
        Box(box.x1, box.y0, box.x1, box.y1),
    )


def _open_pdf(path: Path) -> pdf.PdfDocument:
    try:
        return pdf.PdfDocument(path)
    except pdf.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise EncryptedInput(f"文件“{path.name}”已加密，需要密码才能打开", "请解除密码保护后重新提交") from error
        repaired = _repaired(path)
        if repaired is None:
            raise DamagedInput(f"文件“{path.name}”不是完整的 PDF，无法打开", _REMEDY_DAMAGED) from error
        return repaired


def _repaired(path: Path) -> pdf.PdfDocument | None:
    """What a stricter reader gave up on, rebuilt by a more patient one; None where nothing is left."""
    import pikepdf

    try:
        with pikepdf.open(path) as broken:
            if not len(broken.pages):
                return None
            buffer = io.BytesIO()
            broken.save(buffer)
        return pdf.PdfDocument(buffer.getvalue())
    except pikepdf.PasswordError as error:
        raise EncryptedInput(f"文件“{path.name}”已加密，需要密码才能打开", "请解除密码保护后重新提交") from error
    except (pikepdf.PdfError, pdf.PdfiumError, ValueError, RuntimeError, RecursionError):
        return None


def _has_form_values(page: Any) -> bool:
    shown = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT)
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), 200)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        if kind in shown:
            return True
    return False


def _credible_size(width_pt: float, height_pt: float) -> bool:
    return all(math.isfinite(side) and MIN_PAGE_PT <= side <= MAX_PAGE_PT for side in (width_pt, height_pt))


def _text_page(index: int, layer: TextLayer) -> TextPage:
    page = Page(
        index,
        layer.width_pt,
        layer.height_pt,
        rotation_deg=layer.rotation_deg,
        source="text",
        watermark=round(layer.watermark, 4),
    )
    return TextPage(page, layer.words, layer.rules, layer.fills)


def _failed(index: int, width_pt: float, height_pt: float, problem: str) -> FailedPage:
    width_pt, height_pt = (side if math.isfinite(side) and side > 0 else 0.0 for side in (width_pt, height_pt))
    return FailedPage(Page(index, width_pt, height_pt, source="ocr", problem=problem))


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
    problem: str = ""


class _Images:
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
            raise DamagedInput(f"文件“{name}”{reason}", _REMEDY_DAMAGED)

    def sizes(self) -> list[PageSize]:
        return [PageSize(frame.width_pt, frame.height_pt) for frame in self._frames]

    def read(self, index: int) -> PageContent:
        frame = self._frames[index]
        if frame.problem:
            return _failed(index, frame.width_pt, frame.height_pt, frame.problem)
        # Finer than the reader needs costs time and shows no more; coarser cannot be helped.
        dpi = frame.dpi if frame.dpi <= NATIVE_DPI[1] else SCAN_DPI
        picture = self.render(index, dpi)
        about = Page(index, frame.width_pt, frame.height_pt, source="ocr")
        return ImagePage(about, _grey_if_grey(picture), picture.shape[1] * 72 / frame.width_pt)

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
            flat = ImageOps.exif_transpose(_eight_bit(image))
        # Within a pixel the sizes are one; a fax has pixels that are not square, and a draft is still too large.
        if max(abs(flat.width - size[0]), abs(flat.height - size[1])) > 1:
            flat = flat.resize(size, Image.Resampling.BOX if flat.width > 2 * size[0] else Image.Resampling.LANCZOS)
        return np.array(flat, dtype=np.uint8)

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
                frames.append(_Frame(file, 0, 0, 0, 0.0, 0.0, 0.0, f"中的图像“{file.name}”已损坏，无法解码"))
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
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        except (OSError, ValueError, TypeError, SyntaxError, KeyError):
            turned = False
        dpi_x, dpi_y = _dpi(image)
        if turned:
            width, height, dpi_x, dpi_y = height, width, dpi_y, dpi_x
        width_pt, height_pt = width * 72 / dpi_x, height * 72 / dpi_y
        return _Frame(file, number, width, height, width_pt, height_pt, max(dpi_x, dpi_y), problem)


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
        flat = Image.fromarray(eight)
        flat.info["exif"] = image.info.get("exif", b"")
        return flat
    if image.mode in ("1", "L"):
        return image.convert("L") if "transparency" not in image.info else _on_white(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _on_white(image)
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    layered = image.convert("RGBA")
    paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    paper.alpha_composite(layered)
    flat = paper.convert("RGB")
    flat.info.update(image.info)
    return flat


def _grey_if_grey(picture: Picture) -> Picture:
    """One channel where there is no colour: a third of the memory, and seals are looked for in colour only."""
    if picture.ndim == 2:
        return picture
    small = picture[::3, ::3].astype(np.int16)
    spread = small.max(axis=2) - small.min(axis=2)
    if np.count_nonzero(spread > GREY_SPREAD) > COLOUR_SHARE * spread.size:
        return picture
    return np.asarray(Image.fromarray(picture).convert("L"), dtype=np.uint8)
