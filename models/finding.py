"""What an audit says: findings with their evidence, and the checks that ran or could not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from models.citation import Citation
from models.geometry import Box

Relation = Literal["=", "<="]
Severity = Literal["error", "warning", "hint"]
ReadingVerdict = Literal["real", "probable-misread", "undecided"]
Category = Literal[
    "completeness",
    "arithmetic",
    "cross_table",
    "narrative",
    "project",
    "unit_cost",
    "quota",
    "selfeval",
    "text",
    "language",
    "statistics",
]
SEVERITY_LABEL: Mapping[Severity, str] = {"error": "错误", "warning": "警告", "hint": "提示"}
SEVERITY_ORDER: tuple[Severity, ...] = ("error", "warning", "hint")
CATEGORY_ORDER: tuple[Category, ...] = (
    "quota",
    "unit_cost",
    "arithmetic",
    "cross_table",
    "project",
    "narrative",
    "completeness",
    "selfeval",
    "statistics",
    "text",
    "language",
)
"""What breaks a law or costs money comes before what is only written badly."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place a person can look at: a cell of a table, or a sentence on a page.

    Attributes:
        table, row, col: the cell; all None when the place is prose.
        page: index from 0.
        box: in page points of that page; None when only the page is known.
        text: what is printed there.
    """

    page: int
    box: Box | None
    text: str
    table: str | None = None
    row: int | None = None
    col: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One operand of an equation.

    Attributes:
        sign: +1 or -1.
        label: Chinese name of the operand as a reader finds it (`2080501 行政单位离退休`).
        value: as printed, in yuan; None for a blank cell that counts as nothing.
        text: as printed; empty for a blank cell.
        evidence: where it stands.
    """

    sign: int
    label: str
    value: Decimal | None
    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Equation:
    """`total = Σ sign × term`, or `total <= …`, with every operand traceable to a place on a page.

    Attributes:
        name: Chinese name of the identity (`类级合计等于所属款级之和`).
        total: the side that states the result (sign is always +1).
        terms: the operands of the other side.
        relation: `<=` where a part is compared with its whole.
    """

    name: str
    total: Term
    terms: tuple[Term, ...]
    relation: Relation = "="


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up.

    Attributes:
        key: survives re-runs; built from rule, form, line and column, never from OCR text or pixels.
        rule: permanent id such as `AR001`.
        severity: fixed by the rule, except that a finding that is not sure to be printed that way is a `hint`.
        confidence: probability between 0 and 1 that the page really shows this fault, from the evidence.
        reading: whether the page shows the fault or the reading of the page does.
        message: Chinese; says what is printed where, what follows from it and by how much it differs.
        evidence: the disputed places first, then what they were compared with.
        equations: all identities that this one cause breaks.
        expected, observed, difference: as text with their unit; empty when they make no sense.
    """

    key: str
    rule: str
    category: Category
    severity: Severity
    confidence: float
    reading: ReadingVerdict
    message: str
    evidence: tuple[Evidence, ...]
    basis: Citation
    equations: tuple[Equation, ...] = ()
    expected: str = ""
    observed: str = ""
    difference: str = ""


def showing_rank(finding: Finding) -> tuple[int, int, int, float, str, str]:
    """Order of showing: gravest first, then what costs money, then the place on the pages."""
    first = finding.evidence[0] if finding.evidence else None
    page = first.page if first is not None else -1
    top = first.box.y0 if first is not None and first.box is not None else 0.0
    severity, category = SEVERITY_ORDER.index(finding.severity), CATEGORY_ORDER.index(finding.category)
    return severity, category, page, top, finding.rule, finding.key


@dataclass(frozen=True, slots=True)
class Skip:
    """A check that could not be made, and why: never shown as if it had passed.

    Attributes:
        rule: permanent id.
        scope: Chinese name of what would have been checked.
        reason: Chinese; names what is missing and, where possible, what to do.
    """

    rule: str
    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """How often one rule was applied in a document and how that ended."""

    rule: str
    name: str
    run: int
    consistent: int
    failed: int
    skipped: int
