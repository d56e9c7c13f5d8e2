"""The drawn objects of a PDF page: ruled lines, shaded rectangles, pictures, and what covers what.

Runs inside the sandbox. Enters a loaded page with the map to its upright form; leaves `Drawing`.
"""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from models.geometry import Box
from ocr.pages import Fill, Rule

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
# A filled rectangle is a rule when it is at most this thick and much longer; printed rules end at about 2 pt.
MAX_RULE_WIDTH_PT = 3.0
MIN_RULE_ASPECT = 3.0
# Shorter rules are dots, dashes of a leader, parts of a drawing.
MIN_RULE_LENGTH_PT = 4.0
# A line may lean by this much over its whole length and still be ruled.
MAX_LEAN_PT = 0.7
# Pieces of one rule: nearer than this across, and apart by at most this along.
SAME_RULE_ACROSS_PT = 0.7
SAME_RULE_ALONG_PT = 1.2
# Lighter strokes cannot be seen on white paper.
MAX_VISIBLE_LUMINANCE = 0.97
MIN_VISIBLE_ALPHA = 10
# A curved shape of this height is probably a character drawn as an outline.
GLYPH_HEIGHT_PT = (3.0, 40.0)
# A picture that covers this share of the page is a scan or a background.
FULL_PAGE_SHARE = 0.8
# Drawings beyond these are illustrations; reading on would cost more than the page is worth.
MAX_SEGMENTS = 200_000
MAX_OBJECTS = 100_000
MAX_DEPTH = 8


@dataclass(slots=True)
class Drawing:
    """What is drawn on a page.

    Attributes:
        order: address of every text object → its place in the painting order.
        artifacts: addresses of the text objects that the file itself calls furniture or a watermark.
        full_page_image: painting order of the last picture that covers the page, -1 without one.
        image_dpi: of that picture, 0.0 without one.
        glyph_outlines: number of filled curved shapes of the size of characters.
        has_objects: whether anything at all is painted.
    """

    rules: tuple[Rule, ...] = ()
    fills: tuple[Fill, ...] = ()
    order: dict[int, int] = field(default_factory=dict)
    artifacts: set[int] = field(default_factory=set)
    full_page_image: int = -1
    image_dpi: float = 0.0
    glyph_outlines: int = 0
    has_objects: bool = False


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """The map that applies `first`, then `second` (PDF row-vector convention)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def apply(matrix: Matrix, x: float, y: float) -> Point:
    """Where the point goes."""
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def read_drawing(page: Any, upright: Matrix, width_pt: float, height_pt: float) -> Drawing:
    """Walk over all objects of the page, forms included.

    Args:
        page: raw pdfium page.
        upright: from PDF user space to page points of the upright page.
        width_pt: of the upright page; rules are clipped to it.
        height_pt: likewise.
    """
    walk = _Walk(width_pt, height_pt)
    walk.visit(
        pdfium.FPDFPage_CountObjects(page), lambda index: pdfium.FPDFPage_GetObject(page, index), upright, False, 0
    )
    drawing = walk.drawing
    drawing.has_objects = walk.seen > 0
    drawing.rules = merge_rules(walk.rules)
    drawing.fills = tuple(walk.fills)
    return drawing


class _Walk:
    def __init__(self, width_pt: float, height_pt: float) -> None:
        self.width_pt = width_pt
        self.height_pt = height_pt
        self.drawing = Drawing()
        self.rules: list[Rule] = []
        self.fills: list[Fill] = []
        self.seen = 0
        self.segments = 0
        self._matrix = pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_float(), ctypes.c_float()
        self._mode, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._width = ctypes.c_float()
        self._color = tuple(ctypes.c_uint() for _ in range(4))

    def visit(self, count: int, get: Callable[[int], Any], parent: Matrix, in_artifact: bool, depth: int) -> None:
        for index in range(count):
            if self.seen >= MAX_OBJECTS:
                return
            item = get(index)
            if not item:
                continue
            self.seen += 1
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                address = ctypes.addressof(item.contents)
                self.drawing.order[address] = self.seen
                if in_artifact or is_artifact(item):
                    self.drawing.artifacts.add(address)
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(item, parent)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._image(item, parent)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = multiply(self._matrix_of(item), parent)
                self.visit(
                    pdfium.FPDFFormObj_CountObjects(item),
                    lambda i, form=item: pdfium.FPDFFormObj_GetObject(form, i),  # type: ignore[misc]
                    inner,
                    in_artifact or is_artifact(item),
                    depth + 1,
                )

    def _matrix_of(self, item: Any) -> Matrix:
        m = self._matrix
        if not pdfium.FPDFPageObj_GetMatrix(item, m):
            return IDENTITY
        return (m.a, m.b, m.c, m.d, m.e, m.f)

    def _luminance(self, item: Any, get: Any) -> float | None:
        """0 (black) to 1 (white); None where nothing is seen."""
        red, green, blue, alpha = self._color
        if not get(item, red, green, blue, alpha):
            return 0.0
        if alpha.value < MIN_VISIBLE_ALPHA:
            return None
        luminance: float = (0.299 * red.value + 0.587 * green.value + 0.114 * blue.value) / 255
        # A transparent stroke is as light as what shows through it.
        return 1 - (1 - luminance) * alpha.value / 255

    def _image(self, item: Any, parent: Matrix) -> None:
        matrix = multiply(self._matrix_of(item), parent)
        corners = [apply(matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
        box = self._clipped(corners)
        if box is None:
            return
        if min(box.width, box.height) <= MAX_RULE_WIDTH_PT:
            self._thin(box)
            return
        if box.area >= FULL_PAGE_SHARE * self.width_pt * self.height_pt:
            width, height = ctypes.c_uint(), ctypes.c_uint()
            pdfium.FPDFImageObj_GetImagePixelSize(item, width, height)
            across_pt = math.hypot(matrix[0], matrix[1])
            self.drawing.full_page_image = self.seen
            self.drawing.image_dpi = width.value * 72 / across_pt if across_pt else 0.0

    def _path(self, item: Any, parent: Matrix) -> None:
        if not pdfium.FPDFPath_GetDrawMode(item, self._mode, self._stroke):
            return
        count = pdfium.FPDFPath_CountSegments(item)
        self.segments += count
        if count <= 0 or self.segments > MAX_SEGMENTS:
            return
        matrix = multiply(self._matrix_of(item), parent)
        subpaths, has_curves = self._subpaths(item, count, matrix)
        if self._mode.value:
            luminance = self._luminance(item, pdfium.FPDFPageObj_GetFillColor)
            if luminance is not None and luminance <= MAX_VISIBLE_LUMINANCE:
                if has_curves:
                    self._outlines(subpaths)
                else:
                    for points, _ in subpaths:
                        self._filled(points, luminance)
        if self._stroke.value and not has_curves:
            luminance = self._luminance(item, pdfium.FPDFPageObj_GetStrokeColor)
            if luminance is not None and luminance <= MAX_VISIBLE_LUMINANCE:
                pdfium.FPDFPageObj_GetStrokeWidth(item, self._width)
                width_pt = self._width.value * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
                for points, closed in subpaths:
                    self._stroked([*points, points[0]] if closed else points, width_pt)

    def _subpaths(self, item: Any, count: int, matrix: Matrix) -> tuple[list[tuple[list[Point], bool]], bool]:
        subpaths: list[tuple[list[Point], bool]] = []
        points: list[Point] = []
        has_curves = False
        x, y = self._x, self._y
        a, b, c, d, e, f = matrix
        for index in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(item, index)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                if len(points) > 1:
                    subpaths.append((points, False))
                points = [point]
            else:
                has_curves = has_curves or kind == pdfium.FPDF_SEGMENT_BEZIERTO
                points.append(point)
            if pdfium.FPDFPathSegment_GetClose(segment) and len(points) > 1:
                subpaths.append((points, True))
                points = [points[0]]
        if len(points) > 1:
            subpaths.append((points, False))
        return subpaths, has_curves

    def _outlines(self, subpaths: list[tuple[list[Point], bool]]) -> None:
        for points, _ in subpaths:
            ys = [y for _, y in points]
            if GLYPH_HEIGHT_PT[0] <= max(ys) - min(ys) <= GLYPH_HEIGHT_PT[1]:
                self.drawing.glyph_outlines += 1

    def _clipped(self, points: Iterable[Point]) -> Box | None:
        """The box around the points, cut to the page; None outside of it or where a number is no number."""
        many = list(points)
        xs, ys = [x for x, _ in many], [y for _, y in many]
        x0, x1 = max(min(xs), 0.0), min(max(xs), self.width_pt)
        y0, y1 = max(min(ys), 0.0), min(max(ys), self.height_pt)
        return Box(x0, y0, x1, y1) if x0 <= x1 and y0 <= y1 else None

    def _thin(self, box: Box) -> None:
        if box.width >= box.height:
            self.rules.append(Rule(box.x0, box.center_y, box.x1, box.center_y, box.height))
        else:
            self.rules.append(Rule(box.center_x, box.y0, box.center_x, box.y1, box.width))

    def _filled(self, points: list[Point], luminance: float) -> None:
        if len(points) not in (4, 5) or (len(points) == 5 and math.dist(points[0], points[4]) > MAX_LEAN_PT):
            return
        corners = points[:4]
        box = self._clipped(corners)
        if box is None:
            return
        thin, long = sorted((box.width, box.height))
        # The ends of a thin bar may be mitred, so that borders meet at a corner; a broad shape must be a rectangle.
        if thin <= MAX_RULE_WIDTH_PT and long >= MIN_RULE_ASPECT * thin:
            self._thin(box)
            return
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if min(abs(x1 - x0), abs(y1 - y0)) > MAX_LEAN_PT:
                return
        if thin > MAX_RULE_WIDTH_PT:
            self.fills.append(Fill(box, luminance))

    def _stroked(self, points: list[Point], width_pt: float) -> None:
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if min(abs(x1 - x0), abs(y1 - y0)) > MAX_LEAN_PT:
                continue
            # A thick short stroke is a filled cell.
            box = self._clipped(((x0, y0), (x1, y1)))
            if box is None:
                continue
            if width_pt > MAX_RULE_WIDTH_PT:
                continue
            if box.width >= box.height:
                self.rules.append(Rule(box.x0, box.center_y, box.x1, box.center_y, width_pt))
            else:
                self.rules.append(Rule(box.center_x, box.y0, box.center_x, box.y1, width_pt))


def is_artifact(item: Any) -> bool:
    """Whether marked content calls the object an artifact: page furniture or a watermark.

    Which of the two stands in a `/Subtype` name, and pdfium gives only strings and numbers away.
    """
    for index in range(min(pdfium.FPDFPageObj_CountMarks(item), 8)):
        mark = pdfium.FPDFPageObj_GetMark(item, index)
        if _string(lambda *rest, m=mark: pdfium.FPDFPageObjMark_GetName(m, *rest)) == "Artifact":
            return True
    return False


def _string(get: Callable[..., int]) -> str:
    buffer = (ctypes.c_ushort * 64)()
    length = ctypes.c_ulong()
    if not get(buffer, ctypes.sizeof(buffer), length) or length.value > ctypes.sizeof(buffer):
        return ""
    return bytes(buffer)[: max(length.value - 2, 0)].decode("utf-16-le", errors="replace")


def merge_rules(rules: list[Rule]) -> tuple[Rule, ...]:
    """Join the pieces of one line: collinear, overlapping or nearly touching. Short remains are dropped."""
    horizontal = _merged([(r.y0, r.x0, r.x1, r.width_pt) for r in rules if r.is_horizontal])
    vertical = _merged([(r.x0, r.y0, r.y1, r.width_pt) for r in rules if not r.is_horizontal])
    return (
        *(Rule(start, at, end, at, width) for at, start, end, width in horizontal),
        *(Rule(at, start, at, end, width) for at, start, end, width in vertical),
    )


def _merged(pieces: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """Pieces are (position across, start, end, width), and so is what comes back."""
    done: list[tuple[float, float, float, float]] = []
    pieces.sort()
    first = 0
    while first < len(pieces):
        last = first
        while last < len(pieces) and pieces[last][0] - pieces[first][0] <= SAME_RULE_ACROSS_PT:
            last += 1
        group = sorted(pieces[first:last], key=lambda piece: piece[1])
        first = last
        at, start, end, width = group[0]
        weight = end - start
        for piece_at, piece_start, piece_end, piece_width in group[1:]:
            if piece_start - end <= SAME_RULE_ALONG_PT:
                length = piece_end - piece_start
                if weight + length > 0:
                    at = (at * weight + piece_at * length) / (weight + length)
                weight += length
                end = max(end, piece_end)
                width = max(width, piece_width)
            else:
                done.append((at, start, end, width))
                at, start, end, width = piece_at, piece_start, piece_end, piece_width
                weight = end - start
        done.append((at, start, end, width))
    return [rule for rule in done if rule[2] - rule[1] >= MIN_RULE_LENGTH_PT]
