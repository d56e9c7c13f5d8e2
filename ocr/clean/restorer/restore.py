"""A marked page → the same page without the marks, where they lay, by a small network run in tiles of one shape.

The network is made and trained by the other modules of this package, none of which is needed here. What it was
trained on, what it reaches and where it ends stands in `model_card.md`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

Network = Callable[[Iterable[NDArray[Any]]], Iterable[Sequence[NDArray[Any]]]]
"""Tiles in, uint8, 1 x height x width each, of the sides `TILE_PX`; for each of them two arrays out, float32: levels to
add, of the same shape, and the probability of a mark, at a quarter of the sides."""

WEIGHTS = Path(__file__).with_name("restorer.onnx")

TILE_PX = (624, 864)
"""Sides of what the network is fed with, the longer one across the page: two shapes, so that memory stays as it is.
Eight tiles cover A4 at 200 dpi; squares of the shorter side take twelve."""

MARGIN_PX = 24
"""Border of a tile that is thrown away where another tile covers it."""

MARK_STRIDE_PX = 4
"""Side of the squares for which the network gives one probability of a mark."""

MARK_PROBABILITY = 0.5
PROBE_SHARE = 5e-3
"""Share of a tile that must look like a mark before the whole page is worked on: 0.014 and more under marks, and less
than 0.003 on most pages without."""

DARK = 128
"""Print is darker than this."""

REACH_MM = 0.6
"""Around what is taken for a mark the page is changed as well: blurred edges, and strokes taken for text."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A page after restoring.

    Attributes:
        image: uint8 grey, the size of the page; equal to the page outside `mask` and what was surely marked.
        mask: where marks lay, with a narrow border; what is printed there is to be trusted less.
    """

    image: Grey
    mask: Mask


def sees_mark(grey: Grey, suspected: Mask, network: Network, tiles: int) -> bool:
    """Whether the network sees a mark in one of the tiles that hold most of what is suspected, beside print.

    It knows a small mark by the print that it crosses, so tiles with little of that come last.

    Args:
        grey: uint8 page.
        suspected: where a mark may lie.
        network: from `WEIGHTS`.
        tiles: to look at, at most.
    """
    dark = grey < DARK
    parts = [kept for _, _, kept in _places(grey.shape)]
    weights = [np.count_nonzero(suspected[part]) * (1 + np.count_nonzero(dark[part])) for part in parts]
    for order in np.argsort(weights)[::-1][:tiles]:
        tile = np.zeros(grey.shape, dtype=np.bool_)
        tile[parts[order]] = weights[order] > 0
        _, found = _run(grey, tile, network)
        if found.sum() > PROBE_SHARE * math.prod(TILE_PX):
            return True
    return False


def restore(grey: Grey, dpi: float, network: Network, region: Mask, sure: Mask | None = None) -> Restored:
    """Takes marks off a page.

    Args:
        grey: uint8 page; not changed.
        dpi: its resolution.
        network: from `WEIGHTS`.
        region: where marks may lie, as coarsely as one likes. Only tiles that meet it are worked on.
        sure: where the page is changed although the network sees no mark there: it sees the strokes of a pale seal
            only in part, while what it would add to them is right.
    """
    levels, found = _run(grey, region, network)
    reach = 2 * round(REACH_MM / 25.4 * dpi) + 1
    mask = cv2.dilate(found.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))) > 0
    return Restored(np.where(mask if sure is None else mask | sure, levels, grey), np.asarray(mask))


def _run(grey: Grey, region: Mask, network: Network) -> tuple[Grey, Mask]:
    """The page with what the network adds, and where marks are: nowhere outside the tiles that meet the region."""
    restored = grey.copy()
    found = np.zeros(grey.shape, dtype=np.bool_)
    height, width = grey.shape
    tile_height, tile_width = _sides(grey.shape)
    below, right = max(tile_height - height, 0), max(tile_width - width, 0)
    whole = cv2.copyMakeBorder(grey, 0, below, 0, right, cv2.BORDER_REFLECT) if below or right else grey
    places = [(y, x, kept) for y, x, kept in _places(grey.shape) if region[kept].any()]
    tiles = [np.ascontiguousarray(whole[y : y + tile_height, x : x + tile_width]) for y, x, _ in places]
    results = network(tile[None] for tile in tiles)
    for (y, x, kept), tile, (change, probability) in zip(places, tiles, results, strict=True):
        part = slice(kept[0].start - y, kept[0].stop - y), slice(kept[1].start - x, kept[1].stop - x)
        restored[kept] = np.clip(np.rint(tile[part] + change[0][part]), 0, 255)
        marked = (probability[0] > MARK_PROBABILITY).repeat(MARK_STRIDE_PX, 0).repeat(MARK_STRIDE_PX, 1)
        found[kept] = marked[part]
    return restored, found


def _sides(shape: tuple[int, ...]) -> tuple[int, int]:
    """(height, width) of the tiles of a page."""
    return TILE_PX if shape[0] >= shape[1] else TILE_PX[::-1]


def _places(shape: tuple[int, ...]) -> Iterator[tuple[int, int, tuple[slice, slice]]]:
    """(y, x) of the tiles of a page, and the part of the page that each is kept for."""
    down, across = (_tiles(length, tile) for length, tile in zip(shape, _sides(shape), strict=True))
    for (y, rows), (x, columns) in itertools.product(down, across):
        yield y, x, (rows, columns)


def _tiles(length: int, tile: int) -> Iterator[tuple[int, slice]]:
    """Starts of the tiles along one side, evenly spread, and the part of the side that each is kept for."""
    if length <= tile:
        yield 0, slice(0, length)
        return
    count = -(-(length - 2 * MARGIN_PX) // (tile - 2 * MARGIN_PX))
    starts = [round(order * (length - tile) / (count - 1)) for order in range(count)]
    cuts = [0, *((a + tile + b) // 2 for a, b in itertools.pairwise(starts)), length]
    for start, begin, end in zip(starts, cuts[:-1], cuts[1:], strict=True):
        yield start, slice(begin, end)
