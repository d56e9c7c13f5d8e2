"""Everything that is written in words: paragraphs, and the cells of tables that hold sentences, with their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detect.prose import SENTENCE_ENDS, Passage, half_width, passages, squeezed
from detect.reconcile import SURE
from detect.registry import Rule
from detect.sentences import trust, where
from models.document import Document
from models.finding import Evidence, Finding, Severity
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

    def where(self, document: Document) -> str:
        """How messages call the place."""
        if self.passage is not None:
            return f"“{where(document, self.passage)[:24]}”"
        assert self.table is not None
        return f"《{self.table.title or '表格'}》"

    def trust(self, document: Document) -> float:
        """Probability that the text is read right."""
        if self.passage is not None:
            return trust(document, self.passage)
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


def conclude_text(
    rule: Rule,
    document: Document,
    places: Sequence[tuple[Text, int]],
    *,
    key: str,
    message: str,
    severity: Severity | None = None,
    expected: str = "",
    observed: str = "",
) -> Finding:
    """The finding of a rule about words that stand at one or more places.

    Args:
        rule: what it is a finding of.
        document: that shows it.
        places: texts with the offset of the words.
        key: what follows the rule's id in the key of the finding.
        message: Chinese, complete; page and place of the first are put before it.
        severity: the rule's own when None; a hint in any case where the reading is not sure.
        expected: what should stand there.
        observed: what is printed.
    """
    sure = min(text.trust(document) for text, _ in places)
    is_real = sure >= SURE
    evidence = tuple(dict.fromkeys(text.evidence(document, offset) for text, offset in places))
    return Finding(
        key=f"{rule.id}:{key}",
        rule=rule.id,
        category=rule.category,
        severity=(severity or rule.severity) if is_real else "hint",
        confidence=round(min(0.99, sure), 3),
        reading="real" if is_real else "undecided",
        message=f"第{evidence[0].page + 1}页{places[0][0].where(document)}：{message}",
        evidence=evidence,
        basis=rule.basis,
        expected=expected,
        observed=observed,
    )
