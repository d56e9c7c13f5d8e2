"""TX011: stated vehicles add up by kind and agree with the table, and dearer equipment is part of cheaper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from detect.checks import Check, Operand, operand_of
from detect.claims import Mention, mentions
from detect.facts import Ledger
from detect.listing import lead_matches, listings, sum_check
from detect.narrative import prose_operand
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report

_TOTAL = re.compile(
    r"(?:实有|共有|现有|保有)(?:公务)?(?:车辆|用车)?(?:数量?|总数)?(?:为|共|共计)?$|购置(?:公务)?(?:车辆|用车)$"
)
_PART = re.compile(r"(?:用车|车辆|车)(?:数量?)?(?:为|共)?$")
_HALF = re.compile(r"50万元[^，。；]{0,24}$")
_WHOLE = re.compile(r"其中[^，。；]{0,6}100万元[^，。；]{0,24}$")


@rule(
    id="TX011",
    name="国有资产数量",
    severity="error",
    category="narrative",
    basis=Citation("《行政事业性国有资产管理条例》（国务院令第738号）"),
    example=Example(
        """
            # 十一、国有资产占有使用情况
            虚构市天文馆公务用车编制3辆，实有3辆，其中：机要通信用车1辆，其他公务用车1辆。
            """,
        near_miss={"实有3辆": "实有2辆"},
        because="实有数等于两类之和",
    ),
)
def assets(report: Report) -> Iterator[Outcome]:
    """The vehicles held are the sum of their kinds and what 公开10 prints.

    ## 查什么
    实有车辆是否等于各类车辆之和；决算与公开10比较；列为其中项的100万元以上设备是否多于50万元以上设备。

    ## 为什么要查
    车辆按类别核编，加不起来就可能藏着一辆。

    ## 不报的情形
    没有列出类别的段落；通用设备与专用设备；编制数（由 QT002 核对）。
    """
    found = mentions(report.document)
    cars = [mention for mention in found if mention.claim.kind == "vehicles"]
    for listing in listings(
        cars, lambda mention: lead_matches(mention, _TOTAL), lambda mention: lead_matches(mention, _PART)
    ):
        if len(listing.parts) >= 2 and "其中" in listing.total.passage.text[listing.total.end : listing.parts[0].start]:
            yield sum_check(report, listing, "车辆数等于各类车辆之和", "车辆数")
    held = next((mention for mention in cars if lead_matches(mention, _TOTAL) and "购置" not in mention.lead), None)
    table = _vehicles(report)
    if held is not None and table is not None:
        yield Check("文字说明的车辆数等于报表车辆数", prose_operand(report.document, held, "车辆数"), (table,))
    yield from _equipment(report, found)


def _vehicles(report: Report) -> Operand | None:
    place = Ledger(report).one("f10", "vehicles", "amount")
    operand = operand_of(place, report.document) if place is not None else None
    return operand if operand is not None and operand.state == "number" else None


def _equipment(report: Report, found: Sequence[Mention]) -> Iterator[Check]:
    sets = [mention for mention in found if mention.claim.unit in ("台", "套") and mention.claim.role == "stated"]
    for cheap, dear in pairwise(sets):
        if cheap.passage_index != dear.passage_index:
            continue
        begin, _ = cheap.passage.sentence_span(cheap.start)
        between = cheap.passage.text[cheap.end : dear.start]
        if _HALF.search(cheap.passage.text[begin : cheap.start]) and _WHOLE.search(between):
            yield Check(
                "单价100万元以上设备不多于单价50万元以上设备",
                prose_operand(report.document, dear, "单价100万元以上设备数"),
                (prose_operand(report.document, cheap, "单价50万元以上设备数"),),
                "<=",
            )
