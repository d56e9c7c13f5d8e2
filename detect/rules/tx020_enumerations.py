"""TX020: what a sentence lists as all parts of a total adds up to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detect.checks import Check
from detect.claims import Mention, mentions
from detect.narrative import prose_operand
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.wording import quoted
from models.citation import Citation
from models.report import Report

_BALANCE = re.compile(r"收、?支(?:总预算|预算总计|总计)(?:为)?$")
_INCLUDES = re.compile(r"(?<!主要)(?P<side>收入|支出)包括：?")
_JOINED = re.compile(r"[、，和及与]+[^，。；：\d]{2,40}")
_DIVIDED = re.compile(r"其中|包括|用于|含")
_FEWEST = 2
_INCOME = re.compile(r"(?:^|[^总])收入(?:预算|合计)(?:数|为)?$")
_KINDS = ("财政拨款收入", "上级补助收入", "事业收入", "经营收入", "附属单位上缴收入", "附属单位缴款", "其他收入")
_NEEDED = ("财政拨款收入", "其他收入")


@rule(
    id="TX020",
    name="文字说明所列各项之和",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 四、财政拨款收支预算情况说明
            天文馆2031年财政拨款收支总预算130.00万元。支出包括：科学技术支出100.00万元、住房保障支出25.00万元。
            """,
        near_miss={"25.00万元": "30.00万元"},
        because="两项之和等于总预算",
    ),
)
def enumerations(report: Report) -> Iterator[Outcome]:
    """A balance is the sum of what its sides list; income is the sum of its kinds where all of them are stated.

    ## 查什么
    “收支总预算130.00万元。支出包括：……”所列各项之和是否等于总预算；收入预算（合计）是否等于所列财政拨款收入、事业收入、
    经营收入、其他收入等之和。不论是否识别出报表。

    ## 为什么要查
    改了一项没有改总数，或者漏列了一项，读者看到的就不是全部的钱。

    ## 不报的情形
    “主要包括”和以“等”结尾的列举；没有同时写明财政拨款收入和其他收入的；四舍五入的尾差。
    """
    found = mentions(report.document)
    yield from _incomes(report, found)
    if report.kind == "决算公开":
        return
    for position, mention in enumerate(found):
        if mention.is_stated_amount and _BALANCE.search(quoted(mention.lead)):
            yield from _sides(report, found, position)


def _sides(report: Report, found: Sequence[Mention], position: int) -> Iterator[Check]:
    """The lists of income and of spending behind a balance."""
    total = found[position]
    text = total.passage.text
    for side in _INCLUDES.finditer(text, total.end):
        parts = _listed(found[position + 1 :], total.passage_index, side.end(), text)
        if len(parts) >= _FEWEST:
            name = "财政拨款收支总预算" if "拨款" in total.lead else "收支总预算"
            yield Check(
                f"{name}等于所列{side.group('side')}各项之和",
                prose_operand(report.document, total, name),
                tuple(prose_operand(report.document, part, thing(part)) for part in parts),
            )


def _listed(after: Sequence[Mention], passage: int, begin: int, text: str) -> list[Mention]:
    """The amounts of a list from `begin` to the end of its clause; none where anything but a name stands between."""
    parts: list[Mention] = []
    for mention in after:
        if mention.passage_index != passage:
            break
        if mention.start < begin:
            continue
        last = parts[-1].end if parts else begin
        between = text[last : mention.start]
        if re.search(r"[。；]", between):
            break
        if not mention.is_stated_amount or _DIVIDED.search(between) or (parts and not _JOINED.fullmatch(between)):
            return []
        parts.append(mention)
    return parts if parts and text[parts[-1].end : parts[-1].end + 1] in ("。", "；") else []


def _incomes(report: Report, found: Sequence[Mention]) -> Iterator[Check]:
    """Income of a year with all of its kinds up to the full stop."""
    for position, total in enumerate(found):
        if not total.is_stated_amount or not _INCOME.search(quoted(total.lead)):
            continue
        # semicolons part the kinds
        end = total.passage.text.find("。", total.end)
        parts: dict[str, Mention] = {}
        for mention in found[position + 1 :]:
            if mention.passage_index != total.passage_index or mention.start >= end > 0:
                break
            if not mention.is_stated_amount:
                continue
            kind = next((kind for kind in _KINDS if re.search(f"{kind}(?:预算)?(?:为)?$", mention.lead)), None)
            if kind is None or kind in parts:
                parts = {}
                break
            parts[kind] = mention
        if all(kind in parts for kind in _NEEDED):
            yield Check(
                "收入等于所列各项收入之和",
                prose_operand(report.document, total, "收入预算" if report.kind != "决算公开" else "收入合计"),
                tuple(prose_operand(report.document, part, kind) for kind, part in parts.items()),
            )
