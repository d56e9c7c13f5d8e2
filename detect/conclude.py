"""What a rule saw to a finding: evidence, confidence and the verdict on the reading from the cells it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from detect.checks import Passed
from detect.reconcile import SURE
from detect.registry import Outcome, Rule
from detect.texts import Words
from models.document import Document
from models.finding import Evidence, Finding, Severity, Skip
from models.table import Block, Cell, Table

CellPlace = tuple[Table, Cell]
Place = CellPlace | Block | Words
"""What a finding disputes or compares with: a cell, a block of text, or words in running text or in a cell."""
DOUBTED = 0.6
"""Confidence in a cell whose ink was touched by cleaning; the reading may be right, and nobody can tell."""


def evidence_of(document: Document, place: Place) -> Evidence:
    """The place as a person can look at it."""
    if isinstance(place, Words):
        return place.text.evidence(document, place.offset)
    if isinstance(place, Block):
        return Evidence(place.page, place.box, place.text)
    table, cell = place
    return Evidence(cell.page, cell.box, cell.text, table.id, cell.row, cell.col)


def trust(document: Document, places: Sequence[Place]) -> float:
    """Probability that all of the places are read right; blank cells of scanned pages are doubted."""
    scanned = {page.index for page in document.pages if page.source == "ocr"}
    sure = 1.0
    for place in places:
        if isinstance(place, Words):
            sure = min(sure, place.text.trust(document))
            continue
        cell = place if isinstance(place, Block) else place[1]
        sure = min(sure, cell.confidence)
        if isinstance(cell, Cell) and (cell.damaged or (cell.page in scanned and not cell.text.strip())):
            sure = min(sure, DOUBTED)
    return sure


def conclude(
    rule: Rule,
    document: Document,
    *,
    key: str,
    message: str,
    places: Sequence[Place],
    others: Sequence[Place | Evidence] = (),
    severity: Severity | None = None,
    expected: str = "",
    observed: str = "",
    difference: str = "",
) -> Finding:
    """The finding of a rule.

    Args:
        rule: what it is a finding of.
        document: that shows it.
        key: what follows the rule's id in the key of the finding.
        message: Chinese, complete. Where the first place is words, its page and place are put before it.
        places: the disputed places; the verdict on the reading rests on them and on `others`.
        others: what they were compared with; evidence without a reading of its own is shown and not judged.
        severity: the rule's own when None; a hint in any case where the reading is not sure.
        expected: as text with its unit, as the others.
        observed: what is printed.
        difference: observed less expected.
    """
    sure = trust(document, [*places, *(other for other in others if not isinstance(other, Evidence))])
    is_real = sure >= SURE
    shown = [place if isinstance(place, Evidence) else evidence_of(document, place) for place in (*places, *others)]
    evidence = tuple(dict.fromkeys(shown))
    first = places[0]
    if isinstance(first, Words):
        message = f"第{evidence[0].page + 1}页{first.text.called(document)}：{message}"
    return Finding(
        key=f"{rule.id}:{key}",
        rule=rule.id,
        category=rule.category,
        severity=(severity or rule.severity) if is_real else "hint",
        confidence=round(min(0.99, sure), 3),
        reading="real" if is_real else "undecided",
        message=message,
        evidence=evidence,
        basis=rule.basis,
        expected=expected,
        observed=observed,
        difference=difference,
    )


PLAUSIBLE = 5
"""How many times off an amount of a doubtful reading may be before the reading is blamed: planners err by parts of an
amount, lost digits change it by powers of ten."""


def unless_misread(finding: Finding, one: Decimal, other: Decimal, scope: str) -> Outcome:
    """The finding; a skip where its reading is not sure and the two amounts differ beyond what a planner errs by."""
    if finding.reading == "real" or (one and other and max(one, other) <= PLAUSIBLE * min(one, other)):
        return finding
    return Skip(finding.rule, scope, "文字识别把握不足，所读数字相差过大，疑似误读，请核对原件")


def or_passed(outcomes: Iterable[Outcome], scope: str) -> Iterator[Outcome]:
    """The outcomes of one check; where there is none, that it was made and found nothing."""
    empty = True
    for outcome in outcomes:
        empty = False
        yield outcome
    if empty:
        yield Passed(scope)
