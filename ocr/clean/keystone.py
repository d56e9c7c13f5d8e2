"""The slant at which a page was seen, from its ruled lines: image in, the way from the straight page out.

Rules that are parallel on paper meet in one point of the picture. With that point for the rules across and for the
rules down, the page can be seen from straight above (Hartley and Zisserman 2004, section 2.7).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

SAMPLE_PX = 800
"""Long side at which rules are looked for: a rule across A4 has 500 pixels, and its slope is known to 0.05 degrees."""

STROKE_PX = 18
"""Straight strokes shorter than this, 7 mm, are type."""

THICKEST_PX = 8
"""Pixels of a rule for each of its length, thickened by two and leaning; bars have more."""

MIN_LENGTH = 0.07
"""Length of a rule as a share of the long side: 2 cm on A4, longer than any stroke of type."""

MIN_RULES = 6
"""Pieces of rules each way; the two sides of a box drawn around a title are no evidence."""

INLIER_DEG = 0.3
"""A rule points at the common point within this: paper is never quite flat."""

INLIER_SHARE = 0.6
"""Share of the length of all pieces that does; curled paper has no common point."""

PARALLEL_DEG = 0.25
"""Rules of which as many lie this close to one direction are parallel: a few edges of other things are no slant."""

MIN_SPREAD_DEG = 0.2
"""Difference of direction over the page from which rules are not parallel: 1.5 pt on a rule across A4, half the
distance at which two rules are taken for one."""

MAX_SPREAD_DEG = 25.0
"""Beyond this a page is not readable at its far end."""


def find_keystone(grey: Image) -> Points | None:
    """3 × 3 from the pixels of the straight page to those of the picture; none where the rules are parallel and square.

    Both pictures have the same size, and the middle of the page stays where it is.

    Args:
        grey: uint8 page, upright.
    """
    scale = min(SAMPLE_PX / max(grey.shape), 1.0)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    ink = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 17, 15)
    unit, middle = max(small.shape) / 2, np.array([small.shape[1], small.shape[0]]) / 2
    across = _common_point((_rules(np.asarray(ink, dtype=np.uint8)) - middle) / unit)
    down = _common_point((_rules(np.ascontiguousarray(ink.T, dtype=np.uint8))[..., ::-1] - middle) / unit)
    if across is None or down is None or not _is_askew(across, down):
        return None
    straight = _straightening(across, down)
    unit_px = unit / scale
    to_unit = np.array([[1 / unit_px, 0, -grey.shape[1] / 2 / unit_px], [0, 1 / unit_px, -grey.shape[0] / 2 / unit_px]])
    into = np.vstack([to_unit, [0, 0, 1]])
    return np.asarray(np.linalg.inv(into) @ np.linalg.inv(straight) @ into)


def _rules(ink: Image) -> Points:
    """Rules that run across: n × 2 × 2, the two ends of each, in pixels."""
    # Thickened first, so that a leaning rule does not break where it steps from one row to the next.
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    long = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, STROKE_PX), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    length, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    is_rule = (length >= MIN_LENGTH * max(ink.shape)) & (area <= THICKEST_PX * length) & (np.arange(count) > 0)
    # The line of least squares through the pixels of each, from their moments.
    y, x = np.nonzero(is_rule[labels])
    of, n = labels[y, x], np.maximum(area, 1)
    mean_x, mean_y = (np.bincount(of, weights=each, minlength=count) / n for each in (x, y))
    spread = np.bincount(of, weights=(x - mean_x[of]) ** 2, minlength=count)
    slope = np.bincount(of, weights=(x - mean_x[of]) * (y - mean_y[of]), minlength=count) / np.maximum(spread, 1.0)
    ends = np.stack([stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_LEFT] + length - 1], axis=1)
    heights = mean_y[:, None] + slope[:, None] * (ends - mean_x[:, None])
    return np.asarray(np.stack([ends, heights], axis=2)[is_rule] + 0.5)


def _common_point(ends: Points) -> Points | None:
    """The homogeneous point through which most of the lines run; far away where they are parallel."""
    if len(ends) < MIN_RULES:
        return None
    first, second = ends[:, 0], ends[:, 1]
    lengths = np.linalg.norm(second - first, axis=1)
    lines = np.cross(np.column_stack([first, np.ones(len(ends))]), np.column_stack([second, np.ones(len(ends))]))
    lines /= np.linalg.norm(lines[:, :2], axis=1)[:, None]
    # The direction of the longest pieces first: strokes of type point anywhere.
    middles, directions = (first + second) / 2, (second - first) / lengths[:, None]
    directions *= np.sign(directions[:, [int(np.abs(directions).sum(axis=0).argmax())]])
    common = np.median(np.repeat(directions, np.ceil(lengths * 50).astype(int), axis=0), axis=0)
    common /= np.linalg.norm(common)
    turned = np.abs(directions[:, 0] * common[1] - directions[:, 1] * common[0])
    if lengths[turned < np.sin(np.radians(PARALLEL_DEG))].sum() > INLIER_SHARE * lengths.sum():
        return np.array([*common, 0.0])
    kept = lengths >= np.sort(lengths)[-max(MIN_RULES, len(ends) // 2)]
    point = None
    for _ in range(4):
        # The distance of a line from the point, seen from its middle, is the sine of its error times its length.
        weighted = lines[kept] * lengths[kept, None]
        point = np.linalg.eigh(np.einsum("ij,ik->jk", weighted, weighted))[1][:, 0]
        toward = point[:2] - middles * point[2]
        toward /= np.maximum(np.linalg.norm(toward, axis=1), 1e-12)[:, None]
        error = np.abs(toward[:, 0] * directions[:, 1] - toward[:, 1] * directions[:, 0])
        kept = error < np.sin(np.radians(INLIER_DEG))
        if kept.sum() < MIN_RULES:
            return None
    return point if lengths[kept].sum() > INLIER_SHARE * lengths.sum() else None


def _is_askew(across: Points, down: Points) -> bool:
    """Whether rules converge, or those across and down are not square to each other."""
    spreads = [np.degrees(2 * abs(point[2]) / np.linalg.norm(point[:2])) for point in (across, down)]
    square = np.degrees(np.arcsin(abs(across[:2] @ down[:2]) / np.linalg.norm(across[:2]) / np.linalg.norm(down[:2])))
    return bool(max(*spreads, square) > MIN_SPREAD_DEG and max(*spreads, square) < MAX_SPREAD_DEG)


def _straightening(across: Points, down: Points) -> Points:
    """Takes the two points to infinity, straight across and straight down, and the origin to itself."""
    horizon = np.cross(across, down)
    project = np.array([[1, 0, 0], [0, 1, 0], horizon / horizon[2]])
    right, below = (project @ across)[:2], (project @ down)[:2]
    right, below = right / np.linalg.norm(right) * np.sign(right[0]), below / np.linalg.norm(below) * np.sign(below[1])
    straight = np.eye(3)
    straight[:2, :2] = np.linalg.inv(np.column_stack([right, below]))
    return np.asarray(straight @ project)
