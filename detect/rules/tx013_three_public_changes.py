"""TX013: “三公” expenses and their change are the sums of their items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from detect.checks import Check, Operand
from detect.claims import Mention, mentions
from detect.narrative import Statement, prose_operand, statements
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Report

TOTAL = "“三公”经费总额"
WHOLE = ("因公出国（境）费", "公务接待费")
VEHICLES = "公务用车购置及运行费"
KINDS = ("公务用车购置费", "公务用车运行维护费")
_SAME = re.compile(
    r"^[，。]?(?:（[^（）]{1,16}）)?(?:与|同|和|较|比)[^，。；]{2,16}(?:持平|相同|一致|没有变化|无变化|不变)"
)


@rule(
    id="TX013",
    name="“三公”经费合计与增减额",
    severity="error",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            # 七、“三公”经费增减变动原因说明
            2031年“三公”经费预算8.40万元。其中：因公出国（境）费0万元；公务接待费1.20万元；公务用车购置费0万元；公务用车运行维护费3.60万元。
            """,
        near_miss={"8.40万元": "4.80万元"},
        because="总额等于各项之和",
    ),
)
def three_public_changes(report: Report) -> Iterator[Outcome]:
    """Stated “三公” expenses, and their stated change, equal those of going abroad, reception and vehicles.

    ## 查什么
    说明中“三公”经费总额及其增减额，是否等于出国、接待、用车各项之和。不论是否识别出报表。

    ## 为什么要查
    “三公”经费只减不增，管的就是增减额。

    ## 不报的情形
    总额或某项没有写与上年比较的（列入“未检查”）；四舍五入的尾差。
    """
    found = mentions(report.document)
    own = [item for item in statements(report, found, printed_only=False) if item.rule == "TX001"]
    by_name = {item.name: item for item in reversed(own)}
    if TOTAL not in by_name:
        return
    yield from _amounts(report, by_name)
    names = [*WHOLE, *([VEHICLES] if VEHICLES in by_name and _change(report, found, by_name[VEHICLES]) else KINDS)]
    total = _change(report, found, by_name[TOTAL])
    parts = [change for name in names if name in by_name and (change := _change(report, found, by_name[name]))]
    missing = [name for name in names if name not in by_name]
    if total is None or len(parts) + len(missing) < len(names) or missing:
        yield Skip("TX013", "“三公”经费增减额", "文字说明没有逐项说明与上年相比的增减，未作核对")
        return
    terms = tuple(replace(part, sign=part.sign * total.sign) for part in parts)
    yield Check("增减总额等于各项增减额之和", replace(total, sign=1), terms)


def _amounts(report: Report, by_name: dict[str, Statement]) -> Iterator[Check]:
    """The total is the sum of its items, where each of them is stated."""
    names = [*WHOLE, *([VEHICLES] if VEHICLES in by_name else KINDS)]
    if all(name in by_name for name in names):
        yield Check(
            "“三公”经费总额等于各项之和",
            prose_operand(report.document, by_name[TOTAL].mention, TOTAL),
            tuple(prose_operand(report.document, by_name[name].mention, name) for name in names),
        )


def _change(report: Report, found: Sequence[Mention], statement: Statement) -> Operand | None:
    """The stated change of an item as a signed operand; an unchanged item is its own words with nothing."""
    mention = statement.mention
    position = next(index for index, other in enumerate(found) if other is mention)
    after = found[position + 1] if position + 1 < len(found) else None
    text = mention.passage.text
    near = after is not None and after.passage_index == mention.passage_index and after.claim.role == "change"
    if near and after is not None and not re.search(r"[。；]", text[mention.end : after.start]):
        return prose_operand(report.document, after, f"{statement.name}增减额", after.claim.direction or 1)
    if _SAME.match(text[mention.end :]):
        same = prose_operand(report.document, mention, f"{statement.name}增减额")
        return Operand(
            sign=1,
            key=("", same.key[1], same.key[2] + 1),
            label=same.label,
            name=same.name,
            text="0",
            state="blank",
            amount=None,
            evidence=same.evidence,
            form="text",
            line=same.line,
            column=same.column,
            unit=same.unit,
            unit_yuan=same.unit_yuan,
        )
    return None
