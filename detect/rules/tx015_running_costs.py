"""TX015: nobody pays for running vehicles that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed, operand_of
from detect.claims import mentions
from detect.facts import Ledger
from detect.listing import lead_matches
from detect.registry import Outcome, rule
from detect.sentences import conclude_sentence
from models.citation import Citation
from models.finding import Skip
from models.money import yuan_text
from models.report import Report

_HELD = re.compile(r"(?:实有|共有|现有|保有|账面)(?:公务)?(?:车辆|用车)?(?:数量?|总数|量)?(?:为|共|共计)?$")
_RUNNING = (("b10", "running", "total"), ("f09", "amount", "final.running"))


@rule(
    id="TX015",
    name="车辆与运行维护费",
    severity="warning",
    category="narrative",
    basis=Citation("《党政机关公务用车管理办法》"),
)
def running_costs(report: Report) -> Iterator[Outcome]:
    """Where the explanation says that there is no vehicle, no expense for running one is planned.

    ## What it checks
    The number of vehicles held against 公务用车运行维护费 of 表十 or 公开09, where the number is zero.

    ## Why it matters
    The money runs somebody else's vehicle, or a vehicle that is not on the books.

    ## What it leaves alone
    Vehicles without running costs: another organisation may bear them; documents that state no number of vehicles.
    """
    cars = (mention for mention in mentions(report.document) if mention.claim.kind == "vehicles")
    held = next((mention for mention in cars if lead_matches(mention, _HELD)), None)
    ledger = Ledger(report)
    place = next((found for where in _RUNNING if (found := ledger.one(*where)) is not None), None)
    if place is None:
        return
    if held is None:
        yield Skip("TX015", "车辆与运行维护费", "没有识别出文字说明中的车辆数，未作核对")
        return
    amount = place.fact.amount
    if held.claim.value or amount is None or not amount.value:
        yield Passed("车辆与运行维护费")
        return
    printed = yuan_text(amount.value, place.form.unit)
    yield conclude_sentence(
        running_costs,
        report.document,
        held.passage,
        held.start,
        key="text:公务用车",
        message=(
            f"车辆数写为{held.claim.text}，《{place.form.name}》却列有公务用车运行维护费{printed}，"
            "没有车辆不应有运行维护费，请核实车辆归属。"
        ),
        others=[operand_of(place, report.document).evidence],
        expected=yuan_text(amount.value * 0, place.form.unit),
        observed=printed,
        difference=printed,
    )
