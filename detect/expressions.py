"""Prose about money to formulas: stated amounts, prices, and products of quantities and prices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.money import YUAN_PER_UNIT

ABOUT = Decimal("0.1")
"""How far a number marked 约 may be from the real one. Source: review practice takes a calculation within ten per cent
of the money for explained."""
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
_MARK = r"(?:≤|≥|<|>|＜|＞|约[需为计]?|近|不超过|不高于|不少于|不低于|至少|最多)"
_COUNT_UNIT = r"[^\d\s，,。;；:：、()×✕╳*xX+＋=%‰/]{0,8}"
_PER = r"(?:(?:亿|千|万)?元(?:[/每·][^\d\s，,。;；:：、()×✕╳*xX+＋=%‰/每·]{1,6}){0,3})"
_FACTOR = rf"(?P<mark>{_MARK})?(?P<number>{_NUMBER})(?P<unit>{_PER}|[%‰]|{_COUNT_UNIT})"
_TIMES = r"[×✕╳*xX]"
_PLAIN_FACTOR = rf"{_MARK}?{_NUMBER}(?:{_PER}|[%‰]|{_COUNT_UNIT})"
_PRODUCT = re.compile(rf"(?<![\d.,)×✕╳*]){_PLAIN_FACTOR}(?:{_TIMES}{_PLAIN_FACTOR})+(?![×✕╳*÷])")
_ONE_FACTOR = re.compile(_FACTOR)
_AMOUNT = re.compile(
    rf"(?<![\d.,])(?P<mark>{_MARK})?(?P<number>{_NUMBER})(?P<unit>亿元|万元|千元|元)(?P<about>左右|以内|以上)?"
)
_PRICE = re.compile(
    rf"(?P<mark>{_MARK})?(?P<number>{_NUMBER})(?P<unit>亿元|万元|千元|元)[/每](?P<per>[^\d\s，,。;；:：、()×+＋=]{{1,14}})"
)
_AREA = re.compile(r"㎡|(?<![A-Za-z])m²|(?<=[\d/元])m2")
_CIRCLED = re.compile(r"[①-⑳]")
_PRICED = re.compile(r"(?:单价|均价|人均|标准|每[^\d\s，,。;；]{1,3})(?:为|是|:|约)?$")
"""Words before an amount that make it a price."""
_TIME_UNITS = {"月": 12, "季度": 4, "季": 4, "年": 1}


def prepared(text: str) -> str:
    """Half-width forms without white space; the comma of a sentence stays apart from the one inside a number."""
    kept = re.sub(r"\s+", "", text).replace("，", "\ue000")
    kept = _AREA.sub("平方米", _CIRCLED.sub(lambda found: f"({ord(found.group()) - ord('①') + 1})", kept))
    return unicodedata.normalize("NFKC", kept).replace("\ue000", "，")


@dataclass(frozen=True, slots=True)
class Stated:
    """An amount in prose as an interval in yuan.

    Attributes:
        start, end: in the prepared text.
        value: the number itself.
        low, high: bounds by how it is printed and marked (`约`, `≤`); `high` is None for no upper bound.
        decimals: as printed.
        unit: as printed.
    """

    start: int
    end: int
    text: str
    value: Decimal
    low: Decimal
    high: Decimal | None
    decimals: int
    unit: str

    def rounded_to(self, decimals: int) -> Stated:
        """The amount as part of a text that prints `decimals` decimals and drops trailing zeros."""
        if self.decimals >= decimals or self.low < self.value - self._half(self.decimals):
            return self
        half = self._half(decimals)
        return Stated(
            self.start, self.end, self.text, self.value, self.value - half, self.value + half, self.decimals, self.unit
        )

    def _half(self, decimals: int) -> Decimal:
        return YUAN_PER_UNIT[self.unit].scaleb(-decimals) / 2


@dataclass(frozen=True, slots=True)
class Price:
    """A price per something: `3000元/人/天` is 3000 yuan per (人, 天)."""

    start: int
    end: int
    text: str
    yuan: Decimal
    per: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Product:
    """Quantities times one price.

    Attributes:
        value: in yuan.
        low, high: bounds by the marks of its factors; `high` None for no upper bound.
        price: its price.
        quantities: number and unit of every other factor.
        is_open: the price is per something that no quantity counts, so that the amount may be a multiple.
    """

    start: int
    end: int
    text: str
    value: Decimal
    low: Decimal
    high: Decimal | None
    price: Price
    quantities: tuple[tuple[Decimal, str], ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Formula:
    """A stated amount with the products that explain it; `is_partial` when they are only some of it."""

    amount: Stated
    products: tuple[Product, ...]
    is_partial: bool

    @property
    def value(self) -> Decimal:
        return sum((product.value for product in self.products), Decimal(0))

    def holds(self) -> bool:
        """Whether the intervals of the amount and of the products meet."""
        low = sum((product.low for product in self.products), Decimal(0))
        highs = [product.high for product in self.products]
        if self.amount.high is not None and low > self.amount.high:
            return False
        if self.is_partial or None in highs:
            return True
        return sum((high for high in highs if high is not None), Decimal(0)) >= self.amount.low


def _number(text: str) -> tuple[Decimal, int]:
    bare = text.replace(",", "")
    return Decimal(bare), len(bare.partition(".")[2])


def _bounds(value: Decimal, half: Decimal, mark: str) -> tuple[Decimal, Decimal | None]:
    if mark.startswith(("约", "近", "左右")):
        return value * (1 - ABOUT), value * (1 + ABOUT)
    if mark in ("≤", "<", "＜", "不超过", "不高于", "最多", "以内"):
        return Decimal(0), value
    if mark in ("≥", ">", "＞", "不少于", "不低于", "至少", "以上"):
        return value, None
    return value - half, value + half


def products(text: str) -> list[Product]:
    """The products in a prepared text that have exactly one price."""
    found = (_product(match.start(), match.group()) for match in _PRODUCT.finditer(text))
    return [product for product in found if product is not None]


def _product(start: int, text: str) -> Product | None:
    value, low = Decimal(1), Decimal(1)
    high: Decimal | None = Decimal(1)
    price: Price | None = None
    quantities: list[tuple[Decimal, str]] = []
    has_rate = False
    for part in _ONE_FACTOR.finditer(text):
        number, _ = _number(part.group("number"))
        unit, mark = part.group("unit"), part.group("mark") or ""
        scale = Decimal(1)
        if unit in ("%", "‰"):
            scale = Decimal("0.01") if unit == "%" else Decimal("0.001")
            has_rate = True
        elif money := re.match(r"(亿元|万元|千元|元)", unit):
            if price is not None:
                return None
            scale = YUAN_PER_UNIT[money.group(1)]
            per = tuple(word for word in re.split(r"[/每·]", unit[money.end() :]) if word)
            price = Price(start + part.start(), start + part.end(), part.group(), number * scale, per, mark)
        else:
            quantities.append((number, unit))
        lower, upper = _bounds(number * scale, Decimal(0), mark)
        value, low = value * number * scale, low * lower
        high = None if high is None or upper is None else high * upper
    if price is None or not (quantities or has_rate):
        return None
    factor, is_open = _period(price.per, [unit for _, unit in quantities])
    return Product(
        start,
        start + len(text),
        text,
        value * factor,
        low * factor,
        None if high is None else high * factor,
        price,
        tuple(quantities),
        is_open,
    )


def _period(per: Sequence[str], units: Sequence[str]) -> tuple[Decimal, bool]:
    """By what the product must be multiplied for its time units to agree, and whether a unit is left uncounted.

    `3人×1年` at a price per month means twelve months; a price per year needs no year beside it.
    """
    factor, is_open = Decimal(1), False
    for word in per:
        if any(_same_unit(word, unit) for unit in units):
            continue
        if word in _TIME_UNITS and any(unit == "年" for unit in units):
            factor *= _TIME_UNITS[word]
        elif word != "年":
            is_open = True
    if "年" in per and any(unit in ("月", "个月") for unit in units):
        is_open = True
    return factor, is_open


def _same_unit(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one in other or other in one or other.removeprefix("个") == one)


def prices(text: str) -> list[Price]:
    """The prices per something in a prepared text."""
    found = []
    for match in _PRICE.finditer(text):
        number, _ = _number(match.group("number"))
        per = tuple(word for word in re.split(r"[/每·]", match.group("per")) if word)
        yuan = number * YUAN_PER_UNIT[match.group("unit")]
        found.append(Price(match.start(), match.end(), match.group(), yuan, per, match.group("mark") or ""))
    return found


def stated_amounts(text: str) -> list[Stated]:
    """The amounts of a prepared text that are no prices and no factors."""
    taken = [(item.start, item.end) for item in products(text)] + [(item.start, item.end) for item in prices(text)]
    found = []
    for match in _AMOUNT.finditer(text):
        if any(start <= match.start() < end for start, end in taken) or text.startswith(("/", "每"), match.end()):
            continue
        if _PRICED.search(text[: match.start()]):
            continue
        number, decimals = _number(match.group("number"))
        unit = match.group("unit")
        scale = YUAN_PER_UNIT[unit]
        low, high = _bounds(
            number * scale, scale.scaleb(-decimals) / 2, match.group("mark") or match.group("about") or ""
        )
        found.append(Stated(match.start(), match.end(), match.group(), number * scale, low, high, decimals, unit))
    finest = max((item.decimals for item in found if item.unit == "万元"), default=0)
    return [item.rounded_to(finest) if item.unit == "万元" else item for item in found]


def closing_bracket(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes; -1 when it does not."""
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if not depth:
            return index
    return -1


_PARTIAL = re.compile(r"等|其中|例如|包括|含")
_THEREFORE = re.compile(r"[)，,]?(?:共计|合计|总计|小计|共需|共|计|需要?)[^\d，,。;；()]{0,6}$")


def formulas(text: str) -> Iterator[Formula]:
    """Stated amounts with the products in the bracket behind them, or before them with `=` or `共` between."""
    every = products(text)
    amounts = stated_amounts(text)
    for amount in amounts:
        end = closing_bracket(text, amount.end) if text[amount.end : amount.end + 1] == "(" else -1
        inside = [item for item in every if amount.end < item.start and item.end <= end]
        if inside:
            rest = _without(text[amount.end + 1 : end], inside, amount.end + 1)
            if not re.search(r"\d", rest):
                yield Formula(amount, tuple(inside), bool(_PARTIAL.search(rest)))
            continue
        before = [item for item in every if item.end <= amount.start]
        if not before:
            continue
        between = text[before[-1].end : amount.start]
        if between in ("=", ")=", ")"):
            yield Formula(amount, _chain(text, before), is_partial=False)
        elif _THEREFORE.fullmatch(between):
            chain = _chain(text, before)
            if len(chain) == len([item for item in before if not re.search(r"[。;；]", text[item.end : amount.start])]):
                yield Formula(amount, chain, is_partial=False)


def _chain(text: str, before: Sequence[Product]) -> tuple[Product, ...]:
    """The last product with those that a plus sign joins to it."""
    chain = [before[-1]]
    for item in reversed(before[:-1]):
        if not re.fullmatch(r"[)]?[+＋][^\d，,。;；]{0,12}", text[item.end : chain[0].start]):
            break
        chain.insert(0, item)
    return tuple(chain)


def _without(text: str, inside: Sequence[Product], offset: int) -> str:
    rest, at = "", 0
    for item in inside:
        rest += text[at : item.start - offset]
        at = item.end - offset
    return rest + text[at:]
