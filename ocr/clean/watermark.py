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
from ocr.clean.laid import is_mark, lost_print
from ocr.clean.lengths import odd_px
from ocr.clean.overpages import lay, sample_of
from ocr.clean.pale import pale_print
from ocr.clean.restorer.restore import TILE_PX, WEIGHTS, Network, restore, sees_mark
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
from ocr.clean.whole import complete
from ocr.networks import compile_network
from ocr.pagemark import MarkSample, PageMark

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SUSPECTED_SHARE = 1.5e-4
"""Share of the page that is pale print where a mark is looked for: 0.2 to 0.7 thousandths under one line laid over a
table, 15 to 60 under tiled marks, and 0 to 0.1 on most pages without (4 on a few with shaded cells) ..."""

SUSPECTED_MUCH = 4e-4
LOOKS = (1, 2)
"""... where at most so many tiles are looked at, below and above this share."""

SUSPECTED_REACH_MM = 25.0
"""Around pale print a mark may lie wholly on dark print: the page is worked on that far around it."""

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
    mark = suspect_mark(plain, dpi, _network)
    own = None
    if of_pages is not None and of_pages.is_pale and mark.any():
        own = _by_itself(grey, plain, mark, area, dpi)
        if (own.mask & ~area).any():
            return own
    laid = None if of_pages is None else lay(of_pages, plain, dpi)
    if laid is None:
        is_marked = mark.any() or area.any()
        return own or (_by_itself(grey, plain, mark, area, dpi) if is_marked else None)
    image, there = _restored(grey, plain, mark, area, dpi, laid.mask)
    image = agreed(grey, image, laid.mask & ~area, laid.overlay)
    return Cleaned(image, there | laid.mask, 0.0, overlay=laid.overlay, is_by_pages=True)


def _by_itself(grey: Image, plain: Image, mark: Mask, area: Mask, dpi: float) -> Cleaned:
    """A page without its watermark, as far as the page alone tells; arguments as for `_without_watermark`."""
    image, there = _restored(grey, plain, mark, area, dpi)
    off = there & ~area
    if not off.any():
        return Cleaned(image, there, 0.0)
    template = find_template(plain, off, dpi)
    if template is None:
        return Cleaned(image, there, 0.0, sample=sample_of(plain, image, off, dpi))
    overlay = template.over(grey.shape)
    image, off = complete(grey, image, off, template, overlay, dpi)
    return Cleaned(agreed(grey, image, off & ~area, overlay), there | off, 0.0, overlay=overlay)


def _restored(
    grey: Image, plain: Image, mark: Mask, area: Mask, dpi: float, laid: Mask | None = None
) -> tuple[Image, Mask]:
    """The page as the network restores it, and where it does: in a mark if it is one, and where it is sure."""
    sure = area if laid is None else area | laid
    restored = restore(grey, dpi, _network(), _around(mark, dpi) | sure, sure=sure)
    # A seal ends at its ring; beside it the network may take for a mark what no other test does.
    found = restored.mask & ~area
    lost = lost_print(plain, restored.image, found & ~sure, dpi)
    image = np.where(lost, grey, restored.image)
    has_mark = is_mark(plain, image, found, mark & ~area, lost, dpi)
    return image, restored.mask if has_mark else restored.mask & sure


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


def _around(suspected: Mask, dpi: float) -> Mask:
    """What lies within `SUSPECTED_REACH_MM` of something suspected, in squares of that size."""
    side = round(SUSPECTED_REACH_MM / 25.4 * dpi)
    size = (max(suspected.shape[1] // side, 1), max(suspected.shape[0] // side, 1))
    coarse = cv2.resize(suspected.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    near = cv2.dilate(coarse.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(near, suspected.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0)


def suspect_mark(grey: Image, dpi: float, network: Callable[[], Network]) -> Mask:
    """Where pale print makes the network see a watermark; nowhere where it sees none.

    Args:
        grey: uint8 page.
        dpi: its resolution.
        network: gives the restoring network; not called on pages that hold nothing pale.
    """
    pale = pale_print(grey, dpi)
    share = float(pale.mean())
    if share >= SUSPECTED_SHARE:
        size = (grey.shape[1], grey.shape[0])
        suspected = np.asarray(cv2.resize(pale.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0)
        if sees_mark(grey, suspected, network(), LOOKS[share >= SUSPECTED_MUCH]):
            return suspected
    return np.zeros(grey.shape, dtype=np.bool_)


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
