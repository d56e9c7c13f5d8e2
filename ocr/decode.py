"""What the sandboxed child does: bytes of a document → its pages.

Only this module and those under it open untrusted bytes, and it is never imported outside the sandbox.
Paths come in as strings; everything that goes out crosses a pipe.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pypdfium2 as pdf
import pypdfium2.raw as pdfium

from models.errors import DamagedInput, EncryptedInput, InputTooLarge, UnsupportedFormat
from models.geometry import Box
from models.page import Page
from ocr.pages import ImagePage, Limits, PageContent, PageSize, Picture, TextPage, failed_page
from ocr.pictures import NATIVE_DPI, REMEDY_DAMAGED, SCAN_DPI, Images, grey_if_grey
from ocr.textlayer import TextLayer, page_frame, read_text_layer

# The format allows 200 inches, or with user units more; below 3 pt there is nothing to see.
MIN_PAGE_PT, MAX_PAGE_PT = 3.0, 144_000.0
# Small enough to cost 5 ms, fine enough to see a line of 6 pt type.
INK_CHECK_DPI = 40.0
# On a poster the type is as large as the page, and has to keep its share of the picture.
INK_CHECK_PIXELS = 300_000
# Grey levels between neighbours. Black 10 pt type keeps 100 of its 255 at this size, pale grey type 30.
INK_CONTRAST = 25
# Share of the page: one short line of text has about 0.001.
MAX_UNEXPLAINED_INK = 0.0006
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff"))
_REMEDY_FORMAT = "请提供 PDF、PNG、JPEG 或 TIFF 文件"


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
    """Open and keep the document, afresh: another file may have been put at the same path; the sizes of its pages."""
    global _opened
    _opened = None
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
        return Images(path.name, files, limits)
    kind = sniff(path)
    if kind == "pdf":
        return _Pdf(path, limits)
    if kind == "image":
        return Images(path.name, [path], limits)
    raise UnsupportedFormat(f"文件“{path.name}”不是 PDF、PNG、JPEG 或 TIFF（按内容判断，与扩展名无关）", _REMEDY_FORMAT)


def _named_image(file: Path) -> bool:
    """A damaged page image keeps its place in the document by its name."""
    return file.suffix.lower() in _SUFFIXES and not file.name.startswith(".")


def natural_order(files: Iterable[Path]) -> list[Path]:
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
            raise DamagedInput(f"文件“{path.name}”中没有任何页面", REMEDY_DAMAGED)
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
                return failed_page(index, PageSize(layer.width_pt, layer.height_pt), "页面尺寸异常，无法读取")
            if not layer.distrust and not (layer.needs_ink_check and self._has_unexplained_ink(page, layer)):
                return _text_page(index, layer)
            _, width_pt, height_pt, _ = page_frame(page.raw)
            native = layer.image_dpi
            dpi = native if NATIVE_DPI[0] <= native <= NATIVE_DPI[1] else SCAN_DPI
            picture, dpi = self._picture(page, width_pt, height_pt, dpi)
            about = Page(index, width_pt, height_pt, source="ocr")
            doubtful = _text_page(index, replace(layer, words=layer.unproven)) if layer.unproven else None
            return ImagePage(about, grey_if_grey(picture), dpi, doubtful)
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
        coarse = math.sqrt(INK_CHECK_PIXELS / (width_pt * height_pt)) * 72
        picture, dpi = self._picture(page, width_pt, height_pt, min(INK_CHECK_DPI, coarse))
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
            raise DamagedInput(f"文件“{path.name}”不是完整的 PDF，无法打开", REMEDY_DAMAGED) from error
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
