"""TX007: a stated share follows from the stated amounts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter

from detect.checks import Passed
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.narrative import statements
from detect.ratios import (
    MOST_AMOUNTS,
    Printed,
    percentage_of,
    printed_amounts,
    readings,
)
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.shares import items_of, lists_of, sums_of_paragraphs, whole_of_others
from detect.texts import Words
from detect.wording import row_name
from models.citation import Citation
from models.finding import Finding, Skip
from models.money import Amount
from models.report import Report

MOST_LEADING = 20
"""Amounts at the beginning of a section among which its total is."""
_PARTS = re.compile(r"其中|包括|主要用于|分别|如下|：|，")
_PARTS_OF = re.compile(r"其中|包括|：")
_OWNER = re.compile(r"[（(](?:单位|部门)[)）]|(?:本|我|全)?(?:部门|单位|局)|的|本年度?|当年")
_WHOLE = re.compile(
    r"[（(](?:单位|部门)[)）]|(?:本|我|全)(?:部门|单位|局)|部门|财政拨款(?=支出|收入)|总额|合计|总计|总量|总数|总|全部|的|本年度?"
    r"|当年|同期|预算$"
)


@rule(
    id="TX007",
    name="占比与金额",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 三、支出预算情况说明
            支出合计130.00万元，其中：值守支出80.00万元，占60.00%；检修支出50.00万元，占38.46%。
            """,
        near_miss={"60.00%": "61.5%"},
        because="80÷130＝61.54%，按一位小数为61.5%",
    ),
)
def shares(report: Report) -> Iterator[Outcome]:
    """A share is the part divided by its whole.

    ## 查什么
    占比是否等于部分÷总额（允许末位差一），总额取句中写明的或前文列出的。

    ## 为什么要查
    占比说明钱的轻重；它是手工填的，常常留着上年的数。

    ## 不报的情形
    没有写明总额的（列入“未检查”）；写错的金额按报表金额计算就对得上的（由其他规则报出）；金额为零。
    """
    found = mentions(report.document)
    known = printed_amounts(statements(report, found))
    items = items_of(found)
    every = {id(item.share): item for item in items}
    parts = {id(item.part) for item in items}
    wholes = _Wholes(found)
    sums, lists = sums_of_paragraphs(items), lists_of(items)
    stated: dict[str, list[Mention]] = defaultdict(list)
    for mention in found:
        if mention.is_stated_amount:
            stated[mention.passage.section].append(mention)
        item = every.get(id(mention))
        if item is None or mention.claim.bound != "=":
            continue
        section = stated[mention.passage.section]
        # the total that a list is a part of leads its section
        near = [*section[:MOST_LEADING], *section[max(len(section) - MOST_AMOUNTS, MOST_LEADING) :]]
        before = [other for other in near if other is not item.part and not _is_sibling(parts, other, item.part)]
        it = Share(mention, item.part, before, wholes.named(mention))
        others = whole_of_others(item, lists[id(mention)], (*before, *it.named))
        yield _judged(report, it, known, sums.get(mention.passage_index), others)


@dataclass(frozen=True, slots=True)
class Share:
    """A share with what it may be a share of.

    Attributes:
        share: the percentage.
        part: the amount that it speaks of.
        before: the amounts that the section states before it, without other items of the same list.
        named: the amounts of the whole that the share names, those of its own section last.
    """

    share: Mention
    part: Mention
    before: Sequence[Mention]
    named: Sequence[Mention]


def _judged(
    report: Report, it: Share, known: Printed, own_sum: Amount | None, whole_of_list: Mention | None
) -> Outcome:
    printed = percentage_of(it.share)
    scope = f"“{it.share.claim.sentence[:40]}”的占比"
    parts = readings(it.part, known)
    if not it.part.claim.value and not printed.value:
        return Passed(scope)
    candidates = [*it.before, *it.named]
    if whole_of_list is not None:
        # of all the amounts of the section, one may fit by chance: the other items say which is meant
        here = [other for other in it.before if other.passage_index == it.share.passage_index]
        candidates = [whole_of_list, *here]
    wholes = [amount for other in candidates for amount in readings(other, known)]
    wholes += [own_sum] if own_sum is not None else []
    if any(printed.follows(one, whole) for one in parts for whole in wholes):
        return Passed(scope)
    main = whole_of_list or _main(it)
    if main is None or not main.claim.value:
        return Skip("TX007", scope, "没有识别出占比所对应的总额，无法计算")
    return _wrong(report, it.share, it.part, main)


def _is_sibling(items: Set[int], other: Mention, part: Mention) -> bool:
    """Whether `other` is an item of the list that `part` is in: it has a share of its own and no parts."""
    if other.passage_index != part.passage_index or id(other) not in items:
        return False
    return not _PARTS_OF.search(other.passage.text[other.end : part.start])


class _Wholes:
    """Stated amounts by the end of the words before them: what a share may name as its whole."""

    def __init__(self, found: Sequence[Mention]) -> None:
        stated = [other for other in found if other.is_stated_amount]
        self._by_end = []
        for strip, shortest in ((_OWNER, 2), (_WHOLE, 3)):
            ends = sorted(
                ((row_name(strip.sub("", other.lead))[::-1], index, other) for index, other in enumerate(stated)),
                key=lambda item: item[:2],
            )
            self._by_end.append((strip, shortest, [end for end, _, _ in ends], ends))

    def named(self, share: Mention) -> list[Mention]:
        """The nearest amounts of the whole that a share names, those of its own section last."""
        for strip, shortest, keys, ends in self._by_end:
            core = row_name(strip.sub("", share.whole))[::-1]
            if len(core) < shortest:
                continue
            first = bisect_left(keys, core)
            last = bisect_right(keys, core + chr(0x10FFFF))
            if fit := sorted(ends[first:last][:MOST_AMOUNTS], key=itemgetter(1)):
                own = share.passage.section
                return sorted((other for _, _, other in fit), key=lambda other: other.passage.section == own)
        return []


def _main(it: Share) -> Mention | None:
    """The whole: the one that is named, or the total that leads the list; None where neither is sure."""
    if it.share.whole:
        return it.named[-1] if len({other.claim.value for other in it.named}) == 1 else None
    part = it.part
    for other in it.before:
        same = other.passage_index == part.passage_index
        leads = same and _PARTS.search(other.passage.text[other.end : part.start])
        if leads and other.claim.value >= part.claim.value:
            return other
    first = it.before[0] if it.before else None
    if (
        first is not None
        and re.search(r"其中|包括", first.passage.text[first.end :])
        and first.claim.value >= part.claim.value
    ):
        return first
    return None


def _wrong(report: Report, share: Mention, part: Mention, main: Mention) -> Finding:
    printed = percentage_of(share)
    expected = printed.like(part.claim.value, main.claim.value)
    gap = abs(printed.value - Decimal(expected[:-1]))
    return conclude(
        shares,
        report.document,
        places=[Words(share.passage, share.start)],
        key=f"text:{share.passage.section[:2].rstrip('、')}:{thing(part)}",
        message=(
            f"{thing(part)}{part.claim.text}，占比写为{share.claim.text}，"
            f"按{part.claim.text}÷{thing(main)}{main.claim.text}计算应为{expected}，相差{gap}个百分点。"
        ),
        others=[main.passage.evidence(report.document, main.start)],
        expected=expected,
        observed=share.claim.text,
        difference=f"{printed.value - Decimal(expected[:-1])}个百分点",
    )
