"""Words and table lines placed on a page of one's own, for tests of tables that no rule draws."""

from collections.abc import Sequence

from models.geometry import Box
from models.page import Word
from ocr.grid import Grid
from ocr.tables import fill_grid

SIZE = 10.0


def word(text: str, x0: float, y: float, size: float = SIZE) -> Word:
    """Type whose middle lies at `y`: Chinese characters are as wide as high, others 0.55 of it."""
    edges = [x0]
    for mark in text:
        edges.append(edges[-1] + (size if ord(mark) > 255 else 0.55 * size))
    return Word(text, Box(x0, y - size / 2, edges[-1], y + size / 2), char_x=tuple(edges))


def centred(text: str, low: float, high: float, y: float) -> Word:
    return word(text, (low + high) / 2 - word(text, 0, y).box.width / 2, y)


def right(text: str, edge: float, y: float) -> Word:
    return word(text, edge - 3 - word(text, 0, y).box.width, y)


def rows(grid: Grid, words: Sequence[Word]) -> list[list[str]]:
    cells = fill_grid(grid, words, 0)
    return [[cell.text for cell in cells if cell.row == row] for row in range(grid.n_rows)]


# Columns 50-150 | 150-290 | 290-370 | 370-450 | 450-530 under a header of two levels.
HEADER = (
    centred("项目", 50, 290, 109),
    centred("2026年预算数", 290, 530, 109),
    centred("科目编码", 50, 150, 127),
    centred("科目名称", 150, 290, 127),
    centred("合计", 290, 370, 127),
    centred("基本支出", 370, 450, 127),
    centred("项目支出", 450, 530, 127),
)


def entry(y: float, code: str, name: str, *amounts: str) -> list[Word]:
    """One line under `HEADER`; a blank code or amount is left out."""
    edges = (370, 450, 530)
    return [
        *([word(code, 53, y)] if code else []),
        word(name, 153, y),
        *(right(text, edge, y) for text, edge in zip(amounts, edges, strict=False) if text),
    ]
