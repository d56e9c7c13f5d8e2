"""TX007: a stated share follows from the stated amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from itertools import pairwise

from detect.checks import Passed
from detect.claims import Mention, mentions
from detect.narrative import Statement, statements
from detect.ratios import before_in_sentence, percentage_of, readings
from detect.registry import Example, Outcome, rule
from detect.sentences import conclude_sentence, thing
from detect.wording import row_name
from models.citation import Citation
from models.finding import Finding, Skip
from models.money import Amount
from models.report import Report

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
    known = statements(report, found)
    items = {id(before) for before, mention in pairwise(found) if mention.claim.role == "share"}
    for position, mention in enumerate(found):
        if mention.claim.role != "share" or mention.claim.unit != "%" or mention.claim.bound != "=":
            continue
        own = before_in_sentence(found, position)
        if not own:
            continue
        yield from _judged(report, found, position, own[-1], known, items)


def _judged(
    report: Report, found: Sequence[Mention], position: int, part: Mention, known: Sequence[Statement], items: Set[int]
) -> Iterator[Outcome]:
    share = found[position]
    printed = percentage_of(share)
    scope = f"“{share.claim.sentence[:40]}”的占比"
    before = [
        other
        for other in found[:position]
        if other.is_stated_amount and other is not part and other.passage.section == share.passage.section
    ]
    before = [other for other in before if not _is_sibling(items, other, part)]
    named = _named_wholes(found, share)
    listed = _listed(found, share)
    wholes = [amount for other in (*before, *named) for amount in readings(other, known)] + listed
    parts = readings(part, known)
    if not part.claim.value and not printed.value:
        yield Passed(scope)
        return
    if any(printed.follows(one, whole) for one in parts for whole in wholes):
        yield Passed(scope)
        return
    main = _main(share, part, before, named)
    if main is None or not main.claim.value:
        yield Skip("TX007", scope, "没有识别出占比所对应的总额，无法计算")
        return
    yield _wrong(report, share, part, main)


def _is_sibling(items: Set[int], other: Mention, part: Mention) -> bool:
    """Whether `other` is an item of the list that `part` is in: it has a share of its own and no parts."""
    if other.passage_index != part.passage_index or id(other) not in items:
        return False
    return not _PARTS_OF.search(other.passage.text[other.end : part.start])


def _named_wholes(found: Sequence[Mention], share: Mention) -> list[Mention]:
    """The stated amounts of the whole that the share names, those of its own section last."""
    fit: Sequence[Mention] = []
    for strip, shortest in ((_OWNER, 2), (_WHOLE, 3)):
        core = row_name(strip.sub("", share.whole))
        if not fit and len(core) >= shortest:
            fit = [
                other
                for other in found
                if other.is_stated_amount and row_name(strip.sub("", other.lead)).endswith(core)
            ]
    return sorted(fit, key=lambda other: other.passage.section == share.passage.section)


def _listed(found: Sequence[Mention], share: Mention) -> list[Amount]:
    """The sum of the list that the share belongs to, as a whole of its own."""
    items = [
        found[index - 1]
        for index, other in enumerate(found)
        if index
        and other.claim.role == "share"
        and other.passage_index == share.passage_index
        and found[index - 1].is_stated_amount
    ]
    if len(items) < 2:
        return []
    return [
        Amount(
            sum((item.claim.value for item in items), Decimal(0)), sum((item.claim.step for item in items), Decimal(0))
        )
    ]


def _main(share: Mention, part: Mention, before: Sequence[Mention], named: Sequence[Mention]) -> Mention | None:
    """The whole: the one that is named, or the total that leads the list; None where neither is sure."""
    if share.whole:
        return named[-1] if len({other.claim.value for other in named}) == 1 else None
    for other in before:
        same = other.passage_index == part.passage_index
        leads = same and _PARTS.search(other.passage.text[other.end : part.start])
        if leads and other.claim.value >= part.claim.value:
            return other
    first = before[0] if before else None
    if first is not None and "其中" in first.passage.text[first.end :] and first.claim.value >= part.claim.value:
        return first
    return None


def _wrong(report: Report, share: Mention, part: Mention, main: Mention) -> Finding:
    printed = percentage_of(share)
    expected = printed.like(part.claim.value, main.claim.value)
    gap = abs(printed.value - Decimal(expected[:-1]))
    return conclude_sentence(
        shares,
        report.document,
        share.passage,
        share.start,
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
