"""TX006: a stated rate of change follows from the stated amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from detect.checks import Check, Passed
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.narrative import prose_operand, statements
from detect.ratios import (
    Printed,
    before_in_passage,
    before_in_sentence,
    closes_bracket,
    percentage_of,
    printed_amounts,
    readings,
)
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.texts import Words
from models.citation import Citation
from models.finding import Finding, Skip
from models.money import Amount
from models.report import Report

NEAR = 16
"""Characters between the amount of a change and its rate: `，比上年同期增长了` is the longest wording seen."""
MOST_REMARKS = 8
"""Quantities of a remark between a change and its rate."""
_REMARK = re.compile(r"（[^（）]*）")
_COMPARED = re.compile(r"(?:比|较|与|同|和).{0,12}(?:上年|去年|上一年|20\d\d年|预算|决算|执行数)|同比")
_STRAIGHT = re.compile(
    r"[，的]?(?:相比)?，?(?:同比)?(?:增加|增长|上升|提高|上涨|增幅|减少|下降|降低|降幅|减幅|压减)(?:了|率|幅度)?(?:为|达)?"
)
_FROM = re.compile(r"[，（]?(?:比|较|与|同)?[^，。；：\d]{0,10}(?:\d{4}年)?[^，。；：\d]{0,14}")
_OWN_SUBJECT = re.compile(
    r"(?:与|比|较|同|和)?(?:上年度?|去年|上一年度?|20\d\d年度?)(?:同期)?(?:年初)?(?:预算|决算|执行)?数?(?:相比|比较|对比)?"
    r"|[，、]|各|均|分别|共|同比|总计|合计|收入|支出|收支|(?:增加|减少|增长|下降|降低|上升|压减)(?:了|额)?"
)
_BACK = re.compile(r"，?(?:同比|(?:比|较|与)(?:上年|去年|20\d\d年)[^，。；：\d]{0,10}?)?" + _STRAIGHT.pattern)
_YEAR = re.compile(r"(20\d\d)年")
_PARTS = re.compile(r"其中|包括")


@rule(
    id="TX006",
    name="增减额与增减率",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 三、支出预算情况说明
            灯塔维护费120.00万元，比上年增加20.00万元，增长25.00%。
            """,
        near_miss={"25.00%": "20%"},
        because="20÷100＝20%",
    ),
)
def growth(report: Report) -> Iterator[Outcome]:
    """A rate of increase or decrease is the change divided by last year's amount.

    ## 查什么
    “……120.00万元，比上年增加20.00万元，增长20.00%”：增减率是否等于增减额÷上年数（允许末位差一），增减方向是否
    一致；写了上年数的，三个数是否相符。

    ## 为什么要查
    被引用的是增减率，从上年照抄的也常常是它。

    ## 不报的情形
    写错的金额按报表金额计算就对得上的（由其他规则报出）；没有增减额的增减率；没有写本年数的。上年数为零的增减率只作
    提示。
    """
    found = mentions(report.document)
    known = printed_amounts(statements(report, found))
    for position, mention in enumerate(found):
        yield from _from_last_year(report, found, position, known)
        if mention.claim.kind != "amount" or mention.claim.role != "change" or not mention.claim.direction:
            continue
        rate = _rate(found, position)
        if rate is None:
            yield from _sum(report, found, position)
            continue
        if rate.claim.direction and rate.claim.direction != mention.claim.direction:
            yield _contradiction(report, mention, rate)
            continue
        yield from _judged(report, found, position, rate, known)
        yield from _sum(report, found, position)


def _rate(found: Sequence[Mention], position: int) -> Mention | None:
    """The rate that belongs to a change: the next quantity of the sentence, or the one before it.

    A rate behind another change is that change's own.
    """
    here = found[position]
    begin, end = here.passage.sentence_span(here.start)
    for other in (*_behind(found, position), *found[max(position - 1, 0) : position]):
        between = here.passage.text[min(here.end, other.end) : max(here.start, other.start)]
        near = other.passage_index == here.passage_index and begin <= other.start < end and _distance(between) <= NEAR
        if near and other.claim.role == "growth" and other.claim.unit == "%" and other.claim.bound == "=":
            return None if other.start < here.start and _is_taken(found, position - 1) else other
    return None


def _behind(found: Sequence[Mention], position: int) -> Sequence[Mention]:
    """The next quantity, those of a remark in brackets left out unless it is the rate; none behind a closed bracket."""
    here = found[position]
    for other in found[position + 1 : position + 1 + MOST_REMARKS]:
        if other.passage_index != here.passage_index:
            break
        between = here.passage.text[here.end : other.start]
        if closes_bracket(between):
            break
        in_remark = "（" in _REMARK.sub("", between)
        if not in_remark or (other.claim.role == "growth" and not _PARTS.search(between)):
            return [other]
    return []


def _distance(between: str) -> int:
    return len(_REMARK.sub("", between))


def _is_taken(found: Sequence[Mention], position: int) -> bool:
    """Whether the rate at `position` stands right behind a change."""
    rate, before = found[position], found[position - 1] if position else None
    return (
        before is not None
        and before.passage_index == rate.passage_index
        and before.claim.role == "change"
        and rate.start - before.end <= NEAR
    )


def _previous(found: Sequence[Mention], position: int) -> Mention | None:
    """Last year's amount where the sentence states it right before the change."""
    here, before = found[position], found[position - 1] if position else None
    if before is None or before.passage_index != here.passage_index or before.claim.role != "previous":
        return None
    return before if here.start - before.end <= NEAR else None


def _judged(
    report: Report, found: Sequence[Mention], position: int, rate: Mention, known: Printed
) -> Iterator[Outcome]:
    change, printed = found[position], percentage_of(rate)
    scope = f"“{rate.claim.sentence[:40]}”的增减率"
    previous = _previous(found, position)
    stated = before_in_passage(found, position)
    if previous is None and not _COMPARED.search(_clause(change)):
        return
    delta = change.amount
    bases = [previous.amount] if previous is not None else []
    for other in stated:
        bases += [_base(amount, delta, change.claim.direction) for amount in readings(other, known)]
    verdicts = [printed.follows(delta, base) for base in bases]
    if previous is not None:
        # the rate may be right and the change wrong: then the sum of the three amounts says so, once
        verdicts += [
            printed.follows(Amount(abs(other.claim.value - previous.claim.value), delta.step), previous.amount)
            for other in before_in_sentence(found, position)
        ]
    main = _main(found, position) or previous
    if any(verdicts):
        yield Passed(scope)
    elif main is None:
        yield Skip("TX006", scope, "同一句中没有识别出本年数或上年数，无法计算")
    elif (base := previous.amount if previous else _base(main.amount, delta, change.claim.direction)).interval[0] <= 0:
        if printed.value and delta.value:
            yield _no_base(report, change, rate, main)
    else:
        yield _wrong(report, change, rate, main, base)


def _from_last_year(report: Report, found: Sequence[Mention], position: int, known: Printed) -> Iterator[Outcome]:
    """A rate between this year's amount and last year's, where the sentence does not state the change itself.

    `120.00万元，比上年100.00万元增长20.00%`: the three stand right behind one another.
    """
    rate = found[position]
    if position < 2 or rate.claim.role != "growth" or rate.claim.unit != "%" or rate.claim.bound != "=":
        return
    two_years = _two_years(found[position - 2], found[position - 1], rate)
    if two_years is None:
        return
    current, previous = two_years
    printed = percentage_of(rate)
    changes = [
        (rate.claim.direction * (amount.value - previous.claim.value), max(amount.step, previous.claim.step))
        for amount in readings(current, known)
    ]
    if not previous.claim.value or any(
        printed.follows(Amount(change, step), previous.amount) for change, step in changes if change >= 0
    ):
        yield Passed(f"“{rate.claim.sentence[:40]}”的增减率")
        return
    change = current.claim.value - previous.claim.value
    word = "增长" if change > 0 else "下降"
    expected = printed.like(abs(change), previous.claim.value)
    yield conclude(
        growth,
        report.document,
        places=[Words(rate.passage, rate.start)],
        key=_key(rate, current),
        message=(
            f"{thing(current)}{current.claim.text}，上年{previous.claim.text}，写为{_word(rate)}{rate.claim.text}，"
            f"按（本年数－上年数）÷上年数计算应为{word}{expected}。"
        ),
        expected=f"{word}{expected}",
        observed=f"{_word(rate)}{rate.claim.text}",
    )


def _two_years(first: Mention, second: Mention, rate: Mention) -> tuple[Mention, Mention] | None:
    """This year's and last year's amount where the two and the rate stand right behind one another, in either order."""
    text = rate.passage.text
    if first.passage_index != rate.passage_index or not first.is_stated_amount or second.claim.kind != "amount":
        return None
    named = second.claim.role == "previous" or _is_year_before(second, first)
    if named and _FROM.fullmatch(text[first.end : second.start]) and _STRAIGHT.fullmatch(text[second.end : rate.start]):
        return first, second
    back = _is_year_before(first, second) and _FROM.fullmatch(text[first.end : second.start])
    if back and _BACK.fullmatch(text[second.end : rate.start]):
        return second, first
    return None


def _is_year_before(previous: Mention, current: Mention) -> bool:
    """Whether both name their year and the one is the year before the other."""
    years = [_YEAR.search(mention.lead) for mention in (previous, current)]
    return all(years) and previous.is_stated_amount and int(years[0][1]) + 1 == int(years[1][1])  # type: ignore[index]


def _base(amount: Amount, delta: Amount, direction: int) -> Amount:
    return Amount(amount.value - direction * delta.value, max(amount.step, delta.step))


def _clause(change: Mention) -> str:
    """The words of the sentence before the change."""
    begin, _ = change.passage.sentence_span(change.start)
    return change.passage.text[begin : change.start]


def _main(found: Sequence[Mention], position: int) -> Mention | None:
    """The amount that the change belongs to: the whole, not one of its parts."""
    own = before_in_sentence(found, position)
    if own:
        if not _PARTS.search(own[0].passage.text, own[0].end, found[position].start):
            return own[-1]
        # `其中人员经费增加…` is the change of a part whose own amount is not stated
        part = _OWN_SUBJECT.sub("", _PARTS.sub("", found[position].lead).lstrip("：")).strip("，")
        return own[0] if not part or any(part in mention.lead for mention in own) else None
    earlier = before_in_passage(found, position)
    if not earlier:
        return None
    begin, end = earlier[-1].passage.sentence_span(earlier[-1].start)
    topic = _OWN_SUBJECT.sub("", _clause(found[position]))
    if topic and topic not in earlier[-1].passage.text[begin:end].replace("、", ""):
        return None
    return next(mention for mention in earlier if mention.start >= begin)


def _wrong(report: Report, change: Mention, rate: Mention, main: Mention, base: Amount) -> Finding:
    printed = percentage_of(rate)
    expected = printed.like(change.claim.value, base.value)
    told = f"{change.claim.text}÷上年数{_money(base, change)}"
    current = Amount(base.value + change.claim.direction * change.claim.value, base.step)
    wrong_base = "；所写比率是以本年数为基数算出的" if printed.follows(change.amount, current) else ""
    return conclude(
        growth,
        report.document,
        places=[Words(rate.passage, rate.start)],
        key=_key(rate, main),
        message=(
            f"{thing(main)}{main.claim.text}，{_word(change)}{change.claim.text}，增减率写为{rate.claim.text}，"
            f"按{told}计算应为{expected}，相差{abs(printed.value - Decimal(expected[:-1]))}个百分点{wrong_base}。"
        ),
        others=[main.passage.evidence(report.document, main.start)],
        expected=expected,
        observed=rate.claim.text,
        difference=f"{printed.value - Decimal(expected[:-1])}个百分点",
    )


def _no_base(report: Report, change: Mention, rate: Mention, main: Mention) -> Finding:
    return conclude(
        growth,
        report.document,
        places=[Words(rate.passage, rate.start)],
        key=_key(rate, main),
        severity="hint",
        message=(
            f"{thing(main)}{main.claim.text}，{_word(change)}{change.claim.text}，即上年数为零，"
            f"不能计算增减率，文中写为{rate.claim.text}，请核实。"
        ),
        observed=rate.claim.text,
    )


def _contradiction(report: Report, change: Mention, rate: Mention) -> Finding:
    return conclude(
        growth,
        report.document,
        places=[Words(rate.passage, rate.start)],
        key=_key(rate, change),
        message=f"金额写为{_word(change)}{change.claim.text}，比率却写为{_word(rate)}{rate.claim.text}，增减方向相反。",
        observed=f"{_word(change)}{change.claim.text}，{_word(rate)}{rate.claim.text}",
    )


def _sum(report: Report, found: Sequence[Mention], position: int) -> Iterator[Check]:
    """This year's amount is last year's and the change, where a sentence states all three one after another."""
    previous, change = _previous(found, position), found[position]
    if previous is None or position < 2:
        return
    current = found[position - 2]
    if not current.is_stated_amount or current not in before_in_sentence(found, position):
        return
    name = thing(current)
    yield Check(
        "本年数等于上年数加减变动额",
        prose_operand(report.document, current, name),
        (
            prose_operand(report.document, previous, f"{name}上年数"),
            prose_operand(report.document, change, f"{name}增减额", change.claim.direction),
        ),
    )


def _word(mention: Mention) -> str:
    return "增加" if mention.claim.direction > 0 else "减少"


def _money(amount: Amount, like: Mention) -> str:
    factor = like.claim.value / Decimal(like.printed.replace(",", "")) if like.claim.value else Decimal(1)
    return f"{amount.value / factor:,.{len(like.printed.partition('.')[2])}f}{like.claim.unit}"


def _key(rate: Mention, main: Mention) -> str:
    return f"text:{rate.passage.section[:2].rstrip('、')}:{thing(main)}"
