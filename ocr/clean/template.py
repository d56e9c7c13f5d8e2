"""A mark that repeats over a page → its template, by the median over its copies: a second, independent estimate.

The copies lie on a lattice, which the autocorrelation of the mark's mask shows. What stands under a copy differs from
copy to copy and leaves the median; the mark stays. Dividing the page by it needs nothing that was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Vectors = NDArray[np.float64]

SEARCH_DPI = 50.0
"""Resolution of the search for the lattice; peaks are then placed to a tenth of a pixel by their common lattice."""

LEAST_LIKENESS = 0.4
"""Correlation of the mask with itself moved by a period: 0.64 to 0.79 on our pages, below 0.3 by chance."""

NEARLY_BEST = 0.85
"""Peaks of at least this share of the highest one are periods; those of single strokes are lower."""

FARTHER = 0.7
"""Where those all lie along one line, the lines of a mark seen in part are less alike than the copies of one line."""

PEAK_MM = 7.0
"""Two peaks are at least this far apart, about the size of a mark's character."""

LEAST_COPIES = 4.0
"""Copies on the page; of fewer the median may be text."""

MEDIAN = 0.6
"""Rank among the copies, 0 darkest: above the middle, since text only darkens."""

LEAST_CONTRAST = 0.12
"""Contrast left under the mark, as a share of that beside it, below which nothing is amplified further."""


PIECE = 2.3
"""Longer side of the lattice's cell times this: a square of that length shows one copy whole."""

FULL_PERCENTILE = 10.0
"""Of the light of a template's strokes: the mark's own; a few places are darker by text."""

DARKEST_PERCENTILE = 2.0
"""Of a template's light: within strokes, which cover 3 to 20 % of a cell; what takes half as much is stroke too."""

PAPER_RANGE = 25
"""Grey levels below the paper that are paper still."""

OUTLINE_RANGE = 70
"""Grey levels below the paper that an outline left by half a pixel of shift reaches; ink is darker by 100 and more."""

EDGE_PX = 5
"""An edge is three or four pixels wide after scanning; ink that crosses it is found on one of its sides."""

MOST_INK = 2.0
SPARE_INK = 0.02
"""Division may leave this many times the ink of the restoration or of the rest of the page, and this share of the
mark's area more."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """A mark as it lies on a page.

    Attributes:
        light: float32, share of the paper's light that it lets through, the size of the page.
        full: that of its own strokes.
        period_px: length of a piece of the page that shows one copy whole; 0 where there are no copies.
    """

    light: NDArray[np.float32]
    full: float
    period_px: int = 0

    def strokes(self) -> Mask:
        """Where its strokes lie, without their blurred edges."""
        return np.asarray(self.light < (1 + self.full) / 2)


@dataclass(frozen=True, slots=True)
class Template:
    """One copy of a mark.

    Attributes:
        light: float32, share of the paper's light that the mark lets through, over one cell of the lattice.
        basis: 2 x 2, rows are the lattice's vectors (x, y) in pixels of the page.
    """

    light: NDArray[np.float32]
    basis: Vectors

    @property
    def full(self) -> float:
        """The light of the mark's own strokes."""
        half = (1 + float(np.percentile(self.light, DARKEST_PERCENTILE))) / 2
        return float(np.percentile(self.light[self.light <= half], FULL_PERCENTILE))

    def over(self, shape: tuple[int, ...]) -> Overlay:
        """The mark over a whole page of this (height, width)."""
        period = max(float(np.hypot(*vector)) for vector in self.basis)
        return Overlay(self.laid(self.light, shape), self.full, round(PIECE * period))

    def laid(self, cell: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Something of the size of `light` over a whole page of this (height, width)."""
        inverse = np.linalg.inv(self.basis)  # (x, y) @ inverse = (along the first, along the second vector)
        corners = np.array([(0, 0), (shape[1], 0), (0, shape[0]), (shape[1], shape[0])]) @ inverse
        first, last = np.floor(corners.min(axis=0)).astype(int), np.floor(corners.max(axis=0)).astype(int) + 1
        columns, rows = (int(count) for count in last - first + 1)
        cells = cv2.repeat(cell, rows, columns)
        to_cells = np.column_stack([inverse.T, -first]) * np.array(cell.shape[::-1])[:, None]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(cells, to_cells, shape[1::-1], flags=flags), dtype=np.float32)


def find_template(grey: Image, mask: Mask, dpi: float) -> Template | None:
    """The template of a mark that repeats; none when it does not, or too seldom.

    Args:
        grey: uint8 page, straight, with its marks.
        mask: where the mark lies, about.
        dpi: of the page.
    """
    basis = find_lattice(mask, dpi)
    if basis is None or grey.size < LEAST_COPIES * abs(np.linalg.det(basis)):
        return None
    # Zero is kept for what lies outside the page.
    copies = cut_copies(np.maximum(grey, 1), basis)
    level = ranked(copies, MEDIAN).astype(np.float32)
    paper = float(np.percentile(level, 90))
    return Template(np.clip(level / max(paper, 1.0), 0.05, 1.0), basis)


def cut_copies(page: Image, basis: Vectors) -> list[Image]:
    """All copies on a page, each straightened to a rectangle, 0 where they lie outside.

    Args:
        page: uint8.
        basis: of the lattice, as in `Template`.
    """
    sides = [max(8, round(float(np.hypot(*vector)))) for vector in basis]
    flags, across = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, basis.T / sides
    return [
        np.asarray(cv2.warpAffine(page, np.column_stack([across, basis.T @ step]), sides, flags=flags), dtype=np.uint8)
        for step in _copies(basis, page.shape)
    ]


def ranked(copies: Sequence[Image], rank: float) -> Image:
    """At every place the level at `rank` (0 darkest, 1 lightest) of those copies that are not zero there.

    The level is found bit by bit, by counting the copies that are darker: in a third of the time of sorting them.
    """
    outside = np.zeros(copies[0].shape, dtype=np.uint16)
    for copy in copies:
        outside += copy == 0
    darker = outside + (rank * (np.maximum(len(copies) - 1.0, outside) - outside)).astype(np.uint16)
    level = np.zeros(copies[0].shape, dtype=np.uint8)
    for bit in (128, 64, 32, 16, 8, 4, 2, 1):
        higher = level | np.uint8(bit)
        count = np.zeros(level.shape, dtype=np.uint16)
        for copy in copies:
            count += copy < higher
        level = np.where(count <= darker, higher, level)
    return level


def find_lattice(mask: Mask, dpi: float) -> Vectors | None:
    """Two shortest vectors of the lattice on which a mark repeats, 2 x 2 (x, y) in pixels; none where it does not.

    Args:
        mask: bool page.
        dpi: of the page.
    """
    periods, likeness = _periods(mask, dpi)
    best = float(likeness.max(initial=0.0))
    if best < LEAST_LIKENESS:
        return None
    by_length = np.argsort(np.hypot(*periods.T))
    periods, likeness = periods[by_length], likeness[by_length]
    for least in (NEARLY_BEST * best, max(FARTHER * best, LEAST_LIKENESS)):
        basis = _basis(periods[likeness >= least])
        if basis is not None:
            return basis
    return None


def repetition(mask: Mask, dpi: float) -> float:
    """How much a mark is like itself moved by its best period, 0 to 1; arguments as for `find_lattice`."""
    return float(_periods(mask, dpi)[1].max(initial=0.0))


def _periods(mask: Mask, dpi: float) -> tuple[Vectors, NDArray[np.float32]]:
    """Moves (x, y) in pixels for which the mask is more like itself than for those around them, and how much."""
    scale = min(SEARCH_DPI / dpi, 1.0)
    small = cv2.resize(mask.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    likeness = _autocorrelation(np.asarray(small, dtype=np.float32))
    height, width = (side // 2 for side in likeness.shape)
    side = 2 * round(PEAK_MM / 25.4 * dpi * scale) + 1
    highest = likeness == cv2.dilate(likeness, np.ones((side, side), np.uint8))
    highest[height, width] = False
    peaks = np.argwhere(highest & (likeness > 0))
    moves = np.array([(x - width, y - height) for y, x in peaks], dtype=np.float64).reshape(-1, 2)
    return moves / scale, likeness[peaks[:, 0], peaks[:, 1]]


def _autocorrelation(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of an image with itself moved by up to its size, 0 to 1, no move in the middle (height, width).

    Each move is judged by what overlaps; moves that leave less than a fifth of the page give 0.
    """
    height, width = image.shape
    size = [cv2.getOptimalDFTSize(2 * side) for side in image.shape]
    product = np.fft.irfft2(np.abs(np.fft.rfft2(image, size)) ** 2, size)
    down, across = np.arange(1 - height, height), np.arange(1 - width, width)
    # What lies where the image and its moved copy overlap, from sums over rectangles.
    sums = cv2.integral(image**2, sdepth=cv2.CV_64F)
    rows = sums[height - np.maximum(down, 0)] - sums[np.maximum(-down, 0)]
    here = (rows[:, width - np.maximum(across, 0)] - rows[:, np.maximum(-across, 0)]).astype(np.float32)
    likeness = product[np.ix_(down, across)] / np.sqrt(np.maximum(here, 1.0) * np.maximum(here[::-1, ::-1], 1.0))
    overlap = np.outer(height - np.abs(down), width - np.abs(across))
    likeness[overlap < 0.2 * image.size] = 0.0
    return np.asarray(likeness, dtype=np.float32)


def _basis(periods: Vectors) -> Vectors | None:
    """The shortest two vectors that are not parallel, fitted to all periods that are whole sums of them."""
    first = periods[0]
    for second in periods[1:]:
        if abs(first[0] * second[1] - first[1] * second[0]) < 0.3 * np.hypot(*first) * np.hypot(*second):
            continue
        basis = np.array([first, second])
        steps = periods @ np.linalg.inv(basis)
        whole = np.rint(steps)
        close = np.abs(steps - whole).max(axis=1) < 0.1
        fitted, *_ = np.linalg.lstsq(whole[close], periods[close], rcond=None)
        return np.asarray(fitted)
    return None


def _copies(basis: Vectors, shape: Sequence[int]) -> list[tuple[int, int]]:
    """The cells of the lattice, by steps along its vectors, that touch a page of this (height, width)."""
    height, width = shape[0], shape[1]
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ np.linalg.inv(basis)
    low, high = np.floor(corners.min(axis=0)).astype(int) - 1, np.ceil(corners.max(axis=0)).astype(int) + 1
    outline = np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) @ basis
    cells = []
    for i in range(low[0], high[0]):
        for j in range(low[1], high[1]):
            near, far = outline.min(axis=0) + (i, j) @ basis, outline.max(axis=0) + (i, j) @ basis
            # The lattice's own box also has cells far off the page, which would only be sorted away again.
            if (far > 0).all() and near[0] < width and near[1] < height:
                cells.append((i, j))
    return cells


def agreed(grey: Image, restored: Image, mask: Mask, overlay: Overlay) -> Image:
    """The better of two estimates of what lies under a mark: divided by its template, or restored otherwise.

    The division keeps strokes that a restoration takes for the mark; it leaves pale outlines, which go where the
    restoration sees paper. Where it leaves much more ink than is usual on the page the template does not fit (a mark
    unevenly inked or bent), and the restoration stands.

    Args:
        grey: uint8 page with its marks; not changed.
        restored: the same without them, by another way.
        mask: where marks lay; elsewhere, and where the overlay has none, the result is `restored`.
        overlay: the mark over the page.
    """
    light, full = overlay.light, overlay.full
    # No copy lies on the others to the pixel.
    darkest = np.asarray(cv2.erode(light, np.ones((3, 3), np.uint8)), dtype=np.float32)
    mask = mask & (darkest < 1 - (1 - full) / 4)
    if not mask.any():
        return restored
    paper = _paper(grey)
    divided = _divided(grey, mask, paper, full, light)
    is_outline = (restored > paper - PAPER_RANGE) & (
        (grey > darkest * paper - OUTLINE_RANGE) | _on_edges_alone(divided < paper - OUTLINE_RANGE, light, full)
    )
    divided[is_outline] = restored[is_outline]
    left, usual, beside = (
        float((area < paper - OUTLINE_RANGE).mean()) for area in (divided[mask], restored[mask], grey[~mask])
    )
    if left > MOST_INK * max(usual, beside) + SPARE_INK:
        return restored
    return np.where(mask, divided, restored)


def _on_edges_alone(ink: Mask, light: NDArray[np.float32], full: float) -> Mask:
    """Ink on the edges of the mark's strokes with none beside it: a stroke of text crosses an edge, none follows it."""
    edge = (light > full + (1 - full) / 8) & (light < 1 - (1 - full) / 8)
    edge = cv2.dilate(edge.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    beside = cv2.dilate((ink & ~edge).astype(np.uint8), np.ones((EDGE_PX, EDGE_PX), np.uint8)) > 0
    return np.asarray(ink & ~beside)


def _divided(grey: Image, mask: Mask, paper: float, full: float, light: NDArray[np.float32]) -> Image:
    """The page without the mark: paper where it lay, and the text under it as dark as beside it; beside it as it is."""
    deep = mask & (light < full + (1 - full) / 4)
    divided = grey.copy()
    if not deep.any():
        return divided
    beside = paper - _darkest(grey, ~mask)
    under = full * paper - _darkest(grey, deep)
    left = float(np.clip(under / max(beside, 1.0), LEAST_CONTRAST, 1.0))
    # Darker than the mark is only text that stands at one place in most copies.
    seen = np.maximum(light[mask], np.float32(full))
    cover = (1 - seen) / max(1 - full, 1e-3)
    ink = (seen * paper - grey[mask]) / (1 - cover * (1 - left))
    divided[mask] = np.clip(paper - np.maximum(ink, 0.0), 0, 255).astype(np.uint8)
    return divided


def _darkest(grey: Image, mask: Mask) -> float:
    """The level of which the darkest hundredth of some places is."""
    counts = cv2.calcHist([grey], [0], mask.astype(np.uint8), [256], [0, 256]).ravel().cumsum(dtype=np.float64)
    return float(counts.searchsorted(counts[-1] / 100))


def _paper(grey: Image) -> float:
    """The most frequent level of the lighter half."""
    return float(128 + cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()[128:].argmax())
