"""TX019: what is said of the difference between budget and final accounts follows from the two stated amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detect.checks import Check, Passed
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.narrative import prose_operand
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.texts import Words
from models.citation import Citation
from models.report import Report

_BUDGET = re.compile(r"(?:年初|全年|当年|年度)?预算(?:数|安排)?(?:为|是)?$")
_ADJUSTED = re.compile(r"调整")
_FINAL = re.compile(r"决算(?:支出|数)?(?:为|是)?$")
_SAID = re.compile(
    r"决算(?:支出)?数?(?:(?P<more>大于|高于|多于|超过|超出)|(?P<less>小于|低于|少于)|等于)(?:年初|全年|当年|年度)?预算"
    r"|决算(?:支出)?数?(?:与|和|同)(?:年初|全年|当年|年度)?预算(?:支出)?数?(?:持平|一致|相同|相等)"
)
_LINK = re.compile(r"(?:该项|本项|因此|其中|造成|导致|主要|是|的|支出)")
_CHANGE = re.compile(
    r"^[，（]?(?:支出)?(?:决算数?)?(?:比|较|与|同)(?:年初|全年|当年|年度)?预算数?(?:相比)?，?(?:增加|减少|多|少|下降|增长|降低|上升)(?:了|支出)?$"
)


@rule(
    id="TX019",
    name="决算与预算的差异",
    severity="warning",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            # 五、支出决算情况说明
            科普活动年初预算10.00万元，支出决算8.00万元，完成年初预算的80.00%。决算数大于预算数的主要原因是活动减少。
            """,
        near_miss={"决算数大于预算数": "决算数小于预算数"},
        because="8万元小于10万元",
    ),
)
def budget_and_final(report: Report) -> Iterator[Outcome]:
    """The words and the amount of the difference fit the budget and the final accounts that are stated before.

    ## 查什么
    “年初预算10.00万元，支出决算8.00万元……决算数小于预算数”：大于、小于、持平的说法是否与写出的两个金额相符；“比年初预算减少
    2.00万元”：差额是否等于决算减预算。

    ## 为什么要查
    预决算差异的方向写反，后面的原因就说明不了任何问题。

    ## 不报的情形
    前面没有写全两个金额的；还写有调整预算数、不能确定比的是哪一个的；四舍五入的尾差；“基本持平”。
    """
    found = mentions(report.document)
    for position in range(len(found)):
        pair = _pair(found, position)
        if pair is not None:
            yield from _difference(report, found, position, pair)
            yield from _said(report, found, position, pair)


def _pair(found: Sequence[Mention], position: int) -> tuple[Mention, Mention] | None:
    """The budget and the final amount where they stand one right behind the other, the final one at `position`."""
    if not position:
        return None
    budget, final = found[position - 1], found[position]
    if budget.passage_index != final.passage_index or not budget.is_stated_amount or not final.is_stated_amount:
        return None
    begin, _ = final.passage.sentence_span(final.start)
    if budget.start < begin or not _BUDGET.search(budget.lead) or not _FINAL.search(final.lead):
        return None
    return None if _ADJUSTED.search(final.passage.text[begin : final.start]) else (budget, final)


def _difference(
    report: Report, found: Sequence[Mention], position: int, pair: tuple[Mention, Mention]
) -> Iterator[Check]:
    budget, final = pair
    for change in found[position + 1 : position + 3]:
        if change.passage_index != final.passage_index:
            return
        if change.claim.kind == "amount" and change.claim.role == "change" and change.claim.direction:
            lead = change.lead
            if _CHANGE.search(lead):
                name = thing(budget)
                yield Check(
                    "决算数等于预算数加减差额",
                    prose_operand(report.document, final, f"{name}决算数"),
                    (
                        prose_operand(report.document, budget, f"{name}预算数"),
                        prose_operand(report.document, change, f"{name}决算与预算的差额", change.claim.direction),
                    ),
                )
            return


def _is_about(before: str, budget: Mention) -> bool:
    """Whether the clause that says `决算` names nothing but what the budget was named for."""
    subject = _LINK.sub("", re.split(r"[，。；：（]", before)[-1])
    return not subject or subject in budget.lead


def _said(report: Report, found: Sequence[Mention], position: int, pair: tuple[Mention, Mention]) -> Iterator[Outcome]:
    budget, final = pair
    text = final.passage.text
    after = next(
        (
            other.start
            for other in found[position + 1 :]
            if other.passage_index != final.passage_index or other.is_stated_amount
        ),
        None,
    )
    end = after if after is not None and found[position + 1].passage_index == final.passage_index else len(text)
    said = _SAID.search(text, final.end, max(end, final.end))
    if said is None or not _is_about(text[: said.start()], budget):
        return
    told = 1 if said.group("more") else -1 if said.group("less") else 0
    low, high = final.amount.interval
    least, most = budget.amount.interval
    is_so = {1: high > least, -1: low < most, 0: low <= most and high >= least}[told]
    if final.claim.value == budget.claim.value and told and final.claim.step == budget.claim.step:
        is_so = False
    if is_so:
        yield Passed(f"“{said.group()}”")
        return
    right = (
        "大于"
        if final.claim.value > budget.claim.value
        else "小于"
        if final.claim.value < budget.claim.value
        else "等于"
    )
    yield conclude(
        budget_and_final,
        report.document,
        places=[Words(final.passage, said.start())],
        key=f"text:{final.passage.section[:2].rstrip('、')}:{thing(budget)}",
        message=(
            f"写为“{said.group()}”，前面所写{thing(budget)}{budget.claim.text}、决算{final.claim.text}，决算{right}预算，"
            "说法与金额不符。"
        ),
        others=[final.passage.evidence(report.document, final.start)],
        expected=f"决算{right}预算",
        observed=said.group(),
    )
