"""The rules by their permanent ids: a decorator for generator functions, and the list of all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from detect.checks import Check, Passed
from models.citation import Citation
from models.finding import Category, Finding, Severity, Skip

Outcome = Check | Finding | Skip | Passed
RuleFunction = Callable[..., Iterator[Outcome]]
"""Takes the report, the archive as its second argument, named so, where it compares documents, and by keyword only the
rule's thresholds."""
Value = int | float | Decimal
_ID = re.compile(r"^(?:CP|AR|XT|TX|PF|UC|QT|ND|ST|YR|SE|LG)\d{3}$")


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is known of a keyword-only parameter of a rule; its default stands in the function's signature.

    Attributes:
        name: of the parameter.
        unit: Chinese (`栏`, `字`, `倍`, `比例`).
        meaning: Chinese, what happens from this value on.
        source: Chinese, where the default comes from.
        low, high: the values that make sense, both included.
    """

    name: str
    unit: str
    meaning: str
    source: str
    low: float = 0
    high: float = 1_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A violation and a clean near miss of a rule.

    Attributes:
        text: a small document as `detect.examples` reads it, or words where `runs` is False.
        near_miss: what is replaced in `text` to make it clean, or the whole text.
        because: Chinese, why the near miss is clean.
        runs: the tests audit both texts; False for what needs more than one small document (peers, other years).
    """

    text: str
    near_miss: Mapping[str, str] | str
    because: str = ""
    runs: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", inspect.cleandoc(self.text))
        if isinstance(self.near_miss, str):
            object.__setattr__(self, "near_miss", inspect.cleandoc(self.near_miss))

    @property
    def near_miss_text(self) -> str:
        """The near miss in full.

        Raises:
            ValueError: the text to be replaced does not stand in the example.
        """
        if isinstance(self.near_miss, str):
            return self.near_miss
        text = self.text
        for old, new in self.near_miss.items():
            if old not in text:
                raise ValueError(f"“{old}” does not stand in the example")
            text = text.replace(old, new)
        return text


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
        thresholds: of the keyword-only parameters of `find`, in their order.
        example: None for a rule that a test makes up.
        defaults: of the thresholds, by name.
        compares: the rule compares the document with an archive; without one it cannot be assessed.
        overrides: values of thresholds that settings changed.
        level: severity that settings put in the place of the rule's own; None where they do not.
    """

    id: str
    name: str
    severity: Severity
    category: Category
    basis: Citation
    find: RuleFunction
    doc: str
    thresholds: tuple[Threshold, ...] = ()
    example: Example | None = None
    defaults: Mapping[str, Value] = field(default_factory=dict, compare=False)
    compares: bool = False
    overrides: Mapping[str, Value] = field(default_factory=dict, compare=False)
    level: Severity | None = None


def rule(
    *,
    id: str,  # noqa: A002 - the word of every rule's documentation
    name: str,
    severity: Severity,
    category: Category,
    basis: Citation,
    thresholds: tuple[Threshold, ...] = (),
    example: Example | None = None,
) -> Callable[[RuleFunction], Rule]:
    """Make a rule of a generator function.

    Raises:
        ValueError: the id has no family, the function has no docstring, or its keyword-only parameters are not the
            thresholds.
    """

    def make(function: RuleFunction) -> Rule:
        if not _ID.match(id):
            raise ValueError(f"rule id without a family: {id}")
        if not function.__doc__:
            raise ValueError(f"rule without documentation: {id}")
        parameters = inspect.signature(function).parameters
        defaults = {
            parameter.name: parameter.default
            for parameter in parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        if list(defaults) != [threshold.name for threshold in thresholds]:
            raise ValueError(f"{id}: thresholds {list(defaults)} are not those that the rule describes")
        return Rule(
            id,
            name,
            severity,
            category,
            basis,
            function,
            inspect.cleandoc(function.__doc__),
            thresholds,
            example,
            defaults,
            "archive" in parameters,
        )

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
