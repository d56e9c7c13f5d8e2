"""XT004: what is paid to the retired stands under the function for the retired."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import Place, conclude
from detect.facts import Ledger
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report

_ITEMS = ("item:离休费", "item:退休费")
_OF_THE_RETIRED = ("c2080501", "c2080502", "c2080503", "c2080504", "c2080599")
_OF_PENSIONS = ("c2080505", "c2080506")


@rule(
    id="XT004",
    name="离退休费与离退休科目",
    severity="warning",
    category="cross_table",
    basis=Citation("《政府收支分类科目》"),
    example=Example(
        """
            《2031年一般公共预算支出预算表（不含上年结转）》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 70.00 | 70.00 |
            208 | 社会保障和就业支出 | 70.00 | 70.00 |
            20805 | 行政事业单位养老支出 | 70.00 | 70.00 |
            2080505 | 机关事业单位基本养老保险缴费支出 | 70.00 | 70.00 |
            《2031年一般公共预算安排基本支出分经济科目表（不含上年结转）》万元
            部门预算支出经济科目名称 | 政府预算支出经济科目名称 | 2031年预算数 | > | >
            ^ | ^ | 合计 | 人员经费 | 公用经费
            合计 | > | 70.00 | 70.00 |
            对个人和家庭的补助 | | 12.00 | 12.00 |
            退休费 | 离退休费 | 12.00 | 12.00 |
            """,
        near_miss={"2080505 | 机关事业单位基本养老保险缴费支出": "2080501 | 行政单位离退休"},
        because="列有离退休科目",
    ),
)
def retirement(report: Report) -> Iterator[Outcome]:
    """A budget that pays 离休费 or 退休费 has a line for the retired among its functions.

    ## 查什么
    分经济科目表列有离休费、退休费，而一般公共预算支出表列到项级、有养老保险缴费科目，却没有任何离退休科目
    （2080501、2080502 等）。

    ## 为什么要查
    离退休费挤在行政运行等科目里，功能科目的数字就不真实。

    ## 不报的情形
    没有离退休费；支出表没有列到项级。
    """
    ledger = Ledger(report)
    lines = {line.id for line in ledger.lines_of("b05")}
    pensions = [line for line in _OF_PENSIONS if line in lines]
    paid = [
        place
        for item in _ITEMS
        for place in ledger.all_of("b06", item, "total")
        if place.fact.amount is not None and place.fact.amount.value
    ]
    if not pensions or not paid:
        return
    if lines & set(_OF_THE_RETIRED):
        yield Passed("离退休科目")
        return
    named = "、".join(f"“{place.line.name.strip()}”{place.fact.cell.text.strip()}{place.form.unit}" for place in paid)
    others: list[Place] = [
        (place.form.table, place.fact.cell)
        for line in pensions
        if (place := ledger.one("b05", line, "total")) is not None
    ]
    general = next(form for form in report.forms if form.form == "b05")
    yield conclude(
        retirement,
        report.document,
        key="b06:item:retired:total",
        message=(
            f"《{paid[0].form.name}》列有{named}，《{general.name}》却没有行政单位离退休（2080501）、事业单位离退休（2080502）"
            "等科目，请核实离退休费列在哪个功能科目。"
        ),
        places=[(place.form.table, place.fact.cell) for place in paid],
        others=others,
        expected="列离退休科目",
        observed="未见",
    )
