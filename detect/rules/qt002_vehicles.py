"""QT002: no more official vehicles than the quota allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.wording import plain
from models.citation import Citation
from models.report import Report

_QUOTA = re.compile(r"(?:车辆?|公务用车|用车)?(?:核定)?编制(?:数|总数)?(?:为|共|共计)?(\d{1,4})[辆台]")
_HELD = re.compile(r"(?:实有|现有|保有|账面)(?:车辆|公务用车|用车)?(?:数量?|量|总数)?(?:为|共|共计)?(\d{1,4})[辆台]")


@rule(
    id="QT002",
    name="公务用车实有数与编制数",
    severity="error",
    category="quota",
    basis=Citation("《党政机关公务用车管理办法》"),
)
def vehicles(report: Report) -> Iterator[Outcome]:
    """The number of official vehicles does not exceed their quota.

    ## What it checks
    Sentences that state one quota and one number of vehicles held.

    ## Why it matters
    Vehicles beyond the quota may be neither bought nor run from the budget.

    ## What it leaves alone
    Sentences that state the quotas of several units or kinds.
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
