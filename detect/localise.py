"""Violated statements to root causes: the fewest places whose change settles the most statements and breaks none.

One wrong cell breaks several identities at once (its row, its column, its parents, other tables). A hypothesis is a
set of cells that all are off by the same amount: a single cell, a cell with the totals that were computed from it, or
an amount that stands in the wrong one of two rows, so that the totals of its own table hold. It is scored by the
statements it settles less those it breaks; the best is taken, applied, and the search goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from detect.checks import Check, Operand, OperandKey

MAX_CELLS = 16
"""More cells than the deepest chain of totals has (item, 款, 类, 合计 in four columns)."""
MAX_VIOLATED = 80
"""More violated statements at once mean that the tables were not read, and searching would cost minutes."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Each of `changes` is printed by so many yuan too low (negative: too high).

    Attributes:
        changes: cell → yuan to add to it; the cell that the search began with first.
        settled: indexes of the violated statements that the changes settle.
        broken: how many satisfied statements they would break.
    """

    changes: Mapping[OperandKey, Decimal]
    settled: tuple[int, ...]
    broken: int

    @property
    def score(self) -> int:
        return len(self.settled) - self.broken

    @property
    def cells(self) -> tuple[OperandKey, ...]:
        return tuple(self.changes)


@dataclass(frozen=True, slots=True)
class RootCause:
    """One cause with all statements that it breaks.

    Attributes:
        changes: the disputed places, the one that explains most first → yuan to add to them.
        checks: the violated statements, those of the same table first.
        rivals: other hypotheses that settle the same statements as well.
        is_open: one sum fails and several of its terms may be wrong; `changes` then has the total, for lack of a
            culprit.
    """

    changes: Mapping[OperandKey, Decimal]
    checks: tuple[Check, ...]
    rivals: tuple[Hypothesis, ...] = ()
    is_open: bool = False

    @property
    def cells(self) -> tuple[OperandKey, ...]:
        return tuple(self.changes)

    @property
    def delta(self) -> Decimal:
        """Yuan to add to the first of the disputed places."""
        return self.changes[self.cells[0]]


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

    def change(self, index: int, changes: Mapping[OperandKey, Decimal]) -> Decimal:
        """By how much the changes move the residual of a statement."""
        coefficients = self.coefficients[index]
        return sum((coefficients.get(cell, 0) * delta for cell, delta in changes.items()), Decimal(0))

    def touched(self, cells: Iterable[OperandKey]) -> Iterable[int]:
        return dict.fromkeys(index for cell in cells for index in self.touching[cell])

    def grow(self, start: OperandKey, delta: Decimal, *, moved: bool) -> dict[OperandKey, Decimal]:
        """The start cell with the cells of its own table that must change with it, as far as satisfied sums force them.

        Args:
            start: where the search begins.
            delta: yuan to add to it.
            moved: the amount may stand in the wrong one of two rows: a sum is first kept by the opposite change of
                another of its cells that violated statements ask for, and only then by a change of its total.
        """
        changes = {start: delta}
        while len(changes) < MAX_CELLS:
            forced = next(self._forced(changes, moved), None)
            if forced is None:
                break
            changes[forced[0]] = forced[1]
        return changes

    def _forced(self, changes: Mapping[OperandKey, Decimal], moved: bool) -> Iterator[tuple[OperandKey, Decimal]]:
        table = next(iter(changes))[0]
        for index in self.touched(changes):
            check = self.checks[index]
            if check.relation != "=" or any(operand.key[0] != table for operand in check.operands):
                continue
            change = self.change(index, changes)
            if self.violated(index) or not self.violated(index, change):
                continue
            free = {key: -change / by for key, by in self.coefficients[index].items() if by and key not in changes}
            asked = [key for key, delta in free.items() if moved and self._asked(key, delta)]
            if len(asked) == 1:
                yield asked[0], free[asked[0]]
            elif check.total.key in free:
                yield check.total.key, free[check.total.key]
            else:
                stated = [term.key for term in check.terms if term.interval_source.value]
                if len(stated) == 1 and stated[0] in free:
                    yield stated[0], free[stated[0]]

    def _asked(self, cell: OperandKey, delta: Decimal) -> bool:
        """Whether a violated statement is settled by this change alone."""
        return any(
            self.violated(index) and not self.violated(index, self.change(index, {cell: delta}))
            for index in self.touching[cell]
        )

    def judge(self, changes: Mapping[OperandKey, Decimal]) -> Hypothesis:
        settled, broken = [], 0
        for index in self.touched(changes):
            change = self.change(index, changes)
            if not change:
                continue
            before, after = self.violated(index), self.violated(index, change)
            if before and not after:
                settled.append(index)
            elif after and not before:
                broken += 1
        return Hypothesis(changes, tuple(settled), broken)


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
            first = min(open_ones)
            changes = {checks[first].total.key: -search.residual[first]}
            same = [index for index in open_ones if not search.violated(index, search.change(index, changes))]
            own = sorted({first, *same}, key=lambda index: _distance(checks[index], checks[first].total.key, index))
            causes.append(RootCause(changes, tuple(checks[index] for index in own)))
            open_ones.difference_update(own)
            for index in own:
                search.residual[index] = Decimal(0)
            continue
        best = ranked[0]
        rivals = tuple(
            rival for rival in ranked[1:] if rival.score == best.score and set(rival.settled) == set(best.settled)
        )
        if _is_open(search, best, rivals):
            check = checks[best.settled[0]]
            stated = {check.total.key: -search.residual[best.settled[0]]}
            causes.append(RootCause(stated, (check,), (best, *rivals), is_open=True))
            search.residual[best.settled[0]] = Decimal(0)
            open_ones.discard(best.settled[0])
            continue
        own = sorted(best.settled, key=lambda index: _distance(checks[index], best.cells[0], index))
        causes.append(RootCause(best.changes, tuple(checks[index] for index in own), rivals))
        for index in search.touched(best.changes):
            search.residual[index] += search.change(index, best.changes)
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
    return _oddity(terms[best.cells[0]], best.changes[best.cells[0]]) > 0


def _distance(check: Check, cell: OperandKey, index: int) -> tuple[bool, bool, bool, int]:
    """Sort key of a cause's statements: those of the table first, those that name the cell first, equalities first."""
    others = any(operand.key[0] != cell[0] for operand in check.operands)
    return others, all(operand.key != cell for operand in check.operands), check.relation != "=", index


def _rank(search: _Search, open_ones: set[int]) -> list[Hypothesis]:
    """All hypotheses for the open statements, best first; ties go to fewer cells, then to the total of a sum."""
    found: dict[frozenset[tuple[OperandKey, Decimal]], tuple[Hypothesis, int]] = {}
    for index in sorted(open_ones):
        check = search.checks[index]
        for position, operand in enumerate(check.operands):
            coefficient = search.coefficients[index][operand.key]
            if not coefficient:
                continue
            delta = -search.residual[index] / coefficient
            for changes in (
                {operand.key: delta},
                search.grow(operand.key, delta, moved=False),
                search.grow(operand.key, delta, moved=True),
            ):
                known = frozenset(changes.items())
                if known not in found:
                    found[known] = (search.judge(changes), _oddity(operand, delta) * 2 + (position > 0))
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
