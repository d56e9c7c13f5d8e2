"""YR005: the original budget that final accounts quote is the budget that was published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from detect.archive import Archive
from detect.checks import Passed
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.facts import Ledger
from detect.pairing import agree
from detect.reconcile import SURE
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from detect.wording import quoted, row_name
from detect.years import Earlier, earlier
from models.archive import Observation
from models.citation import Citation
from models.finding import Finding, Skip
from models.money import Amount, yuan_text
from models.report import Report

_NAME: Final = "决算所述年初预算与预算公开"
_ORIGINAL: Final = re.compile(r"年初预算(?:数|安排|为|是)*$")
_LEVEL: Final = re.compile(r"[（(]类[）)]")
_WHOLE: Final = re.compile(r"一般公共预算(?:财政拨款)?支出$")
_PLACES: Final = (("b05", "total"), ("b04", "expenditure.general"))
"""Where a budget prints the expenditure of a class from the general public budget: without what was carried over, and
with it. Final accounts quote either."""


@rule(
    id="YR005",
    name=_NAME,
    severity="warning",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        "决算说明：“教育支出年初预算120.00万元，支出决算118.00万元”；同年预算公开的教育支出为102.00万元。",
        near_miss="同年预算公开的教育支出为120.00万元。",
        because="与公开的预算一致",
        runs=False,
    ),
)
def original_budget(report: Report, archive: Archive) -> Iterator[Outcome]:
    """The original budget by class in the explanation of final accounts is that of the budget published that year.

    ## 查什么
    决算说明中一般公共预算支出及各类支出的年初预算，与档案中该单位当年预算公开的一般公共预算支出（含或不含上年结转）比较。

    ## 为什么要查
    完成率以年初预算为底数；底数与公开的预算不同，完成率就不可信。

    ## 不报的情形
    档案中没有该单位当年预算；预算报表没有该类；四舍五入的尾差；只写“预算”“全年预算”“调整预算”的。
    """
    if report.kind != "决算公开":
        return
    stated = list(_stated(report))
    if not stated:
        return
    budget = earlier(report, archive, "YR005", _NAME, kind="预算公开", years=0)
    if isinstance(budget, Skip):
        yield budget
        return
    wrong: list[tuple[Mention, str, Observation]] = []
    for mention, name, line in stated:
        printed = [one for form, column in _PLACES for one in _printed(budget, form, line, column) if one.sure >= SURE]
        if not printed:
            yield Skip("YR005", name, f"预算文件“{budget.source.name}”的报表中没有识别出该项金额，未作比较")
        elif any(agree(mention.amount, Amount(one.value, one.step)) for one in printed):
            yield Passed(name)
        else:
            wrong.append((mention, name, printed[0]))
    if wrong:
        yield _finding(report, budget, wrong)


def _stated(report: Report) -> Iterator[tuple[Mention, str, str]]:
    """The original budgets of the explanation: as a whole, and by the classes of 公开05表."""
    classes = {
        row_name(line.name).removesuffix("支出"): line for line in Ledger(report).lines_of("f05") if len(line.code) == 3
    }
    for mention in mentions(report.document):
        if not mention.is_stated_amount or not (found := _ORIGINAL.search(quoted(mention.lead))):
            continue
        lead = row_name(_LEVEL.sub("", quoted(mention.lead)[: found.start()]))
        if _WHOLE.search(lead):
            yield mention, "一般公共预算支出年初预算", "total"
        elif (line := classes.get(lead.removesuffix("支出"))) is not None:
            yield mention, f"{line.name.strip()}年初预算", line.id


def _finding(report: Report, budget: Earlier, wrong: list[tuple[Mention, str, Observation]]) -> Finding:
    """One finding for all: they come from one table of original budgets, which is another than the published one."""
    mention, name, printed = wrong[0]
    unit = mention.claim.unit
    difference = mention.claim.value - printed.value
    others = "、".join(
        f"{name}{other.claim.text}（预算公开{yuan_text(one.value, other.claim.unit)}）"
        for other, name, one in wrong[1:]
    )
    return conclude(
        original_budget,
        report.document,
        places=[Words(mention.passage, mention.start)],
        key="text:年初预算",
        message=(
            f"{name}写为{mention.claim.text}，{budget.words([printed])}，相差{yuan_text(abs(difference), unit)}"
            f"{'；另有' + others if others else ''}，请核实年初预算数。"
        ),
        others=[other.passage.evidence(report.document, other.start) for other, _, _ in wrong[1:]],
        expected=yuan_text(printed.value, unit),
        observed=mention.claim.text,
        difference=yuan_text(difference, unit),
    )


def _printed(budget: Earlier, form: str, line: str, column: str) -> list[Observation]:
    name = "expenditure.year" if form == "b04" and line == "total" else line
    found = budget.total(form, name, column)
    return [found] if found is not None else []
