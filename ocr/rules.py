"""Picture → ruled lines: what is long, thin and straight on a page, in page points."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.faint import faint_rules, painted_over, prolonged
from ocr.pages import Picture, Rule

POINTS_PER_INCH = 72.0
#: The shortest rule that is believed: longer than the strokes of 12-pt type.
MIN_ACROSS_PT = 15.0
MIN_DOWN_PT = 12.5
#: The lowest row of a table: 5-pt type and its leading.
LOW_ROW_PT = 6.0
#: The thickest line that is a rule and not a bar, a shaded block or the edge of the scan.
MAX_WIDTH_PT = 4.5
#: A rule broken by less than this goes on.
BREAK_PT = 5.0
#: Pieces this close across lie on one line; a faint piece is known when ink covers this share of it.
SAME_LINE_PT = 1.5
COVERED_SHARE = 0.9
#: Rules of this length are surely rules; shorter ones are held against them.
LONG_PT = 60.0
#: Short pieces with less than this share of the darkness of the long rules are none, nor are those that are darker
#: than this many times (strokes of type between pale rules) or thicker.
PALE_SHARE = 0.6
DARK_RATIO = 1.6
DARK_SLACK = 40.0
THICK_RATIO = 1.7
STUB_SLACK_PT = 0.4
#: Grey pixels beside a rule that belong to it.
RULE_MARGIN_PT = 1.2
#: A rule is pale when it is darker than white by less than this of 256 grey levels; its pixels vary by this factor.
PALE_DEPTH = 110.0
PALE_MARGIN = 1.3
#: So many long dashed rules across make a page on which upright ones are looked for.
LEAST_DASHED = 2
#: Half the width of a pale rule is at most this; its blur reaches this much further.
PALE_HALF_PT = 0.5
PALE_BLUR_PT = 0.4
#: Ink is darker than its surroundings (a window of this size) by this many of 256 grey levels.
WINDOW_PT = 18.0
CONTRAST = 14


@dataclass(frozen=True, slots=True)
class RuledPage:
    """The rules of a picture.

    Attributes:
        rules: in page points.
        across_ink: bool (height, width), True on the pixels of long horizontal strokes, those of type included.
        down_ink: likewise of vertical ones.
        faint_ink: likewise of pale and dashed rules.
        has_dashes: whether dashed rules are among them.
        grey: (height, width), the picture.
        dpi: pixels per inch.
    """

    rules: tuple[Rule, ...]
    across_ink: np.ndarray
    down_ink: np.ndarray
    faint_ink: np.ndarray
    has_dashes: bool
    grey: Picture
    dpi: float

    def mask(self, rules: Sequence[Rule]) -> np.ndarray:
        """The pixels of some of the rules: bool (height, width), for whitening them before text is read.

        Beside a rule only strokes of its own direction belong to it: the tops of 000 in a row are as straight.
        """
        scale = self.dpi / POINTS_PER_INCH
        near_across, near_down = (np.zeros(self.grey.shape, dtype=np.uint8) for _ in range(2))
        for rule in rules:
            half = (rule.width_pt / 2 + RULE_MARGIN_PT) * scale
            wide, high = (1.0, half) if rule.is_horizontal else (half, 1.0)
            corner = (round(rule.x0 * scale - wide), round(rule.y0 * scale - high))
            opposite = (round(rule.x1 * scale + wide), round(rule.y1 * scale + high))
            cv2.rectangle(near_across if rule.is_horizontal else near_down, corner, opposite, (1,), thickness=-1)
        mask = (near_across > 0) & self.across_ink | (near_down > 0) & self.down_ink
        return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)

    def faint_mask(self, rules: Sequence[Rule]) -> np.ndarray:
        """The pixels of pale and dashed rules, likewise: all that is no darker than a pale rule itself.

        A line of type that was taken for a rule would go with it, so this is for rules that draw a table.
        """
        scale = self.dpi / POINTS_PER_INCH
        faint = np.zeros(self.grey.shape, dtype=bool)
        for rule in rules:
            depth = _depth(rule, self.grey, scale)
            place = self._core(rule, scale)
            if depth < PALE_DEPTH:  # type that crosses a pale rule is darker, so all that is not belongs to the rule
                faint[place] |= self.grey[place] >= 255 - PALE_MARGIN * depth
            else:
                faint[place] |= self.faint_ink[place]
        return faint

    def _core(self, rule: Rule, scale: float) -> tuple[slice, slice]:
        """The pixels of a rule and its blur, and no more."""
        half = min(rule.width_pt / 2, PALE_HALF_PT) + PALE_BLUR_PT
        wide, high = (0.0, half) if rule.is_horizontal else (half, 0.0)
        rows = slice(max(0, round((rule.y0 - high) * scale)), round((rule.y1 + high) * scale) + 1)
        return rows, slice(max(0, round((rule.x0 - wide) * scale)), round((rule.x1 + wide) * scale) + 1)


def find_rules(image: Picture, dpi: float) -> RuledPage:
    """Finds the ruled lines of an upright, deskewed page.

    Args:
        image: (height, width) grey or (height, width, 3) RGB.
        dpi: pixels per inch.

    Returns:
        Horizontal rules, then vertical ones; none when there are none.
    """
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = dpi / POINTS_PER_INCH
    window = int(WINDOW_PT * scale) | 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, CONTRAST)
    across, down = _opened(ink, int(MIN_ACROSS_PT * scale), 1), _opened(ink, 1, int(MIN_DOWN_PT * scale))
    faint_across = faint_rules(grey, scale, horizontal=True, dashed=True)
    pieces, across = _pieces(across, scale, horizontal=True)
    added = _added(pieces, _pieces(faint_across, scale, horizontal=True)[0])[len(pieces) :]
    rules = _joined(_grown([*pieces, *added], grey, scale), horizontal=True)
    # Where rules cross there is no paper beside either, so the rules of one direction go before the other is looked at.
    uncrossed = painted_over(grey, [rule for rule in rules if rule.length >= LONG_PT], scale)
    # Rows of type stacked evenly look like upright dashes; who draws those draws dashes across as well.
    dashes = [rule for rule in added if rule.length >= LONG_PT and _depth(rule, grey, scale) >= PALE_DEPTH]
    has_dashes = len(dashes) >= LEAST_DASHED
    faint_down = faint_rules(uncrossed, scale, horizontal=False, dashed=has_dashes)
    pieces, down = _pieces(down, scale, horizontal=False)
    pieces = _added(pieces, _pieces(faint_down, scale, horizontal=False)[0])
    rules += _joined(_grown(pieces, grey, scale), horizontal=False)
    rules = _without_other_ink(rules, grey, scale)
    rules += _low_sides(rules, ink, scale)
    return RuledPage(tuple(rules), across > 0, down > 0, (faint_across | faint_down) > 0, has_dashes, grey, dpi)


def _added(pieces: list[Rule], faint: Sequence[Rule]) -> list[Rule]:
    """The pieces, with the faint ones that none of them covers: where a rule is ink, its ink says where it lies.

    Of a faint rule that is ink nearly all along, the stretches are added that are not: dashes drawn twice over, for
    the cells on both sides, fill each other's gaps in most rows and not in all.
    """
    kept = list(pieces)
    for rule in faint:
        at, start, end = (rule.y0, rule.x0, rule.x1) if rule.is_horizontal else (rule.x0, rule.y0, rule.y1)
        near = [
            (other.x0, other.x1) if other.is_horizontal else (other.y0, other.y1)
            for other in pieces
            if abs((other.y0 if other.is_horizontal else other.x0) - at) <= SAME_LINE_PT
        ]
        covered = sum(max(0.0, min(high, end) - max(low, start)) for low, high in near)
        if covered < COVERED_SHARE * (end - start):
            kept.append(rule)
        else:
            kept += [
                Rule(low, at, high, at, rule.width_pt) if rule.is_horizontal else Rule(at, low, at, high, rule.width_pt)
                for low, high in _uncovered(start, end, near)
            ]
    return kept


def _uncovered(start: float, end: float, near: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The stretches from `start` to `end` outside all of `near` that are too long to be joined across."""
    stretches = []
    reached = start
    for low, high in [*sorted(near), (end, end)]:
        if min(low, end) - reached > BREAK_PT:
            stretches.append((reached, min(low, end)))
        reached = max(reached, high)
    return stretches


def _low_sides(rules: Sequence[Rule], ink: np.ndarray, scale: float) -> list[Rule]:
    """Vertical sides in rows lower than the shortest rule that is believed: ink in line with a long rule.

    Such a side reaches from one horizontal rule to the next without a break; a stroke of type does not.
    """
    across = sorted((rule for rule in rules if rule.is_horizontal), key=lambda rule: rule.y0)
    down = [rule for rule in rules if not rule.is_horizontal and rule.length >= 2 * MIN_DOWN_PT]
    found = []
    for rule in down:
        x = round(rule.x0 * scale)
        line = ink[:, max(0, x - 2) : x + 3].max(axis=1)
        crossed = [other.y0 for other in across if other.x0 <= rule.x0 + 1 and other.x1 >= rule.x0 - 1]
        for upper, lower in itertools.pairwise(crossed):
            is_low = LOW_ROW_PT <= lower - upper <= MIN_DOWN_PT + 1.0
            is_known = rule.y0 <= (upper + lower) / 2 <= rule.y1
            if is_low and not is_known and line[round(upper * scale) : round(lower * scale) + 1].all():
                found.append(Rule(rule.x0, upper, rule.x0, lower, rule.width_pt))
    return found


def _grown(rules: list[Rule], grey: np.ndarray, scale: float) -> list[Rule]:
    """The rules prolonged as far as their ink goes; equal ones once."""
    return list(dict.fromkeys(prolonged(rule, grey, scale) for rule in rules))


def _without_other_ink(rules: list[Rule], grey: np.ndarray, scale: float) -> list[Rule]:
    """The rules without short pieces that are paler, darker or thicker than the long ones: a mark's or type's."""
    long = [rule for rule in rules if rule.length >= LONG_PT]
    if not long:
        return rules
    depth = float(np.median([_depth(rule, grey, scale) for rule in long]))
    width = float(np.median([rule.width_pt for rule in long]))

    def is_alike(rule: Rule) -> bool:
        mine = _depth(rule, grey, scale)
        is_between = PALE_SHARE * depth <= mine <= DARK_RATIO * depth + DARK_SLACK
        return is_between and rule.width_pt <= THICK_RATIO * width + STUB_SLACK_PT

    return [rule for rule in rules if rule.length >= LONG_PT or is_alike(rule)]


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
    """The strokes of one direction that are thin enough for rules; and the picture (0 or 255) of their pixels."""
    # Turned, so that the strokes run along the rows. Most rows hold none and are left out: counting pixels by figure
    # costs the same for all of them. One blank row stays between those that are apart.
    lines = opened if horizontal else np.asarray(cv2.transpose(opened), dtype=np.uint8)
    beside = cv2.dilate(np.asarray(lines.any(axis=1), dtype=np.uint8), np.ones((3, 1), np.uint8))
    at = np.flatnonzero(beside)
    if not at.size:
        return [], opened
    strokes = lines[at]
    _, labels, stats, centroids = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    thickness = stats[:, cv2.CC_STAT_AREA] / stats[:, cv2.CC_STAT_WIDTH]
    is_rule = thickness <= MAX_WIDTH_PT * scale
    is_rule[0] = False
    rules = []
    for i in np.flatnonzero(is_rule):
        start, row, length = (int(value) for value in stats[i, :3])
        middle = float(centroids[i][1] + at[row] - row) / scale
        low, high = start / scale, (start + length) / scale
        ends = (low, middle, high, middle) if horizontal else (middle, low, middle, high)
        rules.append(Rule(*ends, float(thickness[i]) / scale))
    kept = np.zeros_like(lines)
    kept[at] = np.where(is_rule[labels], strokes, 0)
    return rules, kept if horizontal else np.asarray(cv2.transpose(kept))


def _joined(rules: list[Rule], *, horizontal: bool) -> list[Rule]:
    """Pieces of one line joined across small breaks."""
    spans = [(r.y0, r.x0, r.x1, r.width_pt) if horizontal else (r.x0, r.y0, r.y1, r.width_pt) for r in rules]
    spans.sort(key=lambda span: (round(span[0] / 2), span[1]))
    joined: list[tuple[float, float, float, float]] = []
    for at, low, high, width in spans:
        for i in range(len(joined) - 1, max(-1, len(joined) - 12), -1):
            other = joined[i]
            if abs(other[0] - at) <= SAME_LINE_PT and low - other[2] <= BREAK_PT and other[1] - high <= BREAK_PT:
                mine, theirs = high - low, other[2] - other[1]
                middle = (at * mine + other[0] * theirs) / (mine + theirs)
                joined[i] = (middle, min(low, other[1]), max(high, other[2]), max(width, other[3]))
                break
        else:
            joined.append((at, low, high, width))
    if horizontal:
        return [Rule(low, at, high, at, width) for at, low, high, width in joined]
    return [Rule(at, low, at, high, width) for at, low, high, width in joined]
