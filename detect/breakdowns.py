"""Prose about money to totals with their parts: in one sentence, in a bracket, in a numbered list, before 合计."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from detect.expressions import Stated, closing_bracket, stated_amounts

_INTRODUCED = re.compile(
    r"其中|包括|包含|具体为|用于|分别为|分别是|构成|组成|由|即|标准为|涉及|内容为|明细|:|含|分为|分解为|测算"
)
_ALONE = re.compile(r"即|标准为|具体为|分解为")
"""Words that introduce a single part, which then is the whole."""
_NESTED = re.compile(r"其中|包括|包含|具体为|分别")
_COMPLETE = re.compile(r"构成|组成|分别为|分别是|[两二三四五六]部分")
_OTHER_MONEY = re.compile(
    r"上年|去年|往年|历年|累计|增加|减少|增长|下降|结转|总投资|合同总?(?:价|金额|额|款)|已(?:支付|拨付|完成)|尚欠|欠付|节约|"
    r"实施期|每年|资金量|余额|欠款|剩余|营业|收入|分期|首付|尾款"
)
_BREAK = re.compile(r"[，。;；:：]|(?<!\d),|,(?!\d)")
_ITEM = re.compile(r"(?:^|[。;；:：，,、)])[.．]?[(]?(\d{1,2})[.、．)](?!\d)")
_SUM = re.compile(r"(?:合计|共计|总计|总共需?)[^\d，,。;；()]{0,6}$")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A stated total with its parts.

    Attributes:
        total: None when the text lists parts without their total.
        is_complete: the text says that the parts are all (`由…构成`).
    """

    total: Stated | None
    parts: tuple[Stated, ...]
    is_complete: bool

    @property
    def sum(self) -> Decimal:
        return sum((part.value for part in self.parts), Decimal(0))

    @property
    def slack(self) -> Decimal:
        """Half a printed step of every part, in yuan."""
        return sum((part.value - part.low for part in self.parts), Decimal(0))

    def holds(self) -> bool:
        """Whether the parts can add up to the total as printed, or the total is marked as a bound that they keep."""
        if self.total is None:
            return True
        if self.total.low <= self.sum and (self.total.high is None or self.sum <= self.total.high):
            return True
        return abs(self.sum - self.total.value) <= self.slack + (self.total.value - self.total.low)


def breakdowns(text: str) -> list[Breakdown]:
    """Totals with their parts in a prepared text.

    Sentences that speak of other money (last year, contracts, what was already paid) are left alone; so are parts that
    are divided again.
    """
    amounts = stated_amounts(text)
    items = list(_ITEM.finditer(text))
    if len(items) >= 2 and [int(item.group(1)) for item in items] == list(range(1, len(items) + 1)):
        return list(_listed(text, items, amounts))
    found = list(_bracketed(text, amounts))
    for begin, end in _sentences(text):
        found += _in_sentence(text, begin, end, [item for item in amounts if _is_top(text, begin, end, item)])
    return found or list(_before_sum(text, amounts))


def _in_sentence(text: str, begin: int, end: int, top: Sequence[Stated]) -> Iterator[Breakdown]:
    if len(top) < 2 or _is_other_money(text, top):
        return
    total, parts = top[0], top[1:]
    between = _outside(text[total.end : parts[0].start])
    introduced = _INTRODUCED if len(parts) > 1 else _ALONE
    if ";" in between or not introduced.search(between) or _NESTED.search(_outside(text[parts[0].end : end])):
        return
    found = Breakdown(total, tuple(parts), bool(_COMPLETE.search(_outside(text[begin:end]))))
    yield from _regrouped(found)


def _regrouped(found: Breakdown) -> Iterator[Breakdown]:
    """The breakdown; where the total is divided twice (by source, by use), each division for itself."""
    if found.total is not None and not found.holds():
        for cut in range(1, len(found.parts)):
            first = replace(found, parts=found.parts[:cut])
            if first.holds():
                yield first
                yield from _regrouped(replace(found, parts=found.parts[cut:]))
                return
    yield found


def _bracketed(text: str, amounts: Sequence[Stated]) -> Iterator[Breakdown]:
    """Parts in the bracket behind their total."""
    for total in amounts:
        if not text.startswith("(", total.end):
            continue
        close = closing_bracket(text, total.end)
        inside = text[total.end + 1 : close]
        parts = [item for item in amounts if total.end < item.start < close and item.end <= close]
        if len(parts) < 2 or re.search(r"[()×*]", inside) or _OTHER_MONEY.search(inside):
            continue
        if len(_NESTED.findall(inside)) <= 1 and not _NESTED.search(inside[parts[0].end - total.end - 1 :]):
            yield Breakdown(total, tuple(parts), is_complete=False)


def _before_sum(text: str, amounts: Sequence[Stated]) -> Iterator[Breakdown]:
    """Parts before the total that ends the text (`…3万元；…2万元。合计5万元`)."""
    top = [item for item in amounts if _is_top(text, 0, len(text), item)]
    if len(top) < 3 or _is_other_money(text, top) or _NESTED.search(_outside(text)):
        return
    total = top[-1]
    if _SUM.search(text[: total.start]) and not any(part.value >= total.value for part in top[:-1]):
        yield Breakdown(total, tuple(top[:-1]), is_complete=False)


def _listed(text: str, items: Sequence[re.Match[str]], amounts: Sequence[Stated]) -> Iterator[Breakdown]:
    bounds = [item.start() for item in items] + [len(text)]
    head = [item for item in amounts if item.start < bounds[0] and _is_top(text, 0, bounds[0], item)]
    parts = []
    for begin, end in pairwise(bounds):
        own = [item for item in amounts if _is_top(text, begin, end, item)]
        if len(own) != 1:
            return
        parts.append(own[0])
    if len(head) <= 1 and not _is_other_money(text, [*head, *parts]):
        yield Breakdown(head[0] if head else None, tuple(parts), is_complete=not head)


def _is_other_money(text: str, amounts: Sequence[Stated]) -> bool:
    """Whether the clauses from the first of the amounts to the last speak of other money.

    What stands before and behind them is no matter: `业务量逐年增长，共需5万元，其中…` is about the money of the year,
    `比上年增长5万元，其中…` is not.
    """
    if not amounts:
        return bool(_OTHER_MONEY.search(_outside(text)))
    first, last = min(item.start for item in amounts), max(item.end for item in amounts)
    begin = max((found.end() for found in _BREAK.finditer(text, 0, first)), default=0)
    close = _BREAK.search(text, last)
    return bool(_OTHER_MONEY.search(_outside(text[begin : close.start() if close else len(text)])))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for match in re.finditer(r"。", text):
        yield begin, match.end()
        begin = match.end()
    if begin < len(text):
        yield begin, len(text)


def _is_top(text: str, begin: int, end: int, item: Stated) -> bool:
    """Whether an amount of the stretch stands outside brackets, or alone in one behind a name (`印刷费（3万元）`)."""
    if not begin <= item.start < end:
        return False
    stretch = _ITEM.sub(lambda found: "#" * len(found.group()), text[begin : item.start])
    depth = stretch.count("(") - stretch.count(")")
    alone = depth == 1 and text[item.start - 1] == "(" and text.startswith(")", item.end)
    return depth <= 0 or (alone and not re.search(r"元(?:左右|以内)?\($", text[begin : item.start]))


def _outside(text: str) -> str:
    """The text without what stands in brackets."""
    shorter = re.sub(r"\([^()]*\)", "", text)
    return shorter if shorter == text else _outside(shorter)
