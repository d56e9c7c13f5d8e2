"""Marks laid over a page: image in, image without them out, with the places where ink was taken away.

Two kinds are known. A watermark is grey, lighter than the text and larger than its characters; seals have a module of
their own (`seal.py`). Where neither is found the image is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.clean.coloured import without_coloured_marks
from ocr.clean.lengths import odd_px
from ocr.clean.overpages import lay, sample_of
from ocr.clean.restorer.restore import TILE_PX, WEIGHTS, Network, find_marks, restore
from ocr.clean.seal import (
    COLOUR_MIN,
    COLOURS,
    excess,
    find_ring_seals,
    levels,
    without_colour_seals,
    without_traces,
)
from ocr.clean.template import Overlay, agreed, find_template
from ocr.networks import compile_network
from ocr.pagemark import MarkSample, PageMark
from ocr.reduce import reduced

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

MARK_CHARACTER_MM = 5.0
"""Parts of a watermark are at least this large; table text is set in 3 to 4 mm."""

MARK_STROKE_MM = 0.6
"""Strokes thinner than this belong to text: 12 pt type has 0.3 to 0.4 mm, a mark of 24 pt 0.7 mm."""

PEAK_MIN_SHARE = 4e-4
"""Share of the page at the mark's grey level above the levels around it; 0.8 to 1.3 thousandths on marked pages,
below 0.1 without a mark."""

PEAK_MIN_RATIO = 0.3
"""How much of that peak stands above its surroundings; paper grain gives shoulders, a pale mark 0.35 and more."""

FLAT_RANGE = 6
"""Grey levels between neighbours inside a mark's stroke; the blurred edge of text has 20 and more."""

DARKEST_MARK = 80
"""Grey level below which a figure is print: bold titles have 20 to 60, marks of 70 % grey about 90."""

LEVEL_RANGE = 14
"""Grey levels around the mark's own that belong to it (paper grain and JPEG)."""

MAX_EXTENT = 0.8
"""A figure that fills more of its box is a shaded cell, not a character."""

PALE_DPI = 100.0
"""Resolution at which a page is looked through for pale print."""

PALE_LEAST = 18
"""Grey levels below the paper from which something is printed there."""

PALE_MOST = 0.85
"""Share of the darkness of ink that pale print stays below. Thin type has a spot darker than this in every character,
a mark of 75 % grey has none."""

PALE_REACH_MM = 2.0
"""Within this distance of a pale place nothing is darker: half a character."""

LIGHTEST_INK = 40
"""Grey level that ink is taken to have at most: on a page of little text its darkest print is the mark."""

PALE_RUN_MM = 10.0
"""Straight runs longer than this are rules and shaded cells."""

PALE_SHARE = 4e-4
"""Share of the page that is pale print where a mark is looked for: 0 to 0.3 thousandths on clean pages (4 on a few with
shaded cells), 0.6 where one large pale mark lies mostly over text, 15 to 60 under tiled ones."""

CONFIRMED = 0.2
"""Share of what was found that the network must see again at the page's own resolution: it does 0.5 to 1 of a mark, and
less than 0.1 of small pale print, which passes for one by its level or at 100 dpi."""

RESIDUE_MOST = 0.36
"""Share of the darkness of ink that is left of a seal at most; measured 0.25 to 0.28 at its 99th percentile, 0.39 at
the most, while the middles of strokes of text, under seals and beside them, have 0.40 and more in thin faces."""

PALEST_STROKE = 0.25
PALEST_STROKES = 2.0
RESIDUE_TO_STROKE = 0.8
"""Where strokes beside the seal are paler than that (at this percentile of those with a quarter of the darkness of ink,
less being grain), what is left of the seal must be paler still by this factor."""

DARKEST_TO_LEAST = 1.4
"""A piece of a stroke is darker than that by this factor somewhere."""

STROKE_EDGE_MM = 0.6
"""Twice what blur adds to a stroke: closer to dark ink everything is kept."""

HALO_MM = 1.0
"""Twice as far as the colour of a seal runs beyond it: JPEG keeps colour at half the resolution."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning made of a page.

    Attributes:
        image: uint8 grey, the size of the page.
        mask: where a mark lies or lay; text there is to be trusted less.
        share: of the page that `mask` covers, 0 to 1.
        overlay: the watermark as it lay, where it has a template, of the page or of the document's pages.
        sample: of a watermark without copies on its page, for the template over pages.
        is_by_pages: whether that template changed anything.
    """

    image: Image
    mask: Mask
    share: float
    overlay: Overlay | None = None
    sample: MarkSample | None = None
    is_by_pages: bool = False


def clean(image: Image, dpi: float, of_pages: PageMark | None = None) -> Cleaned:
    """Takes watermark and seals off a page.

    Args:
        image: uint8, grey or RGB; not changed.
        dpi: its resolution.
        of_pages: the mark that other pages of the document have; no `sample` is made then.
    """
    grey, mask = without_colour_seals(image, dpi)
    if image.ndim == 3:
        rest = np.where(mask[..., None], grey[..., None], image) if mask.any() else image
        grey, marked = without_coloured_marks(rest, grey, dpi)
        mask = mask | marked
    if mask.any():
        grey = _without_edges(grey, mask, dpi)
    plain = _without_colours(grey, image)
    seals = find_ring_seals(plain, dpi)
    area = np.zeros(grey.shape, dtype=np.bool_) if seals is None else seals.area
    off = _without_watermark(grey, plain, area, dpi, of_pages)
    if off is None:
        return Cleaned(grey, mask, float(mask.mean()))
    mask = mask | off.mask
    grey = np.where(off.mask | area, off.image, grey)
    if seals is not None:
        grey, mask = without_traces(grey, seals), mask | seals.strokes
    return replace(off, image=grey, mask=mask, share=float(mask.mean()))


def _without_watermark(grey: Image, plain: Image, area: Mask, dpi: float, of_pages: PageMark | None) -> Cleaned | None:
    """The page without its watermark, and without what the network takes off in an area; none where there is neither.

    Args:
        grey: uint8 page; not changed.
        plain: the same without coloured print.
        area: that of seals.
        dpi: of the page.
        of_pages: as for `clean`.
    """
    mark = find_mark(plain, dpi, _network)
    own = None
    if of_pages is not None and of_pages.is_pale and mark.any():
        own = _by_itself(grey, plain, mark, area, dpi)
        if (own.mask & ~area).any():
            return own
    laid = None if of_pages is None else lay(of_pages, plain, dpi)
    if laid is None:
        is_marked = mark.any() or area.any()
        return own or (_by_itself(grey, plain, mark, area, dpi) if is_marked else None)
    image, there = _restored(grey, mark, area | laid.mask, dpi)
    image = agreed(grey, image, laid.mask & ~area, laid.overlay)
    return Cleaned(image, there | laid.mask, 0.0, overlay=laid.overlay, is_by_pages=True)


def _by_itself(grey: Image, plain: Image, mark: Mask, area: Mask, dpi: float) -> Cleaned:
    """A page without its watermark, as far as the page alone tells; arguments as for `_without_watermark`."""
    image, there = _restored(grey, mark, area, dpi)
    off = there & ~area
    if not off.any():
        return Cleaned(image, there, 0.0)
    template = find_template(plain, mark, dpi)
    if template is None:
        return Cleaned(image, there, 0.0, sample=sample_of(plain, image, off, dpi))
    overlay = template.over(grey.shape)
    return Cleaned(agreed(grey, image, off, overlay), there, 0.0, overlay=overlay)


def _restored(grey: Image, mark: Mask, sure: Mask, dpi: float) -> tuple[Image, Mask]:
    """The page as the network restores it, and where it does: in the mark if it sees that, and where it is sure."""
    restored = restore(grey, dpi, _network(), mark | sure, sure=sure)
    # A seal ends at its ring; beside it the network may take for a mark what no other test does.
    is_mark = mark.any() and (restored.mask & mark).sum() >= CONFIRMED * mark.sum()
    return restored.image, restored.mask if is_mark else restored.mask & sure


def _without_edges(grey: Image, mask: Mask, dpi: float) -> Image:
    """The page without what is paler under a coloured seal than any stroke beside it: the edges of its own strokes.

    JPEG keeps colour at half the resolution, so the seal's colour is missing along them. They were read as digits, and
    those of a square seal's frame became rules.
    """
    paper, ink = levels(grey)
    darkness = paper - grey.astype(np.float32)
    middle = darkness >= cv2.dilate(darkness, np.ones((3, 3), np.uint8))
    stroke = middle & (darkness > PALEST_STROKE * (paper - ink)) & ~mask
    if not stroke.any():
        return grey
    palest = float(np.percentile(darkness[stroke], PALEST_STROKES))
    least = min(RESIDUE_MOST * (paper - ink), RESIDUE_TO_STROKE * palest)
    count, pieces = cv2.connectedComponents((darkness >= least).astype(np.uint8))
    is_text = np.zeros(count, dtype=np.uint8)
    is_text[pieces[darkness >= DARKEST_TO_LEAST * least]] = 1
    blurred = odd_px(STROKE_EDGE_MM, dpi)
    kept = is_text[pieces]
    near = cv2.dilate(kept, np.ones((blurred, blurred), np.uint8)) > 0
    halo = odd_px(HALO_MM, dpi)
    around = cv2.dilate(mask.astype(np.uint8), np.ones((halo, halo), np.uint8)) > 0
    return np.where(around & ~near & (darkness > 0), np.uint8(paper), grey)


@cache
def _network() -> Network:
    return compile_network(WEIGHTS, (1, TILE_PX, TILE_PX), has_streams=True).each


def find_mark(grey: Image, dpi: float, network: Callable[[], Network]) -> Mask:
    """Where a grey watermark lies; nowhere where there is none.

    An even mark of thick strokes is found by its grey level alone. One of thin, small, hollow or uneven strokes has no
    level of its own once it is scanned: where something pale is printed all the same, the network looks for it.

    Args:
        grey: uint8 page.
        dpi: its resolution.
        network: gives the restoring network; not called on pages that hold nothing pale.
    """
    if _pale_share(grey, dpi) < PALE_SHARE:
        return np.zeros(grey.shape, dtype=np.bool_)
    found = _find_even_mark(grey, dpi)
    return found if found.any() else find_marks(grey, dpi, network())


def _pale_share(grey: Image, dpi: float) -> float:
    """Share of the page that is printed without anything as dark as ink close by, rules and shades left out."""
    paper, ink = levels(grey)
    step = max(1, round(dpi / PALE_DPI))
    # Only whole squares of pixels are averaged fast.
    below, right = -grey.shape[0] % step, -grey.shape[1] % step
    whole = cv2.copyMakeBorder(grey, 0, below, 0, right, cv2.BORDER_REPLICATE) if below or right else grey
    mean = cv2.resize(whole, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    darkest = np.ascontiguousarray(cv2.erode(grey, np.ones((step, step), np.uint8))[::step, ::step])
    reach, run = odd_px(2 * PALE_REACH_MM, dpi / step), odd_px(PALE_RUN_MM, dpi / step)
    near = cv2.erode(darkest, np.ones((reach, reach), np.uint8))
    printed = (mean < paper - PALE_LEAST).astype(np.uint8)
    runs = [cv2.morphologyEx(printed, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, run), (run, 1))]
    rest = (printed > 0) & (cv2.dilate(np.maximum(*runs), np.ones((3, 3), np.uint8)) == 0)
    pale = near > paper - PALE_MOST * (paper - min(ink, LIGHTEST_INK))
    return float((rest & pale).mean())


def _find_even_mark(grey: Image, dpi: float) -> Mask:
    """Where a mark of thick strokes and one grey level lies.

    Args:
        grey: uint8 page.
        dpi: its resolution.
    """
    nowhere = np.zeros(grey.shape, dtype=np.bool_)
    stroke = odd_px(MARK_STROKE_MM, dpi)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (stroke, stroke))
    neighbours = np.ones((3, 3), np.uint8)
    ground = cv2.morphologyEx(cv2.medianBlur(grey, 3), cv2.MORPH_CLOSE, kernel)
    ground = cv2.morphologyEx(ground, cv2.MORPH_OPEN, neighbours)
    flat = cv2.subtract(cv2.dilate(ground, neighbours), cv2.erode(ground, neighbours)) < FLAT_RANGE
    level = _mark_level(np.bincount(ground[flat], minlength=256) / grey.size)
    if level is None:
        return nowhere
    scale = min(100.0 / dpi, 1.0)
    small = reduced(np.asarray(ground, dtype=np.uint8), scale)
    figure = np.abs(small.astype(np.int16) - level) < LEVEL_RANGE
    _, labels, stats, _ = cv2.connectedComponentsWithStats(figure.astype(np.uint8), connectivity=8)
    side = MARK_CHARACTER_MM / 25.4 * dpi * scale
    width, height, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    kept = (np.maximum(width, height) >= side) & (np.minimum(width, height) >= side / 3)
    kept &= area < MAX_EXTENT * width * height
    kept[0] = False
    found = kept[labels]
    whole = cv2.resize(found.astype(np.uint8), (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.dilate(whole, kernel) > 0)


def _mark_level(shares: NDArray[np.float64]) -> float | None:
    """The grey level between ink and paper that stands out among flat places, if one does.

    Args:
        shares: of the page, for each of the 256 levels.
    """
    smooth = cv2.GaussianBlur(shares.reshape(1, -1), (13, 1), 2).ravel()
    paper = 128 + int(smooth[128:].argmax())
    best: tuple[float, float | None] = (PEAK_MIN_SHARE, None)
    for level in range(DARKEST_MARK, paper - 8):
        height = smooth[level]
        if height < max(smooth[level - 1], smooth[level + 1], best[0]):
            continue
        higher = np.flatnonzero(smooth > height)
        below, above = higher[higher < level], higher[higher > level]
        left = smooth[below[-1] : level].min() if below.size else smooth[:level].min()
        right = smooth[level : above[0]].min() if above.size else smooth[level:].min()
        prominence = height - max(left, right)
        if prominence > best[0] and prominence > PEAK_MIN_RATIO * height:
            best = (prominence, float(level))
    return best[1]


def _without_colours(grey: Image, image: Image) -> Image:
    """The grey page with coloured print painted over: a letterhead is as large and as even as a mark."""
    if image.ndim == 2:
        return grey
    for channel in COLOURS:
        coloured = excess(image, channel) > COLOUR_MIN
        if coloured.any():
            near = cv2.dilate(coloured.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
            grey = np.where(near, np.uint8(levels(grey)[0]), grey)
    return grey
