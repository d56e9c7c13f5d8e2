"""TX016: the explanation does not contradict itself where no table can tell which amount is right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Check
from detect.claims import Mention, mentions
from detect.narrative import Statement, prose_operand, statements
from detect.registry import Outcome, rule
from models.citation import Citation
from models.report import Report

_BASIC = re.compile(r"基本支出(?:预算|决算)?(?:支出)?(?:总额|合计|数)?(?:为)?$")
_PERSONNEL = re.compile(r"人员(?:经费|支出)(?:预算)?(?:为)?$")
_OPERATING = re.compile(r"公用(?:经费|支出)(?:预算)?(?:为)?$")


@rule(
    id="TX016",
    name="文字说明前后一致",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def prose_against_itself(report: Report) -> Iterator[Outcome]:
    """One amount that the explanation states twice is the same, and basic expenditure is personnel and operation.

    ## What it checks
    Totals that two sections state (such as 收入总计) where the table that prints them was not recognised; and
    基本支出 = 人员经费 + 公用经费 wherever a section states all three.

    ## Why it matters
    Of two amounts for one thing one is wrong, even where there is no table to compare with.

    ## What it leaves alone
    Amounts that a recognised table prints (other rules compare them with it); differences within rounding.
    """
    found = mentions(report.document)
    by_quantity: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements(report, found, printed_only=False):
        if not statement.places and statement.rule in ("TX003", "TX005"):
            by_quantity[statement.quantity].append(statement)
    for same in by_quantity.values():
        for other in same[1:]:
            yield Check(
                f"{other.name}前后一致",
                prose_operand(report.document, other.mention, other.name),
                (prose_operand(report.document, same[0].mention, same[0].name),),
            )
    yield from _basic(report, found)


def _basic(report: Report, found: tuple[Mention, ...]) -> Iterator[Check]:
    total: Mention | None = None
    parts: dict[str, list[Mention]] = {}
    groups: list[tuple[Mention, dict[str, list[Mention]]]] = []
    for mention in found:
        if not mention.is_stated_amount:
            continue
        place = (mention.passage.section, mention.passage.subsection)
        if total is not None and (total.passage.section, total.passage.subsection) != place:
            total = None
        if _BASIC.search(mention.lead):
            total, parts = mention, {"人员经费": [], "公用经费": []}
            groups.append((total, parts))
        elif total is not None and _PERSONNEL.search(mention.lead):
            parts["人员经费"].append(mention)
        elif total is not None and _OPERATING.search(mention.lead):
            parts["公用经费"].append(mention)
    for whole, named in groups:
        if all(len(stated) == 1 for stated in named.values()):
            yield Check(
                "基本支出等于人员经费加公用经费",
                prose_operand(report.document, whole, "基本支出"),
                tuple(prose_operand(report.document, stated[0], name) for name, stated in named.items()),
            )
