"""The prices of one form: those of its calculation, those among its cost indicators, and where they contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from detect.breakdowns import Breakdown, breakdowns
from detect.expressions import Price, Product, prepared, prices, products
from models.form import FormText, Indicator, ProjectForm
from models.money import YUAN_PER_UNIT

CEILING = 10
"""How many times the calculated price a ceiling may be: a ceiling ten times as high controls nothing, and the usual
slip of a unit is a thousand or ten thousand times."""
MIN_SHARED = 2
"""Characters that two names of one thing have in common: one Chinese word."""
_FIELDS = ("overview", "plan", "basis", "need")
_GENERAL = re.compile(r"标准|单价|费用|成本|价格|控制|平均|单[个次期部台套人门]|每[个次期部台套人门]|月|年")
_BREAK = re.compile(r"[、，。;；:：()（）]")
_EACH = re.compile(
    r"每(?P<per>[人名台辆套处期场家户亩条件份册间次])(?:每(?P<time>[月年天次]))?(?:工资|劳务费|补助|补贴|标准|费用|租金|发放|支付|为|按)*"
    r"(?P<price>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<money>万元|元)(?![/每\d])"
)
LONGEST_LABEL = 24
"""Characters before a price that can say what it is paid for."""
_MOST = ("≤", "<", "不超过", "不高于", "最多")
_LEAST = ("≥", ">", "不低于", "不少于", "至少")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A price in a field of a form.

    Attributes:
        field: that prints it.
        price: per its units.
        label: the words before it, or before the bracket that it stands in.
        product: that multiplies it; None where it stands alone.
    """

    field: FormText
    price: Price
    label: str
    product: Product | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A cost indicator (in one half of the form or both) and the calculated price of the same thing."""

    items: tuple[Indicator, ...]
    price: Price
    quoted: Quoted

    @property
    def change(self) -> Decimal:
        """By how much the calculated amount would fall with the price of the indicator, in yuan."""
        product = self.quoted.product
        if product is None or not self.quoted.price.yuan:
            return Decimal(0)
        return product.value - product.value / self.quoted.price.yuan * self.price.yuan


def quoted_prices(form: ProjectForm) -> Iterator[Quoted]:
    """The prices in the calculation of a form."""
    for text in form.texts:
        if text.id not in _FIELDS:
            continue
        words = prepared(text.cell.text)
        used = products(words)
        for price in prices(words):
            start = words.rfind("(", 0, price.start)
            before = words[: start if start >= 0 and ")" not in words[start : price.start] else price.start]
            product = next((item for item in used if item.start <= price.start < item.end), None)
            yield Quoted(text, price, _BREAK.split(before)[-1], product)
        yield from _spoken(text, words)


def _spoken(field: FormText, words: str) -> Iterator[Quoted]:
    """Prices said as `每人每月3000元`; what is said between the price before and this one is its label.

    Several such prices of one kind are those of several grades, and which of them an indicator means cannot be told.
    """
    found: list[Quoted] = []
    last = 0
    for each in _EACH.finditer(words):
        begin = max(last, *(words.rfind(mark, 0, each.start()) + 1 for mark in "。；;"))
        last = each.end()
        yuan = Decimal(each.group("price").replace(",", "")) * YUAN_PER_UNIT[each.group("money")]
        per = tuple(unit for unit in (each.group("per"), each.group("time")) if unit)
        price = Price(each.start(), each.end(), each.group(), yuan, per, "")
        found.append(Quoted(field, price, words[begin : each.start()].strip("，,、")[-LONGEST_LABEL:], None))
    for one in found:
        if all(other.price.yuan == one.price.yuan for other in found if other.price.per == one.price.per):
            yield one


def contradictions(form: ProjectForm) -> list[Contradiction]:
    """Cost indicators that no calculated price of the same thing and units agrees with, row by row."""
    quoted = list(quoted_prices(form))
    rows: dict[int, Contradiction] = {}
    for item in form.indicators:
        found = _contradiction(item, quoted)
        if found is not None:
            row = item.value_cell.row
            before = rows[row].items if row in rows else ()
            rows[row] = Contradiction((*before, item), *found)
    return list(rows.values())


def _contradiction(item: Indicator, quoted: list[Quoted]) -> tuple[Price, Quoted] | None:
    own = prices(prepared(item.value)) if item.name else []
    if len(own) != 1:
        return None
    same = [other for other in quoted if set(other.price.per) == set(own[0].per)]
    if any(_agrees(own[0], other.price) for other in same):
        return None
    ranked = sorted(same, key=lambda other: -shared(item.name, other.label))
    return (own[0], ranked[0]) if ranked and shared(item.name, ranked[0].label) >= MIN_SHARED else None


def _agrees(indicator: Price, calculated: Price) -> bool:
    if indicator.mark in _MOST:
        return calculated.yuan <= indicator.yuan <= calculated.yuan * CEILING
    if indicator.mark in _LEAST:
        return indicator.yuan <= calculated.yuan <= indicator.yuan * CEILING
    return indicator.yuan == calculated.yuan


def shared(name: str, label: str) -> int:
    """Length of the longest run of both names without the words that every price has."""
    one, other = _GENERAL.sub(" ", name), _GENERAL.sub(" ", label)
    sizes = (
        size
        for start in range(len(one))
        for size in range(1, len(one) - start + 1)
        if " " not in one[start : start + size] and one[start : start + size] in other
    )
    return max(sizes, default=0)


def explains(found: Contradiction, field: FormText, breakdown: Breakdown) -> bool:
    """Whether the parts of a breakdown add up once the price of the indicator takes the place of the calculated one."""
    if breakdown.total is None or found.quoted.field is not field or not found.change:
        return False
    return abs(breakdown.sum - breakdown.total.value - found.change) <= breakdown.slack + (
        breakdown.total.value - breakdown.total.low
    )


def is_explained(found: Contradiction) -> bool:
    """Whether the contradiction is the reason that a breakdown of its field does not add up."""
    field = found.quoted.field
    return any(explains(found, field, item) for item in breakdowns(prepared(field.cell.text)))
