"""What a rule saw to a finding: evidence, confidence and the verdict on the reading from the cells it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from detect.checks import Passed
from detect.reconcile import SURE
from detect.registry import Outcome, Rule
from models.document import Document
from models.finding import Evidence, Finding, Severity, Skip
from models.table import Block, Cell, Table

CellPlace = tuple[Table, Cell]
Place = CellPlace | Block
DOUBTED = 0.6
"""Confidence in a cell whose ink was touched by cleaning; the reading may be right, and nobody can tell."""


def evidence_of(place: Place) -> Evidence:
    """A cell or a block of text as a place that a person can look at."""
    if isinstance(place, Block):
        return Evidence(place.page, place.box, place.text)
    table, cell = place
    return Evidence(cell.page, cell.box, cell.text, table.id, cell.row, cell.col)


def trust(document: Document, places: Sequence[Place]) -> float:
    """Probability that all of the places are read right; blank cells of scanned pages are doubted."""
    scanned = {page.index for page in document.pages if page.source == "ocr"}
    sure = 1.0
    for place in places:
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
    others: Sequence[Place] = (),
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
        message: Chinese, complete.
        places: the disputed places; the verdict on the reading rests on them and on `others`.
        others: what they were compared with.
        severity: the rule's own when None; a hint in any case where the reading is not sure.
        expected: as text with its unit, as the others.
        observed: what is printed.
        difference: observed less expected.
    """
    sure = trust(document, [*places, *others])
    is_real = sure >= SURE
    return Finding(
        key=f"{rule.id}:{key}",
        rule=rule.id,
        category=rule.category,
        severity=(severity or rule.severity) if is_real else "hint",
        confidence=round(min(0.99, sure), 3),
        reading="real" if is_real else "undecided",
        message=message,
        evidence=tuple(evidence_of(place) for place in (*places, *others)),
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
