"""QT005: an increase of expenses that may only decrease is explained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detect.checks import Passed
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.narrative import Statement, statements
from detect.prose import Passage, passages
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from models.citation import Citation
from models.report import Report

_RULES = ("TX001", "TX002")
_WHOLE = ("“三公”经费总额", "机关运行经费")
_REASON = re.compile(r"原因|主要(?:是|为|系)|由于|因为|因(?!公)|导致|影响|调整|新增|更新|基本持平")


@rule(
    id="QT005",
    name="“三公”经费和机关运行经费增加未说明原因",
    severity="hint",
    category="quota",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 七、“三公”经费增减变动原因说明
            2031年财政拨款安排“三公”经费4.80万元，比2030年增加0.90万元。
            """,
        near_miss={"增加0.90万元": "增加0.90万元，主要原因是更新一辆公务用车"},
        because="说明了原因",
    ),
)
def unexplained_increase(report: Report) -> Iterator[Outcome]:
    """Where the total of “三公” or of the operating expenses is said to rise, the section gives a reason.

    ## 查什么
    说明写明“三公”经费总额、机关运行经费比上年（预算）增加的，同一节有没有任何原因说明。只作提示。

    ## 为什么要查
    “三公”经费要求只减不增，机关运行经费属于从严控制的一般性支出；确需增加的，应当公开说明原因。

    ## 不报的情形
    说明了原因的增加；某一项增加而总额没有增加；减少和持平；“基本持平”。
    """
    found = mentions(report.document)
    seen: set[str] = set()
    for statement in statements(report, found, printed_only=False):
        if statement.rule not in _RULES or statement.name not in _WHOLE or statement.name in seen:
            continue
        seen.add(statement.name)
        change = _increase(found, statement)
        if change is None or _is_explained(report, statement.mention):
            yield Passed(f"{statement.name}的增减原因")
            continue
        yield conclude(
            unexplained_increase,
            report.document,
            key=f"text:{statement.name}",
            message=(
                f"{statement.name}{statement.mention.claim.text}，增加{change.claim.text}，没有说明原因。“三公”经费要求只减不增，"
                "机关运行经费从严控制，增减变化的原因应当一并公开。"
            ),
            places=[Words(change.passage, change.start)],
            expected="说明增加的原因",
            observed=f"增加{change.claim.text}",
        )


def _increase(found: Sequence[Mention], statement: Statement) -> Mention | None:
    """The increase that is stated behind an amount in its sentence, before any other amount of this year."""
    here = statement.mention
    position = next(index for index, other in enumerate(found) if other is here)
    _, end = here.passage.sentence_span(here.start)
    for other in found[position + 1 :]:
        if other.passage_index != here.passage_index or other.start >= end or other.is_stated_amount:
            return None
        if other.claim.kind == "amount" and other.claim.role == "change":
            return other if other.claim.direction > 0 and other.claim.value else None
    return None


def _is_explained(report: Report, mention: Mention) -> bool:
    """Whether the rest of the section, with the items of the total, has a word that gives a reason."""
    here = mention.passage
    if _REASON.search(here.text, mention.end):
        return True
    every = passages(report.document)
    return any(_REASON.search(other.text) for other in _behind(every, mention.passage_index, here))


def _behind(every: Sequence[Passage], index: int, here: Passage) -> Iterator[Passage]:
    for other in every[index + 1 :]:
        if (other.section, other.subsection) != (here.section, here.subsection):
            return
        yield other
