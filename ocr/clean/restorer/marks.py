"""Made-up marks: tiled phrases, single large ones, seals and frames, as coverage over a page, with how they print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr.clean.restorer.fonts import Faces
from ocr.clean.restorer.pages import random_words

Grey = NDArray[np.uint8]

Blend = Literal["over", "multiply", "under"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind of mark on a page.

    Attributes:
        coverage: uint8, 0 none, 255 full.
        darkness: of the mark on white paper, 0 white to 1 black.
        level: grey of the mark's own ink, for blend "over".
        blend: "over" lets the mark cover the text in part, "multiply" darkens all, "under" puts text on top.
    """

    coverage: Grey
    darkness: float
    level: float
    blend: Blend


def draw_marks(random: np.random.Generator, faces: Faces, side_px: int, dpi: float) -> tuple[Mark, ...]:
    """No mark on one page in nine, else a watermark, a seal or both."""
    kind = random.random()
    marks: list[Mark] = []
    if kind < 0.72:
        marks.append(_printed(random, _phrases(random, faces, side_px, dpi), heavy=True))
    if kind > 0.66 and kind < 0.89:
        marks.append(_printed(random, _seals(random, faces, side_px, dpi), heavy=False))
    return tuple(marks)


def _printed(random: np.random.Generator, coverage: Grey, *, heavy: bool) -> Mark:
    dark = random.uniform(0.08, 0.62) if random.random() < 0.72 else random.uniform(0.45, 0.9)
    if not heavy:
        dark = random.uniform(0.15, 0.75)
    blends: tuple[Blend, ...] = ("over", "multiply", "under")
    blend = blends[int(random.choice(3, p=[0.5, 0.35, 0.15]))]
    # Own ink between black and the lightest that still gives this darkness; the closer to the latter, the more the
    # mark covers. A tenth of the text's contrast is left at least, or nothing could be restored.
    colour = random.integers(0, 256, 3) * random.uniform(0, 1)
    luma = float(colour @ (0.299, 0.587, 0.114))
    level = float(min(luma, 255 * (1 - dark / 0.88)))
    if random.random() < 0.3:
        low = random.integers(0, 3) / 8  # uneven inking
        coverage = _uneven(random, coverage, 1 - low)
    return Mark(coverage, dark, max(level, 0.0), blend)


def _uneven(random: np.random.Generator, coverage: Grey, least: float) -> Grey:
    grain = random.random((int(random.integers(6, 60)),) * 2).astype(np.float32)
    grown = cv2.resize(grain, (coverage.shape[1], coverage.shape[0]), interpolation=cv2.INTER_LINEAR)
    return (coverage * (least + (1 - least) * grown)).astype(np.uint8)


def _phrases(random: np.random.Generator, faces: Faces, side_px: int, dpi: float) -> Grey:
    """A phrase, tiled or once, at any angle."""
    size = random.uniform(14, 56) * dpi / 72 if random.random() < 0.8 else random.uniform(50, 130) * dpi / 72
    size_px = int(np.clip(size, 18, side_px * 0.6))
    stamp = _rotated(_phrase(random, faces, size_px), _angle(random))
    if random.random() < 0.12:
        x, y = random.uniform(-0.3, 0.7, 2) * side_px
        return _tiled(stamp, side_px, (int(x), int(y)), (side_px * 4, side_px * 4), 0)
    tight = random.random() < 0.35
    pitch_x = int(stamp.shape[1] * random.uniform(0.7, 1.3 if tight else 2.2)) + 4
    pitch_y = int(stamp.shape[0] * random.uniform(0.6, 1.1 if tight else 2.4)) + 4
    shift = int(pitch_x * random.choice([0, 0.5, random.random()]))
    start = (-int(random.integers(0, pitch_x)), -int(random.integers(0, pitch_y)))
    return _tiled(stamp, side_px, start, (pitch_x, pitch_y), shift)


def _angle(random: np.random.Generator) -> float:
    kind = random.random()
    if kind < 0.7:
        return float(random.uniform(15, 60)) * (1 if random.random() < 0.75 else -1)
    return 0.0 if kind < 0.8 else float(random.uniform(-90, 90))


def _phrase(random: np.random.Generator, faces: Faces, size_px: int) -> Grey:
    """One phrase, solid, bold or in outline, now and then over two lines, spaced or framed."""
    kind = random.random()
    if kind < 0.82:
        text = random_words(random, 9)
    elif kind < 0.92:
        text = f"{random.integers(1990, 2060)}-{random.integers(1, 13):02d} " + random_words(random, 4)
    else:
        text = "".join(chr(c) for c in random.integers(65, 91, int(random.integers(3, 11))))
    if random.random() < 0.15:
        text = " ".join(text)
    if random.random() < 0.18:
        text += "\n" + random_words(random, 8)
    pool = faces.chinese if kind < 0.92 else faces.digits
    font = pool[int(random.integers(len(pool)))].at(size_px)
    pad = size_px // 3 + 4
    probe = ImageDraw.Draw(Image.new("L", (1, 1)))
    box = probe.multiline_textbbox((0, 0), text, font=font)
    image = Image.new("L", (int(box[2] - box[0]) + 2 * pad, int(box[3] - box[1]) + 2 * pad), 0)
    pen = ImageDraw.Draw(image)
    pen.multiline_text((pad - box[0], pad - box[1]), text, fill=255, font=font, align="center")
    if random.random() < 0.1:
        width = max(1, size_px // int(random.integers(10, 30)))
        pen.rectangle((width, width, image.width - width - 1, image.height - width - 1), outline=255, width=width)
    drawn = np.asarray(image)
    style = random.random()
    if style < 0.15:
        width = max(2, size_px // int(random.integers(14, 40)))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        drawn = np.asarray(cv2.morphologyEx(drawn, cv2.MORPH_GRADIENT, kernel), dtype=np.uint8)
    elif style < 0.4:
        width = max(2, size_px // int(random.integers(12, 30)))
        drawn = np.asarray(cv2.dilate(drawn, np.ones((width, width), np.uint8)), dtype=np.uint8)
    return drawn


def _rotated(stamp: Grey, angle_deg: float) -> Grey:
    height, width = stamp.shape
    cos, sin = abs(np.cos(np.radians(angle_deg))), abs(np.sin(np.radians(angle_deg)))
    new = int(width * cos + height * sin) + 2, int(width * sin + height * cos) + 2
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0), dtype=np.float64)
    matrix[:, 2] += np.array([new[0] - width, new[1] - height]) / 2
    return np.asarray(cv2.warpAffine(stamp, matrix, new, flags=cv2.INTER_LINEAR), dtype=np.uint8)


def _tiled(stamp: Grey, side_px: int, start: tuple[int, int], pitch: tuple[int, int], shift: int) -> Grey:
    whole = np.zeros((side_px, side_px), np.uint8)
    height, width = stamp.shape
    for row, y in enumerate(range(start[1] - height, side_px, pitch[1])):
        for x in range(start[0] - width + (row * shift) % pitch[0] - pitch[0], side_px, pitch[0]):
            _lay(whole, stamp, x, y)
    return whole


def _lay(whole: Grey, stamp: Grey, x: int, y: int) -> None:
    """Puts a stamp at (x, y), which may lie outside."""
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + stamp.shape[1], whole.shape[1]), min(y + stamp.shape[0], whole.shape[0])
    if x1 > x0 and y1 > y0:
        part = whole[y0:y1, x0:x1]
        np.maximum(part, stamp[y0 - y : y1 - y, x0 - x : x1 - x], out=part)


def _seals(random: np.random.Generator, faces: Faces, side_px: int, dpi: float) -> Grey:
    whole = np.zeros((side_px, side_px), np.uint8)
    for _ in range(int(random.integers(1, 4))):
        diameter = int(np.clip(random.uniform(28, 52) / 25.4 * dpi, 90, side_px))
        stamp = _rotated(_seal(random, faces, diameter), float(random.uniform(-25, 25)))
        x, y = random.uniform(-0.4, 1.0, 2) * side_px
        _lay(whole, stamp, int(x), int(y))
    return whole


def _seal(random: np.random.Generator, faces: Faces, diameter_px: int) -> Grey:
    """A ring with characters along it, a star or nothing in its middle, a line of characters below."""
    image = Image.new("L", (diameter_px, diameter_px), 0)
    pen = ImageDraw.Draw(image)
    centre = diameter_px / 2
    width = max(2, round(diameter_px * random.uniform(0.012, 0.04)))
    oval = random.random() < 0.12
    squeeze = diameter_px * random.uniform(0.12, 0.25) if oval else 0
    pen.ellipse((1, 1 + squeeze, diameter_px - 2, diameter_px - 2 - squeeze), outline=255, width=width)
    if random.random() < 0.2:
        inner = width * random.uniform(1.8, 3)
        pen.ellipse(
            (inner, inner + squeeze, diameter_px - inner, diameter_px - inner - squeeze),
            outline=255,
            width=max(1, width // 2),
        )
    if random.random() < 0.8:
        radius = diameter_px * random.uniform(0.1, 0.17)
        turns = np.radians(-90 + 36 * np.arange(10))
        reach = np.where(np.arange(10) % 2, 0.382, 1.0) * radius
        pen.polygon(
            [(centre + r * np.cos(a), centre + r * np.sin(a)) for r, a in zip(reach, turns, strict=True)], fill=255
        )
    drawn = np.asarray(image).copy()
    count = int(random.integers(6, 19))
    size_px = max(9, int(diameter_px * min(0.16, 1.9 / count) * random.uniform(0.8, 1.05)))
    face = faces.chinese[int(random.integers(len(faces.chinese)))]
    font = face.at(size_px)
    radius = centre - width - size_px * 0.72
    spread = min(290.0, count * np.degrees(size_px * 1.15 / max(radius, 1)))
    for character, turn in zip(_characters(random, count), np.linspace(-spread / 2, spread / 2, count), strict=True):
        glyph = Image.new("L", (size_px * 3 // 2,) * 2, 0)
        ImageDraw.Draw(glyph).text((size_px * 0.75,) * 2, character, fill=255, font=font, anchor="mm")
        turned = np.asarray(glyph.rotate(-turn, resample=Image.Resampling.BILINEAR))
        x = centre + radius * np.sin(np.radians(turn)) - size_px * 0.75
        y = centre - (radius - squeeze) * np.cos(np.radians(turn)) - size_px * 0.75
        _lay(drawn, turned, int(x), int(y))
    if random.random() < 0.5:
        line = Image.new("L", (diameter_px, diameter_px), 0)
        small = face.at(max(9, round(size_px * random.uniform(0.7, 1.0))))
        below = (centre, centre + diameter_px * 0.27)
        ImageDraw.Draw(line).text(below, random_words(random, 6), fill=255, font=small, anchor="mm")
        np.maximum(drawn, np.asarray(line), out=drawn)
    return drawn


def _characters(random: np.random.Generator, count: int) -> list[str]:
    text = ""
    while len(text) < count:
        text += random_words(random, count)
    return list(text[:count])
