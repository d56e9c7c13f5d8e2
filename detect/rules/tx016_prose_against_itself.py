"""TX016: the explanation does not contradict itself where no table can tell which amount is right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Check
from detect.claims import Mention, mentions
from detect.narrative import Statement, begins_a_name, prose_operand, statements
from detect.registry import Example, Outcome, rule
from detect.wording import quoted
from models.citation import Citation
from models.finding import Skip
from models.report import Report

SUMS = (
    ("财政拨款收支总预算", ("当年财政拨款收入", "上年财政拨款结转")),
    ("收入总计", ("本年收入", "上年结转")),
    ("收入预算总额", ("本年收入", "上年结转")),
)
"""Totals of budgets with the parts that one section states; the names are those of the vocabulary of statements."""
MOST_VALUES = 2
"""Different amounts under one name that still can be one thing stated twice; more are of several units."""
_BASIC = re.compile(r"基本支出(?:预算|决算)?(?:支出)?(?:总额|合计|数)?(?:为)?$")
_PERSONNEL = re.compile(r"人员(?:经费|支出){1,2}(?:预算|决算)?(?:为)?$")
_OPERATING = re.compile(r"(?:日常)?公用(?:经费|支出){1,2}(?:预算|决算)?(?:为)?$")


@rule(
    id="TX016",
    name="文字说明前后一致",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 六、财政拨款基本支出预算情况说明
            天文馆基本支出预算80.00万元，其中：
            （一）人员经费77.00万元。主要包括：基本工资。
            （二）公用经费10.00万元。
            """,
        near_miss={"77.00万元": "70.00万元"},
        because="两项之和等于基本支出",
    ),
)
def prose_against_itself(report: Report) -> Iterator[Outcome]:
    """One amount that the explanation states twice is the same, and basic expenditure is personnel and operation.

    ## 查什么
    说明中两处写到的同一总额（没有识别出对应报表的）是否相同；基本支出=人员经费+公用经费、收入总计=本年收入+上年结转
    等在一节中写全的是否相符。

    ## 为什么要查
    同一件事两个金额，不用看报表也知道有一个是错的。

    ## 不报的情形
    已识别报表印有的金额（由其他规则核对）；四舍五入的尾差。
    """
    found = mentions(report.document)
    by_quantity: dict[str, list[Statement]] = defaultdict(list)
    stated = statements(report, found, printed_only=False)
    for statement in stated:
        if not statement.places and statement.rule in ("TX003", "TX005"):
            by_quantity[statement.quantity].append(statement)
    for same in by_quantity.values():
        if len({statement.mention.claim.value for statement in same}) > MOST_VALUES:
            yield Skip("TX016", same[0].name, "文字说明中该项目出现多个不同金额，可能分属不同单位，未作核对")
            continue
        for other in same[1:]:
            yield Check(
                f"{other.name}前后一致",
                prose_operand(report.document, other.mention, other.name),
                (prose_operand(report.document, same[0].mention, same[0].name),),
            )
    if report.kind != "决算公开":
        yield from _sums(report, stated)
    yield from _basic(report, found)


def _sums(report: Report, stated: list[Statement]) -> Iterator[Check]:
    """The totals that one section states with all of their parts."""
    by_section: dict[str, dict[str, Mention]] = defaultdict(dict)
    for statement in stated:
        by_section[statement.mention.passage.section].setdefault(statement.name, statement.mention)
    for named in by_section.values():
        for total, parts in SUMS:
            if total in named and all(part in named for part in parts):
                yield Check(
                    f"{total}等于{'加'.join(parts)}",
                    prose_operand(report.document, named[total], total),
                    tuple(prose_operand(report.document, named[part], part) for part in parts),
                )


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
        if _names(_BASIC, mention):
            total, parts = mention, {"人员经费": [], "公用经费": []}
            groups.append((total, parts))
        elif total is not None and _names(_PERSONNEL, mention):
            parts["人员经费"].append(mention)
        elif total is not None and _names(_OPERATING, mention):
            parts["公用经费"].append(mention)
    for whole, named in groups:
        if all(len(stated) == 1 for stated in named.values()):
            yield Check(
                "基本支出等于人员经费加公用经费",
                prose_operand(report.document, whole, "基本支出"),
                tuple(prose_operand(report.document, stated[0], name) for name, stated in named.items()),
            )


def _names(words: re.Pattern[str], mention: Mention) -> bool:
    """Whether the words before the amount are this name, whole."""
    lead = quoted(mention.lead)
    found = words.search(lead)
    # the parts are those of the same money, whatever the heading calls it
    headings = f"一般公共预算{mention.passage.section}{mention.passage.subsection}"
    return found is not None and begins_a_name(lead, found.start(), headings)
