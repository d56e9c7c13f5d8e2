"""Sets tables and text into a born-digital PDF; what leaves is the PDF with the exact truth of what stands where.

The truth is a `models.document.Document`, the same record that reading a file yields, so that a test may compare
the two without a format in between. Only statutory-table layout is known here: no budgets, no pixels.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextMode

from examples.items import Align, Family, Gap, Item, PageStyle, Slot, TableSpec, Text
from models.document import Document
from models.geometry import Box, bounding_box
from models.page import Page, Word
from models.table import Block, BlockRole, Cell, Table

FONT_FILES: dict[Family, str] = {"sans": "NotoSansCJKsc-Regular.otf", "serif": "NotoSerifCJKsc-Regular.otf"}
_ALIGN_LETTERS: dict[str, Align] = {"l": "left", "c": "center", "r": "right"}
_NUMBER = re.compile(r"[-−+]?[\d,]+(\.\d+)?%?$")
# A number or a Latin word is never broken, a closing mark never starts a line, an opening mark never ends one.
_UNBREAKABLE = re.compile(r"[（《“‘【〔]*(?:[0-9A-Za-z.,%+\-−]+|.)[，。；：、！？）》”’】〕％]*", re.DOTALL)
_DASHES = {"solid": (0.0, 0.0), "dashed": (4.0, 2.5), "dotted": (1.2, 1.8)}  # ink and blank, in points
_ASCENT = 0.88  # of the em, for CJK faces


def font_path(family: Family) -> Path:
    """Where the development dependencies keep the OFL-licensed CJK face of this family."""
    return Path(str(importlib.resources.files("mplfonts"))) / "fonts" / FONT_FILES[family]


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF and its truth.

    Attributes:
        pdf: the file; every face is embedded as a subset, every page has a text layer.
        document: what a perfect reader returns. Titles, unit lines and notes stand in the tables and in the blocks.
        lines: for every page, each run of text as it was drawn, with its font box and character edges.
        header_repeats: (page index, box) of every header that was set again after a page break.
    """

    pdf: bytes
    document: Document
    lines: tuple[tuple[Word, ...], ...]
    header_repeats: tuple[tuple[int, Box], ...]

    def table(self, title: str) -> Table:
        """The table with this title.

        Raises:
            KeyError: there is none.
        """
        for table in self.document.tables:
            if table.title == title:
                return table
        raise KeyError(title)


def typeset(items: Sequence[Item], style: PageStyle | None = None, name: str = "typeset.pdf") -> Typeset:
    """Sets `items` one below the other; the same input gives the same bytes.

    Raises:
        ValueError: a table's rows do not tile its grid, or one row is higher than a page.
    """
    setter = _Setter(style or PageStyle())
    try:
        for item in items:
            if isinstance(item, TableSpec):
                setter.table(item)
            elif isinstance(item, Text):
                setter.text(item)
            elif isinstance(item, Gap):
                setter.y += item.height_pt
            else:
                setter.new_page()
        return setter.finish(name)
    finally:
        setter.close()


class _Setter:
    """The page being filled: a cursor, and the truth collected so far."""

    def __init__(self, style: PageStyle) -> None:
        self.style = style
        self.pdf = FPDF(unit="pt", format=(style.width_pt, style.height_pt))
        self.pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
        self.pdf.set_auto_page_break(False)
        self.pdf.add_font(style.family, fname=str(font_path(style.family)))
        self.widths: dict[tuple[str, str], float] = {}
        self.left = style.margin_pt
        self.right = style.width_pt - style.margin_pt
        self.bottom = style.height_pt - style.margin_pt
        self.y = 0.0
        self.lines: list[list[Word]] = []
        self.blocks: list[Block] = []
        self.tables: list[Table] = []
        self.header_repeats: list[tuple[int, Box]] = []
        self.new_page()

    @property
    def page(self) -> int:
        """Index of the page being filled."""
        return len(self.lines) - 1

    def new_page(self) -> None:
        style = self.style
        self.pdf.add_page()
        self.lines.append([])
        self.y = style.margin_pt
        if style.watermark:
            self._watermark()
        middle = style.width_pt / 2
        if style.page_header:
            self._block(((style.page_header, middle, style.margin_pt * 0.55),), 9.0, "page_header")
        if style.page_number and self.page >= style.unnumbered:
            number = style.page_number.format(n=self.page + 1 - style.unnumbered)
            self._block(((number, middle, style.height_pt - style.margin_pt * 0.6),), 9.0, "page_number")

    def text(self, item: Text) -> None:
        self.y += item.before_pt
        indent = item.indent_em * item.size_pt if item.align == "left" else 0.0
        if item.role == "heading" and self.y + 3 * item.size_pt * item.leading > self.bottom:
            self.new_page()  # a heading does not stand alone at the foot of a page
        wrapped = self.wrap(item.text, self.right - self.left, item.size_pt, indent)
        placed: list[Box] = []
        page = self.page
        for number, line in enumerate(wrapped):
            step = item.size_pt * item.leading
            if self.y + step > self.bottom:
                self._note_block(page, placed, item)
                placed = []
                self.new_page()
                page = self.page
            width = self.width(line, item.size_pt)
            x = self.left + (indent if number == 0 else 0.0)
            if item.align == "center":
                x = (self.left + self.right - width) / 2
            elif item.align == "right":
                x = self.right - width
            placed.append(self.draw(line, x, self.y + step / 2, item.size_pt, bold=item.bold))
            self.y += step
        self._note_block(page, placed, item)

    def _note_block(self, page: int, placed: list[Box], item: Text) -> None:
        if placed:
            shown = "".join(word.text for word in self.lines[page][-len(placed) :])
            self.blocks.append(Block(page, bounding_box(placed), item.role, shown))

    def table(self, spec: TableSpec) -> None:
        grid = _grid(spec)
        share = (self.right - self.left) * spec.width_share
        start = self.left + (self.right - self.left - share) / 2
        edges = [start]
        for width in spec.widths:
            edges.append(edges[-1] + share * width / sum(spec.widths))
        heights = self._row_heights(spec, grid, edges)
        above = (14 if spec.caption else 0) + (26 if spec.title else 0) + (15 if spec.meta or spec.unit else 0)
        least = sum(heights) if spec.keep_together else sum(heights[: spec.n_header + 1])
        room = self.bottom - self.style.margin_pt
        if max(heights) + sum(heights[: spec.n_header]) > room:
            raise ValueError(f"table {spec.title!r}: a row is higher than a page")
        if self.y + above + least > self.bottom and self.y > self.style.margin_pt:
            self.new_page()
        self._above(spec, edges)
        cells: list[Cell] = []
        pages = [self.page]
        begin, ys = 0, [self.y]
        for row, height in enumerate(heights):
            if ys[-1] + height > self.bottom:
                cells += self._part(spec, grid, edges, begin, ys)
                self.new_page()
                pages.append(self.page)
                begin, ys = row, [self.y]
                if spec.repeat_header and row >= spec.n_header:
                    ys = [self._repeat_header(spec, grid, edges, heights)]
            ys.append(ys[-1] + height)
        cells += self._part(spec, grid, edges, begin, ys)
        self.y = ys[-1]
        for note in spec.notes:
            self.text(Text(note, "note", spec.size_pt, indent_em=0.0, before_pt=1.0, leading=1.5))
        self.tables.append(
            Table(
                id=f"t{len(self.tables) + 1}",
                title=spec.title,
                n_rows=len(spec.rows),
                n_cols=len(spec.widths),
                cells=tuple(cells),
                pages=tuple(pages),
                unit=spec.unit.split("：")[-1].strip("（）"),
                caption=spec.caption,
                meta=(spec.meta,) if spec.meta else (),
                notes=spec.notes,
                n_header=spec.n_header,
                ruled=spec.rules in ("ruled", "open-sides"),
            )
        )

    def _above(self, spec: TableSpec, edges: list[float]) -> None:
        small = spec.size_pt + 0.5
        if spec.caption:
            self.text(Text(spec.caption, "caption", small, indent_em=0.0, leading=14 / small))
        if spec.title:
            self.text(Text(spec.title, "title", 13.0, "center", bold=True, before_pt=2.0, leading=24 / 13))
        if spec.meta or spec.unit:
            for words, role in ((spec.meta, "caption"), (spec.unit, "unit")):
                if words:
                    x = edges[0] if words == spec.meta else edges[-1] - self.width(words, small)
                    box = self.draw(words, x, self.y + 7.0, small)
                    self.blocks.append(Block(self.page, box, "unit" if role == "unit" else "caption", words))
            self.y += 15

    def _row_heights(self, spec: TableSpec, grid: _Grid, edges: list[float]) -> list[float]:
        step, pad = spec.size_pt * 1.25, spec.pad_pt
        heights = [step + 2 * pad] * len(spec.rows)
        for (row, col), slot in sorted(grid.items(), key=lambda item: item[1].rowspan):
            room = edges[col + slot.colspan] - edges[col] - 2 * pad
            need = step * len(self.wrap(slot.text, room, spec.size_pt, slot.indent_em * spec.size_pt)) + 2 * pad
            lack = need - sum(heights[row : row + slot.rowspan])
            if lack > 0:
                heights[row + slot.rowspan - 1] += lack
        return heights

    def _repeat_header(self, spec: TableSpec, grid: _Grid, edges: list[float], heights: list[float]) -> float:
        ys = [self.y]
        for height in heights[: spec.n_header]:
            ys.append(ys[-1] + height)
        header = {place: slot for place, slot in grid.items() if place[0] < spec.n_header}
        self._part(spec, header, edges, 0, ys)
        self.header_repeats.append((self.page, Box(edges[0], ys[0], edges[-1], ys[-1])))
        return ys[-1]

    def _part(self, spec: TableSpec, grid: _Grid, edges: list[float], begin: int, ys: list[float]) -> list[Cell]:
        """Sets the rows from `begin` whose edges are `ys`, with their rules; returns the cells that begin there.

        A cell cut by a page break has its text, and its box in the truth, in its first part.
        """
        end = begin + len(ys) - 1
        self._rules(spec, grid, edges, begin, ys)
        cells = []
        for (row, col), slot in sorted(grid.items()):
            if not begin <= row < end:
                continue
            box = Box(edges[col], ys[row - begin], edges[col + slot.colspan], ys[min(row + slot.rowspan, end) - begin])
            align = slot.align or _column_align(spec, row, col, slot)
            indent = slot.indent_em * spec.size_pt
            wrapped = self.wrap(slot.text, box.width - 2 * spec.pad_pt, spec.size_pt, indent)
            step = spec.size_pt * 1.25
            middle = box.center_y - step * (len(wrapped) - 1) / 2
            for number, line in enumerate(wrapped):
                width = self.width(line, spec.size_pt)
                x = box.x0 + spec.pad_pt + (indent if number == 0 else 0.0)
                if align == "center":
                    x = box.center_x - width / 2
                elif align == "right":
                    x = box.x1 - spec.pad_pt - width
                if line:
                    self.draw(line, x, middle + number * step, spec.size_pt)
            cells.append(Cell(row, col, slot.text, self.page, box, slot.rowspan, slot.colspan, "\n".join(wrapped)))
        return cells

    def _rules(self, spec: TableSpec, grid: _Grid, edges: list[float], begin: int, ys: list[float]) -> None:
        end = begin + len(ys) - 1
        self.pdf.set_draw_color(spec.rule_gray)
        dash, gap = _DASHES[spec.stroke]
        self.pdf.set_dash_pattern(dash=dash, gap=gap)
        if spec.rules in ("ruled", "open-sides"):
            self.pdf.set_line_width(self.style.rule_pt)
            for (row, col), slot in grid.items():
                top, stop = max(row, begin), min(row + slot.rowspan, end)
                if top < stop:
                    x0, x1 = edges[col], edges[col + slot.colspan]
                    y0, y1 = ys[top - begin], ys[stop - begin]
                    if spec.rules == "ruled":
                        self.pdf.rect(x0, y0, x1 - x0, y1 - y0)
                        continue
                    self.pdf.line(x0, y0, x1, y0)
                    self.pdf.line(x0, y1, x1, y1)
                    if col:
                        self.pdf.line(x0, y0, x0, y1)
        else:
            for y, weight in _level_rules(spec, begin, ys):
                self.pdf.set_line_width(self.style.rule_pt * weight)
                self.pdf.line(edges[0], y, edges[-1], y)
        self.pdf.set_dash_pattern()
        self.pdf.set_draw_color(0)

    def draw(self, words: str, x: float, middle_y: float, size_pt: float, *, bold: bool = False) -> Box:
        """Sets one line whose em box is centred on `middle_y`; returns its font box."""
        box = Box(x, middle_y - size_pt / 2, x + self.width(words, size_pt), middle_y + size_pt / 2)
        edges = [x]
        for char in words:
            edges.append(edges[-1] + self.width(char, size_pt))
        self.lines[-1].append(Word(words, box, char_x=tuple(edges), bold=bold))
        self.pdf.set_font(self.style.family, size=size_pt)
        if bold:  # the free faces come in one weight: a stroke of 3 % of the em thickens them
            self.pdf.set_line_width(size_pt * 0.03)
        with self.pdf.local_context(text_mode=TextMode.FILL_STROKE if bold else TextMode.FILL):
            self.pdf.text(x, middle_y + size_pt * (_ASCENT - 0.5), words)
        return box

    def _block(self, placed: Sequence[tuple[str, float, float]], size_pt: float, role: BlockRole) -> None:
        for words, middle_x, y in placed:
            box = self.draw(words, middle_x - self.width(words, size_pt) / 2, y, size_pt)
            self.blocks.append(Block(self.page, box, role, words))

    def _watermark(self) -> None:
        gray = self.style.watermark_gray
        self.pdf.set_font(self.style.family, size=30)
        self.pdf.set_text_color(gray, gray, gray)
        for x in range(60, int(self.style.width_pt), 220):
            for y in range(150, int(self.style.height_pt) + 100, 190):
                with self.pdf.rotation(30, x, y):
                    self.pdf.text(x, y, self.style.watermark)
        self.pdf.set_text_color(0, 0, 0)

    def width(self, words: str, size_pt: float) -> float:
        """Advance width of one line in points; the faces are set without kerning."""
        family = self.style.family
        total = 0.0
        for char in words:
            if (family, char) not in self.widths:
                self.pdf.set_font(family, size=1000)
                self.widths[family, char] = self.pdf.get_string_width(char) / 1000
            total += self.widths[family, char]
        return total * size_pt

    def wrap(self, words: str, room_pt: float, size_pt: float, indent_pt: float = 0.0) -> list[str]:
        """Breaks `words` into lines of at most `room_pt`; only what is longer than a line by itself is cut."""
        lines, line, used = [], "", indent_pt
        for piece in _UNBREAKABLE.findall(words):
            width = self.width(piece, size_pt)
            if used + width > room_pt + 0.01 and line:
                lines.append(line)
                line, used = "", 0.0
            for char in piece if width > room_pt else (piece,):
                step = self.width(char, size_pt)
                if used + step > room_pt + 0.01 and line:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + char, used + step
        return [*lines, line]

    def close(self) -> None:
        """Lets go of the font file, which fpdf2 closes only once a document is finished."""
        for font in self.pdf.fonts.values():
            font.close()

    def finish(self, name: str) -> Typeset:
        data = bytes(self.pdf.output())
        pages = tuple(Page(index, self.style.width_pt, self.style.height_pt) for index in range(len(self.lines)))
        document = Document(hashlib.sha256(data).hexdigest(), name, pages, tuple(self.tables), tuple(self.blocks))
        return Typeset(data, document, tuple(tuple(page) for page in self.lines), tuple(self.header_repeats))


_Grid = dict[tuple[int, int], Slot]


def _grid(spec: TableSpec) -> _Grid:
    """The slots by position; whether they tile the grid is checked by `models.table.Table`."""
    for number, row in enumerate(spec.rows):
        if len(row) != len(spec.widths):
            raise ValueError(f"table {spec.title!r}, row {number}: {len(row)} entries for {len(spec.widths)} columns")
    return {
        (number, col): Slot(entry) if isinstance(entry, str) else entry
        for number, row in enumerate(spec.rows)
        for col, entry in enumerate(row)
        if entry is not None
    }


def _level_rules(spec: TableSpec, begin: int, ys: list[float]) -> list[tuple[float, float]]:
    """(height, weight) of the rules of full width; a rule between rows leaves out rows that a cell of two runs over."""
    end = begin + len(ys) - 1
    if spec.rules == "horizontal":
        held = {
            row
            for number, entries in enumerate(spec.rows)
            for entry in entries
            if isinstance(entry, Slot)
            for row in range(number + 1, number + entry.rowspan)
        }
        return [(y, 1.0) for number, y in enumerate(ys, begin) if number not in held or number in (begin, end)]
    strokes = []
    if spec.rules == "three-line":
        strokes += [(ys[0], 2.0)] if begin == 0 else []
        strokes += [(ys[spec.n_header - begin], 1.0)] if begin < spec.n_header <= end else []
        strokes += [(ys[-1], 2.0)] if end == len(spec.rows) else []
    return strokes


def _column_align(spec: TableSpec, row: int, col: int, slot: Slot) -> Align:
    if row < spec.n_header:
        return "center"
    if spec.align and spec.align[col] != ".":
        return _ALIGN_LETTERS[spec.align[col]]
    return "right" if _NUMBER.match(slot.text) else "left"
