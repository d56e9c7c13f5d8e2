"""Violated statements to the most probable other reading of the amounts in them under which all of them hold.

Every amount keeps the readings that its picture allows, each with a probability. Choosing one reading for each so that
all statements hold, at the least loss of probability, is a small integer program; OR-tools' CP-SAT solves it exactly.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from detect.amounts import parse_amount
from detect.checks import Check, Operand, OperandKey

FLOOR: Final = 0.02
"""Probability below which an alternative reading is no evidence from the picture."""
MAX_MISREAD: Final = 3
"""Cells that may be misread at once: with more, some choice settles any sum."""
_SMALLEST: Final = Decimal("0.01")
"""The finest step that amounts are printed in, in yuan: amounts become whole numbers of it."""
_COST_SCALE: Final = 1000
_TIME_LIMIT_S: Final = 2.0
"""For a part of the statements with dozens of readings the solver needs milliseconds; a guard, not a budget."""


@dataclass(frozen=True, slots=True)
class OtherReading:
    """A cell with the reading that would settle the statements.

    Attributes:
        key: of the cell.
        text: the other reading.
        settled: how many violated statements name the cell.
    """

    key: OperandKey
    text: str
    settled: int


def other_readings(
    violated: Sequence[Check], checks: Sequence[Check], operands: Mapping[OperandKey, Operand]
) -> tuple[OtherReading, ...]:
    """The most probable choice of other readings under which the violated statements hold and no other one breaks.

    Args:
        violated: the statements of one root cause.
        checks: all statements of the document; those that share a cell with the choice must still hold.
        operands: by key, with their alternatives.

    Returns:
        The cells to be read otherwise, the least certain first; empty when no plausible choice settles the statements.
    """
    involved = {operand.key for check in violated for operand in check.operands}
    choices = {key: found for key in involved if (found := _choices(operands[key]))}
    if not choices:
        return ()
    wanted = {id(check) for check in violated}
    bound = [
        check
        for check in checks
        if id(check) in wanted or (check.holds() and any(operand.key in choices for operand in check.operands))
    ]
    chosen = _solve(bound, choices)
    return tuple(
        OtherReading(key, text, sum(any(operand.key == key for operand in check.operands) for check in violated))
        for key, text in chosen
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    text: str
    change: Decimal
    cost: float


def _choices(operand: Operand) -> list[_Choice]:
    """The other amounts that the picture of a cell allows, with the logarithm of what choosing them loses."""
    if operand.state != "number" or not operand.from_ocr:
        return []
    found: dict[Decimal, _Choice] = {}
    for reading in operand.alternatives:
        amount = parse_amount(reading.text, operand.unit_yuan, operand.decimals)
        if reading.probability < FLOOR or amount is None:
            continue
        change = amount.value - operand.interval_source.value
        cost = math.log(max(operand.confidence, FLOOR) / reading.probability)
        if change and (change not in found or cost < found[change].cost):
            found[change] = _Choice(reading.text, change, cost)
    return list(found.values())


def _solve(checks: Sequence[Check], choices: Mapping[OperandKey, Sequence[_Choice]]) -> list[tuple[OperandKey, str]]:
    # OR-tools takes a second to import; documents whose statements hold never need it.
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken = {
        key: [model.new_bool_var(f"{key}:{index}") for index in range(len(options))] for key, options in choices.items()
    }
    for variables in taken.values():
        model.add_at_most_one(variables)
    model.add(sum(variable for variables in taken.values() for variable in variables) <= MAX_MISREAD)
    for check in checks:
        coefficients: dict[OperandKey, int] = defaultdict(int)
        coefficients[check.total.key] += 1
        for term in check.terms:
            coefficients[term.key] -= term.sign
        change = sum(
            coefficients[key] * _steps(option.change) * variable
            for key in coefficients
            for option, variable in zip(choices.get(key, ()), taken.get(key, ()), strict=True)
        )
        rest, slack = _steps(check.residual), math.floor(check.tolerance / _SMALLEST)
        model.add(rest + change <= slack)
        if check.relation == "=":
            model.add(rest + change >= -slack)
    model.minimize(
        sum(
            round(option.cost * _COST_SCALE) * variable
            for key, variables in taken.items()
            for option, variable in zip(choices[key], variables, strict=True)
        )
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = _TIME_LIMIT_S
    solver.parameters.num_workers = 1
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return []
    chosen = [
        (option.cost, key, option.text)
        for key, variables in taken.items()
        for option, variable in zip(choices[key], variables, strict=True)
        if solver.value(variable)
    ]
    return [(key, text) for _, key, text in sorted(chosen)]


def _steps(amount: Decimal) -> int:
    return int((amount / _SMALLEST).to_integral_value())
