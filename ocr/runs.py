"""Placed characters of one direction → words: joined along baselines, parted by gaps and vertical rules."""

from __future__ import annotations

import bisect
import math
from itertools import accumulate

from models.geometry import Box
from models.page import Word
from ocr.glyphs import ASCENT_EM, DESCENT_EM, Glyph
from ocr.pages import Rule

# Characters of one run stand on one baseline (Word moves Latin letters in CJK lines by up to 0.1 em) ...
MAX_BASELINE_STEP_EM = 0.22
# ... and are at most this far apart: justified lines reach 0.3 em, columns stand at least half an em apart.
MAX_GAP_SAME_OBJECT_EM = 0.5
MAX_GAP_EM = 0.35
# A written space joins two characters up to here (a space is 0.25 to 0.5 em); wider is a layout made of spaces.
MAX_GAP_OVER_SPACE_EM = 0.8
# Kerned brackets overlap by half an em with the character written before them, but strangers hardly at all.
MAX_OVERLAP_WRITTEN_EM = 0.6
MAX_OVERLAP_EM = 0.15
MAX_SIZE_RATIO = 1.7
# A written space narrower than this is not seen.
MIN_SPACE_EM = 0.08
# Characters count as written one after the other up to this step of their numbers (generated ones lie between).
NEXT_WRITTEN = 3
# The same character drawn again this near is a fake bold face or a shadow.
REDRAWN_EM = 0.15
# A rule between two characters separates them even when they touch, unless one operator drew both.
RULE_SLACK_EM = 0.12


def join_words(glyphs: list[Glyph], rules: tuple[Rule, ...]) -> list[Word]:
    """Join placed glyphs of one direction into runs, from left to right."""
    vertical = sorted((rule for rule in rules if not rule.is_horizontal), key=lambda rule: rule.x0)
    rule_x = [rule.x0 for rule in vertical]
    runs: list[list[Glyph]] = []
    open_runs: dict[int, list[list[Glyph]]] = {}
    for glyph in sorted(glyphs, key=lambda one: (one.x0, one.index)):
        level = math.floor(glyph.y)
        reach = 1 + int(MAX_BASELINE_STEP_EM * glyph.em)
        near = [run for key in range(level - reach, level + reach + 1) for run in open_runs.get(key, ())]
        if any(_is_redrawn(run[-1], glyph) for run in near):
            continue
        followed = [run for run in near if _follows(run[-1], glyph)]
        best = min(followed, key=lambda run: _distance(run[-1], glyph), default=None)
        if best is not None and not _is_ruled_apart(best[-1], glyph, vertical, rule_x):
            best.append(glyph)
            continue
        run = [glyph]
        runs.append(run)
        # Runs that end further left than any gap reaches are complete.
        open_runs[level] = [
            other for other in open_runs.get(level, ()) if glyph.x0 - other[-1].x1 <= 2 * max(glyph.em, other[-1].em)
        ]
        open_runs[level].append(run)
    return [_word(run) for run in runs]


def _is_redrawn(last: Glyph, glyph: Glyph) -> bool:
    """Whether `glyph` is `last` once more, as printed for a bold face; marks `last` as bold then."""
    reach = REDRAWN_EM * glyph.em
    if last.text != glyph.text or abs(last.x0 - glyph.x0) > reach or abs(last.y - glyph.y) > reach:
        return False
    last.bold = last.bold or last.style.address != glyph.style.address
    return True


def _distance(last: Glyph, glyph: Glyph) -> tuple[bool, float]:
    return glyph.index - last.index > NEXT_WRITTEN, abs(last.y - glyph.y) + abs(glyph.x0 - last.x1)


def _follows(last: Glyph, glyph: Glyph) -> bool:
    small, em = sorted((last.em, glyph.em))
    if abs(last.y - glyph.y) > MAX_BASELINE_STEP_EM * small or em > MAX_SIZE_RATIO * small:
        return False
    gap = glyph.x0 - last.x1
    written_next = 0 < glyph.index - last.index <= NEXT_WRITTEN
    if gap < -(MAX_OVERLAP_WRITTEN_EM if written_next else MAX_OVERLAP_EM) * em:
        return False
    if glyph.after_space and written_next:
        return gap <= MAX_GAP_OVER_SPACE_EM * em
    same = last.style.address == glyph.style.address
    return gap <= (MAX_GAP_SAME_OBJECT_EM if same else MAX_GAP_EM) * em


def _is_ruled_apart(last: Glyph, glyph: Glyph, vertical: list[Rule], rule_x: list[float]) -> bool:
    """Whether a vertical rule passes between two neighbours of one line."""
    slack = RULE_SLACK_EM * glyph.em
    if last.style.address == glyph.style.address and glyph.x0 - last.x1 <= slack:
        return False
    start, end = sorted((last.x1, glyph.x0))
    middle = glyph.y - (ASCENT_EM - DESCENT_EM) / 2 * glyph.em
    first = bisect.bisect_left(rule_x, start - slack)
    last_one = bisect.bisect_right(rule_x, end + slack)
    return any(rule.y0 <= middle <= rule.y1 for rule in vertical[first:last_one])


def _word(run: list[Glyph]) -> Word:
    text: list[str] = []
    char_x: list[float] = []
    previous: Glyph | None = None
    for glyph in run:
        if previous is not None and glyph.after_space and glyph.x0 - previous.x1 > MIN_SPACE_EM * glyph.em:
            text.append(" ")
            char_x.append(previous.x1)
        text.append(glyph.text)
        char_x.append(glyph.x0)
        previous = glyph
    right = max(glyph.x1 for glyph in run)
    char_x.append(right)
    top = min(glyph.y - ASCENT_EM * glyph.em for glyph in run)
    bottom = max(glyph.y + DESCENT_EM * glyph.em for glyph in run)
    return Word(
        "".join(text),
        Box(run[0].x0, top, right, bottom),
        char_x=tuple(round(x, 2) for x in accumulate(char_x, max)),
        bold=2 * sum(glyph.bold for glyph in run) > len(run),
    )
