"""The sheet of paper in a picture that shows more than it: image in, outline out.

A telephone shows the table around the sheet, a scanner the black of its lid. Where the border of the picture is
paper there is no outline, and nothing costs more than a look at that border.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

SAMPLE_PX = 500
"""Long side at which the outline is looked for: a pixel is 0.6 mm of A4, a line fitted through hundreds a tenth."""

BORDER_CONTRAST = 50
"""Grey levels by which the surroundings are darker than paper; the grey rim that some scanners leave has 30."""

BORDER_SHARE = 0.02
"""Share of the picture's border that is darker: 2 cm along A4. A rule or a clip that runs off the page has less."""

LEAST_SHEET = 0.25
"""Share of the picture that is paper; with less it would be read at a third of the picture's resolution."""

LEVEL_SHARE = 0.3
"""How far from the surroundings towards paper the level lies that parts them: shadows on paper stay above."""

DARK_SHARE = 0.8
"""Share of what lies beside the sheet that is dark; beside one page of a book lies the other."""

RIM_MM = 1.0
"""Width of the rim that is blurred between paper and surroundings."""

STEP_PX = 5
"""Pixels of the sample on either side of the outline between which grey falls; a shadow takes many times more."""

STEP_SHARE = 0.8
"""Share of the outline, where it is not the picture's own, that is such a step."""

STRAIGHT_MM = 2.0
"""A side of a sheet keeps this close to a straight line, curled corners and torn edges left out."""

STRAIGHT_SHARE = 0.8
"""Share of a side's points that do."""

CUT_SHARE = 0.5
"""A side of which more lies on the picture's edge is where the picture ends, not the sheet."""

A4_ASPECT = 2**0.5
ASPECT_SLACK = 0.1
"""Relative deviation from A4's aspect that a slanted view gives; a sheet within it is taken as one of the A series."""

MIN_TURN_DEG = 0.2
"""A sheet that lies straighter than this is left as it lies: print is no straighter on its paper."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The outline of a sheet.

    Attributes:
        outside: bool (height, width), True beside the sheet.
        corners: 4 × 2, pixels (corner of the picture at 0, 0), clockwise from the top left; None where the picture
            cuts the sheet, or its sides are not straight.
    """

    outside: NDArray[np.bool_]
    corners: Points | None


def find_sheet(image: Image) -> Sheet | None:
    """The sheet, where the picture shows something darker around it.

    Args:
        image: uint8, grey or RGB, turned and slanted as it was taken.
    """
    grey = image if image.ndim == 2 else image[..., 1]
    scale = SAMPLE_PX / max(grey.shape)
    if scale >= 1:
        return None
    # Four pixels of the picture for one of the sample are enough to see an edge, and cheaper than all of them.
    sample = cv2.resize(grey[::2, ::2], None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(sample, dtype=np.uint8)
    level = _parting_level(small)
    if level is None:
        return None
    paper = cv2.morphologyEx((small > level).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    # Print that touches the border would open a bay; a strip of desk does not get thinner than the kernel.
    paper = cv2.morphologyEx(paper, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    outlines, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    hull = np.asarray(cv2.convexHull(outline), dtype=np.int32)
    if cv2.contourArea(hull) < LEAST_SHEET * small.size:
        return None
    if not _is_edge(hull.reshape(-1, 2).astype(np.float64), small):
        return None
    inside = np.zeros(small.shape, np.uint8)
    cv2.fillConvexPoly(inside, hull, (1,))
    beside = small[inside == 0]
    if (beside < level).mean() < DARK_SHARE:
        return None
    rim = round(2 * RIM_MM / 297 * SAMPLE_PX) | 1
    ones = np.ones((rim, rim), np.uint8)
    within = cv2.erode(inside, ones, borderType=cv2.BORDER_CONSTANT, borderValue=(1,))
    size = (grey.shape[1], grey.shape[0])
    outside = cv2.resize(within, size, interpolation=cv2.INTER_LINEAR) == 0
    corners = _corners(np.asarray(outline, dtype=np.int32).reshape(-1, 2), hull, small.shape)
    if corners is not None:
        corners = (corners + 0.5) * (np.array(size) / np.array(small.shape[::-1]))
    return Sheet(np.asarray(outside), corners)


def lies_askew(corners: Points) -> bool:
    """Whether the sheet is more turned or slanted than print is on its paper."""
    sides = np.roll(corners, -1, axis=0) - corners
    angles = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) - (0, 90, 180, 270)
    return bool(np.abs((angles + 180) % 360 - 180).max() > MIN_TURN_DEG)


def flatten(image: Image, corners: Points) -> tuple[Image, Points]:
    """The sheet as seen from straight above, at the scale it has in the picture.

    Returns:
        The sheet alone, and 3 × 3 from its pixels to those of the picture (pixel corners at whole numbers).
    """
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2
    long, short = max(width, height), min(width, height)
    if abs(long / short / A4_ASPECT - 1) < ASPECT_SLACK:
        long, short = (long * short * A4_ASPECT) ** 0.5, (long * short / A4_ASPECT) ** 0.5
    size = (round(long), round(short)) if width > height else (round(short), round(long))
    flat = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], dtype=np.float32)
    to_picture = np.asarray(cv2.getPerspectiveTransform(flat, corners.astype(np.float32)), dtype=np.float64)
    return warp(image, to_picture, size), to_picture


def warp(image: Image, to_source: Points, size: tuple[int, int]) -> Image:
    """A picture of `size` (width, height) each of whose places shows `to_source` of it; white where nothing was."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])  # OpenCV's pixels are centred at whole numbers
    centred = np.linalg.inv(half) @ to_source @ half
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    white = (255, 255, 255)
    return np.asarray(cv2.warpPerspective(image, centred, size, flags=flags, borderValue=white), dtype=np.uint8)


def _parting_level(small: Image) -> float | None:
    """The grey level between the surroundings along the border and paper; none where the border is paper."""
    border = np.concatenate([small[1], small[-2], small[:, 1], small[:, -2]])
    paper = float(np.percentile(small, 90))
    around = border[border < paper - BORDER_CONTRAST]
    if around.size < BORDER_SHARE * border.size:
        return None
    dark = float(np.percentile(around, 80)) if around.size < 0.9 * border.size else float(np.percentile(border, 95))
    return dark + LEVEL_SHARE * (paper - dark)


def _is_edge(hull: Points, small: Image) -> bool:
    """Whether grey falls at once along the outline, as it does where paper ends, and not as it does in a shadow."""
    height, width = small.shape
    paper, dark = cv2.dilate(small, np.ones((5, 5), np.uint8)), cv2.erode(small, np.ones((3, 3), np.uint8))
    sharp = seen = 0
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        if length < 2 * STEP_PX:
            continue
        along = (end - start) / length
        out = np.array([along[1], -along[0]]) * STEP_PX
        if (hull.mean(axis=0) - start) @ out > 0:
            out = -out
        places = start + np.arange(STEP_PX, length - STEP_PX, 2.0)[:, None] * along
        x0, y0 = (places - out).round().astype(int).T
        x1, y1 = (places + out).round().astype(int).T
        there = (x1 >= 0) & (x1 < width) & (y1 >= 0) & (y1 < height)
        there &= (x0 >= 0) & (x0 < width) & (y0 >= 0) & (y0 < height)
        fall = paper[y0[there], x0[there]].astype(np.int16) - dark[y1[there], x1[there]]
        seen, sharp = seen + int(there.sum()), sharp + int((fall > BORDER_CONTRAST).sum())
    return sharp > STEP_SHARE * seen


def _corners(outline: NDArray[np.int32], hull: NDArray[np.int32], shape: tuple[int, ...]) -> Points | None:
    """Corners of the four straight sides of an outline, clockwise from the top left."""
    rough = _four(hull)
    if rough is None:
        return None
    slack = STRAIGHT_MM / 297 * SAMPLE_PX
    lines = []
    middle = rough.mean(axis=0)
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        along = (end - start) / length
        offset = outline - start
        t = offset @ along / length
        beside = np.abs(offset @ (-along[1], along[0]))
        near = outline[(t > 0.05) & (t < 0.95) & (beside < 2 * slack)]
        if len(near) < 0.6 * length or _on_edge(near, shape) > CUT_SHARE:
            return None
        x, y, x0, y0 = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        normal = np.array([-y, x]) if np.array([-y, x]) @ (middle - (x0, y0)) < 0 else np.array([y, -x])
        if (np.abs((near - (x0, y0)) @ normal) < slack).mean() < STRAIGHT_SHARE:
            return None
        # The paper's last pixels end half a pixel beyond their middle.
        lines.append((*normal, -float(normal @ (x0, y0)) - 0.5))
    return np.array([_crossing(lines[side - 1], lines[side]) for side in range(4)])


def _four(hull: NDArray[np.int32]) -> Points | None:
    """The hull as a quadrilateral, clockwise from the corner next to the picture's top left; none if it is no such."""
    length = cv2.arcLength(hull, closed=True)
    for share in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06):
        corners = cv2.approxPolyDP(hull, share * length, closed=True).reshape(-1, 2).astype(np.float64)
        if len(corners) == 4:
            middle = corners.mean(axis=0)
            turn = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
            corners = corners[np.argsort(turn)]
            return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)
    return None


def _on_edge(points: NDArray[np.int32], shape: tuple[int, ...]) -> float:
    """Share of the points that lie on the picture's edge."""
    x, y = points[:, 0], points[:, 1]
    return float(((x < 3) | (y < 3) | (x > shape[1] - 4) | (y > shape[0] - 4)).mean())


def _crossing(one: tuple[float, ...], other: tuple[float, ...]) -> Points:
    x, y, w = np.cross(one, other)
    return np.array([x / w, y / w])
