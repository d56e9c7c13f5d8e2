"""A mark that stands once on every page of a document → its template, by the median over its pages, and where it lies.

A scanner places every sheet a little otherwise, so the pages are laid on each other by what the restoring network took
off them: by the mark, not by the print. What is printed differs from page to page and leaves the median.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.lengths import odd_px
from ocr.clean.template import Overlay, ranked
from ocr.pagemark import MarkSample, PageMark
from ocr.reduce import reduced

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Light = NDArray[np.float32]
Matrix = NDArray[np.float64]

SAMPLE_DPI = 150.0
"""Resolution of the template: the edge of a stroke, blurred by the scanner over three pixels at 200 dpi, keeps its
shape, and a page takes 2 MB."""

LEAST_PAGES = 4
"""Pages that show the mark at one place; of fewer the median may be print."""

RANK = 0.6
"""Rank among the pages, 0 darkest: above the middle, since print only darkens."""

SAME_SIZE = 0.02
"""Relative difference of the sides of pages of one format: a scanner cuts its sheets a few millimetres more or less."""

COARSE_DPI = 50.0
FINE_DPI = 75.0
"""Resolutions at which a mark is looked for and then placed, to about a tenth of a pixel."""

REACH_MM = 8.0
"""How far a sheet lies from where the one before lay in the feeder."""

STEPS = 30
LEAST_STEP = 1e-4
"""When placing ends: after so many steps, or when the likeness grows by less."""

BLUR_PX = 5
"""Both pictures are blurred over so many pixels first: a stroke of two pixels still draws from four away."""

MOST_STRETCH = 0.02
"""Difference of scale or turn (in radians, 1.1°) between two pages; both are straightened before."""

LEAST_LIKENESS = 0.6
"""Correlation of what was taken off two pages, laid on each other: 0.9 for one mark, 0.3 for two large words."""

INK_PERCENTILE = 99.5
"""Of a page's darkness: print; it covers 3 to 10 % of a page."""

LIGHTEST = 0.93
"""Light of the palest mark: paper grain and shadows have no less."""

CORE = 0.5
"""Share of the mark's depth from which a place belongs to a stroke's middle, not to its edge."""

COVERED = 0.9
"""Share of the strokes' middles that are as dark on a page as the mark makes them; print alone covers 0.1 to 0.2."""

BESIDE = 0.5
"""Share of what lies along the strokes that is as dark, at most: in a shaded area all is."""

RING_MM = 1.5
NEAR_MM = 0.6
"""How far beside the strokes that is looked at, and how far the page is changed."""

EDGE_MM = 0.35
"""How far the strokes' blurred edges reach; the ends of rules that cross them on most pages are farther out."""

VOTES = 0.5
"""Share of the pages that must have seen the mark at a place."""

REPEATED = 0.06
"""Light by which a place is darker than the mark because most pages have print there."""


@dataclass(frozen=True, slots=True)
class LaidMark:
    """A mark laid over one page.

    Attributes:
        overlay: the mark as it lies there.
        mask: where it lies, with its blurred edges.
    """

    overlay: Overlay
    mask: Mask


def sample_of(grey: Image, restored: Image, mask: Mask, dpi: float) -> MarkSample:
    """A page with a mark, kept for the template.

    Args:
        grey: uint8 page, flat, with its mark.
        restored: without it.
        mask: where it lay.
        dpi: of the page.
    """
    scale = min(SAMPLE_DPI / dpi, 1.0)
    removed = np.where(mask, cv2.subtract(restored, grey), np.uint8(0))
    return MarkSample(_png(reduced(grey, scale)), _png(reduced(removed, scale)), dpi * scale)


def learn_mark(samples: Sequence[MarkSample]) -> PageMark | None:
    """The template of the mark that most of some pages have in common; none where they have none.

    Args:
        samples: of pages of one document.
    """
    pages = [(_picture(sample.grey), _picture(sample.removed), sample.dpi) for sample in samples]
    for reference in range(len(pages) - LEAST_PAGES + 1):
        grey, removed, dpi = pages[reference]
        greys, seen = [_levelled(grey)], [removed]
        for other_grey, other_removed, other_dpi in pages[reference + 1 :]:
            if abs(other_dpi / dpi - 1) > SAME_SIZE or not _same_size(other_grey, grey):
                continue
            placed = _place(_depth(removed), _depth(other_removed), dpi)
            if placed is None or placed[1] < LEAST_LIKENESS:
                continue
            greys.append(_moved(_levelled(other_grey), placed[0], grey.shape))
            seen.append(_moved(other_removed, placed[0], grey.shape))
        if len(greys) >= LEAST_PAGES:
            return _template(greys, seen, dpi)
    return None


def lay(mark: PageMark, grey: Image, dpi: float) -> LaidMark | None:
    """The mark where it lies on a page; none where the page is of another format or does not show it.

    Args:
        mark: from `learn_mark`.
        grey: uint8 page, flat; not changed.
        dpi: of the page.
    """
    scale = mark.dpi / dpi
    small = reduced(grey, min(scale, 1.0))
    light = light_of(mark)
    if not _same_size(small, light):
        return None
    depth = 1 - mark.full
    cover = np.clip((1 - light) / depth, 0, 1)
    dark = np.clip((255.0 - _levelled(small)) / 255 / depth, 0, None).astype(np.float32)
    placed = _place(cover, _without_ink(dark), mark.dpi)
    if placed is None:
        return None
    on_small = _laid(light, placed[0], dark.shape)
    if not _shows(1 - on_small, dark, depth, mark.dpi):
        return None
    factor = dpi / mark.dpi
    whole = _scaled(placed[0], factor) @ _scaling(factor)
    laid = _laid(light, whole, grey.shape)
    near = odd_px(2 * NEAR_MM, dpi)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (near, near))
    overlay = Overlay(laid, mark.full)
    reached = cv2.dilate(overlay.strokes().astype(np.uint8), kernel) > 0
    return LaidMark(overlay, np.asarray(reached))


def light_of(mark: PageMark) -> Light:
    """Share of the paper's light that a mark lets through, over a page at the mark's resolution."""
    return np.asarray(_picture(mark.light) / np.float32(255), dtype=np.float32)


def _template(greys: Sequence[Image], seen: Sequence[Image], dpi: float) -> PageMark | None:
    """The median over pages laid on each other, where most of them show the mark."""
    level = ranked(greys, RANK).astype(np.float32) / 255
    votes = np.mean([_depth(removed) > CORE for removed in seen], axis=0)
    stroke = votes >= VOTES
    if not stroke.any():
        return None
    full = float(np.median(level[stroke]))
    if full > LIGHTEST:
        return None
    edge = odd_px(2 * EDGE_MM, dpi)
    reached = cv2.dilate(stroke.astype(np.uint8), np.ones((edge, edge), np.uint8)) > 0
    light = np.where(reached, np.clip(level, 0, 1), np.float32(1))
    repeated = light < full - REPEATED
    light[repeated] = np.where(stroke[repeated], np.float32(full), np.float32(1))
    return PageMark(_png(np.rint(255 * light).astype(np.uint8)), dpi, full)


def _shows(darkness: Light, dark: Light, depth: float, dpi: float) -> bool:
    """Whether a page is as dark as a mark wherever that lies, and lighter along it.

    Args:
        darkness: of the mark, laid over the page.
        dark: of the page, 1 where it is as dark as the mark's strokes.
        depth: greatest of `darkness`.
        dpi: of both.
    """
    core = cv2.erode((darkness > CORE * depth).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    wide, near = odd_px(2 * RING_MM, dpi), odd_px(2 * NEAR_MM, dpi)
    stroke = (darkness > CORE * depth).astype(np.uint8)
    ring = cv2.dilate(stroke, np.ones((wide, wide), np.uint8)) > cv2.dilate(stroke, np.ones((near, near), np.uint8))
    if not core.any() or not ring.any():
        return False
    return bool((dark[core] > CORE).mean() > COVERED and (dark[ring] > CORE).mean() < BESIDE)


def _without_ink(dark: Light) -> Light:
    """A page's darkness without that of print, which is darker than a mark's 1."""
    ink = float(np.percentile(dark, INK_PERCENTILE))
    print_ = cv2.dilate((dark > (1 + ink) / 2).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(print_ & (ink > 1), np.float32(0), np.minimum(dark, 1))


def _place(mark: Light, page: Light, dpi: float) -> tuple[Matrix, float] | None:
    """(3 x 3 from pixels of a mark to those of a page, likeness there); none where it is found nowhere near.

    Args:
        mark: float32 darkness, 0 to 1.
        page: the same, of about the same size.
        dpi: of both.
    """
    coarse = min(COARSE_DPI / dpi, 1.0)
    shift = _shift(_small(mark, coarse), _small(page, coarse), round(REACH_MM / 25.4 * COARSE_DPI))
    fine = min(FINE_DPI / dpi, 1.0)
    start = np.eye(2, 3, dtype=np.float32)
    start[:, 2] = np.array(shift) * fine / coarse
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, STEPS, LEAST_STEP)
    small, on_page = _small(mark, fine), _small(page, fine)
    everywhere = np.ones(on_page.shape, dtype=np.uint8)
    try:
        likeness, found = cv2.findTransformECC(small, on_page, start, cv2.MOTION_AFFINE, ends, everywhere, BLUR_PX)
    except cv2.error:  # nothing to lay on each other
        return None
    if np.abs(found[:, :2] - np.eye(2)).max() > MOST_STRETCH:
        return None
    matrix = np.vstack([found, (0, 0, 1)]).astype(np.float64)
    return _scaled(matrix, 1 / fine), float(likeness)


def _shift(mark: Light, page: Light, reach: int) -> tuple[int, int]:
    """(x, y) by which a mark is to be moved to lie as it does on a page, within `reach` pixels."""
    height, width = min(mark.shape[0], page.shape[0]), min(mark.shape[1], page.shape[1])
    around = cv2.copyMakeBorder(page[:height, :width], reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=(0,))
    likeness = cv2.matchTemplate(around, mark[:height, :width], cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(likeness)
    return x - reach, y - reach


def _depth(removed: Image) -> Light:
    """How much of a mark lies at each place, 0 to 1, from the levels that were added there."""
    # Around the strokes the network also lightens the paper a little: half of all that was added is the mark's middle.
    added = np.cumsum(np.bincount(removed.ravel(), minlength=256) * np.arange(256.0))
    depth = int(added.searchsorted(added[-1] / 2))
    return np.asarray(np.clip(removed / np.float32(max(depth, 1)), 0, 1), dtype=np.float32)


def _levelled(grey: Image) -> Image:
    """The page with its paper at 255."""
    paper = 128 + np.bincount(grey.ravel(), minlength=256)[128:].argmax()
    return np.asarray(np.minimum(grey * np.float32(255 / paper), 255), dtype=np.uint8)


def _moved(image: Image, to_image: Matrix, shape: Sequence[int]) -> Image:
    """A picture of this (height, width) each of whose places shows `to_image` of it; 0 where nothing was."""
    moved = cv2.warpAffine(
        np.maximum(image, 1), to_image[:2], (shape[1], shape[0]), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(moved, dtype=np.uint8)


def _laid(light: Light, to_page: Matrix, shape: Sequence[int]) -> Light:
    """A mark's light over a page of this (height, width)."""
    laid = cv2.warpAffine(light, to_page[:2], (shape[1], shape[0]), flags=cv2.INTER_LINEAR, borderValue=(1.0,))
    return np.asarray(laid, dtype=np.float32)


def _scaling(factor: float) -> Matrix:
    """3 x 3 from pixels to those of the picture at `factor` of its size; pixels are centred at whole numbers."""
    return np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2], [0, 0, 1]])


def _scaled(matrix: Matrix, factor: float) -> Matrix:
    """The matrix between two pictures, for the same pictures at `factor` of their size."""
    return np.asarray(_scaling(factor) @ matrix @ np.linalg.inv(_scaling(factor)))


def _small(image: Light, factor: float) -> Light:
    if factor == 1.0:
        return image
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _same_size(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    return all(abs(a / b - 1) < SAME_SIZE for a, b in zip(one.shape, other.shape, strict=True))


def _png(image: Image) -> bytes:
    return cv2.imencode(".png", image, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1].tobytes()


def _picture(png: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
