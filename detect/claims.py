"""Prose to claims: every quantity with its unit, what it speaks of, and whether it is a state, a change or a share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import cn2an

from detect.amounts import usual_decimals
from detect.prose import Passage, passages
from models.claim import Bound, Claim, ClaimKind, ClaimRole
from models.document import Document
from models.money import YUAN_PER_UNIT, Amount

# Digits behind `8,` or `8.` are the rest of a number that was misread or misprinted (8,23), not a number.
_NUMBER = r"(?<!\d[，,.．。])(?<!\d)(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_WORDS = (
    r"[一二两三四五六七八九十][零〇一二两三四五六七八九十百千]*[万亿]?"
    r"|[壹贰叁肆伍陆柒捌玖拾][零壹贰叁肆伍陆柒捌玖拾佰仟]*(?:[万亿][零壹贰叁肆伍陆柒捌玖拾佰仟]*)?"
)
_UNITS: tuple[tuple[ClaimKind, str], ...] = (
    ("amount", r"亿元|万元|千元|元"),
    ("percentage", r"个百分点|%"),
    ("vehicles", r"辆"),
    ("staff", r"人次|人|名|位"),
    ("area", r"平方米|㎡|m²|亩|公顷"),
    ("count", r"个|项|家|台|套|批次|批|次|份|册|本|件|期|场|条|户|公里|天"),
)
_COUNTED = frozenset("|".join(pattern for kind, pattern in _UNITS if kind in ("vehicles", "staff", "count")).split("|"))
_UNIT = "|".join(pattern for _, pattern in _UNITS)
_QUANTITY = re.compile(
    rf"(?P<bound>≥|≤|>=|<=|>|<|不低于|不少于|不小于|不超过|不高于|不大于|至少|最多|大于等于|小于等于|约|大约|近)?"
    rf"(?P<number>{_NUMBER}|(?<![第一二三四五六七八九十百千万])(?:{_WORDS}))"
    rf"(?:(?:{_UNIT})?(?:-|—|~|～|至)(?P<upper>{_NUMBER}))?"
    rf"(?P<unit>{_UNIT})(?P<per>(?:/[^\W\d_]{{1,3}}){{0,3}})整?(?P<more>（含）以上|（含）以下|以上|以下|以内|左右)?"
)
_IN_WAN = re.compile(rf"({_NUMBER})万元")
_DATE = re.compile(r"(?P<year>20\d\d)年(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|(?P<end>底|末))?)?")
_LIMIT_WORDS = re.compile(r"(?:单价|单位价值|价值|单台价值|限额)$")
_SPOKEN = re.compile(r"^(?:一(?:个|项|次|批|本|条|期|件|家|场|位|名|天)|十个?|百|千|万)$")
_THAN = r"(?:上年度?|去年|上一年度?|同期|(?:预算|决算|执行|完成)数?|20\d\d年度?)"
_CHANGE = re.compile(
    rf"(?:(?P<up>增加|增长|上升|提高|上涨|增幅|增收|调增|{_THAN}多)|(?P<down>减少|下降|降低|减幅|降幅|减收|压减|缩减|下浮|调减|{_THAN}少)"
    r"|(?P<none>增减|变动|变化))(?:了|支出了?|(?:数?额|金额|率|幅度?|比例)?(?:为|达到?|是)?)$"
)
_OF_CHANGE = re.compile(
    r"^[，（]?(?:(?:同比|比上年|较上年|同比上年|增减)?(?:变化率|变动率|增减率|幅度)?(?:为|约)?)[（]?$"
)
_PREVIOUS = re.compile(
    r"(?:上年|上年度|去年|上一年|上一年度|(?P<year>20\d\d)年(?:度)?)(?!结转|结余|财政拨款结转)"
    r"(?:[^，。；：\d]{0,14})?(?:为|预算|预算数|决算|决算数|执行数|数|是)?$"
)
_COMPARED = re.compile(r"(?:比|较|与|同|和)(?:上年|上年度|去年|上一年|20\d\d年|年初预算|预算数|预算)")
_SHARE = re.compile(
    r"(?:占(?P<whole>[^，。；占%]{0,40}?)(?:比|的?(?:比重|比例|比率))?|(?:^|[，（、])(?:比重|比例))(?:分别)?(?:为|达到?|约|是)?$"
)
_LAST_YEARS = re.compile(r"(?:上年度?|去年|上一年度?)(?:同期)?(?:所)?占")
_COMPLETION = re.compile(
    r"(?:完成|执行率|完成率|完成比例|执行进度|为(?:年初|全年|调整后?|当年|年度)预算数?的?)[^，。；]{0,24}$"
)
_BREAKS = "，。；：？！"
_ONLY_WHEN = re.compile(
    r"(?:20\d\d年度?|本年度?|当年|全年)?(?:财政拨款)?(?:年初|全年)?(?:预算|决算)?(?:支出|收入)?(?:安排|列支)?(?:数|总额|金额)?(?:为|是)?"
)
LONGEST_LABEL = 26
"""Characters of a label with its colon; a longer one is a sentence."""
_LABEL = re.compile(r"(?:^|[，。；：？！])(?P<label>[^，。；：？！]{2,24})：$")
_NO_LABEL = re.compile(r"(?:其中|包括|如下|用于|分别|原因|情况|说明|方面|分)$")
BOUNDS: dict[str, Bound] = {
    "≥": "≥", ">=": "≥", ">": "≥", "不低于": "≥", "不少于": "≥", "不小于": "≥", "至少": "≥", "大于等于": "≥",
    "≤": "≤", "<=": "≤", "<": "≤", "不超过": "≤", "不高于": "≤", "不大于": "≤", "最多": "≤", "小于等于": "≤",
    "约": "≈", "大约": "≈", "近": "≈",
    "（含）以上": "≥", "以上": "≥", "（含）以下": "≤", "以下": "≤", "以内": "≤", "左右": "≈",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """A claim with its place in the running text.

    Attributes:
        start: offset of the number in the passage.
        end: offset behind the unit.
        lead: the words between the last break (or quantity) and the number.
        printed: the number as printed.
        whole: what a share is a share of, as far as the sentence names it (`本年支出合计`).
        passage_index: position of the passage in the document.
    """

    claim: Claim
    passage: Passage
    passage_index: int
    start: int
    end: int
    lead: str
    printed: str
    whole: str = ""

    @property
    def amount(self) -> Amount:
        return Amount(self.claim.value, self.claim.step)

    @property
    def is_stated_amount(self) -> bool:
        return self.claim.kind == "amount" and self.claim.role == "stated" and self.claim.bound == "="


@lru_cache(maxsize=2)
def mentions(document: Document) -> tuple[Mention, ...]:
    """Every quantity of the running text, in reading order; kept for the document at hand."""
    found: list[Mention] = []
    every = [(index, passage) for index, passage in enumerate(passages(document)) if not passage.is_heading]
    decimals = usual_decimals(number for _, passage in every for number in _IN_WAN.findall(passage.text))
    for index, passage in every:
        found += _of_passage(document, passage, index, decimals)
    return tuple(found)


def claims_of(document: Document) -> tuple[Claim, ...]:
    """Every quantity and date of the running text."""
    dates = (date for passage in passages(document) if not passage.is_heading for date in _dates(document, passage))
    return (*(mention.claim for mention in mentions(document)), *dates)


def _of_passage(document: Document, passage: Passage, index: int, decimals: int) -> Iterator[Mention]:
    last_end = 0
    before: Claim | None = None
    for found in _QUANTITY.finditer(passage.text):
        number = found.group("number")
        unit, per = found.group("unit"), found.group("per")
        if not number[0].isdigit() and _SPOKEN.match(number + unit):
            continue
        kind = next(kind for kind, pattern in _UNITS if re.fullmatch(pattern, unit))
        if kind == "amount" and per:
            kind = "price"
        start = found.start("number")
        begin = max([last_end, *(passage.text.rfind(mark, 0, found.start()) + 1 for mark in _BREAKS)])
        begin = _with_label(passage.text, begin, found.start())
        lead = passage.text[begin : found.start()]
        role, direction, whole = _role(passage.text, found, lead, before if begin <= last_end + 1 else None)
        bound = BOUNDS.get(found.group("bound") or "") or BOUNDS.get(found.group("more") or "", "=")
        if found.group("upper"):
            bound = "range"
        if (stated := _value(number, unit, decimals)) is None:
            continue
        value, step = stated
        end = _value(found.group("upper"), unit, decimals) if found.group("upper") else None
        evidence = passage.evidence(document, start)
        claim = Claim(
            kind=kind,
            role=role,
            subject=passage.printed[begin : found.start()].strip("、和及"),
            value=value,
            step=step,
            unit=unit + per,
            text=passage.printed[start : found.end("unit")],
            sentence=evidence.text,
            section=passage.section,
            page=evidence.page,
            box=evidence.box,
            direction=direction,
            bound=bound,
            upper=end[0] if end else None,
        )
        yield Mention(claim, passage, index, start, found.end(), lead, number, whole)
        before, last_end = claim, found.end()


def _with_label(text: str, begin: int, end: int) -> int:
    """Where the words before a number begin: at its label where they name only the year (`接待费：2031年安排`)."""
    if not begin or text[begin - 1] != "：" or not _ONLY_WHEN.fullmatch(text, begin, end):
        return begin
    label = _LABEL.search(text, max(0, begin - LONGEST_LABEL), begin)
    return begin if label is None or _NO_LABEL.search(label.group("label")) else label.start("label")


def _role(text: str, found: re.Match[str], lead: str, before: Claim | None) -> tuple[ClaimRole, int, str]:
    """Role, direction and named whole of a quantity from the words before it."""
    percentage = found.group("unit") in ("%", "个百分点")
    if found.group("more") or _LIMIT_WORDS.search(lead):
        return ("limit", 0, "")
    if change := _CHANGE.search(lead):
        direction = 1 if change.group("up") else -1 if change.group("down") else 0
        return ("growth" if percentage else "change", direction, "")
    if percentage:
        # the words after 占 may contain an amount or a comma of their own, so look back to the full stop
        clause = text[max(text.rfind(mark, 0, found.start()) + 1 for mark in "。；，") : found.start()]
        if (share := _SHARE.search(clause)) and not _LAST_YEARS.search(clause):
            return ("share", 0, share.group("whole") or "")
        if _COMPLETION.search(clause):
            return ("completion", 0, "")
        if before is not None and before.role == "change" and _OF_CHANGE.match(lead):
            return ("growth", before.direction, "")
        return ("stated", 0, "")
    if _PREVIOUS.search(lead) and (_COMPARED.search(lead) or "上" in lead or "去年" in lead):
        return ("previous", 0, "")
    return ("stated", 0, "")


def _value(number: str, unit: str, decimals: int) -> tuple[Decimal, Decimal] | None:
    """Value and printed step in yuan or in the unit; None for words that are no number (`百十`).

    Things that are counted are exact, and so is `0万元`. An amount in 万元 with fewer decimals than `decimals`, the
    usual number in the document, has lost zeros at its end, unless it has no decimals at all.
    """
    factor = YUAN_PER_UNIT.get(unit, Decimal(1))
    if number[0] not in "0123456789":
        try:
            return Decimal(str(cn2an.cn2an(number.replace("〇", "零"), "smart"))) * factor, Decimal(0)
        except ValueError:
            return None
    bare = number.replace(",", "")
    printed = len(bare.partition(".")[2])
    if not printed and (unit in _COUNTED or (unit in YUAN_PER_UNIT and not int(bare))):
        return Decimal(bare), Decimal(0)
    return Decimal(bare) * factor, factor.scaleb(-max(printed, decimals if printed and unit == "万元" else 0))


def _dates(document: Document, passage: Passage) -> Iterable[Claim]:
    for found in _DATE.finditer(passage.text):
        if not found.group("month"):
            continue
        evidence = passage.evidence(document, found.start())
        day = found.group("day") or "0"
        number = int(found.group("year")) * 10000 + int(found.group("month")) * 100 + int(day)
        yield Claim(
            kind="date",
            role="stated",
            subject="",
            value=Decimal(number),
            step=Decimal(1),
            unit="",
            text=passage.printed[found.start() : found.end()],
            sentence=evidence.text,
            section=passage.section,
            page=evidence.page,
            box=evidence.box,
        )
