"""What happens to a page between the paper and the file beyond an office scan: phone, book scanner, fax, old copier.

Every effect takes a `Scan` and gives another of the same or of another size, with the way from page points to pixels
carried along; the stored JPEG bytes are dropped. The same input, seed included, gives the same pixels.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from examples.degrade import Matrix, Pixels, Scan

MM = 1 / 25.4

# The pixel (0, 0) of OpenCV is centred at zero, ours at a half.
_HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])


def photographed(scan: Scan, tilt: float = 0.05, turn_deg: float = 1.5, desk: int = 70, seed: int = 0) -> Scan:
    """The sheet on a darker table, seen at a slant.

    Args:
        scan: of the sheet.
        tilt: how much shorter the far edge looks than the near one, as a share; 0.05 is a careful picture by hand.
        turn_deg: of the sheet in the picture, clockwise.
        desk: gray level of the table, with some grain.
        seed: of which edges are far, and of the grain.
    """
    random = np.random.default_rng(seed)
    height, width = scan.image.shape[:2]
    margin = 0.06 * max(height, width)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    far = int(random.integers(4))
    inward = np.zeros((4, 2))
    along = 0 if far in (0, 2) else 1  # the far edge is the top, right, bottom or left one
    side = (width, height)[along]
    first, second = far, (far + 1) % 4
    sign = 1 if corners[second, along] > corners[first, along] else -1
    inward[first, along], inward[second, along] = sign * tilt * side / 2, -sign * tilt * side / 2
    inward += random.uniform(-0.15, 0.15, (4, 2)) * tilt * min(height, width)
    angle = np.radians(turn_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = corners.mean(axis=0)
    seen = (corners + inward - middle) @ turn.T
    seen = seen - seen.min(axis=0) + margin
    size = tuple(int(v) for v in np.ceil(seen.max(axis=0) + margin))
    move = np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32)), np.float64)
    table = np.clip(desk + random.normal(0, 3, (size[1], size[0])), 0, 255)
    sheet = _warped(scan.image, move, size, desk)
    inside = _warped(np.full((height, width), 255, np.uint8), move, size, 0) > 127
    if sheet.ndim == 3:
        table, inside = table[:, :, None], inside[:, :, None]
    return _changed(scan, np.where(inside, sheet, table).astype(np.uint8), move)


def cropped(scan: Scan, margin_mm: float) -> Scan:
    """The picture without a strip of this width along its border."""
    cut = round(margin_mm * MM * scan.dpi)
    height, width = scan.image.shape[:2]
    move = np.array([[1, 0, -cut], [0, 1, -cut], [0, 0, 1.0]])
    return _changed(scan, scan.image[cut : height - cut, cut : width - cut], move)


def shaded(scan: Scan, depth: float = 0.4, edge_share: float = 0.15, seed: int = 0) -> Scan:
    """Light that falls off over the sheet, and the soft-edged shadow of a hand or a phone over one part of it.

    Args:
        scan: any.
        depth: share of the light missing in the darkest place.
        edge_share: width of the shadow's border, as a share of the picture.
        seed: of the directions.
    """
    random = np.random.default_rng(seed)
    height, width = scan.image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(max(height, width))
    angle = random.uniform(0, 2 * np.pi)
    slope = x * np.cos(angle) + y * np.sin(angle)
    slope = (slope - slope.min()) / (slope.max() - slope.min())
    across = x * np.cos(angle + 1.1) + y * np.sin(angle + 1.1)
    middle = np.quantile(across[::50, ::50], 0.6)
    hand = 1 / (1 + np.exp(-(across - middle) / (edge_share / 8)))
    light = 1 - depth * (0.5 * slope + 0.5 * hand)
    return _changed(scan, _lit(scan.image, light))


def bled_through(scan: Scan, back: Scan, strength: float = 0.25) -> Scan:
    """The reverse side showing through thin paper: mirrored, blurred, `strength` of its darkness."""
    height, width = scan.image.shape[:2]
    other = back.image if back.image.ndim == 2 else cv2.cvtColor(back.image, cv2.COLOR_RGB2GRAY)
    mirrored = cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA)[:, ::-1]
    soft = cv2.GaussianBlur(mirrored, (0, 0), 0.12 * MM * scan.dpi).astype(np.float32)
    return _changed(scan, _lit(scan.image, 1 - strength * (1 - soft / 255)))


def punched(scan: Scan, holes: int = 2, level: int = 15) -> Scan:
    """Holes of 6 mm, 12 mm from the left edge, 80 mm apart (ISO 838); black or white as the lid behind them is."""
    image = scan.image.copy()
    height = image.shape[0]
    for number in range(holes):
        y = height / 2 + (number - (holes - 1) / 2) * 80 * MM * scan.dpi
        place = (round(12 * MM * scan.dpi), round(y))
        cv2.circle(image, place, round(3 * MM * scan.dpi), (level,) * 3, -1, cv2.LINE_AA)
        cv2.circle(image, place, round(3 * MM * scan.dpi), (90,) * 3, 1, cv2.LINE_AA)
    return _changed(scan, image)


def bordered(scan: Scan, width_mm: float = 8.0, seed: int = 0) -> Scan:
    """The black that a scanner leaves beside a sheet smaller than its glass: ragged wedges on three sides."""
    random = np.random.default_rng(seed)
    height, width = scan.image.shape[:2]
    border = width_mm * MM * scan.dpi
    add = round(border * 1.4)
    blank = (int(np.median(scan.image)),) * 3
    image = cv2.copyMakeBorder(scan.image, add, 0, add, add, cv2.BORDER_CONSTANT, value=blank)
    for side in range(3):
        length = height + add if side else width + 2 * add
        start, end = random.uniform(0.5, 1.3, 2) * border
        edge = np.linspace(start, end, length) + random.normal(0, 0.15 * MM * scan.dpi, length)
        places = np.arange(image.shape[(1, 0, 0)[side]])
        if side == 0:
            image[np.arange(image.shape[0])[:, None] < edge[None, : len(places)]] = 12
        else:
            across = np.arange(image.shape[1])[None, :]
            far = across if side == 1 else image.shape[1] - 1 - across
            image[far < edge[: len(places), None]] = 12
    return _changed(scan, image, np.array([[1, 0, add], [0, 1, add], [0, 0, 1.0]]))


def side_by_side(left: Scan, right: Scan, gutter: float = 0.45) -> tuple[Scan, Scan]:
    """Two pages of an open book on one picture, darker towards the fold by up to `gutter`.

    Returns:
        The picture twice: with the way from the left page's points, and from the right page's.
    """
    height = max(left.image.shape[0], right.image.shape[0])
    halves = [
        cv2.copyMakeBorder(
            page.image, 0, height - page.image.shape[0], 0, 0, cv2.BORDER_CONSTANT, value=(int(np.median(page.image)),)
        )
        for page in (left, right)
    ]
    fold = halves[0].shape[1]
    image = np.hstack(halves)
    distance = np.abs(np.arange(image.shape[1]) - fold) / (9 * MM * left.dpi)
    light = np.broadcast_to(1 - gutter * np.exp(-distance * distance), image.shape[:2])
    both = _lit(image, light)
    return _changed(left, both), _changed(right, both, np.array([[1, 0, fold], [0, 1, 0], [0, 0, 1.0]]))


def turned(scan: Scan, turn_deg: int) -> Scan:
    """The picture turned clockwise by 90, 180 or 270 degrees."""
    height, width = scan.image.shape[:2]
    move = np.eye(3)
    for _ in range(turn_deg // 90):
        move = np.array([[0, -1, height], [1, 0, 0], [0, 0, 1.0]]) @ move
        height, width = width, height
    return _changed(scan, np.rot90(scan.image, -turn_deg // 90), move)


def in_gray(scan: Scan) -> Scan:
    """As a scanner without colour stores it."""
    if scan.image.ndim == 2:
        return scan
    return _changed(scan, np.asarray(cv2.cvtColor(scan.image, cv2.COLOR_RGB2GRAY), dtype=np.uint8))


def black_and_white(scan: Scan, threshold: int = 150) -> Scan:
    """As a fax or an old copier stores it: every pixel is ink or paper."""
    return _changed(scan, np.where(in_gray(scan).image > threshold, 255, 0).astype(np.uint8))


def fax_tiff(scans: Sequence[Scan], across_dpi: int = 204, down_dpi: int = 98, threshold: int = 150) -> bytes:
    """A Group 4 TIFF as fax machines send it; standard resolution has pixels twice as high as wide (ITU-T T.4)."""
    images = []
    for scan in scans:
        height, width = scan.image.shape[:2]
        size = (round(width * across_dpi / scan.dpi), round(height * down_dpi / scan.dpi))
        small = cv2.resize(in_gray(scan).image, size, interpolation=cv2.INTER_AREA)
        images.append(Image.fromarray(np.where(small > threshold, 255, 0).astype(np.uint8)).convert("1"))
    buffer = io.BytesIO()
    dpi = (across_dpi, down_dpi)
    images[0].save(buffer, "TIFF", save_all=True, append_images=images[1:], compression="group4", dpi=dpi)
    return buffer.getvalue()


def _changed(scan: Scan, image: Pixels, move: Matrix | None = None) -> Scan:
    to_px = scan.to_px if move is None else move @ scan.to_px
    return dataclasses.replace(scan, image=np.ascontiguousarray(image), to_px=to_px, jpeg=b"")


def _warped(image: Pixels, move: Matrix, size: tuple[int, int], blank: int) -> Pixels:
    centred = np.linalg.inv(_HALF) @ move @ _HALF
    value = (float(blank),) * 3
    return np.asarray(cv2.warpPerspective(image, centred, size, flags=cv2.INTER_LINEAR, borderValue=value), np.uint8)


def _lit(image: Pixels, light: np.ndarray) -> Pixels:
    """The picture with each pixel's light multiplied, clipped to 8 bits."""
    many = light if image.ndim == 2 else light[:, :, None]
    return np.asarray(np.clip(np.rint(image * many), 0, 255), dtype=np.uint8)
