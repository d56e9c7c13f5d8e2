"""ST003: the digits of the amounts look like those of amounts that came about, not of amounts that were set."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from detect.checks import Passed
from detect.conclude import conclude
from detect.digits import WAN, first_digits, orders_of_magnitude
from detect.facts import Ledger, Place
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_NAME: Final = "金额的数字分布"
_SPENDING: Final = ("f03", "f05", "f06")
SHOWN = 6
"""Round amounts that the evidence shows."""


@rule(
    id="ST003",
    name=_NAME,
    severity="hint",
    category="statistics",
    basis=Citation("《中国注册会计师审计准则第1313号——分析程序》"),
    example=Example(
        "决算支出明细三十项金额中有二十一项恰为整万元。",
        near_miss="三十项金额中有四项恰为整万元。",
        because="据实列支的金额偶有整数",
        runs=False,
    ),
    thresholds=(
        Threshold(
            "sample",
            "个",
            "互不相同的金额达到此数才检验首位数字",
            "样本更小时偏离多出于偶然（Nigrini 2012）",
            low=100,
            high=100_000,
        ),
        Threshold(
            "orders", "数量级", "金额跨过这么多数量级才检验首位数字", "跨度不足的数据本不服从该定律", low=2, high=10
        ),
        Threshold("leaves", "个", "决算末级支出金额达到此数才看整数", "样本过少不能说明问题", low=10, high=10_000),
        Threshold(
            "share",
            "比例",
            "整万元的金额达到此比例才提示",
            "据实列支的金额恰为整万元的机会约为百分之一",
            low=0.05,
            high=1,
        ),
    ),
)
def digits(
    report: Report, *, sample: int = 300, orders: int = 3, leaves: int = 20, share: float = 0.5
) -> Iterator[Outcome]:
    """First digits follow Benford's law where the sample allows to ask, and spending is not mostly whole 万元.

    ## 查什么
    决算报表末级科目（不含合计栏）互不相同的金额足够多、跨度足够大时，首位数字是否显著偏离本福特定律（卡方检验千分之一
    水平，并且平均绝对偏差超过0.015）；末级科目支出中恰为整万元的金额所占比例。

    ## 为什么要查
    据实发生的金额，数字自有规律；整数过多、首位数字异常，可能是估列、拼凑或抄录。

    ## 不报的情形
    样本不足或跨度不足（写明原因）；预算（按定额和人数编制，各单位数字相近，本不服从该定律，也多为整数）。统计不能证明
    差错，只作提示。
    """
    if report.kind == "决算公开":
        yield from _first(report, sample, orders)
        yield from _round(report, leaves, share)


def _first(report: Report, sample: int, orders: int) -> Iterator[Outcome]:
    places: dict[Decimal, Place] = {}
    for place in _leaves(report):
        if place.fact.amount is not None and place.fact.amount.value > 0:
            places.setdefault(place.fact.amount.value, place)
    amounts = list(places)
    if not amounts:
        return
    span = orders_of_magnitude(amounts)
    if len(amounts) < sample or span < orders:
        seen = f"{len(amounts)}个、跨{span:.1f}个数量级"
        yield Skip(
            "ST003", "首位数字", f"末级科目互不相同的金额{seen}，检验至少需要{sample}个、{orders}个数量级，未作检验"
        )
        return
    found = first_digits(amounts)
    if found.conforms:
        yield Passed("首位数字")
        return
    worst = max(range(9), key=lambda at: found.shares[at] - found.expected[at])
    own = [place for amount, place in places.items() if amount.normalize().as_tuple().digits[0] == worst + 1]
    yield conclude(
        digits,
        report.document,
        key="document:首位数字",
        message=(
            f"末级科目{found.count}个互不相同的金额，首位数字偏离本福特定律（平均绝对偏差{found.deviation:.3f}，"
            f"卡方{found.chi_square:.1f}）：首位为{worst + 1}的占{found.shares[worst]:.1%}，"
            f"一般为{found.expected[worst]:.1%}。"
            "这不能说明差错，可留意金额来源。"
        ),
        places=[(place.form.table, place.fact.cell) for place in own[:SHOWN]],
    )


def _round(report: Report, leaves: int, share: float) -> Iterator[Outcome]:
    places: dict[tuple[str, Decimal], Place] = {}
    for place in _leaves(report):
        if place.form.form in _SPENDING and place.fact.amount is not None and place.fact.amount.value > 0:
            places.setdefault((place.line.id, place.fact.amount.value), place)
    if len(places) < leaves:
        if places:
            reason = f"末级科目支出金额{len(places)}个，至少需要{leaves}个，未作统计"
            yield Skip("ST003", "整万元的金额", reason)
        return
    whole = [place for (_, amount), place in places.items() if amount % WAN == 0]
    if len(whole) < share * len(places):
        yield Passed("整万元的金额")
        return
    yield conclude(
        digits,
        report.document,
        key="document:整万元",
        message=(
            f"决算末级科目支出金额{len(places)}个中有{len(whole)}个恰为整万元（{len(whole) / len(places):.0%}），"
            "据实列支的金额很少如此，请核实是否按预算数或估计数填列。"
        ),
        places=[(place.form.table, place.fact.cell) for place in whole[:SHOWN]],
    )


def _leaves(report: Report) -> Iterator[Place]:
    """The amounts of the finest codes outside columns of sums: a sum follows its parts, and has their digits twice."""
    ledger = Ledger(report)
    for form in report.forms:
        codes = {line.code for line in form.lines if line.code}
        finest = {code for code in codes if not any(other != code and other.startswith(code) for other in codes)}
        sums = {"total"} if form.form and len(form.columns) > 1 else set()
        for place in ledger.of_table(form.table.id) if form.form else ():
            if place.line.code in finest and place.column.id not in sums:
                yield place
