"""YR001: what a year begins with is what the year before ended with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.facts import Ledger
from detect.pairing import agree
from detect.reconcile import SURE
from detect.registry import Example, Outcome, rule
from detect.years import Earlier, earlier
from models.citation import Citation
from models.finding import Severity, Skip
from models.money import Amount, yuan_text
from models.report import DocumentKind, Report

_NAME: Final = "年初结转与上年年末结转"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two places that print one amount, in documents of two years."""

    name: str
    kind: DocumentKind
    here: tuple[str, str, str]
    before: tuple[str, str, str]


_FINAL: Final = (
    _Pair(
        "年初结转和结余",
        "决算公开",
        ("f01", "income.carry", "income.amount"),
        ("f01", "expenditure.next", "expenditure.total"),
    ),
    _Pair(
        "年初财政拨款结转和结余",
        "决算公开",
        ("f04", "income.carry", "income.amount"),
        ("f04", "expenditure.next", "expenditure.total"),
    ),
    _Pair("政府性基金年初结转和结余", "决算公开", ("f07", "total", "carry"), ("f07", "total", "next")),
)
_BUDGET: Final = (
    _Pair(
        "上年结转",
        "决算公开",
        ("b01", "income.carry", "income.amount"),
        ("f01", "expenditure.next", "expenditure.total"),
    ),
)


@rule(
    id="YR001",
    name=_NAME,
    severity="warning",
    category="cross_table",
    basis=Citation("《政府会计准则——基本准则》（财政部令第78号）"),
    example=Example(
        "上年决算“年末结转和结余”12.50万元，本年决算“年初结转和结余”15.20万元。",
        near_miss="本年决算“年初结转和结余”12.50万元。",
        because="与上年年末一致",
        runs=False,
    ),
)
def carried_over(report: Report, archive: Archive) -> Iterator[Outcome]:
    """The opening figures of final accounts are the closing figures of the year before.

    ## 查什么
    决算：收入支出决算总表、财政拨款收入支出决算总表和政府性基金表的年初结转和结余，与档案中该单位上年决算的年末结转和结余。
    预算：收支总表的上年结转与上年决算的年末结转和结余，只作提示。

    ## 为什么要查
    年末的钱就是次年年初的钱；对不上，不是有一年填错，就是有未说明的调整。

    ## 不报的情形
    档案中没有该单位上年决算；任一处未填列；四舍五入的尾差。预算编制时上年尚未结束，结转为预计数，差异只作提示。
    """
    found = earlier(report, archive, "YR001", _NAME, kind="决算公开")
    if isinstance(found, Skip):
        yield found
        return
    is_final = report.kind == "决算公开"
    for pair in _FINAL if is_final else _BUDGET:
        yield from _compare(report, found, pair, "warning" if is_final else "hint")


def _compare(report: Report, before: Earlier, pair: _Pair, severity: Severity) -> Iterator[Outcome]:
    place, closing = Ledger(report).one(*pair.here), before.total(*pair.before)
    if place is None or place.fact.amount is None:
        yield Skip("YR001", pair.name, "本文件该项未填列或没有识别出来，未与上年比较")
        return
    if closing is None or closing.sure < SURE:
        yield Skip(
            "YR001", pair.name, f"上年决算文件“{before.source.name}”的年末结转和结余未填列或识别把握不足，未作比较"
        )
        return
    opening = place.fact.amount
    if agree(opening, Amount(closing.value, closing.step)):
        yield Passed(pair.name)
        return
    difference = opening.value - closing.value
    reason = "请核实是否有以前年度调整并作说明" if severity == "warning" else "预算为预计数，请核实差异原因"
    yield conclude(
        carried_over,
        report.document,
        key=f"{place.form.form}:{place.line.id}:{place.column.id}",
        severity=severity,
        message=(
            f"《{place.form.name}》{pair.name}{yuan_text(opening.value, place.form.unit)}，"
            f"{before.words([closing])}，相差{yuan_text(abs(difference), place.form.unit)}，{reason}。"
        ),
        places=[(place.form.table, place.fact.cell)],
        expected=yuan_text(closing.value, place.form.unit),
        observed=yuan_text(opening.value, place.form.unit),
        difference=yuan_text(difference, place.form.unit),
    )
