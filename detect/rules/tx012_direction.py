"""TX012: the reason for a change points the way of the change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.claims import mentions
from detect.registry import Outcome, rule
from detect.sentences import conclude_sentence, thing
from models.citation import Citation
from models.report import Report

_REASON = re.compile(
    r"^(?:（[^（）]{1,16}）)?[，。；](?:主要)?(?:(?P<up>增加|增长|上升|提高)|(?P<down>减少|下降|降低|压减))的?(?:主要)?原因"
)
_SAME = re.compile(r"^(?:（[^（）]{1,16}）)?[，。；](?:无变化|持平|不变)的?(?:主要)?原因")


@rule(
    id="TX012",
    name="增减方向与原因",
    severity="warning",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
)
def direction(report: Report) -> Iterator[Outcome]:
    """The words before a reason say the same direction as the change that they explain.

    ## What it checks
    `较上年增加…，减少的主要原因是…` and the reverse, in one sentence or right behind it.

    ## Why it matters
    Either the change or its explanation is wrong, and the reader cannot know which.

    ## What it leaves alone
    Reasons that name no direction; reasons for another thing than the change before them.
    """
    for mention in mentions(report.document):
        if mention.claim.role not in ("change", "growth") or not mention.claim.direction or not mention.claim.value:
            continue
        rest = mention.passage.text[mention.end :]
        reason = _REASON.match(rest)
        told = 0 if reason is None else 1 if reason.group("up") else -1
        if _SAME.match(rest) is None and not told:
            continue
        if told == mention.claim.direction:
            yield Passed(f"“{mention.claim.sentence[:40]}”的增减原因")
            continue
        word = "增加" if mention.claim.direction > 0 else "减少"
        other = {1: "增加", -1: "减少", 0: "无变化"}[told]
        yield conclude_sentence(
            direction,
            report.document,
            mention.passage,
            mention.start,
            key=f"text:{mention.passage.section[:2].rstrip('、')}:{thing(mention)}",
            message=f"数额写为{word}{mention.claim.text}，紧接着说明的却是“{other}”的原因，增减方向相反，数额与说明必有一处有误。",
            expected=word,
            observed=other,
        )
