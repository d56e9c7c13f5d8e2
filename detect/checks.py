"""Statements that amounts must satisfy, with every operand traceable to a place: what rules hand to the runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from detect.amounts import is_blank, parse_number, parse_printed, yuan_per
from detect.facts import Place, counted_in, row_label
from detect.wording import heading
from models.document import Document
from models.finding import Equation, Evidence, Relation, Term
from models.money import NOTHING, Amount
from models.page import Reading
from models.table import Cell

State = Literal["number", "blank", "unreadable"]
OperandKey = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Operand:
    """An amount on a page as it takes part in a statement.

    Attributes:
        sign: +1 or -1.
        key: the cell (table, row, column), or `("", block, offset)` for an amount in prose.
        amount: None when the place is blank or cannot be read as an amount.
        form, line, column: identity of the place; empty where there is none.
        name: Chinese name for messages, such as `《支出总表》“201 …”“合计”`.
        unit, unit_yuan, decimals: how amounts are printed there.
        cut_off: fewer decimals are read than the table always prints.
        from_ocr: the page was read from its picture.
    """

    sign: int
    key: OperandKey
    label: str
    name: str
    text: str
    state: State
    amount: Amount | None
    evidence: Evidence
    form: str = ""
    line: str = ""
    column: str = ""
    unit: str = ""
    unit_yuan: Decimal = Decimal(1)
    decimals: int = 0
    confidence: float = 1.0
    alternatives: tuple[Reading, ...] = ()
    damaged: bool = False
    cut_off: bool = False
    from_ocr: bool = False

    @property
    def interval_source(self) -> Amount:
        """The amount; nothing where the place is blank."""
        return self.amount or NOTHING

    def term(self) -> Term:
        value = self.amount.value if self.amount else None
        return Term(self.sign, self.label, value, self.text, self.evidence)


@dataclass(frozen=True, slots=True)
class Check:
    """`total = Σ sign × term`, or `total <= Σ sign × term` for a part and its whole.

    Attributes:
        name: Chinese name of the identity.
        total: the side that states the result.
        terms: the operands of the other side.
        rule: id of the rule that states it; the runner fills it in.
    """

    name: str
    total: Operand
    terms: tuple[Operand, ...]
    relation: Relation = "="
    rule: str = ""

    @property
    def operands(self) -> tuple[Operand, ...]:
        return (self.total, *self.terms)

    @property
    def residual(self) -> Decimal:
        """Total minus the sum of the terms, in yuan; blank places count as nothing."""
        return self.total.interval_source.value - sum(
            (term.sign * term.interval_source.value for term in self.terms), Decimal(0)
        )

    @property
    def tolerance(self) -> Decimal:
        """By how much printed amounts may miss the identity: half a printed step for every operand, in yuan.

        Source: XBRL Calculations 1.1, intervals that meet.
        """
        return sum((operand.interval_source.half_step for operand in self.operands), Decimal(0))

    def holds(self, residual: Decimal | None = None) -> bool:
        """Whether the intervals meet (or, for a part and its whole, whether the part can be the smaller one)."""
        rest = self.residual if residual is None else residual
        return (rest if self.relation == "<=" else abs(rest)) <= self.tolerance

    def equation(self) -> Equation:
        return Equation(self.name, self.total.term(), tuple(term.term() for term in self.terms), self.relation)


@dataclass(frozen=True, slots=True)
class Passed:
    """A check that is no sum was made and found nothing (the scope says what was checked)."""

    scope: str


@dataclass(frozen=True, slots=True)
class Naming:
    """How a cell is called: identity for the key of a finding, words for its message, and how it prints amounts."""

    form: str
    line: str
    column: str
    label: str
    name: str
    unit: str
    decimals: int = 0
    decimals_fixed: bool = False


def _printed_decimals(text: str) -> int:
    found = parse_number(text)
    return found[1] if found else 0


def cell_operand(document: Document, table: str, cell: Cell, naming: Naming, sign: int = 1) -> Operand:
    """The amount of any cell as an operand; a dash or nothing is blank, other words are unreadable.

    The word `分` after a score is no part of the number.
    """
    text = cell.text.strip()
    number = text.removesuffix("分") if naming.unit == "分" else text
    amount = parse_printed(number, naming.unit, naming.decimals)
    state: State = "number" if amount is not None else "blank" if is_blank(text) else "unreadable"
    page = next((page for page in document.pages if page.index == cell.page), None)
    return Operand(
        sign=sign,
        key=(table, cell.row, cell.col),
        label=naming.label,
        name=naming.name,
        text=number,
        state=state,
        amount=amount,
        evidence=Evidence(cell.page, cell.box, cell.text, table, cell.row, cell.col),
        form=naming.form,
        line=naming.line,
        column=naming.column,
        unit=naming.unit,
        unit_yuan=yuan_per(naming.unit),
        decimals=naming.decimals,
        confidence=cell.confidence,
        alternatives=cell.alternatives,
        damaged=cell.damaged,
        cut_off=naming.decimals_fixed and bool(amount and amount.value) and _printed_decimals(number) < naming.decimals,
        from_ocr=page is not None and page.source == "ocr",
    )


def operand_of(place: Place, document: Document, sign: int = 1) -> Operand:
    """The amount at a place of a recognised table as an operand."""
    fact, form = place.fact, place.form
    counted = counted_in(form, place.line)
    naming = Naming(
        form=form.form or heading(form.name),
        line=fact.line,
        column=fact.column,
        label=row_label(place.line),
        name=f"《{form.name}》“{row_label(place.line)}”" + ("" if counted else f"“{place.column.name}”"),
        unit=counted or form.unit,
        decimals=0 if counted else form.decimals,
        decimals_fixed=form.decimals_fixed and not counted,
    )
    return cell_operand(document, form.table.id, fact.cell, naming, sign)


def check_of(
    name: str, total: Place, terms: Sequence[tuple[int, Place]], document: Document, relation: Relation = "="
) -> Check:
    """A statement over places of recognised tables."""
    return Check(
        name, operand_of(total, document), tuple(operand_of(place, document, sign) for sign, place in terms), relation
    )
