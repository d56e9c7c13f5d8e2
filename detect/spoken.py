"""Calculations in words to formulas: `聘用10名辅助人员，每人每月3000元，全年共需36万元`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.expressions import Formula, Price, Product, stated_amounts
from models.money import YUAN_PER_UNIT

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
_UNITS = "名|人|位|个|台|辆|套|处|期|场|家|户|亩|条|件|份|册|间"
_CALCULATION = re.compile(
    rf"(?<![\d.,第约近≥≤<>—~至-])(?P<count>{_NUMBER})(?P<unit>{_UNITS})[^\d。；;()、，,]{{0,16}}?[，,]?"
    rf"(?:按|按照|以)?每(?P<per>{_UNITS})(?:每(?P<time>月|年))?(?:工资|劳务费|补助|补贴|标准|费用|租金|发放|支付|为|按)*"
    rf"(?P<price>{_NUMBER})(?P<money>万元|元)(?:的?标准)?(?:发放|支付|计算|测算)?[，,]?"
    r"(?:(?:按)?(?P<span>全年|一年|1年|(?P<months>\d{1,2})个月)(?:计算?)?[，,]?)?"
    rf"(?:共需|共计|合计|总计|共|计|需要?|支付|支出|经费|资金|费用|为){{1,4}}(?P<amount>{_NUMBER})(?:万元|元)(?![/每×*])"
)
_PERSONS = "名人位"


def spoken_formulas(text: str) -> Iterator[Formula]:
    """Stated amounts of a prepared text with the number, the price of each and the months that stand before them.

    The grammar is narrow on purpose: a word between these parts may add something that the amount holds too. A price
    per month needs its months (`全年`, `6个月`), a price without a time has none.
    """
    amounts = {item.start: item for item in stated_amounts(text)}
    for found in _CALCULATION.finditer(text):
        unit, per, time = found.group("unit"), found.group("per"), found.group("time") or ""
        amount = amounts.get(found.start("amount"))
        times = _times(time, found.group("span") or "", found.group("months"))
        if amount is None or times is None or not (unit == per or (unit in _PERSONS and per in _PERSONS)):
            continue
        count = Decimal(found.group("count").replace(",", ""))
        yuan = Decimal(found.group("price").replace(",", "")) * YUAN_PER_UNIT[found.group("money")]
        value = count * yuan * times
        quantities = ((count, unit), *(((times, "个月"),) if times != 1 else ()))
        told = f"{found.group('count')}{unit}×{found.group('price')}{found.group('money')}"
        told += f"×{times}个月" if times != 1 else ""
        price = Price(found.start("price"), found.end("money"), found.group("price"), yuan, (per,), "")
        product = Product(
            found.start(), found.start("amount"), told, value, value, value, price, quantities, is_open=False
        )
        yield Formula(amount, (product,), is_partial=False)


def _times(time: str, span: str, months: str | None) -> Decimal | None:
    """How often the price is paid; None where that is not said."""
    if time == "月":
        return Decimal(months) if months else Decimal(12) if span else None
    return None if months or (span and not time) else Decimal(1)
