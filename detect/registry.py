"""The rules by their permanent ids: a decorator for generator functions, and the list of all of them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from detect.checks import Check, Passed
from models.citation import Citation
from models.finding import Category, Finding, Severity, Skip
from models.report import Report

Outcome = Check | Finding | Skip | Passed
RuleFunction = Callable[[Report], Iterator[Outcome]]
_ID = re.compile(r"^(?:CP|AR|XT|TX|PF|UC|QT|ND|ST|YR|SE|LG)\d{3}$")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with what is fixed about it.

    Attributes:
        id: permanent; never given to another rule.
        name: Chinese, what is checked.
        severity: of a finding whose reading is real.
        basis: the authority that a working paper cites.
        find: states checks, findings, skips and checks that passed.
        doc: what the rule checks, why it matters and what it leaves alone.
    """

    id: str
    name: str
    severity: Severity
    category: Category
    basis: Citation
    find: RuleFunction
    doc: str


def rule(
    *,
    id: str,  # noqa: A002 - the word of every rule's documentation
    name: str,
    severity: Severity,
    category: Category,
    basis: Citation,
) -> Callable[[RuleFunction], Rule]:
    """Make a rule of a generator function.

    Raises:
        ValueError: the id has no family, or the function has no docstring.
    """

    def make(function: RuleFunction) -> Rule:
        if not _ID.match(id):
            raise ValueError(f"rule id without a family: {id}")
        if not function.__doc__:
            raise ValueError(f"rule without documentation: {id}")
        return Rule(id, name, severity, category, basis, function, function.__doc__)

    return make


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule of the package `detect.rules`, by id.

    Raises:
        ValueError: two rules share an id.
    """
    package = importlib.import_module("detect.rules")
    found: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(package.__path__, "detect.rules."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Rule):
                if value.id in found:
                    raise ValueError(f"two rules with the id {value.id}")
                found[value.id] = value
    return tuple(found[key] for key in sorted(found))
