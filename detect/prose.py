"""Blocks to prose: paragraphs whole again after page breaks, with their section and the place of every character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from models.document import Document
from models.finding import Evidence
from models.geometry import Box, bounding_box

SENTENCE_ENDS = "。；！？"
HEADING_WORDS = 60
"""Longest text of a heading; a longer one is a paragraph that begins with a number."""

LONGEST_PLACE = 24
"""Characters of a heading that a message quotes."""

FULL_LINE = 20
"""Characters from which a line without a full stop is taken to run into the next one: a title is mostly shorter."""

_FURNITURE = ("toc", "page_header", "page_number", "unit", "caption", "note")
_PART = re.compile(r"^第[一二三四五六七八九十]+部分")
_TOP = re.compile(r"^[一二三四五六七八九十]{1,3}、")
_SUB = re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]")
_ITEM = re.compile(r"^(?:\d{1,2}[.、．](?!\d)|[（(]\d{1,2}[)）]|[①-⑳])")
_TABLE = re.compile(r"^[（(]?(?:附?表[一二三四五六七八九十\d]{1,3}|预算表?\d{1,2}表?|公开\d{1,2}表|附件\d{0,2})")
_PROSE = re.compile(r"[，。；：]|\d(?:亿元|万元|元|辆|%)")


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of running text.

    Attributes:
        part: heading of the part (`第三部分 …`), empty before the first.
        section: heading of the numbered section (`七、“三公”经费…`), empty outside of any.
        text: with half-width digits, full-width punctuation and without white space; thousands keep their comma.
        printed: the same characters as they are printed, one for one.
        starts: offset in `text` at which each block begins.
        blocks: index of each block in the document.
        is_heading: the passage is a heading of its own.
        subsection: heading of the part of the section (`（一）…`), empty before the first.
    """

    part: str
    section: str
    text: str
    printed: str
    starts: tuple[int, ...]
    blocks: tuple[int, ...]
    is_heading: bool = False
    subsection: str = ""

    def block_at(self, offset: int) -> int:
        """Position within `blocks` of the block that prints the character at `offset`."""
        return max(index for index, start in enumerate(self.starts) if start <= offset)

    def sentence_span(self, offset: int) -> tuple[int, int]:
        """Begin and end of the sentence around `offset`; a full stop belongs to the sentence before it."""
        left = max((self.text.rfind(mark, 0, offset) for mark in SENTENCE_ENDS), default=-1)
        rights = [at for mark in SENTENCE_ENDS if (at := self.text.find(mark, offset)) >= 0]
        return left + 1, min([*rights, len(self.text) - 1]) + 1

    def sentence(self, offset: int) -> str:
        """The sentence around `offset` as it is printed."""
        begin, end = self.sentence_span(offset)
        return self.printed[begin:end]

    def evidence(self, document: Document, offset: int) -> Evidence:
        """The sentence around `offset` and where it stands: its lines on the page that prints the character."""
        begin, end = self.sentence_span(offset)
        here = document.blocks[self.blocks[self.block_at(offset)]]
        boxes: list[Box] = [
            block.box
            for position in range(self.block_at(begin), self.block_at(max(begin, end - 1)) + 1)
            if (block := document.blocks[self.blocks[position]]).page == here.page
        ]
        return Evidence(here.page, bounding_box(boxes or [here.box]), self.printed[begin:end])

    def where(self, document: Document) -> str:
        """How messages call the place: its section, or its page."""
        return self.section or self.part or f"第{document.blocks[self.blocks[0]].page + 1}页正文"

    def called(self, document: Document) -> str:
        """`where` in quotation marks, cut to the length that a message has room for."""
        return f"“{self.where(document)[:LONGEST_PLACE]}”"

    def trust(self, document: Document) -> float:
        """Probability that every line of the passage is read right."""
        return min(document.blocks[index].confidence for index in self.blocks)


MAX_BLOCKS = 40
"""A passage of more blocks is no paragraph; without a bound a text without full stops would cost its square."""


def squeezed(text: str) -> str:
    """The text without any white space."""
    return re.sub(r"\s+", "", text)


def half_width(text: str) -> str:
    """Digits, letters and signs half-width, Chinese punctuation full-width, character by character.

    A comma stays half-width only between the digits of a number with thousands (`1,234.56`).
    """
    plain = "".join(_half(mark) for mark in text)
    plain = re.sub(r"(?<=\d)，(?=\d{3}(?:\D|$|，\d{3}))", ",", plain)
    return re.sub(r",(?!\d{3}(?:\D|$))|(?<!\d),", "，", plain)


@lru_cache(maxsize=64)
def _plain(text: str) -> str:
    """`half_width` of the last few pieces, which are asked for again with every piece that follows."""
    return half_width(text)


@lru_cache(maxsize=8192)
def _half(mark: str) -> str:
    if mark in "，。；：！？（）《》“”、":
        return mark
    if mark in "();:!?":
        return "（）；：！？"["();:!?".index(mark)]
    if "①" <= mark <= "⑳":
        return mark
    changed = unicodedata.normalize("NFKC", mark)
    return changed if len(changed) == 1 else mark


@lru_cache(maxsize=2)
def passages(document: Document) -> tuple[Passage, ...]:
    """The running text in reading order; the list of contents, page furniture and notes of tables are left out.

    Kept for the document at hand, because every rule on prose asks for it.

    A block goes on where the one before does not end a sentence, whatever its role: a paragraph is often cut by the
    end of a page, and its last line is then read as a title.
    """
    return tuple(_passages(document))


def _passages(document: Document) -> Iterator[Passage]:
    part = section = subsection = ""
    open_parts: list[tuple[int, str]] = []
    for index, block in enumerate(document.blocks):
        printed = squeezed(block.text)
        if block.role in _FURNITURE or not printed or printed.isdigit():
            continue
        text = half_width(printed)
        if open_parts and _goes_on(document, open_parts, index, text):
            open_parts.append((index, printed))
            continue
        if open_parts:
            yield _passage(part, section, subsection, open_parts)
            open_parts = []
        if is_heading(text):
            if _PART.match(text):
                part, section, subsection = printed, "", ""
            elif _TOP.match(text):
                section, subsection = printed, ""
            elif _SUB.match(text):
                subsection = printed
            yield _passage(part, section, subsection, [(index, printed)], is_heading=True)
            continue
        open_parts = [(index, printed)]
    if open_parts:
        yield _passage(part, section, subsection, open_parts)


def is_heading(text: str) -> bool:
    """Whether the text is a numbered heading: short, and neither a sentence nor a statement of an amount."""
    numbered = _PART.match(text) or _TOP.match(text) or _SUB.match(text) or _ITEM.match(text)
    if not numbered or len(text) > HEADING_WORDS:
        return False
    return not _PROSE.search(text[numbered.end() :].rstrip("：。"))


def _goes_on(document: Document, before: list[tuple[int, str]], index: int, text: str) -> bool:
    if len(before) >= MAX_BLOCKS:
        return False
    last_index, last = before[-1]
    if document.blocks[index].page - document.blocks[last_index].page not in (0, 1):
        return False
    if _PART.match(text) or _TOP.match(text) or _SUB.match(text) or _ITEM.match(text):
        return False
    if half_width(last)[-1] in SENTENCE_ENDS + "：" or _TABLE.match(text):
        return False
    whole = "".join(_plain(words) for _, words in before)
    return bool(_PROSE.search(whole)) or (len(last) >= FULL_LINE and bool(_PROSE.search(text)))


def _passage(
    part: str, section: str, subsection: str, parts: list[tuple[int, str]], *, is_heading: bool = False
) -> Passage:
    starts, length = [], 0
    for _, printed in parts:
        starts.append(length)
        length += len(printed)
    whole = "".join(printed for _, printed in parts)
    blocks = tuple(index for index, _ in parts)
    return Passage(part, section, half_width(whole), whole, tuple(starts), blocks, is_heading, subsection)
