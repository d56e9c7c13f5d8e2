"""TX014: the number of units that a document serves is stated once, or always the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Outcome, rule
from detect.texts import Text, conclude_text, texts
from models.citation import Citation
from models.report import Report

_POPULATION = re.compile(
    r"(?P<about>近|约|超过)?(?P<number>\d{2,5})(?P<more>余|多)?[家个](?:市级|市本级|县级|区级|全市|本级)?(?P<noun>预算单位|预算部门)"
)
ALIKE = 0.1
"""Share by which numbers that are called rough (`近400家`) may differ: one is then no other number than the other."""


@rule(
    id="TX014",
    name="同一数量前后一致",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def two_statements(report: Report) -> Iterator[Outcome]:
    """The number of budget units that are served is the same wherever it is stated.

    ## What it checks
    `近400家预算单位`, `250家预算单位` in the forms and the explanation of one document.

    ## Why it matters
    Money is asked for by the number of units; two numbers mean that one amount has no basis.

    ## What it leaves alone
    Numbers below ten (the own subordinate units); rough numbers that come close to each other; numbers that only forms
    state (another rule compares forms).
    """
    found: dict[str, dict[int, list[tuple[Text, int]]]] = defaultdict(dict)
    for text in texts(report.document):
        for match in _POPULATION.finditer(text.text):
            found[match.group("noun")].setdefault(int(match.group("number")), []).append((text, match.start()))
    for noun, stated in found.items():
        values = sorted(stated)
        if all(text.passage is None for places in stated.values() for text, _ in places):
            continue
        if values[-1] <= values[0] * (1 + ALIKE):
            yield Passed(f"{noun}数量")
            continue
        told = "、".join(f"{value}家（{len(stated[value])}处）" for value in reversed(values))
        places = [place for value in reversed(values) for place in stated[value]]
        yield conclude_text(
            two_statements,
            report.document,
            places,
            key=noun,
            message=f"全文对{noun}数量的表述不一致：{told}，请核实口径，按数量测算的金额应随之核对。",
            observed="、".join(f"{value}家" for value in reversed(values)),
        )
