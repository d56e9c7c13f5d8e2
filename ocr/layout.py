"""Words outside tables → lines → titles, units, notes and paragraphs in reading order.

All lengths are page points.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.geometry import Box, bounding_box
from models.page import Page, Word
from models.table import Block, BlockRole

#: Pieces of one height further apart than this many line heights are separate (单位名称 … 单位：万元).
PIECE_GAP = 1.6
#: A line belongs to a table below it when it ends at most this many line heights above it or the line between.
ABOVE_TABLE_GAP = 3.2
#: A page number stands in the outer eighth of the page: the margin of a landscape A4 page.
FURNITURE_SHARE = 0.125

UNIT = re.compile(r"(?:金额)?单位\s*[:：]\s*(?:人民币)?\s*(亿元|万元|元)|^[(（](?:金额)?(?:单位)?[:：]?(万元|元)[)）]$")
CAPTION = re.compile(
    r"^(?:附件?\s*\d*|(?:预算|部门|单位)?公开\s*\d*\s*表\s*[一二三四五六七八九十\d]*|附?表\s*[一二三四五六七八九十\d]+(?:[-－]\d+)?)[:：]?$"
)
CONTINUED = re.compile(r"[(（]\s*续\s*表?\s*[\d一二三]*\s*[)）]|^续表")
NOTE = re.compile(r"^(?:注|备注|说明)\s*\d*\s*[:：、.]|^负责人|^填报人|^填表人|^制表")
META = re.compile(
    r"(?:单位|部门)(?:名称|[(（]盖章[)）])?\s*[:：]|^(?:编制|填报)[^。]*[:：]|^[(（]?\s*20\d\d\s*年度?\s*[)）]?$|填报日期|^项目名称\s*[:：]"
)
TABLE_TITLE = re.compile(r"表(?:\s*[(（][^()（）]*[)）])*$|情况表|明细$")
PAGE_NUMBER = re.compile(r"^[-—–\s·第]*\d{1,4}[-—–\s·页]*(?:[,，]?\s*[/共]\s*\d{1,4}\s*页?)?$|^[ivxIVX]{1,6}$")
PART = re.compile(r"^第[一二三四五六七八九十]+部分")
HEADING = re.compile(
    r"^(?:第[一二三四五六七八九十]+(?:部分|章|节)|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])"
)
TOC = re.compile(r"[.…·．]{3,}\s*\d*$")
SENTENCE_END = "。；;：:！？"


@dataclass(frozen=True, slots=True)
class Line:
    """A run of words on one height without a wide gap."""

    text: str
    box: Box
    words: tuple[Word, ...]

    @property
    def height_pt(self) -> float:
        """Height of the tallest word: the size of the type."""
        return max(word.box.height for word in self.words)

    @property
    def confidence(self) -> float:
        return min(word.confidence for word in self.words)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text that belongs to one table without standing in it."""

    title: str = ""
    caption: str = ""
    unit: str = ""
    meta: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_continued: bool = False


def join_words(words: Sequence[Word]) -> str:
    """The text of words of one line: a space only where the gap is wide and Latin letters or digits meet."""
    text = ""
    previous: Word | None = None
    for word in sorted(words, key=lambda word: word.box.x0):
        if previous is not None and text and word.text:
            gap = word.box.x0 - previous.box.x1
            meet = text[-1].isascii() and text[-1].isalnum() and word.text[0].isascii() and word.text[0].isalnum()
            if gap > 0.25 * word.box.height and meet:
                text += " "
        text += word.text
        previous = word
    return text.strip()


def lines_of(words: Sequence[Word]) -> list[Line]:
    """Words as lines, top to bottom, then left to right; a wide gap parts a line."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box.center_y, word.box.x0)):
        for row in reversed(rows[-4:]):
            reference = row[0]
            shared = min(reference.box.y1, word.box.y1) - max(reference.box.y0, word.box.y0)
            if shared > 0.5 * min(reference.box.height, word.box.height):
                row.append(word)
                break
        else:
            rows.append([word])
    lines = []
    for row in rows:
        row.sort(key=lambda word: word.box.x0)
        piece = [row[0]]
        for word in row[1:]:
            if word.box.x0 - piece[-1].box.x1 > PIECE_GAP * max(word.box.height, piece[-1].box.height):
                lines.append(_line(piece))
                piece = [word]
            else:
                piece.append(word)
        lines.append(_line(piece))
    return [line for line in lines if line.text]


def _line(words: Sequence[Word]) -> Line:
    return Line(join_words(words), bounding_box(word.box for word in words), tuple(words))


def read_surroundings(
    lines: Sequence[Line], tables: Sequence[Box], page: Page
) -> tuple[list[Surroundings], list[Block], list[Line]]:
    """Shares out the lines of a page between its tables and its running text.

    Args:
        lines: of the page outside tables.
        tables: boxes of the page's tables, top to bottom.
        page: for its size.

    Returns:
        One `Surroundings` for each table, blocks for the lines given to tables, and the lines left for prose.
    """
    left = list(lines)
    surroundings: list[Surroundings] = []
    blocks: list[Block] = []
    for number, table in enumerate(tables):
        limit = tables[number - 1].y1 if number else 0.0
        above = _lines_above(left, table, limit, page)
        title, caption, unit, meta, roles = _read_above(above)
        next_top = tables[number + 1].y0 if number + 1 < len(tables) else page.height_pt
        notes = _lines_below(left, table, next_top)
        for line in [*above, *notes]:
            left.remove(line)
        is_continued = any(CONTINUED.search(line.text) for line in above)
        notes_text = tuple(line.text for line in notes)
        surroundings.append(Surroundings(title, caption, unit, meta, notes_text, is_continued))
        blocks += [Block(page.index, line.box, roles[i], line.text, line.confidence) for i, line in enumerate(above)]
        blocks += [Block(page.index, line.box, "note", line.text, line.confidence) for line in notes]
    return surroundings, blocks, left


def _lines_above(lines: Sequence[Line], table: Box, limit: float, page: Page) -> list[Line]:
    """Lines between `limit` and the table that name or describe it, top to bottom."""
    candidates = sorted(
        (line for line in lines if limit - 2 <= line.box.center_y < table.y0 + 0.5 * line.height_pt),
        key=lambda line: -line.box.center_y,
    )
    taken: list[Line] = []
    bottom = table.y0
    for line in candidates:
        gap = bottom - line.box.y1
        if gap > ABOVE_TABLE_GAP * line.height_pt or is_page_number(line, page):
            break
        if not _describes_table(line, table):
            break
        taken.append(line)
        bottom = min(bottom, line.box.y0)
        if len(taken) >= 9:
            break
    while taken and NOTE.match(taken[-1].text) and limit > 0:
        taken.pop()  # the note of the table before
    return sorted(taken, key=lambda line: (round(line.box.center_y), line.box.x0))


def _describes_table(line: Line, table: Box) -> bool:
    text = line.text
    if UNIT.search(text) or CAPTION.match(text) or META.search(text) or CONTINUED.search(text):
        return len(text) <= 60
    if HEADING.match(text) and not TABLE_TITLE.search(text):
        return False
    if NOTE.match(text) or text[-1] in SENTENCE_END or TOC.search(text):
        return False
    centred = abs(line.box.center_x - (table.x0 + table.x1) / 2) < 0.12 * max(table.width, 150.0)
    return bool(TABLE_TITLE.search(text)) or (centred and len(text) <= 45)


def _read_above(above: Sequence[Line]) -> tuple[str, str, str, tuple[str, ...], list[BlockRole]]:
    """(title, caption, unit, meta, role of each line) from the lines above a table."""
    roles: list[BlockRole] = ["paragraph"] * len(above)
    unit = caption = ""
    meta: list[str] = []
    rest: list[int] = []
    for i, line in enumerate(above):
        found = UNIT.search(line.text)
        if found:
            unit = found.group(1) or found.group(2) or ""
            roles[i] = "unit"
            meta.append(line.text)
        elif CAPTION.match(line.text):
            caption, roles[i] = line.text, "caption"
        elif META.search(line.text) and not TABLE_TITLE.search(line.text):
            roles[i] = "unit"
            meta.append(line.text)
        else:
            rest.append(i)
    named = [i for i in rest if TABLE_TITLE.search(above[i].text)] or rest
    title = ""
    if named:
        main = max(named, key=lambda i: (not PART.match(above[i].text), above[i].box.y0))
        parts = [main]
        for step in (-1, 1):
            i = main + step
            while i in rest and abs(above[i].height_pt - above[main].height_pt) < 0.15 * above[main].height_pt:
                wraps = TABLE_TITLE.search(above[i if step < 0 else i - 1].text) is None
                if not wraps:
                    break
                parts.append(i)
                i += step
        title = "".join(above[i].text for i in sorted(parts))
        for i in parts:
            roles[i] = "title"
        meta += [above[i].text for i in rest if i not in parts]
    return title, caption, unit, tuple(meta), roles


def _lines_below(lines: Sequence[Line], table: Box, next_top: float) -> list[Line]:
    taken: list[Line] = []
    bottom = table.y1
    below = (line for line in lines if table.y1 - 2 <= line.box.y0 and line.box.y1 < next_top)
    for line in sorted(below, key=lambda line: (line.box.y0, line.box.x0)):
        gap = line.box.y0 - bottom
        if gap > 2.2 * line.height_pt:
            break
        same_height = bool(taken) and abs(line.box.y0 - taken[-1].box.y0) < 2.0
        wraps = (
            bool(taken)
            and NOTE.match(taken[0].text)
            and gap < 0.9 * line.height_pt
            and line.text[:1] not in "一二三四五六七八九十"
        )
        if not (NOTE.match(line.text) or same_height or (wraps and not HEADING.match(line.text))):
            break
        taken.append(line)
        bottom = max(bottom, line.box.y1)
    return taken


def is_page_number(line: Line, page: Page) -> bool:
    """Whether the line is a page number at the top or the foot of the page."""
    edge = FURNITURE_SHARE * page.height_pt
    at_edge = line.box.y1 < edge or line.box.y0 > page.height_pt - edge
    return at_edge and bool(PAGE_NUMBER.match(line.text))


def prose_blocks(lines: Sequence[Line], page: Page) -> list[Block]:
    """Running text as headings, paragraphs and page furniture, top to bottom."""
    blocks: list[Block] = []
    numbers = [line for line in lines if is_page_number(line, page)]
    blocks += [Block(page.index, line.box, "page_number", line.text, line.confidence) for line in numbers]
    body = sorted((line for line in lines if line not in numbers), key=lambda line: (round(line.box.y0), line.box.x0))
    if not body:
        return blocks
    left = min(line.box.x0 for line in body)
    right = max(line.box.x1 for line in body)
    paragraph: list[Line] = []
    for line in body:
        if paragraph and not _continues_paragraph(paragraph, line, left, right):
            blocks.append(_paragraph(paragraph, page))
            paragraph = []
        paragraph.append(line)
    blocks.append(_paragraph(paragraph, page))
    return blocks


def _continues_paragraph(paragraph: Sequence[Line], line: Line, left: float, right: float) -> bool:
    last = paragraph[-1]
    size = last.height_pt
    if HEADING.match(line.text) or TOC.search(last.text) or abs(line.height_pt - size) > 0.3 * size:
        return False
    if line.box.y0 - last.box.y1 > 1.3 * size or abs(line.box.center_y - last.box.center_y) < 0.5 * size:
        return False
    indented = line.box.x0 > left + 1.3 * size
    reaches_margin = last.box.x1 > right - 2.5 * size
    return reaches_margin and not indented


def _paragraph(lines: Sequence[Line], page: Page) -> Block:
    text = lines[0].text
    for before, line in itertools.pairwise(lines):
        latin = before.text[-1:].isascii() and before.text[-1:].isalpha() and line.text[:1].isalpha()
        text += (" " if latin and line.text[:1].isascii() else "") + line.text
    role: BlockRole = "paragraph"
    if TOC.search(text):
        role = "toc"
    elif len(lines) == 1 and HEADING.match(text) and len(text) <= 45 and text[-1] not in "。；":
        role = "heading"
    elif len(lines) == 1 and lines[0].height_pt >= 15.5 and len(text) <= 45:
        role = "title"
    box = bounding_box(line.box for line in lines)
    return Block(page.index, box, role, text, min(line.confidence for line in lines))
