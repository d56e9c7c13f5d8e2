"""Made-up pages of table cells whose contents and places are known → strips of lines with what they say.

Sheets are drawn here; marks, scanner and fax are those that the restoring network is trained with
(`ocr.clean.restorer`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.geometry import Box
from ocr.clean.restorer.fonts import Face, Faces
from ocr.clean.restorer.pages import Sheet
from ocr.clean.restorer.restore import Network, restore
from ocr.clean.restorer.scans import Pair, drawn_px, scan_sheet
from ocr.digits.alphabet import labels_of
from ocr.digits.strips import LOOK, WIDTHS_PX, number_strip
from ocr.digits.texts import random_number, random_other
from ocr.inkcells import line_crop

Grey = NDArray[np.uint8]

SHEET_PX = 624
"""Side of a made-up sheet."""

NUMBER_SHARE = 0.68
"""Share of the cells that hold a number."""

LOST_EM = 0.15
"""Width of the ink of a line, in parts of the type size, that blur may take from its ends: a point is no wider."""

CHINESE_EM = 0.92
"""Height of a Chinese character in parts of the type size."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One line on a sheet: its text and the box of its ink, in pixels of the sheet."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


def number_lines(random: np.random.Generator, faces: Faces, restorer: Network) -> Iterator[tuple[Grey, list[int]]]:
    """Strips of one random page, and the classes of what each says.

    Args:
        random: decides on everything.
        faces: to set the cells and the marks in.
        restorer: the restoring network.
    """
    sheet, lines = draw_lines(random, faces, drawn_px(SHEET_PX))
    pair, view = scan_sheet(random, faces, sheet, SHEET_PX)
    picture = _cleaned(random, pair, sheet.dpi, restorer)
    char_height = CHINESE_EM * sheet.type_px
    for line in lines:
        corners = np.array([[x, y, 1.0] for x in (line.x0, line.x1) for y in (line.y0, line.y1)])
        (x0, y0), (x1, y1) = (corners @ view.T).min(axis=0), (corners @ view.T).max(axis=0)
        if min(x0, y0) < 2 or max(x1, y1) > SHEET_PX - 2:
            continue
        dx0, dy0, dx1, dy1 = random.normal(0, 0.02 * sheet.type_px, 4)
        left, top = x0 + dx0, y0 + dy0
        box = Box(left, top, max(x1 + dx1, left + 1), max(y1 + dy1, top + 1))
        strip = number_strip(line_crop(picture, box, char_height))
        if strip is None or strip.pixels.shape[1] > WIDTHS_PX[-1]:
            continue
        # Pale ends are cut off with the paper: what a strip does not show is not to be learnt from it.
        if (strip.pixels.shape[1] - 2 * LOOK.margin) / strip.scale > x1 - x0 - LOST_EM * sheet.type_px - 1:
            yield strip.pixels, labels_of(line.text)


def _cleaned(random: np.random.Generator, pair: Pair, dpi: float, restorer: Network) -> Grey:
    """The page without its marks, with them, or with what the restoring network leaves of them."""
    if not pair.mark.any() or random.random() < 0.4:
        return pair.plain
    if random.random() < 0.2:
        return pair.marked
    everywhere = np.ones(pair.mark.shape, dtype=np.bool_)
    return restore(pair.marked, dpi, restorer, everywhere).image


def draw_lines(random: np.random.Generator, faces: Faces, side_px: int) -> tuple[Sheet, list[Printed]]:
    """A square page of cells of one line each."""
    dpi = float(random.choice([100, 150, 200, 300], p=[0.12, 0.33, 0.42, 0.13]) * random.uniform(0.93, 1.07))
    type_pt = float(np.clip(random.normal(9.4, 1.7), 6.5, 14.0))
    type_px = int(np.clip(round(type_pt * dpi / 72), 11, 56))
    ink = np.zeros((side_px, side_px), np.uint8)
    numbers = [(_face(random, faces.digits), max(9, round(type_px * random.uniform(0.9, 1.08)))) for _ in range(4)]
    words = [(_face(random, faces.chinese), type_px) for _ in range(2)]
    lines: list[Printed] = []
    pitch = round(type_px * random.uniform(1.25, 2.2))
    y = int(random.integers(0, pitch))
    stops: list[int] = []
    while y + pitch < side_px:
        x, stops = int(random.integers(0, type_px)), [y, *stops]
        while x < side_px:
            is_number = random.random() < NUMBER_SHARE
            text = random_number(random) if is_number else random_other(random)
            # Faces of digits alone have no full-width forms.
            pool = numbers if text.isascii() and (is_number or random.random() < 0.6) else words
            face, size = pool[int(random.integers(len(pool)))]
            stamp = _stamp(random, text, face.at(size)) if all(map(face.draws, text)) else None
            if stamp is None:
                continue
            right = x + stamp.shape[1]
            top = y + (pitch - stamp.shape[0]) // 2 + int(random.integers(-1, 2))
            if right >= side_px or top < 0 or top + stamp.shape[0] > side_px:
                break
            place = ink[top : top + stamp.shape[0], x:right]
            np.maximum(place, stamp, out=place)
            lines.append(Printed(text, x, top, right, top + stamp.shape[0]))
            x = right + round(type_px * random.uniform(0.35, 1.6))
        y += pitch
    if random.random() < 0.15:
        _rule(random, ink, stops, lines, type_px)
    if random.random() < 0.2:
        _soil(random, ink, type_px)
    if random.random() < 0.12:
        ink = _broken(random, ink)
    level = int(random.integers(0, 70)) if random.random() < 0.8 else int(random.integers(70, 150))
    shade = int(random.integers(190, 255)) if random.random() < 0.2 else 255
    return Sheet(ink, level, np.full_like(ink, shade), type_px, dpi), lines


def _face(random: np.random.Generator, faces: Sequence[Face]) -> Face:
    return faces[int(random.integers(len(faces)))]


def _stamp(random: np.random.Generator, text: str, font: ImageFont.FreeTypeFont) -> Grey | None:
    """Coverage of a text cut to its ink; none when the face draws nothing."""
    size = int(font.size)
    tracking = float(random.uniform(-0.03, 0.2)) * size if random.random() < 0.15 else 0.0
    stroke = 1 if size > 19 and random.random() < 0.08 else 0
    width = int(font.getlength(text) + (abs(tracking) + 1) * len(text) + size)
    image = Image.new("L", (width, 2 * size), 0)
    pen = ImageDraw.Draw(image)
    if tracking:
        x = size / 4
        for character in text:
            pen.text((x, size), character, fill=255, font=font, anchor="lm", stroke_width=stroke)
            x += font.getlength(character) + tracking
    else:
        pen.text((size / 4, size), text, fill=255, font=font, anchor="lm", stroke_width=stroke)
    drawn = np.asarray(image)
    if random.random() < 0.25:
        squeeze = float(random.uniform(0.78, 1.15))
        drawn = np.asarray(cv2.resize(drawn, None, fx=squeeze, fy=1.0, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    rows, columns = np.flatnonzero(drawn.max(axis=1) > 60), np.flatnonzero(drawn.max(axis=0) > 60)
    if rows.size < 2 or columns.size < 2:
        return None
    return drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _rule(random: np.random.Generator, ink: Grey, stops: Sequence[int], lines: Sequence[Printed], type_px: int) -> None:
    """Rules between the rows and beside some lines, as near to the text as careless tables have them."""
    width = int(max(1, round(type_px * random.uniform(0.02, 0.08))))
    level = int(random.integers(60, 256))
    for y in stops:
        ink[y : y + width] = np.maximum(ink[y : y + width], level)
    for line in lines:
        if random.random() < 0.2:
            x = int(line.x1 + type_px * random.uniform(0.15, 0.5))
            top, bottom = int(line.y0 - 0.4 * type_px), int(line.y1 + 0.4 * type_px)
            if random.random() < 0.5:  # what is left where a rule was taken off
                top = int(random.integers(int(line.y0), int(line.y1)))
            ink[max(top, 0) : bottom, x : x + width] = level


def _soil(random: np.random.Generator, ink: Grey, type_px: int) -> None:
    """Specks smaller than any point."""
    for x, y in random.integers(0, len(ink) - 4, (int(random.integers(20, 250)), 2)):
        side = max(1, round(float(random.uniform(0.02, 0.06)) * type_px))
        ink[y : y + side, x : x + side] = int(random.integers(80, 256))


def _broken(random: np.random.Generator, ink: Grey) -> Grey:
    """Ink that did not take everywhere."""
    grain = random.random((len(ink) // int(random.integers(2, 6)),) * 2).astype(np.float32)
    uneven = cv2.resize(grain, ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    share = random.uniform(0.02, 0.2)
    return np.asarray(ink * np.clip(uneven / share, random.uniform(0.0, 0.6), 1.0), dtype=np.uint8)
