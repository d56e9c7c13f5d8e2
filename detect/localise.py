"""Violated statements to root causes: the fewest places whose change settles the most statements and breaks none.

One wrong cell breaks several identities at once (its row, its column, its parents, other tables). A hypothesis is a
set of cells that all are off by the same amount: a single cell, or a cell with the totals that were computed from it.
It is scored by the statements it settles less those it breaks; the best is taken, applied, and the search goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from detect.checks import Check, Operand, OperandKey

MAX_CELLS = 16
"""More cells than the deepest chain of totals has (item, 款, 类, 合计 in four columns)."""
MAX_VIOLATED = 80
"""More violated statements at once mean that the tables were not read, and searching would cost minutes."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """All of `cells` are printed `delta` yuan too low (negative: too high).

    Attributes:
        cells: the cell that the search began with first.
        settled: indexes of the violated statements that the change settles.
        broken: how many satisfied statements it would break.
    """

    cells: tuple[OperandKey, ...]
    delta: Decimal
    settled: tuple[int, ...]
    broken: int

    @property
    def score(self) -> int:
        return len(self.settled) - self.broken


@dataclass(frozen=True, slots=True)
class RootCause:
    """One cause with all statements that it breaks.

    Attributes:
        cells: the disputed places, the one that explains most first.
        delta: yuan to add to each of them.
        checks: the violated statements, those of the same table first.
        rivals: other hypotheses that settle the same statements as well.
        is_open: one sum fails and several of its terms may be wrong; `cells` is then the total, for lack of a culprit.
    """

    cells: tuple[OperandKey, ...]
    delta: Decimal
    checks: tuple[Check, ...]
    rivals: tuple[Hypothesis, ...] = ()
    is_open: bool = False


@dataclass
class _Search:
    checks: Sequence[Check]
    residual: list[Decimal]
    coefficients: list[dict[OperandKey, int]] = field(default_factory=list)
    touching: dict[OperandKey, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for index, check in enumerate(self.checks):
            coefficient: dict[OperandKey, int] = defaultdict(int)
            coefficient[check.total.key] += 1
            for term in check.terms:
                coefficient[term.key] -= term.sign
            self.coefficients.append(coefficient)
            for key in coefficient:
                self.touching[key].append(index)

    def violated(self, index: int, change: Decimal = Decimal(0)) -> bool:
        return not self.checks[index].holds(self.residual[index] + change)

    def change(self, index: int, cells: Iterable[OperandKey], delta: Decimal) -> Decimal:
        return delta * sum(self.coefficients[index].get(cell, 0) for cell in cells)

    def grow(self, start: OperandKey, delta: Decimal) -> list[OperandKey]:
        """The start cell with the totals of its own table that follow from it, as far as satisfied sums force them."""
        cells = [start]
        while len(cells) < MAX_CELLS:
            forced = next((cell for cell in self._forced(cells, delta) if cell not in cells), None)
            if forced is None:
                return cells
            cells.append(forced)
        return cells

    def _forced(self, cells: list[OperandKey], delta: Decimal) -> Iterable[OperandKey]:
        for index in dict.fromkeys(index for cell in cells for index in self.touching[cell]):
            check = self.checks[index]
            if check.relation != "=" or any(operand.key[0] != cells[0][0] for operand in check.operands):
                continue
            if self.violated(index) or not self.violated(index, self.change(index, cells, delta)):
                continue
            if check.total.key not in cells:
                yield check.total.key
            else:
                stated = [term.key for term in check.terms if term.interval_source.value]
                if len(stated) == 1:
                    yield stated[0]

    def judge(self, cells: Sequence[OperandKey], delta: Decimal) -> Hypothesis:
        settled, broken = [], 0
        for index in dict.fromkeys(index for cell in cells for index in self.touching[cell]):
            change = self.change(index, cells, delta)
            if not change:
                continue
            before, after = self.violated(index), self.violated(index, change)
            if before and not after:
                settled.append(index)
            elif after and not before:
                broken += 1
        return Hypothesis(tuple(cells), delta, tuple(settled), broken)


def localise(checks: Sequence[Check]) -> list[RootCause]:
    """Explain all violated statements among `checks`; statements that hold bear witness for their operands.

    Args:
        checks: statements whose operands are all numbers or blanks.

    Returns:
        Root causes, each violated statement in exactly one of them; empty when all hold.
    """
    search = _Search(checks, [check.residual for check in checks])
    open_ones = {index for index in range(len(checks)) if search.violated(index)}
    causes: list[RootCause] = []
    while open_ones:
        ranked = _rank(search, open_ones) if len(open_ones) <= MAX_VIOLATED else []
        if not ranked or ranked[0].score <= 0:
            index = min(open_ones)
            check = checks[index]
            causes.append(RootCause((check.total.key,), -search.residual[index], (check,)))
            open_ones.discard(index)
            search.residual[index] = Decimal(0)
            continue
        best = ranked[0]
        rivals = tuple(
            rival for rival in ranked[1:] if rival.score == best.score and set(rival.settled) == set(best.settled)
        )
        table = best.cells[0][0]
        if _is_open(search, best, rivals):
            check = checks[best.settled[0]]
            stated = Hypothesis((check.total.key,), -search.residual[best.settled[0]], best.settled, 1)
            causes.append(RootCause(stated.cells, stated.delta, (check,), (best, *rivals), is_open=True))
            search.residual[best.settled[0]] = Decimal(0)
            open_ones.discard(best.settled[0])
            continue
        own = sorted(best.settled, key=lambda index: _distance(checks[index], best.cells[0], table, index))
        causes.append(RootCause(best.cells, best.delta, tuple(checks[index] for index in own), rivals))
        for index in dict.fromkeys(index for cell in best.cells for index in search.touching[cell]):
            search.residual[index] += search.change(index, best.cells, best.delta)
        open_ones = {index for index in open_ones if search.violated(index)} - set(best.settled)
    return causes


def _is_open(search: _Search, best: Hypothesis, rivals: Sequence[Hypothesis]) -> bool:
    """Whether a single sum fails, any of several terms may be the wrong one, and none explains itself."""
    if len(best.settled) != 1:
        return False
    check = search.checks[best.settled[0]]
    terms = {term.key: term for term in check.terms}
    suspects = [one for one in (best, *rivals) if len(one.cells) == 1 and one.cells[0] in terms]
    if best.cells[0] not in terms or len(suspects) < 2:
        return False
    return _oddity(terms[best.cells[0]], best.delta) > 0


def _distance(check: Check, cell: OperandKey, table: str, index: int) -> tuple[bool, bool, bool, int]:
    """Sort key of a cause's statements: those of the table first, those that name the cell first, equalities first."""
    others = any(operand.key[0] != table for operand in check.operands)
    return others, all(operand.key != cell for operand in check.operands), check.relation != "=", index


def _rank(search: _Search, open_ones: set[int]) -> list[Hypothesis]:
    """All hypotheses for the open statements, best first; ties go to fewer cells, then to the total of a sum."""
    found: dict[tuple[frozenset[OperandKey], Decimal], tuple[Hypothesis, int]] = {}
    for index in sorted(open_ones):
        check = search.checks[index]
        for position, operand in enumerate(check.operands):
            coefficient = search.coefficients[index][operand.key]
            if not coefficient:
                continue
            delta = -search.residual[index] / coefficient
            for cells in ([operand.key], search.grow(operand.key, delta)):
                known = (frozenset(cells), delta)
                if known not in found:
                    hypothesis = search.judge(cells, delta)
                    found[known] = (hypothesis, _oddity(operand, delta) * 2 + (position > 0))
    ranked = sorted(found.values(), key=lambda pair: (-pair[0].score, len(pair[0].cells), pair[1], pair[0].cells))
    return [hypothesis for hypothesis, _ in ranked if hypothesis.settled]


def _oddity(operand: Operand, delta: Decimal) -> int:
    """0 for a correction that explains itself, 2 for one that makes no sense, 1 otherwise.

    An amount that was printed in the other unit or with two digits swapped explains itself; a budget amount below zero
    or an amount where nothing is printed makes little sense.
    """
    printed = operand.interval_source.value
    corrected = printed + delta
    if printed and is_unit_slip(printed, corrected, operand):
        return 0
    if sorted(str(abs(printed).normalize())) == sorted(str(abs(corrected).normalize())) and printed != corrected:
        return 0
    return 2 if corrected < 0 <= printed or operand.state == "blank" else 1


def is_unit_slip(printed: Decimal, corrected: Decimal, operand: Operand) -> bool:
    """Whether the amount was printed in 元 where 万元 is the unit, or the other way round: a factor of 10,000.

    The corrected amount is known to within its printed step, so the ratio is compared in intervals.
    """
    step = operand.interval_source.step
    for factor in (Decimal(10_000), Decimal(1) / 10_000):
        slack = step * max(factor, Decimal(1))
        if corrected and abs(printed - corrected * factor) <= slack and abs(printed) > slack * 2:
            return True
    return False
