"""TX010: a stated rate of completion follows from the stated amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from detect.checks import Passed
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.narrative import statements
from detect.ratios import Printed, percentage_of, printed_amounts, readings
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.texts import Words
from models.citation import Citation
from models.finding import Finding, Skip
from models.report import Report

_BUDGET = re.compile(r"(?:年初|全年|调整后?|当年|年度)?(?:预算|预算数|预算安排|预算数额)(?:为|是)?$")


@rule(
    id="TX010",
    name="预算完成率",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 五、支出决算情况说明
            科普活动年初预算10.00万元，支出决算8.00万元，完成年初预算的85.00%。
            """,
        near_miss={"85.00%": "80%"},
        because="8÷10＝80%",
    ),
)
def completion(report: Report) -> Iterator[Outcome]:
    """The share of the budget that was spent is the spending divided by the budget.

    ## 查什么
    “年初预算10.00万元，支出决算8.00万元，完成年初预算的80.00%”：完成率是否等于决算÷预算（允许末位差一）。

    ## 为什么要查
    没有完成预算的部门要说明原因，完成率决定要不要说明。

    ## 不报的情形
    没有写全两个金额的句子（列入“未检查”）。预算为零的完成率只作提示。
    """
    found = mentions(report.document)
    known = printed_amounts(statements(report, found))
    for position, mention in enumerate(found):
        if mention.claim.role == "completion" and mention.claim.unit == "%" and mention.claim.bound == "=":
            yield from _judged(report, found, position, known)


def _judged(report: Report, found: Sequence[Mention], position: int, known: Printed) -> Iterator[Outcome]:
    rate = found[position]
    printed = percentage_of(rate)
    scope = f"“{rate.claim.sentence[:40]}”的完成率"
    begin, _ = rate.passage.sentence_span(rate.start)
    own = [
        other
        for other in found[:position]
        if other.passage_index == rate.passage_index
        and other.start >= begin
        and other.claim.kind == "amount"
        and other.claim.role in ("stated", "previous")
    ]
    budget = next((other for other in reversed(own) if _BUDGET.search(other.lead)), None)
    spent = next((other for other in reversed(own) if not _BUDGET.search(other.lead)), None)
    if budget is None or spent is None:
        yield Skip("TX010", scope, "同一句中没有同时识别出预算数和决算数，无法计算")
        return
    pairs = [
        (one, two) for a in own for b in own if a is not b for one in readings(a, known) for two in readings(b, known)
    ]
    if any(printed.follows(part, whole) for part, whole in pairs):
        yield Passed(scope)
    elif budget.claim.value:
        yield _wrong(report, rate, spent, budget)
    elif spent.claim.value and printed.value:
        yield _no_base(report, rate, spent)


def _wrong(report: Report, rate: Mention, spent: Mention, budget: Mention) -> Finding:
    printed = percentage_of(rate)
    expected = printed.like(spent.claim.value, budget.claim.value)
    gap = abs(printed.value - Decimal(expected[:-1]))
    return conclude(
        completion,
        report.document,
        places=[Words(rate.passage, rate.start)],
        key=f"text:{rate.passage.section[:2].rstrip('、')}:{thing(budget)}",
        message=(
            f"预算{budget.claim.text}，决算{spent.claim.text}，完成率写为{rate.claim.text}，"
            f"按决算÷预算计算应为{expected}，相差{gap}个百分点。"
        ),
        expected=expected,
        observed=rate.claim.text,
        difference=f"{printed.value - Decimal(expected[:-1])}个百分点",
    )


def _no_base(report: Report, rate: Mention, spent: Mention) -> Finding:
    return conclude(
        completion,
        report.document,
        places=[Words(rate.passage, rate.start)],
        key=f"text:{rate.passage.section[:2].rstrip('、')}:{thing(spent)}",
        severity="hint",
        message=f"预算为零，决算{spent.claim.text}，不能计算完成率，文中写为{rate.claim.text}，请核实。",
        observed=rate.claim.text,
    )
