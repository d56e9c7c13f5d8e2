"""What a page is made of before it is set: tables with spans, lines of text, blanks, page breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.table import BlockRole

Align = Literal["left", "center", "right"]
Rules = Literal["ruled", "open-sides", "horizontal", "three-line", "borderless"]
Stroke = Literal["solid", "dashed", "dotted"]
Family = Literal["sans", "serif"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell to set; positions that its spans cover hold None in their row.

    Attributes:
        align: None follows the table: header centred, else the column's letter, else numbers right and words left.
        indent_em: blank before the text, in characters (the levels of a project list); not part of the text.
    """

    text: str
    rowspan: int = 1
    colspan: int = 1
    align: Align | None = None
    indent_em: float = 0.0


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table to set.

    Attributes:
        rows: every row has one entry for each column: a `Slot`, a plain string, or None where a span covers it.
        widths: of the columns, relative to each other.
        rules: all cells framed; the same without the outer sides; a rule between rows; three rules in all; none.
        stroke: of the rules.
        rule_gray: of the rules, 0 black to 255 paper.
        align: one letter per column (`l`, `c`, `r`, or `.` for automatic); empty means automatic everywhere.
        n_header: leading rows that are headings, repeated after a page break if `repeat_header`.
        meta: the line at the left between title and table (`单位名称：…`).
        width_share: share of the text width that the table takes, 0 to 1.
        keep_together: begin on a new page rather than break, where the table fits on one.
    """

    rows: tuple[tuple[Slot | str | None, ...], ...]
    widths: tuple[float, ...]
    title: str = ""
    caption: str = ""
    meta: str = ""
    unit: str = ""
    notes: tuple[str, ...] = ()
    n_header: int = 1
    align: str = ""
    rules: Rules = "ruled"
    stroke: Stroke = "solid"
    rule_gray: int = 0
    repeat_header: bool = True
    keep_together: bool = False
    width_share: float = 1.0
    size_pt: float = 8.0
    pad_pt: float = 2.4


@dataclass(frozen=True, slots=True)
class Text:
    """A line or a paragraph outside tables: broken into lines at the text width."""

    text: str
    role: BlockRole = "paragraph"
    size_pt: float = 10.5
    align: Align = "left"
    indent_em: float = 2.0
    bold: bool = False
    before_pt: float = 0.0
    leading: float = 1.7


@dataclass(frozen=True, slots=True)
class Gap:
    """Vertical blank, in points."""

    height_pt: float


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next item begins on a new page."""


Item = TableSpec | Text | Gap | PageBreak


@dataclass(frozen=True, slots=True)
class PageStyle:
    """What all pages of one document share; lengths in points.

    Attributes:
        page_number: pattern such as `- {n} -`; empty sets none. The first `unnumbered` pages carry none.
        watermark: phrase tiled in grey under the text, as real text operators; empty sets none.
    """

    width_pt: float = 595.28
    height_pt: float = 841.89
    margin_pt: float = 62.0
    family: Family = "sans"
    page_number: str = ""
    unnumbered: int = 0
    page_header: str = ""
    watermark: str = ""
    watermark_gray: int = 205
    rule_pt: float = 0.6
