"""The characters of a PDF page, one by one: text page → `Glyph`s with their style, and how many mean nothing.

Runs inside the sandbox.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from models.geometry import Box
from ocr.vectors import Matrix, apply

# Text leaning by more than this is a mark: tables and paragraphs stand at multiples of 90 degrees.
MAX_LEAN_DEG = 2.0
BOLD_WEIGHT = 600
BOLD_NAMES = ("bold", "black", "heavy", "-bd")
# Share of the em above and below the baseline that a Chinese character fills.
ASCENT_EM = 0.88
DESCENT_EM = 0.12
# Radicals that some fonts give instead of the characters that look the same.
_RADICALS = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车长长门青页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)
# The commonest characters of Chinese and of any public account: a fifth of a table's, a quarter of running text.
COMMON = frozenset(
    "的一是在有和不为以及对中大人年月日上个国地二三四五六七八九十元万出入计合总收支预算项目本部门单位工作管理公共经费其他服务业务行政事"
)
_SPACES = frozenset((0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000, *range(0x2000, 0x200B)))


@dataclass(slots=True)
class Style:
    """What all characters of one text object share. `angle_deg` is counter-clockwise as the viewer shows the page."""

    address: int
    em: float
    angle_deg: float
    is_visible: bool
    alpha: float
    luminance: float
    is_bold: bool

    @property
    def lean_deg(self) -> float:
        return abs((self.angle_deg + 45) % 90 - 45)

    @property
    def quarter(self) -> int:
        """By how many quarters the viewer's page is turned clockwise for this text to run to the right."""
        return round(self.angle_deg / 90) % 4


@dataclass(slots=True)
class Glyph:
    """One character: its box and origin in PDF user space, then its place along the line once that is known.

    `x0`, `x1` are the sides along the line and `y` is the baseline, downwards, in the frame in which it is upright.
    """

    text: str
    index: int
    style: Style
    corners: tuple[float, float, float, float]
    origin: tuple[float, float]
    after_space: bool
    bold: bool
    em: float
    x0: float = 0.0
    x1: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class Tally:
    """How many visible characters there are, and how many of them mean nothing, are rare, or are among the common."""

    visible: int = 0
    unreal: int = 0
    ideographs: int = 0
    rare: int = 0
    common: int = 0


def read_glyphs(text_page: Any, rotate_deg: int) -> tuple[list[Glyph], Tally]:
    """All characters in file order, invisible ones too; a written space is kept as `after_space` of the next one.

    Only visible ones are counted.
    """
    styles = _Styles(text_page, rotate_deg)
    glyphs: list[Glyph] = []
    tally = Tally()
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    after_space = False
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        item = pdfium.FPDFText_GetTextObject(text_page, index)
        if not item:
            continue
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in _SPACES:
            after_space = True
            continue
        style = styles.of(item, index)
        text = _character(code)
        _count(text, code, tally if style.is_visible else Tally(), text_page, index)
        if not text:
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        corners = (box.left, box.bottom, box.right, box.top)
        origin = (x.value, y.value)
        if not all(map(math.isfinite, (*corners, *origin))):
            continue
        glyphs.append(Glyph(text, index, style, corners, origin, after_space, style.is_bold, style.em))
        after_space = False
    return glyphs, tally


class _Styles:
    """The styles of a page's text objects, each looked at once; some files write every character as its own object."""

    def __init__(self, text_page: Any, rotate_deg: int) -> None:
        self._text_page = text_page
        self._rotate_deg = rotate_deg
        self._known: dict[int, Style] = {}
        self._bold_fonts: dict[int, bool] = {}
        self._matrix, self._box = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
        self._color = tuple(ctypes.c_uint() for _ in range(4))
        self._name = ctypes.create_string_buffer(96)

    def of(self, item: Any, index: int) -> Style:
        """The style of the text object `item`, which character `index` belongs to."""
        address = ctypes.addressof(item.contents)
        style = self._known.get(address)
        if style is None:
            style = self._known[address] = self._read(item, index, address)
        return style

    def _read(self, item: Any, index: int, address: int) -> Style:
        matrix, box = self._matrix, self._box
        pdfium.FPDFText_GetMatrix(self._text_page, index, matrix)
        pdfium.FPDFText_GetLooseCharBox(self._text_page, index, box)
        em = abs(pdfium.FPDFText_GetFontSize(self._text_page, index)) * math.hypot(matrix.c, matrix.d)
        tall = max(abs(box.top - box.bottom), abs(box.right - box.left))
        if tall and not tall / 3 <= em <= tall * 3:
            em = tall  # Type 3 fonts may count in units of their own.
        pdfium.FPDFText_GetFillColor(self._text_page, index, *self._color)
        red, green, blue, alpha = (part.value for part in self._color)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
        is_hidden = mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP) or not alpha
        return Style(
            address=address,
            em=max(em, 0.1) if math.isfinite(em) else 1.0,
            angle_deg=math.degrees(math.atan2(matrix.b, matrix.a)) - self._rotate_deg,
            is_visible=not is_hidden,
            alpha=alpha / 255,
            luminance=(0.299 * red + 0.587 * green + 0.114 * blue) / 255,
            is_bold=mode == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE or self._has_bold_font(item),
        )

    def _has_bold_font(self, item: Any) -> bool:
        font = pdfium.FPDFTextObj_GetFont(item)
        if not font:
            return False
        address = ctypes.addressof(font.contents)
        known = self._bold_fonts.get(address)
        if known is None:
            length = pdfium.FPDFFont_GetBaseFontName(font, self._name, 96)
            name = self._name.value.decode("latin-1").lower() if 0 < length <= 96 else ""
            known = any(part in name for part in BOLD_NAMES) or BOLD_WEIGHT <= pdfium.FPDFFont_GetWeight(font) <= 1000
            self._bold_fonts[address] = known
        return known


def _character(code: int) -> str:
    """The character that is meant; empty for what is none."""
    if code in (0x02, 0xAD):  # pdfium's sign for a hyphen at the end of a line
        return "-"
    if code < 0x20 or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code in (0x200B, 0xFEFF, 0xFFFE, 0xFFFF):
        return ""
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", chr(code).translate(_RADICALS))[:1]
    return chr(code) if code <= 0x10FFFF else ""


def _count(text: str, code: int, tally: Tally, text_page: Any, index: int) -> None:
    tally.visible += 1
    if not text or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        tally.unreal += 1
        return
    if pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1:
        tally.unreal += 1
    if 0x3400 <= code <= 0x9FFF or code >= 0x20000:
        tally.ideographs += 1
        tally.common += text in COMMON
        try:
            text.encode("gb2312")
        except UnicodeEncodeError:
            tally.rare += 1


def place(glyph: Glyph, matrix: Matrix) -> None:
    """Write the glyph's sides and baseline in the frame that `matrix` leads to."""
    left, bottom, right, top = glyph.corners
    ax, _ = apply(matrix, left, bottom)
    bx, _ = apply(matrix, right, top)
    glyph.x0, glyph.x1 = (ax, bx) if ax <= bx else (bx, ax)
    glyph.y = apply(matrix, *glyph.origin)[1]


def glyph_box(glyph: Glyph) -> Box:
    """The em box of a placed glyph; of a leaning one, a box of the same area around its middle."""
    if glyph.style.lean_deg <= MAX_LEAN_DEG:
        return Box(glyph.x0, glyph.y - ASCENT_EM * glyph.em, glyph.x1, glyph.y + DESCENT_EM * glyph.em)
    # pdfium's box of a leaning character is the upright box around it, and shares its middle.
    middle_x, reach = (glyph.x0 + glyph.x1) / 2, glyph.em / 2
    middle_y = glyph.y - (glyph.x1 - glyph.x0) / 2 * (ASCENT_EM - DESCENT_EM)
    return Box(middle_x - reach, middle_y - reach, middle_x + reach, middle_y + reach)
