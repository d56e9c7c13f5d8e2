"""A made-up page and its marks → what a scanner or a fax makes of them, with and without the marks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.restorer.fonts import Faces
from ocr.clean.restorer.marks import Mark, draw_marks
from ocr.clean.restorer.pages import Sheet, draw_sheet

Grey = NDArray[np.uint8]
Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    """A page as it is found and as it should be.

    Attributes:
        marked: uint8 grey, with marks.
        plain: the same scan of the same page without them; equal to `marked` far from any mark.
        mark: uint8, 255 where a mark covers the page.
    """

    marked: Grey
    plain: Grey
    mark: Grey


def make_pair(random: np.random.Generator, faces: Faces, side_px: int) -> Pair:
    """One random page, scanned with and without its marks."""
    return scan_sheet(random, faces, draw_sheet(random, faces, drawn_px(side_px)), side_px)[0]


def drawn_px(side_px: int) -> int:
    """Side of the sheet of which a scan shows `side_px`: wide enough to be turned and enlarged."""
    return side_px + side_px // 8


def scan_sheet(
    random: np.random.Generator, faces: Faces, sheet: Sheet, side_px: int
) -> tuple[Pair, NDArray[np.float64]]:
    """A sheet scanned with and without random marks, and the affine map (2 x 3) from the sheet to the scan.

    Args:
        random: decides on everything.
        faces: for the marks.
        sheet: square, of `drawn_px(side_px)`.
        side_px: of the scan.
    """
    drawn = drawn_px(side_px)
    marks = draw_marks(random, faces, drawn, sheet.dpi)
    view = _view(random, drawn, side_px)
    ink = _seen(sheet.ink, view, side_px)
    paper = _paper(random, side_px) * _seen(sheet.shade, view, side_px)
    covers = [_seen(mark.coverage, view, side_px) for mark in marks]
    if random.random() < 0.15:
        ink = np.clip(ink * 1.6, 0, 1)  # heavy toner
    plain = _inked(paper, ink, sheet)
    marked = _marked(paper, ink, sheet, plain, list(zip(marks, covers, strict=True)))
    cover = np.max(covers, axis=0) if covers else np.zeros_like(plain)
    where = np.where(cover > 0.25, 255, 0).astype(np.uint8)
    seen, wanted = _scanned(random, marked, plain, sheet.type_px)
    return Pair(seen, wanted, where), view


def _view(random: np.random.Generator, drawn_px: int, side_px: int) -> NDArray[np.float64]:
    """A slight turn, a change of size and a shift of parts of a pixel, as a sheet on the glass has them."""
    angle = float(random.normal(0, 0.5)) if random.random() < 0.7 else 0.0
    turned = cv2.getRotationMatrix2D((drawn_px / 2, drawn_px / 2), angle, random.uniform(0.94, 1.12))
    matrix = np.asarray(turned, dtype=np.float64)
    matrix[:, 2] += (side_px - drawn_px) / 2 + random.uniform(-0.5, 0.5, 2)
    return matrix


def _seen(layer: Grey, view: NDArray[np.float64], side_px: int) -> Plane:
    seen = cv2.warpAffine(layer, view, (side_px, side_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(seen, dtype=np.float32) / np.float32(255)


def _paper(random: np.random.Generator, side_px: int) -> Plane:
    """Grey of the empty paper, 0 to 1: its tone, uneven light."""
    tone = random.uniform(0.96, 1.0) if random.random() < 0.75 else random.uniform(0.82, 0.97)
    corners = tone - random.uniform(0, 0.07 if random.random() < 0.3 else 0.01, (2, 2))
    return np.asarray(cv2.resize(corners.astype(np.float32), (side_px, side_px), interpolation=cv2.INTER_LINEAR))


def _inked(paper: Plane, ink: Plane, sheet: Sheet) -> Plane:
    return np.asarray(paper - ink * np.maximum(paper - sheet.ink_level / 255, 0), dtype=np.float32)


def _marked(paper: Plane, ink: Plane, sheet: Sheet, plain: Plane, marks: list[tuple[Mark, Plane]]) -> Plane:
    marked = plain
    for mark, cover in marks:
        if mark.blend == "over":
            level = mark.level / 255
            alpha = mark.darkness / (1 - level)
            marked = marked + cover * alpha * (level - marked)
        elif mark.blend == "multiply":
            marked = marked * (1 - cover * mark.darkness)
        else:
            paper = paper * (1 - cover * mark.darkness)
            marked = np.minimum(marked, _inked(paper, ink, sheet))
    return marked


def _scanned(random: np.random.Generator, marked: Plane, plain: Plane, type_px: int) -> tuple[Grey, Grey]:
    """Blur, tone, grain, the loss of a fax or of JPEG: the same for both pages."""
    kind = random.random()
    if kind < 0.07:
        return _faxed(random, marked, plain)
    sigma = random.uniform(0.2, 0.9 if type_px < 22 else 1.3) if random.random() < 0.8 else 0.0
    gamma = random.uniform(0.8, 1.25) if random.random() < 0.35 else 1.0
    grain = random.uniform(0, 0.02) if random.random() < 0.7 else random.uniform(0.02, 0.05)
    noise = random.standard_normal(marked.shape, dtype=np.float32) * np.float32(grain)
    if random.random() < 0.4:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.7), dtype=np.float32) * 2
    quality = int(random.integers(35, 96)) if random.random() < 0.75 else 0
    pages = []
    for page in (marked, plain):
        seen = cv2.GaussianBlur(page, (0, 0), sigma) if sigma else page
        if gamma != 1.0:
            seen = np.power(np.clip(seen, 0, 1), gamma)
        grey = np.clip((seen + noise) * 255 + 0.5, 0, 255).astype(np.uint8)
        pages.append(_compressed(grey, quality))
    return pages[0], pages[1]


def _compressed(grey: Grey, quality: int) -> Grey:
    if not quality:
        return grey
    packed = cv2.imencode(".jpg", grey, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _faxed(random: np.random.Generator, marked: Plane, plain: Plane) -> tuple[Grey, Grey]:
    """Black and white only. Greys become a screen of dots, or black or white where the fax knows no screen."""
    height, width = marked.shape
    kind = random.random()
    if kind < 0.5:
        ranks = np.asarray(_BAYER, dtype=np.float32)
        ranks = ranks.repeat(step := int(random.integers(1, 3)), 0).repeat(step, 1)
        tiles = -(-height // ranks.shape[0]), -(-width // ranks.shape[1])
        limit = np.tile(ranks, tiles)[:height, :width]
        limit = 0.25 + 0.62 * limit
    elif kind < 0.88:
        limit = random.random((height, width), dtype=np.float32) * np.float32(0.7) + np.float32(0.2)
    else:
        limit = np.full((height, width), random.uniform(0.35, 0.7), np.float32)
    pages = [np.where(page > limit, 255, 0).astype(np.uint8) for page in (marked, plain)]
    if random.random() < 0.4:  # scanned again, or scaled
        sigma = random.uniform(0.4, 0.9)
        pages = [np.asarray(cv2.GaussianBlur(page, (0, 0), sigma), dtype=np.uint8) for page in pages]
    return pages[0], pages[1]


def _bayer(order: int) -> NDArray[np.float32]:
    """Thresholds of ordered dithering, 2**order square, 0 to 1."""
    ranks = np.zeros((1, 1), np.float32)
    for _ in range(order):
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]]).astype(np.float32)
    return np.asarray((ranks + 0.5) / ranks.size, dtype=np.float32)


_BAYER = _bayer(2)
