"""Made-up pages: tables of amounts and prose in random type, as coverage of ink over paper.

Nothing here means anything: words are random characters of GB 2312's first level, amounts random digits. What
matters is that the strokes look like those of a disclosure at 100 to 300 dots per inch.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.clean.restorer.fonts import Face, Faces

Grey = NDArray[np.uint8]

COMMON_CHARACTERS = "".join(
    bytes((high, low)).decode("gb2312")
    for high in range(0xB0, 0xD8)
    for low in range(0xA1, 0xFF if high < 0xD7 else 0xFA)
)
"""The 3,755 characters of GB 2312's first level, the most frequent ones of printed Chinese."""

_HANZI = np.array(list(COMMON_CHARACTERS))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page before anybody marked or scanned it.

    Attributes:
        ink: uint8 coverage, 0 none, 255 full.
        ink_level: grey of full ink.
        shade: uint8 grey of the paper under it, 255 except in shaded cells.
        type_px: size of its type.
        dpi: that the size stands for.
    """

    ink: Grey
    ink_level: int
    shade: Grey
    type_px: int
    dpi: float


def draw_sheet(random: np.random.Generator, faces: Faces, side_px: int) -> Sheet:
    """A square page of a table, of prose, or nearly blank."""
    dpi = float(random.choice([100, 150, 200, 300], p=[0.12, 0.28, 0.45, 0.15]) * random.uniform(0.93, 1.07))
    type_pt = float(np.clip(random.normal(9.6, 2.0), 6.0, 16.0))
    type_px = int(np.clip(round(type_pt * dpi / 72), 9, 64))
    ink = Image.new("L", (side_px, side_px), 0)
    shade = Image.new("L", (side_px, side_px), 255)
    pen = _Pen(random, faces, ImageDraw.Draw(ink), ImageDraw.Draw(shade), side_px, type_px)
    kind = random.random()
    if kind < 0.78:
        pen.table()
    elif kind < 0.97:
        pen.prose()
    level = int(random.integers(0, 70)) if random.random() < 0.85 else int(random.integers(70, 110))
    return Sheet(np.asarray(ink), level, np.asarray(shade), type_px, dpi)


def random_amount(random: np.random.Generator) -> str:
    """A number as tables print it."""
    kind = random.random()
    if kind < 0.72:
        digits = int(random.integers(1, 9))
        number = f"{int(random.integers(0, 10**digits)):{',' if random.random() < 0.75 else ''}d}"
        places = int(random.choice([0, 1, 2, 2, 2, 2, 4, 6], p=[0.1, 0.05, 0.2, 0.2, 0.2, 0.15, 0.05, 0.05]))
        tail = "." + "".join(str(d) for d in random.integers(0, 10, places)) if places else ""
        return ("-" if random.random() < 0.06 else "") + number + tail
    if kind < 0.82:
        return f"{random.uniform(0, 120):.{int(random.integers(0, 3))}f}%"
    if kind < 0.94:
        return str(int(random.integers(10 ** int(random.integers(1, 7)))))
    return str(random.choice(["0.00", "—", "-", "0", "1", "√", "***"]))


def random_words(random: np.random.Generator, longest: int) -> str:
    """Random characters, now and then with a digit, a mark or a bracket between them."""
    count = int(random.integers(1, longest + 1))
    characters = [str(c) for c in random.choice(_HANZI, count)]
    if random.random() < 0.35:
        place = int(random.integers(0, count))
        characters[place] = str(
            random.choice(["（", "）", "、", "，", "。", "：", "“", "”", "A", "b", "3", "20", "《", "-"])
        )
    return "".join(characters)


@dataclass(frozen=True, slots=True)
class _Pen:
    random: np.random.Generator
    faces: Faces
    ink: ImageDraw.ImageDraw
    shade: ImageDraw.ImageDraw
    side_px: int
    type_px: int

    def face(self, faces: tuple[Face, ...]) -> Face:
        return faces[int(self.random.integers(len(faces)))]

    def table(self) -> None:
        random, side, size = self.random, self.side_px, self.type_px
        words = self.face(self.faces.chinese).at(size)
        numbers = self.face(self.faces.digits).at(max(8, round(size * random.uniform(0.9, 1.05))))
        width_px = int(max(1, round(size * random.uniform(0.02, 0.11))))
        level = int(random.integers(130, 256))
        columns = self._stops(2.2, 11.0)
        rows = self._stops(1.3, 2.6)
        closed = random.random() < 0.85
        header = int(random.integers(0, 4)) if random.random() < 0.6 else 0
        shade = int(random.integers(185, 250))
        banded = random.random() < 0.12
        blank = random.choice([0.08, 0.3, 0.6])
        centred = random.random()
        numeric = random.random(len(columns)) < 0.72
        for row, (y0, y1) in enumerate(itertools.pairwise(rows)):
            if row < header or (banded and row % 2):
                self.shade.rectangle((0, y0, side, y1), fill=shade)
            for column, (x0, x1) in enumerate(itertools.pairwise(columns)):
                if random.random() < blank:
                    continue
                is_number = bool(numeric[column]) and row >= header
                text = random_amount(random) if is_number else random_words(random, max(1, (x1 - x0) // size))
                self._cell(text, numbers if is_number else words, (x0, y0, x1, y1), is_number and centred < 0.7)
        for y in rows if random.random() < 0.92 else rows[: header + 1]:
            self.ink.line((0, y, side, y), fill=level, width=width_px)
        for x in columns if closed else ():
            self.ink.line((x, 0, x, side), fill=level, width=width_px)

    def _stops(self, least_em: float, most_em: float) -> list[int]:
        """Places of rules, in pixels, from before the sheet's edge to behind it; equal or random steps."""
        even = self.random.random() < 0.5
        step = self.random.uniform(least_em, most_em)
        stops = [int(self.random.integers(-self.type_px, self.type_px))]
        while stops[-1] < self.side_px:
            step = step if even else self.random.uniform(least_em, most_em)
            stops.append(stops[-1] + max(4, round(step * self.type_px)))
        return stops

    def _cell(self, text: str, font: ImageFont.FreeTypeFont, box: tuple[int, int, int, int], right: bool) -> None:
        x0, y0, x1, y1 = box
        width = font.getlength(text)
        margin = 0.25 * self.type_px
        if right:
            x = x1 - margin - width
        elif self.random.random() < 0.5:
            x = (x0 + x1 - width) / 2
        else:
            x = x0 + margin
        level = 255 if self.random.random() < 0.8 else int(self.random.integers(150, 256))
        self.ink.text((x, (y0 + y1) / 2), text, fill=level, font=font, anchor="lm")

    def prose(self) -> None:
        random, size = self.random, self.type_px
        font = self.face(self.faces.chinese).at(size)
        other = self.face(self.faces.digits).at(size)
        y = float(random.uniform(0, size))
        pitch = size * random.uniform(1.3, 2.2)
        while y < self.side_px:
            x = float(random.uniform(-4, 3)) * size
            while x < self.side_px * random.uniform(0.6, 1.1):
                is_number = random.random() < 0.3
                text = random_amount(random) if is_number else random_words(random, 14)
                used = other if is_number else font
                self.ink.text((x, y), text, fill=255, font=used, anchor="lm")
                x += used.getlength(text) + (size if random.random() < 0.1 else 0)
            y += pitch
