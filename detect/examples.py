"""Examples in the documentation of rules to small documents that an audit can run on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from models.document import Document
from models.geometry import Box
from models.page import Page
from models.table import Block, BlockRole, Cell, Table

_PITCH = 20.0
_WIDTH = 60.0
_HEIGHT = 12.0
_PAGE = (595.0, 842.0)


@dataclass
class _Layout:
    page: int = 0
    top: float = 40.0
    lowest: float = 0.0
    tables: list[Table] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def add_block(self, role: BlockRole, text: str) -> None:
        self.blocks.append(Block(self.page, Box(20, self.top, 560, self.top + 14), role, text))
        self.top += _PITCH
        self.lowest = max(self.lowest, self.top)

    def add_table(
        self, title: str, unit: str, rows: list[list[str]], notes: tuple[str, ...], meta: tuple[str, ...]
    ) -> None:
        table = _table(f"t{len(self.tables) + 1}", title, rows, self.page, self.top + _PITCH)
        self.tables.append(replace(table, unit=unit, notes=notes, meta=meta))
        self.top += _PITCH * 2 + _HEIGHT * len(rows)
        self.lowest = max(self.lowest, self.top)


def document_of(text: str) -> Document:
    """The document that an example describes, read without any doubt.

    A line `# …` is a heading, `- …` a line of the list of contents, `---` ends the page. `《…》` begins a table: its
    title and, behind it, its unit of money and perhaps `部门名称：…`. The lines after it with `|` between cells are
    its rows, where `>` continues the cell to its left and `^` the one above; `注：…` is a note below it. Any other
    line is a paragraph.

    Raises:
        ValueError: rows of one table have different numbers of cells.
    """
    layout = _Layout()
    lines = [line.strip() for line in text.strip().splitlines()]
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("《") and at < len(lines) and "|" in lines[at]:
            title, _, behind = line[1:].rpartition("》")
            unit, _, meta = behind.partition(" ")
            rows: list[list[str]] = []
            while at < len(lines) and "|" in lines[at]:
                rows.append([cell.strip() for cell in lines[at].split("|")])
                at += 1
            notes = []
            while at < len(lines) and lines[at].startswith("注："):
                notes.append(lines[at])
                at += 1
            layout.add_table(title, unit, rows, tuple(notes), (meta,) if meta else ())
        elif line == "---":
            layout.page, layout.top = layout.page + 1, 40.0
        elif line.startswith("# "):
            layout.add_block("heading", line[2:])
        elif line.startswith("- "):
            layout.add_block("toc", line[2:])
        elif line:
            layout.add_block("paragraph", line)
    height = max(_PAGE[1], layout.lowest + _PITCH)
    pages = tuple(Page(index, _PAGE[0], height, source="text") for index in range(layout.page + 1))
    return Document("0" * 64, "示例.pdf", pages, tuple(layout.tables), tuple(layout.blocks))


def _table(name: str, title: str, rows: list[list[str]], page: int, top: float) -> Table:
    n_cols = len(rows[0])
    if any(len(row) != n_cols for row in rows):
        raise ValueError(f"table {title}: rows of {sorted({len(row) for row in rows})} cells")
    cells = []
    for row, texts in enumerate(rows):
        for col, text in enumerate(texts):
            if text in (">", "^"):
                continue
            colspan = next((k for k in range(1, n_cols - col) if texts[col + k] != ">"), n_cols - col)
            rowspan = next((k for k in range(1, len(rows) - row) if rows[row + k][col] != "^"), len(rows) - row)
            box = Box(col * _WIDTH, top + row * _HEIGHT, (col + colspan) * _WIDTH, top + (row + rowspan) * _HEIGHT)
            cells.append(Cell(row, col, text, page, box, rowspan, colspan))
    return Table(name, title, len(rows), n_cols, tuple(cells), (page,))
