"""QT002: no more official vehicles than the quota allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.wording import plain
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_QUOTA = re.compile(
    r"(?:车辆?|公务用车|用车)?(?:核定)?(?:车辆|公务用车)?编制(?:数|总数)?(?:为|共|共计)?(\d{1,4})[辆台]"
)
_HELD = re.compile(
    r"(?:实有|现有|保有|账面|(?:实际)?在用)(?:车辆|公务用车|用车)?(?:数量?|量|总数)?(?:为|共|共计)?(\d{1,4})[辆台]"
)
_KIND = re.compile(r"(?:用车|车辆|车)(?:数量?)?(?:为|共)?(\d{1,4})[辆台]")


@rule(
    id="QT002",
    name="公务用车实有数与编制数",
    severity="error",
    category="quota",
    basis=Citation("《党政机关公务用车管理办法》"),
    example=Example(
        "本馆公务用车编制2辆，实有3辆，其中应急保障用车3辆。",
        near_miss={"编制2辆": "编制3辆"},
        because="没有超过编制",
    ),
)
def vehicles(report: Report) -> Iterator[Outcome]:
    """The number of official vehicles does not exceed their quota.

    ## 查什么
    公务用车实有数是否超过编制数。

    ## 为什么要查
    超编车辆不得购置，也不得由预算负担运行费用。

    ## 不报的情形
    写有几个单位或几类车辆编制的句子；实有数与各类之和不符、按各类之和并未超编的（由 TX011 报出）。
    """
    for block in report.document.blocks:
        if block.role not in ("paragraph", "heading"):
            continue
        for sentence in re.split(r"[。;；]", plain(block.text)):
            quotas, held = _QUOTA.findall(sentence), _HELD.findall(sentence)
            if len(quotas) != 1 or len(held) != 1:
                continue
            if int(held[0]) <= int(quotas[0]):
                yield Passed("公务用车编制")
                continue
            kinds = [int(number) for number in _KIND.findall(sentence.partition("其中")[2])]
            if len(kinds) > 1 and sum(kinds) != int(held[0]) and sum(kinds) <= int(quotas[0]):
                yield Skip("QT002", "公务用车编制", "实有数与所列各类车辆之和不符（由 TX011 报出），改正后未超编制")
                continue
            over = int(held[0]) - int(quotas[0])
            yield conclude(
                vehicles,
                report.document,
                key="text:公务用车",
                message=f"国有资产占有使用情况说明公务用车编制{quotas[0]}辆，实有{held[0]}辆，超出编制{over}辆。",
                places=[block],
                expected=f"不超过{quotas[0]}辆",
                observed=f"{held[0]}辆",
                difference=f"{over}辆",
            )
