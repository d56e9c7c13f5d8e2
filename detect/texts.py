"""Everything that is written in words: paragraphs, and the cells of tables that hold sentences, with their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from detect.prose import SENTENCE_ENDS, Passage, half_width, passages, squeezed
from models.document import Document
from models.finding import Evidence
from models.table import Cell, Table

SENTENCE_LENGTH = 8
"""Characters from which a cell may hold a sentence; labels and amounts are shorter."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or a cell.

    Attributes:
        text: half-width digits, full-width punctuation, no white space.
        printed: the same characters as printed, one for one.
        passage: None for a cell.
        table, cell: None for a paragraph.
    """

    text: str
    printed: str
    passage: Passage | None = None
    table: Table | None = None
    cell: Cell | None = None

    def sentence(self, offset: int) -> str:
        """The sentence around an offset as printed."""
        left = max((self.text.rfind(mark, 0, offset) for mark in SENTENCE_ENDS), default=-1)
        rights = [at for mark in SENTENCE_ENDS if (at := self.text.find(mark, offset)) >= 0]
        return self.printed[left + 1 : min([*rights, len(self.text) - 1]) + 1]

    def evidence(self, document: Document, offset: int) -> Evidence:
        """Where the words at `offset` stand: the cell, or the lines of the sentence."""
        if self.passage is not None:
            return self.passage.evidence(document, offset)
        assert self.table is not None
        assert self.cell is not None
        cell = self.cell
        return Evidence(cell.page, cell.box, cell.text, self.table.id, cell.row, cell.col)

    def called(self, document: Document) -> str:
        """How messages call the place."""
        if self.passage is not None:
            return self.passage.called(document)
        assert self.table is not None
        return f"《{self.table.title or '表格'}》"

    def trust(self, document: Document) -> float:
        """Probability that the text is read right."""
        if self.passage is not None:
            return self.passage.trust(document)
        return self.cell.confidence if self.cell is not None else 0.0


def texts(document: Document) -> Iterator[Text]:
    """Paragraphs in reading order, then the cells that may hold sentences."""
    for passage in passages(document):
        if not passage.is_heading:
            yield Text(passage.text, passage.printed, passage)
    yield from cell_texts(document)


def cell_texts(document: Document) -> Iterator[Text]:
    """The cells that may hold sentences, table by table."""
    for table in document.tables:
        for cell in table.cells:
            printed = squeezed(cell.text)
            if len(printed) >= SENTENCE_LENGTH and not re.fullmatch(r"[\d,.，％%\-]+", printed):
                yield Text(half_width(printed), printed, None, table, cell)


class Words(NamedTuple):
    """Words at an offset of a paragraph or of a cell: what a rule on language or prose disputes."""

    text: Passage | Text
    offset: int
