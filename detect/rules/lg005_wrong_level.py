"""LG005: the text speaks of its own level of government and of its own kind of organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Outcome, rule
from detect.texts import Text, conclude_text, texts
from models.citation import Citation
from models.report import Report

_PROVINCE = re.compile(r"指省[直级](?:各)?(?:部门|单位)")
_LOCAL = re.compile(r"[市县区州盟旗]")
_UNITS_OF = re.compile(r"部门各单位")
_UNIT_TITLE = re.compile(r"20\d\d年(?:度)?单位(?:预算|决算)")


@rule(
    id="LG005",
    name="行政层级和主体用语",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def wrong_level(report: Report) -> Iterator[Outcome]:
    """A city's text does not define terms for provincial departments, nor a unit's text speak of its units.

    ## What it checks
    `指省直部门…` where the organisation belongs to a city, county or district; `部门各单位` in the disclosure of a
    single unit.

    ## Why it matters
    The definition is that of another level: by its words the disclosed amounts are somebody else's.

    ## What it leaves alone
    Documents of provinces; provincial departments that are named for another reason; every place of one such slip is
    one finding.
    """
    found: dict[str, list[tuple[Text, int]]] = {}
    is_local = bool(_LOCAL.search(report.entity)) and "省" not in report.entity
    is_unit = any(_UNIT_TITLE.search(block.text) for block in report.document.blocks)
    for text in texts(report.document):
        if is_local and (match := _PROVINCE.search(text.text)):
            found.setdefault(match.group().removeprefix("指"), []).append((text, match.start()))
        if is_unit and text.passage is not None and (match := _UNITS_OF.search(text.text)):
            found.setdefault(match.group(), []).append((text, match.start()))
    if not found and report.entity:
        yield Passed("行政层级和主体用语")
    for words, places in found.items():
        first, offset = places[0]
        why = "本文件是单位的公开文件" if words == "部门各单位" else f"本文件单位为{report.entity}"
        yield conclude_text(
            wrong_level,
            report.document,
            places,
            key=words,
            message=f"“{first.sentence(offset)[:50]}”中的“{words}”与{why}不符，疑似模板未改。",
            observed=words,
        )
