"""The embedded text of a PDF page: loaded page → words, rules and what was dropped as a mark.

Runs inside the sandbox. No picture is read here; whether the text can be trusted is told from its characters,
from what is painted over it, and (by the caller) from ink that no character explains.
"""

from __future__ import annotations

import bisect
import ctypes
import math
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from statistics import median
from typing import Any

import pypdfium2.raw as pdfium

from models.geometry import Box, bounding_box
from models.page import Word
from ocr.pages import Fill, Rule
from ocr.vectors import Drawing, Matrix, apply, multiply, read_drawing

# Characters of one run stand on one baseline (Word moves Latin letters in CJK lines by up to 0.1 em) ...
MAX_BASELINE_STEP_EM = 0.22
# ... and are at most this far apart: justified lines reach 0.3 em, columns stand at least half an em apart.
MAX_GAP_SAME_OBJECT_EM = 0.5
MAX_GAP_EM = 0.35
# A written space joins two characters up to here (a space is 0.25 to 0.5 em); wider is a layout made of spaces.
MAX_GAP_OVER_SPACE_EM = 0.8
# Kerned brackets overlap by half an em with the character written before them, but strangers hardly at all.
MAX_OVERLAP_WRITTEN_EM = 0.6
MAX_OVERLAP_EM = 0.15
MAX_SIZE_RATIO = 1.7
# A written space narrower than this is not seen.
MIN_SPACE_EM = 0.08
# Characters count as written one after the other up to this step of their numbers (generated ones lie between).
NEXT_WRITTEN = 3
# The same character drawn again this near is a fake bold face or a shadow.
REDRAWN_EM = 0.15
# A rule between two characters separates them even when they touch, unless one operator drew both.
RULE_SLACK_EM = 0.12

# Pages with fewer characters are looked at for ink that is no text: a page number over a scan says nothing.
FEW_CHARACTERS = 40
# Text leaning by more than this is a mark: tables and paragraphs stand at multiples of 90 degrees.
MAX_LEAN_DEG = 2.0
# A mark that is not turned is told by its looks: larger than the text around it and paler, and ...
MARK_SIZE_RATIO = 1.5
MARK_LUMINANCE = 0.5
MARK_ALPHA = 0.75
# Lighter text is seen on a dark ground only.
WHITE = 0.97
# ... it comes back this often on the page, or lies over other text.
MARK_REPEATS = 3
MARK_OVERLAP = 0.25

# Above this share of characters without a meaning the text layer is not what the eye sees.
MAX_UNREAL_SHARE = 0.05
# GB 2312 has 99.7 % of the characters of running text; a layer with wrong codes draws from all of Unicode.
MAX_RARE_SHARE = 0.2
MIN_JUDGED = 20
# Above this share of characters painted over by a picture they are the hidden layer of a scan.
MAX_COVERED_SHARE = 0.5
# More outlines than this, and than characters, are text drawn as shapes.
MIN_OUTLINES = 100
BOLD_WEIGHT = 600
BOLD_NAMES = ("bold", "black", "heavy", "-bd")
# Share of the em above and below the baseline that a Chinese character fills.
ASCENT_EM = 0.88
DESCENT_EM = 0.12
# A rotated page needs this many characters and this share of them turned the same way.
MIN_TURNED = 8
MIN_TURNED_SHARE = 0.6

# Radicals that some fonts give instead of the characters that look the same.
_RADICALS = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车长长门青页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)
_SPACES = frozenset((0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000, *range(0x2000, 0x200B)))


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What the text layer and the drawing of one page say.

    Attributes:
        width_pt, height_pt: of the upright page.
        rotation_deg: how far the page, as a viewer shows it, is turned clockwise from upright text.
        words: in no particular order; left to right inside a word.
        rules, fills: of the drawing.
        marks: boxes of the characters dropped as a watermark.
        watermark: share of the page that they cover, 0 to 1.
        distrust: why the text cannot be trusted, a word for the log; empty when it can.
        needs_ink_check: trusted only if there is no ink that no word, rule or mark explains.
        is_empty: nothing at all is painted.
        image_dpi: of the picture that covers the page, 0.0 without one.
    """

    width_pt: float
    height_pt: float
    rotation_deg: int
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    fills: tuple[Fill, ...]
    marks: tuple[Box, ...]
    watermark: float
    distrust: str
    needs_ink_check: bool
    is_empty: bool
    image_dpi: float


@dataclass(slots=True)
class _Style:
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
class _Glyph:
    """One character: its box and origin in PDF user space, then its place along the line once that is known.

    `x0`, `x1` are the sides along the line and `y` is the baseline, downwards, in the frame in which it is upright.
    """

    text: str
    index: int
    style: _Style
    corners: tuple[float, float, float, float]
    origin: tuple[float, float]
    after_space: bool
    bold: bool
    em: float
    x0: float = 0.0
    x1: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class _Tally:
    """How many visible characters there are, and how many of them mean nothing."""

    visible: int = 0
    unreal: int = 0
    ideographs: int = 0
    rare: int = 0


def page_frame(page: Any) -> tuple[Matrix, float, float, int]:
    """The map from PDF user space to the page as a viewer shows it, its width and height, and its /Rotate.

    The box is the one that pdfium shows: CropBox within MediaBox.
    """
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    rotation = pdfium.FPDFPage_GetRotation(page) % 4
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    width, height = right - left, top - bottom
    matrix: Matrix = (
        (1.0, 0.0, 0.0, -1.0, -left, top),
        (0.0, 1.0, 1.0, 0.0, -bottom, -left),
        (-1.0, 0.0, 0.0, 1.0, right, -bottom),
        (0.0, -1.0, -1.0, 0.0, top, right),
    )[rotation]
    return (matrix, height, width, 90 * rotation) if rotation % 2 else (matrix, width, height, 90 * rotation)


def read_text_layer(page: Any) -> TextLayer:
    """Words, rules and trust of a page.

    Args:
        page: raw pdfium handle of the loaded page.
    """
    viewed, width_pt, height_pt, rotate_deg = page_frame(page)
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        glyphs, tally = _glyphs(text_page, rotate_deg)
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    quarter = _dominant_quarter(glyphs)
    upright = multiply(viewed, _turn(quarter, width_pt, height_pt))
    if quarter % 2:
        width_pt, height_pt = height_pt, width_pt
    drawing = read_drawing(page, upright, width_pt, height_pt)
    for glyph in glyphs:
        _place(glyph, upright)
    kept, dropped = _without_marks(glyphs, drawing)
    marks = tuple(_glyph_box(glyph) for glyph in dropped)
    words: list[Word] = []
    for turned in range(4):
        some = [glyph for glyph in kept if (glyph.style.quarter - quarter) % 4 == turned]
        if some and not turned:
            words += _words(some, drawing.rules)
        elif some:
            there = _turn(turned, width_pt, height_pt)
            back = _turn(4 - turned, *((height_pt, width_pt) if turned % 2 else (width_pt, height_pt)))
            for glyph in some:
                _place(glyph, multiply(upright, there))
            words += [_turned_back(word, back) for word in _words(some, ())]
    page_box = Box(0.0, 0.0, width_pt, height_pt)
    distrust, needs_ink_check = _judge(kept, dropped, tally, drawing)
    return TextLayer(
        width_pt=width_pt,
        height_pt=height_pt,
        rotation_deg=90 * (-quarter % 4),
        words=tuple(word for word in words if page_box.contains_point(word.box.center_x, word.box.center_y)),
        rules=drawing.rules,
        fills=drawing.fills,
        marks=marks,
        watermark=min(sum(page_box.intersection_area(box) for box in marks) / page_box.area, 1.0),
        distrust=distrust,
        needs_ink_check=needs_ink_check,
        is_empty=not drawing.has_objects,
        image_dpi=drawing.image_dpi,
    )


def _turn(quarters: int, width_pt: float, height_pt: float) -> Matrix:
    """The map that turns a page of this size clockwise by quarters of a circle (y down before and after)."""
    return (
        (1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        (0.0, 1.0, -1.0, 0.0, height_pt, 0.0),
        (-1.0, 0.0, 0.0, -1.0, width_pt, height_pt),
        (0.0, -1.0, 1.0, 0.0, 0.0, width_pt),
    )[quarters % 4]


def _turned_back(word: Word, back: Matrix) -> Word:
    ax, ay = apply(back, word.box.x0, word.box.y0)
    bx, by = apply(back, word.box.x1, word.box.y1)
    return Word(word.text, Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), bold=word.bold)


def _glyphs(text_page: Any, rotate_deg: int) -> tuple[list[_Glyph], _Tally]:
    """All visible characters in file order; a written space is kept as `after_space` of the next one."""
    styles = _Styles(text_page, rotate_deg)
    glyphs: list[_Glyph] = []
    tally = _Tally()
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
        if not style.is_visible:
            continue
        text = _character(code)
        _count(text, code, tally, text_page, index)
        if not text:
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        corners = (box.left, box.bottom, box.right, box.top)
        origin = (x.value, y.value)
        if not all(map(math.isfinite, (*corners, *origin))):
            continue
        glyphs.append(_Glyph(text, index, style, corners, origin, after_space, style.is_bold, style.em))
        after_space = False
    return glyphs, tally


class _Styles:
    """The styles of a page's text objects, each looked at once; some files write every character as its own object."""

    def __init__(self, text_page: Any, rotate_deg: int) -> None:
        self._text_page = text_page
        self._rotate_deg = rotate_deg
        self._known: dict[int, _Style] = {}
        self._bold_fonts: dict[int, bool] = {}
        self._matrix, self._box = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
        self._color = tuple(ctypes.c_uint() for _ in range(4))
        self._name = ctypes.create_string_buffer(96)

    def of(self, item: Any, index: int) -> _Style:
        """The style of the text object `item`, which character `index` belongs to."""
        address = ctypes.addressof(item.contents)
        style = self._known.get(address)
        if style is None:
            style = self._known[address] = self._read(item, index, address)
        return style

    def _read(self, item: Any, index: int, address: int) -> _Style:
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
        return _Style(
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


def _count(text: str, code: int, tally: _Tally, text_page: Any, index: int) -> None:
    tally.visible += 1
    if not text or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        tally.unreal += 1
        return
    if pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1:
        tally.unreal += 1
    if 0x3400 <= code <= 0x9FFF or code >= 0x20000:
        tally.ideographs += 1
        try:
            text.encode("gb2312")
        except UnicodeEncodeError:
            tally.rare += 1


def _dominant_quarter(glyphs: list[_Glyph]) -> int:
    counts = Counter(glyph.style.quarter for glyph in glyphs if glyph.style.lean_deg <= MAX_LEAN_DEG)
    if not counts:
        return 0
    quarter, count = counts.most_common(1)[0]
    return quarter if count >= max(MIN_TURNED, MIN_TURNED_SHARE * counts.total()) else 0


def _place(glyph: _Glyph, matrix: Matrix) -> None:
    """Write the glyph's sides and baseline in the frame that `matrix` leads to."""
    left, bottom, right, top = glyph.corners
    ax, _ = apply(matrix, left, bottom)
    bx, _ = apply(matrix, right, top)
    glyph.x0, glyph.x1 = (ax, bx) if ax <= bx else (bx, ax)
    glyph.y = apply(matrix, *glyph.origin)[1]


def _glyph_box(glyph: _Glyph) -> Box:
    """The em box of a placed glyph; of a leaning one, a box of the same area around its middle."""
    if glyph.style.lean_deg <= MAX_LEAN_DEG:
        return Box(glyph.x0, glyph.y - ASCENT_EM * glyph.em, glyph.x1, glyph.y + DESCENT_EM * glyph.em)
    # pdfium's box of a leaning character is the upright box around it, and shares its middle.
    middle_x, reach = (glyph.x0 + glyph.x1) / 2, glyph.em / 2
    middle_y = glyph.y - (glyph.x1 - glyph.x0) / 2 * (ASCENT_EM - DESCENT_EM)
    return Box(middle_x - reach, middle_y - reach, middle_x + reach, middle_y + reach)


def _without_marks(glyphs: list[_Glyph], drawing: Drawing) -> tuple[list[_Glyph], list[_Glyph]]:
    """Split into text and watermark."""
    runs: dict[int, list[_Glyph]] = {}
    for glyph in glyphs:
        runs.setdefault(glyph.style.address, []).append(glyph)
    marks = {
        address
        for address, run in runs.items()
        if run[0].style.lean_deg > MAX_LEAN_DEG or address in drawing.watermarks
    }
    plain = [glyph for glyph in glyphs if glyph.style.address not in marks]
    if plain:
        body_em = median(glyph.em for glyph in plain)
        pale = {
            address: run
            for address, run in runs.items()
            if address not in marks and run[0].em >= MARK_SIZE_RATIO * body_em and _is_pale(run[0].style)
        }
        if pale:
            marks |= _pale_marks(pale, [glyph for glyph in plain if glyph.style.address not in pale])
    if not marks:
        return glyphs, []
    return (
        [glyph for glyph in glyphs if glyph.style.address not in marks],
        [glyph for glyph in glyphs if glyph.style.address in marks],
    )


def _is_pale(style: _Style) -> bool:
    return style.alpha <= MARK_ALPHA or MARK_LUMINANCE <= style.luminance < WHITE


def _pale_marks(pale: dict[int, list[_Glyph]], others: list[_Glyph]) -> set[int]:
    """Of the large pale runs, those that repeat on the page or lie over other text."""
    texts = Counter("".join(glyph.text for glyph in run) for run in pale.values())
    marks: set[int] = set()
    for address, run in pale.items():
        repeats = texts["".join(glyph.text for glyph in run)]
        box = bounding_box(map(_glyph_box, run))
        under = sum(1 for g in others if box.contains_point((g.x0 + g.x1) / 2, g.y - ASCENT_EM / 2 * g.em))
        if repeats >= MARK_REPEATS or under >= max(2.0, MARK_OVERLAP * len(run)):
            marks.add(address)
    return marks


def _words(glyphs: list[_Glyph], rules: tuple[Rule, ...]) -> list[Word]:
    """Join placed glyphs of one direction into runs, from left to right."""
    vertical = sorted((rule for rule in rules if not rule.is_horizontal), key=lambda rule: rule.x0)
    rule_x = [rule.x0 for rule in vertical]
    runs: list[list[_Glyph]] = []
    open_runs: dict[int, list[list[_Glyph]]] = {}
    for glyph in sorted(glyphs, key=lambda one: (one.x0, one.index)):
        level = math.floor(glyph.y)
        reach = 1 + int(MAX_BASELINE_STEP_EM * glyph.em)
        near = [run for key in range(level - reach, level + reach + 1) for run in open_runs.get(key, ())]
        if any(_is_redrawn(run[-1], glyph) for run in near):
            continue
        followed = [run for run in near if _follows(run[-1], glyph)]
        best = min(followed, key=lambda run: _distance(run[-1], glyph), default=None)
        if best is not None and not _is_ruled_apart(best[-1], glyph, vertical, rule_x):
            best.append(glyph)
            continue
        run = [glyph]
        runs.append(run)
        # Runs that end further left than any gap reaches are complete.
        open_runs[level] = [
            other for other in open_runs.get(level, ()) if glyph.x0 - other[-1].x1 <= 2 * max(glyph.em, other[-1].em)
        ]
        open_runs[level].append(run)
    return [_word(run) for run in runs]


def _is_redrawn(last: _Glyph, glyph: _Glyph) -> bool:
    """Whether `glyph` is `last` once more, as printed for a bold face; marks `last` as bold then."""
    reach = REDRAWN_EM * glyph.em
    if last.text != glyph.text or abs(last.x0 - glyph.x0) > reach or abs(last.y - glyph.y) > reach:
        return False
    last.bold = last.bold or last.style.address != glyph.style.address
    return True


def _distance(last: _Glyph, glyph: _Glyph) -> tuple[bool, float]:
    return glyph.index - last.index > NEXT_WRITTEN, abs(last.y - glyph.y) + abs(glyph.x0 - last.x1)


def _follows(last: _Glyph, glyph: _Glyph) -> bool:
    small, em = sorted((last.em, glyph.em))
    if abs(last.y - glyph.y) > MAX_BASELINE_STEP_EM * small or em > MAX_SIZE_RATIO * small:
        return False
    gap = glyph.x0 - last.x1
    written_next = 0 < glyph.index - last.index <= NEXT_WRITTEN
    if gap < -(MAX_OVERLAP_WRITTEN_EM if written_next else MAX_OVERLAP_EM) * em:
        return False
    if glyph.after_space and written_next:
        return gap <= MAX_GAP_OVER_SPACE_EM * em
    same = last.style.address == glyph.style.address
    return gap <= (MAX_GAP_SAME_OBJECT_EM if same else MAX_GAP_EM) * em


def _is_ruled_apart(last: _Glyph, glyph: _Glyph, vertical: list[Rule], rule_x: list[float]) -> bool:
    """Whether a vertical rule passes between two neighbours of one line."""
    slack = RULE_SLACK_EM * glyph.em
    if last.style.address == glyph.style.address and glyph.x0 - last.x1 <= slack:
        return False
    start, end = sorted((last.x1, glyph.x0))
    middle = glyph.y - (ASCENT_EM - DESCENT_EM) / 2 * glyph.em
    first = bisect.bisect_left(rule_x, start - slack)
    last_one = bisect.bisect_right(rule_x, end + slack)
    return any(rule.y0 <= middle <= rule.y1 for rule in vertical[first:last_one])


def _word(run: list[_Glyph]) -> Word:
    text: list[str] = []
    char_x: list[float] = []
    previous: _Glyph | None = None
    for glyph in run:
        if previous is not None and glyph.after_space and glyph.x0 - previous.x1 > MIN_SPACE_EM * glyph.em:
            text.append(" ")
            char_x.append(previous.x1)
        text.append(glyph.text)
        char_x.append(glyph.x0)
        previous = glyph
    right = max(glyph.x1 for glyph in run)
    char_x.append(right)
    top = min(glyph.y - ASCENT_EM * glyph.em for glyph in run)
    bottom = max(glyph.y + DESCENT_EM * glyph.em for glyph in run)
    return Word(
        "".join(text),
        Box(run[0].x0, top, right, bottom),
        char_x=tuple(round(x, 2) for x in accumulate(char_x, max)),
        bold=2 * sum(glyph.bold for glyph in run) > len(run),
    )


def _judge(kept: list[_Glyph], dropped: list[_Glyph], tally: _Tally, drawing: Drawing) -> tuple[str, bool]:
    """Why the text cannot be trusted (or empty), and whether ink has to be looked for."""
    if tally.unreal > MAX_UNREAL_SHARE * tally.visible:
        return "unreal-characters", False
    if tally.ideographs >= MIN_JUDGED and tally.rare > MAX_RARE_SHARE * tally.ideographs:
        return "wrong-characters", False
    if kept and drawing.full_page_image >= 0:
        covered = sum(1 for g in kept if drawing.order.get(g.style.address, 0) < drawing.full_page_image)
        if covered > MAX_COVERED_SHARE * len(kept):
            return "under-a-picture", False
    needs_ink_check = (
        len(kept) < FEW_CHARACTERS
        or len(dropped) > len(kept)
        or drawing.full_page_image >= 0
        or drawing.glyph_outlines > max(MIN_OUTLINES, len(kept))
    )
    return "", needs_ink_check
