"""Picture → ruled lines: what is long, thin and straight on a page, in page points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.pages import Picture, Rule

POINTS_PER_INCH = 72.0
#: The shortest rule that is believed: longer than the strokes of 12-pt type.
MIN_ACROSS_PT = 15.0
MIN_DOWN_PT = 12.5
#: The thickest line that is a rule and not a bar, a shaded block or the edge of the scan.
MAX_WIDTH_PT = 4.5
#: A rule broken by less than this goes on.
BREAK_PT = 5.0
#: Rules of this length are surely rules; shorter ones are held against them.
LONG_PT = 60.0
#: Short pieces with less than this share of the darkness of the long rules, or thicker than this many times, are none.
PALE_SHARE = 0.6
THICK_RATIO = 1.7
STUB_SLACK_PT = 0.4
#: Grey pixels beside a rule that belong to it.
RULE_MARGIN_PT = 1.2
#: Ink is darker than its surroundings (a window of this size) by this many of 256 grey levels.
WINDOW_PT = 18.0
CONTRAST = 14


@dataclass(frozen=True, slots=True)
class RuledPage:
    """The rules of a picture.

    Attributes:
        rules: in page points.
        straight_ink: bool (height, width), True on the pixels of long straight strokes, those of type included.
        dpi: pixels per inch.
    """

    rules: tuple[Rule, ...]
    straight_ink: np.ndarray
    dpi: float

    def mask(self, rules: Sequence[Rule]) -> np.ndarray:
        """The pixels of some of the rules: bool (height, width), for whitening them before text is read."""
        near = np.zeros(self.straight_ink.shape, dtype=np.uint8)
        scale = self.dpi / POINTS_PER_INCH
        for rule in rules:
            half = (rule.width_pt / 2 + RULE_MARGIN_PT) * scale
            wide, high = (1.0, half) if rule.is_horizontal else (half, 1.0)
            corner = (round(rule.x0 * scale - wide), round(rule.y0 * scale - high))
            opposite = (round(rule.x1 * scale + wide), round(rule.y1 * scale + high))
            cv2.rectangle(near, corner, opposite, (1,), thickness=-1)
        mask = (near > 0) & self.straight_ink
        return cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def find_rules(image: Picture, dpi: float) -> RuledPage:
    """Finds the ruled lines of an upright, deskewed page.

    Args:
        image: (height, width) grey or (height, width, 3) RGB.
        dpi: pixels per inch.

    Returns:
        Horizontal rules, then vertical ones; none when there are none.
    """
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = dpi / POINTS_PER_INCH
    window = int(WINDOW_PT * scale) | 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, CONTRAST)
    across = _opened(ink, int(MIN_ACROSS_PT * scale), 1)
    down = _opened(ink, 1, int(MIN_DOWN_PT * scale))
    rules_across, kept_across = _pieces(across, scale, horizontal=True)
    rules_down, kept_down = _pieces(down, scale, horizontal=False)
    rules = _joined(rules_across, horizontal=True) + _joined(rules_down, horizontal=False)
    rules = _without_pale_stubs(rules, grey, scale)
    return RuledPage(tuple(rules), kept_across | kept_down, dpi)


def _without_pale_stubs(rules: list[Rule], grey: np.ndarray, scale: float) -> list[Rule]:
    """The rules without short pieces that are paler or thicker than the long ones: strokes of a mark."""
    long = [rule for rule in rules if rule.length >= LONG_PT]
    if not long:
        return rules
    depth = float(np.median([_depth(rule, grey, scale) for rule in long]))
    width = float(np.median([rule.width_pt for rule in long]))
    return [
        rule
        for rule in rules
        if rule.length >= LONG_PT
        or (_depth(rule, grey, scale) >= PALE_SHARE * depth and rule.width_pt <= THICK_RATIO * width + STUB_SLACK_PT)
    ]


def _depth(rule: Rule, grey: np.ndarray, scale: float) -> float:
    """How much darker than white the middle of a rule is, in grey levels."""
    height, width = grey.shape
    if rule.is_horizontal:
        y = min(max(round(rule.y0 * scale), 1), height - 2)
        strip = grey[y - 1 : y + 2, max(0, round(rule.x0 * scale)) : max(1, round(rule.x1 * scale))]
        core = strip.min(axis=0)
    else:
        x = min(max(round(rule.x0 * scale), 1), width - 2)
        strip = grey[max(0, round(rule.y0 * scale)) : max(1, round(rule.y1 * scale)), x - 1 : x + 2]
        core = strip.min(axis=1)
    return 255.0 - float(np.median(core)) if core.size else 0.0


def _opened(ink: np.ndarray, width: int, height: int) -> np.ndarray:
    kernel = np.ones((max(1, height), max(1, width)), np.uint8)
    # A rule that leans by a fraction of a degree steps from one pixel row to the next: thicken it first.
    thick = cv2.dilate(ink, np.ones((2, 1) if width > height else (1, 2), np.uint8))
    return cv2.morphologyEx(thick, cv2.MORPH_OPEN, kernel)


def _pieces(opened: np.ndarray, scale: float, *, horizontal: bool) -> tuple[list[Rule], np.ndarray]:
    count, labels, stats, centroids = cv2.connectedComponentsWithStats(opened, connectivity=8)
    rules = []
    keep = np.zeros(count, dtype=bool)
    for i in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[i])
        long_side = width if horizontal else height
        if area / long_side > MAX_WIDTH_PT * scale:
            continue
        keep[i] = True
        thickness = area / long_side / scale
        if horizontal:
            middle = float(centroids[i][1]) / scale
            rules.append(Rule(x / scale, middle, (x + width) / scale, middle, thickness))
        else:
            middle = float(centroids[i][0]) / scale
            rules.append(Rule(middle, y / scale, middle, (y + height) / scale, thickness))
    return rules, keep[labels]


def _joined(rules: list[Rule], *, horizontal: bool) -> list[Rule]:
    """Pieces of one line joined across small breaks."""
    spans = [(r.y0, r.x0, r.x1, r.width_pt) if horizontal else (r.x0, r.y0, r.y1, r.width_pt) for r in rules]
    spans.sort(key=lambda span: (round(span[0] / 2), span[1]))
    joined: list[tuple[float, float, float, float]] = []
    for at, low, high, width in spans:
        for i in range(len(joined) - 1, max(-1, len(joined) - 12), -1):
            other = joined[i]
            if abs(other[0] - at) <= 1.5 and low - other[2] <= BREAK_PT and other[1] - high <= BREAK_PT:
                mine, theirs = high - low, other[2] - other[1]
                middle = (at * mine + other[0] * theirs) / (mine + theirs)
                joined[i] = (middle, min(low, other[1]), max(high, other[2]), max(width, other[3]))
                break
        else:
            joined.append((at, low, high, width))
    if horizontal:
        return [Rule(low, at, high, at, width) for at, low, high, width in joined]
    return [Rule(at, low, at, high, width) for at, low, high, width in joined]
