"""Prose to shares: each percentage of a whole with the amount that it belongs to, and the lists that they form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from detect.claims import Mention
from detect.ratios import HUNDRED, before_in_sentence, outside_brackets, percentage_of
from detect.wording import row_name
from models.money import Amount

LONGEST_LIST = 60
"""Items of a list: more than there are classes of expenditure, and a bound for a text of nothing but shares."""
LONGEST_WHOLE = 24
"""Characters between `分别` and the first of the shares that it speaks of."""
_RESPECTIVELY = re.compile(r"分别占[^，。；]*$|(?:占|比重|比例)[^，。；]*分别(?:为|达|是)?$")
_UNREAD = re.compile(r"\d[,，]\d{1,2}(?:亿|万)?元")
"""An amount whose point was read as a comma (`35,89万元`) is none; its share is not that of the amount before it."""
_AND = re.compile(r"[、，]?[和及与]?")
_TOTAL_WORDS = re.compile(r"[（(](?:单位|部门)[)）]|(?:本|我|全)(?:部门|单位|局)|总额|合计|总计|总|全部|的|本年度?")


@dataclass(frozen=True, slots=True)
class Item:
    """An amount with the share that is printed for it."""

    part: Mention
    share: Mention


List = tuple[Item, ...]


def items_of(found: Sequence[Mention]) -> list[Item]:
    """Every share in per cent with the last amount of its sentence that no closed bracket holds, if that was read."""
    items = []
    for position, share in enumerate(found):
        if share.claim.role != "share" or share.claim.unit != "%":
            continue
        own = outside_brackets(before_in_sentence(found, position), share)
        if _RESPECTIVELY.search(share.passage.text[max(0, share.start - LONGEST_WHOLE) : share.start]):
            items += _in_turn(own, [share, *_joined(found, position)])
        elif own and not _UNREAD.search(share.passage.text[own[-1].end : share.start]):
            items.append(Item(own[-1], share))
    return items


def _joined(found: Sequence[Mention], position: int) -> list[Mention]:
    """The percentages behind a share that nothing but a comma or an `和` parts from it."""
    joined: list[Mention] = []
    last = found[position]
    for other in found[position + 1 : position + LONGEST_LIST]:
        near = other.passage_index == last.passage_index and _AND.fullmatch(other.passage.text[last.end : other.start])
        if not near or other.claim.unit != "%":
            break
        joined.append(other)
        last = other
    return joined


def _in_turn(amounts: Sequence[Mention], shares: Sequence[Mention]) -> list[Item]:
    """The last amounts with the shares printed behind them in the same order (`甲…万元、乙…万元，分别占…%和…%`)."""
    if len(shares) < 2 or len(amounts) < len(shares):
        return []
    return [Item(part, share) for part, share in zip(amounts[-len(shares) :], shares, strict=True)]


def lists_of(items: Sequence[Item]) -> dict[int, list[List]]:
    """By the identity of a share, the lists that it is an item of: those of its paragraph, those of its section.

    The items of a list name the same whole, or none.
    """
    groups: dict[tuple[object, ...], list[Item]] = defaultdict(list)
    for item in items:
        whole = row_name(_TOTAL_WORDS.sub("", item.share.whole))
        passage = item.share.passage
        groups[item.share.passage_index, whole].append(item)
        groups[passage.section, passage.subsection, whole].append(item)
    found: dict[int, list[List]] = defaultdict(list)
    for group in groups.values():
        if 1 < len(group) <= LONGEST_LIST:
            for item in group:
                found[id(item.share)].append(tuple(group))
    return found


def sums_of_paragraphs(items: Sequence[Item]) -> dict[int, Amount]:
    """By paragraph, the sum of the amounts that have a share: a list may be a whole of its own."""
    groups: dict[int, list[Mention]] = defaultdict(list)
    for item in items:
        groups[item.share.passage_index].append(item.part)
    return {
        passage: Amount(
            sum((part.claim.value for part in own), Decimal(0)), sum((part.claim.step for part in own), Decimal(0))
        )
        for passage, own in groups.items()
        if len(own) > 1
    }


def whole_of_others(item: Item, lists: Sequence[List], wholes: Sequence[Mention]) -> Mention | None:
    """The one of `wholes` that every other item of a list is the printed share of; None where no list says so.

    A list says so only if it is complete: its parts add up to that amount, or its shares to a hundred per cent.
    """
    for group in lists:
        others = [other for other in group if other.share is not item.share and other.part.claim.value]
        for whole in reversed(wholes) if others else ():
            if _is_complete(group, whole) and all(
                percentage_of(other.share).follows(other.part.amount, whole.amount) for other in others
            ):
                return whole
    return None


def _is_complete(group: List, whole: Mention) -> bool:
    total = sum((item.part.claim.value for item in group), Decimal(0))
    steps = sum((item.part.claim.step for item in group), whole.claim.step)
    per_cent = sum((item.share.claim.value for item in group), Decimal(0))
    slack = sum((item.share.claim.step for item in group), Decimal(0))
    return abs(total - whole.claim.value) <= steps or abs(per_cent - HUNDRED) <= slack
