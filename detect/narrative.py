"""Prose to amounts: the sections of the explanation and the amounts that stand after given words in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detect.amounts import parse_amount, yuan_per
from detect.checks import Operand
from models.document import Document
from models.finding import Evidence
from models.table import Block

_TOP = re.compile(r"^(?:第[一二三四五六七八九十]+部分|[一二三四五六七八九十]{1,3}、)")
_SKIPPED_ROLES = ("toc", "page_header", "page_number", "title", "unit", "caption")
_SENTENCE_ENDS = "。；;"
_AMOUNT = r"(?P<number>\d[\d,，]*(?:\.\d+)?)(?P<unit>亿元|万元|元)"


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section of the explanation with the blocks of its text.

    Attributes:
        title: as printed, such as `七、“三公”经费增减变动原因说明`.
        text: its blocks run together (a sentence may be cut by a page break).
        starts: offset in `text` at which each block begins.
        blocks: index of each block in the document.
    """

    title: str
    text: str
    starts: tuple[int, ...]
    blocks: tuple[int, ...]

    def block_at(self, offset: int) -> int:
        """Position within `blocks` of the block that prints the character at `offset`."""
        return max(index for index, start in enumerate(self.starts) if start <= offset)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def sections(document: Document) -> Iterator[Section]:
    """The numbered sections in reading order; the list of contents and page furniture are left out."""
    title, parts = "", list[tuple[int, str]]()
    for index, block in enumerate(document.blocks):
        if block.role in _SKIPPED_ROLES:
            continue
        text = _squeezed(block.text)
        if _TOP.match(text) and (block.role == "heading" or len(text) <= 40) and not text.endswith("。"):
            if parts:
                yield _section(title, parts)
            title, parts = text, []
        elif text and block.role in ("paragraph", "heading"):
            parts.append((index, text))
    if parts:
        yield _section(title, parts)


def _section(title: str, parts: Sequence[tuple[int, str]]) -> Section:
    starts, length = [], 0
    for _, text in parts:
        starts.append(length)
        length += len(text)
    return Section(title, "".join(text for _, text in parts), tuple(starts), tuple(index for index, _ in parts))


def amounts_after(document: Document, section: Section, words: str, name: str) -> list[Operand]:
    """The amounts stated for the thing that `words` (a regular expression) names, in order of the text.

    An amount counts when nothing but a short connection without digits, changes or other items stands between the
    words and the number (`…为`, `…支出预算`, `财政拨款预算`).
    """
    pattern = re.compile(rf"(?:{words})(?P<between>[^\d，,。；;：:、()（）增减降升较比上年]{{0,16}}){_AMOUNT}")
    return [_operand(document, section, found, name) for found in pattern.finditer(section.text)]


def _operand(document: Document, section: Section, found: re.Match[str], name: str) -> Operand:
    start = found.start("number")
    position = section.block_at(start)
    block: Block = document.blocks[section.blocks[position]]
    unit = found.group("unit")
    amount = parse_amount(found.group("number"), yuan_per(unit))
    page = next((page for page in document.pages if page.index == block.page), None)
    decimals = len(found.group("number").partition(".")[2])
    return Operand(
        sign=1,
        key=("", section.blocks[position], start - section.starts[position]),
        label=name,
        name=f"情况说明“{section.title[:24]}”中的{name}",
        text=found.group("number"),
        state="number" if amount is not None else "unreadable",
        amount=amount,
        evidence=Evidence(block.page, block.box, _sentence(section, position, start)),
        form="text",
        line=section.title[:2].rstrip("、"),
        column=name,
        unit=unit,
        unit_yuan=yuan_per(unit),
        decimals=decimals,
        confidence=block.confidence,
        from_ocr=page is not None and page.source == "ocr",
    )


def _sentence(section: Section, position: int, offset: int) -> str:
    """The sentence around an offset, as far as it stands in the same block."""
    begin = section.starts[position]
    end = section.starts[position + 1] if position + 1 < len(section.starts) else len(section.text)
    left = max((section.text.rfind(mark, begin, offset) for mark in _SENTENCE_ENDS), default=-1)
    rights = [at for mark in _SENTENCE_ENDS if (at := section.text.find(mark, offset, end)) >= 0]
    return section.text[max(begin, left + 1) : min([*rights, end - 1]) + 1]
