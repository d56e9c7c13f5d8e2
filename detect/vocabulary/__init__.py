"""The statutory forms and account codes as data: TOML and CSV files beside this module to validated records."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from detect.vocabulary.standards import Standard, shipped_standards
from detect.wording import heading, row_name

Layout = Literal["codes", "lines", "economic", "entities", "single"]
ColumnRole = Literal["amount", "code", "name", "line_number"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(_Data):
    """Where the form or identity gets its authority from."""

    title: str
    clause: str = ""


class ColumnWords(_Data):
    """How one column is headed: each of `headers` is a path of header cells, outermost first, joined by `>`."""

    id: str
    headers: tuple[str, ...]
    block: str = ""
    role: ColumnRole = "amount"
    required: bool = True

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(heading(part) for part in path.split(">")) for path in self.headers)


class LineWords(_Data):
    """How one fixed row is labelled, and in what unit it counts things where it prints no money (`辆`)."""

    id: str
    labels: tuple[str, ...]
    block: str = ""
    unit: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(row_name(label) for label in self.labels)


class Identity(_Data):
    """`total = Σ terms` over columns of each row, over rows of each column, or over named cells (`line@column`).

    A term may carry a leading minus. In `lines`, the term `class:*` stands for all rows above the total that are none
    of the named ones. `only` restricts `columns` to some lines and `lines` to some columns. The terms `together` are
    printed in some cities only, all of them: where none is found, none was overlooked.
    """

    name: str
    kind: Literal["columns", "lines", "cells"]
    total: str
    terms: tuple[str, ...] = Field(min_length=1)
    block: str = ""
    only: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


class FormWords(_Data):
    """One statutory form.

    Attributes:
        id: b01…b13 for 表一…表十三 of the budget, f01…f10 for 公开01…公开10 of the final accounts; b14 and on
            for forms of single cities.
        is_statutory: of the set that a disclosure must be complete in; others are forms of single cities.
        counts: the amounts may be counts of things (`辆`), which have no unit of money.
        may_be_empty: a form that stays in the disclosure with a note when there is nothing to disclose.
        leaf_block: the block whose unnamed rows above its total are expenditure classes.
    """

    id: str
    name: str
    document: Literal["budget", "final"]
    label: str
    titles: tuple[str, ...]
    layout: Layout
    basis: Basis
    source: str
    is_statutory: bool = True
    counts: bool = False
    may_be_empty: bool = False
    class_block: str = ""
    columns: tuple[ColumnWords, ...]
    lines: tuple[LineWords, ...] = ()
    identities: tuple[Identity, ...] = ()

    @model_validator(mode="after")
    def _known_names(self) -> FormWords:
        columns = {column.id for column in self.columns}
        lines = {line.id for line in self.lines} | {"total", "class:*", "amount", "personnel", "operating"}
        for identity in self.identities:
            for term in (identity.total, *identity.terms):
                name = term.removeprefix("-")
                line, _, column = name.rpartition("@")
                known_line = line in lines or (line[:1] == "c" and line[1:].isdigit())
                known = {
                    "columns": name in columns,
                    "lines": name in lines,
                    "cells": known_line and column in columns | {"amount"},
                }
                if not known[identity.kind]:
                    raise ValueError(f"{self.id}: {identity.name} names {name}, which the form does not have")
        return self

    @property
    def title_words(self) -> tuple[str, ...]:
        return tuple(heading(title) for title in self.titles)

    def counted_in(self, line: str) -> str:
        """The unit of a row that counts things; empty for amounts of money."""
        return next((words.unit for words in self.lines if words.id == line), "")


class CrossIdentity(_Data):
    """An identity between forms: `total` and `terms` are `form:line@column`.

    Attributes:
        relation: `=`, or `<=` where a part is compared with its whole.
        each: `code` repeats the identity for every code that the total's form has a line for (`{code}` in the terms),
            `class` for three-digit codes only.
        needs: cells that must be zero or blank for the identity to be meant; a form that is not there says nothing.
        unless_titled: words in the title of the total's form by which the identity is meant whatever `needs` says.
        absent_is_nothing: terms that count as nothing where the form has no such line.
    """

    id: str
    name: str
    relation: Literal["=", "<="] = "="
    total: str
    terms: tuple[str, ...] = Field(min_length=1)
    each: Literal["", "code", "class"] = ""
    needs: tuple[str, ...] = ()
    unless_titled: str = ""
    absent_is_nothing: tuple[str, ...] = ()
    source: str


class _Crosses(_Data):
    identities: tuple[CrossIdentity, ...]


class StatementWords(_Data):
    """One amount that the explanation states and the tables print.

    Attributes:
        rule: id of the rule that compares them.
        words: regular expression for the words that end before the number; `{class}` stands for every class;
            `{item}` alone for a 款 or 项 that is named with its levels.
        place: `form:line@column`, terms joined by `+`, alternatives for other forms by `|`.
        first: only the first such statement of a section is meant.
        optional: nobody misses it; many sections state its parts only.
        unless_titled: words in the title of the form by which it prints another amount.
    """

    rule: str
    name: str
    words: str
    place: str
    first: bool = False
    optional: bool = False
    unless_titled: str = ""


class StatementGroup(_Data):
    """The statements of the sections whose heading matches `section`, in one kind of document."""

    document: Literal["budget", "final"]
    section: str
    statements: tuple[StatementWords, ...]


class _Statements(_Data):
    groups: tuple[StatementGroup, ...]


class Account(_Data):
    """One code of the classification of revenue and expenditure.

    Attributes:
        level: 类 (3 digits), 款 (5) or 项 (7).
        kind: func (支出功能分类), dept_econ (部门预算支出经济分类), gov_econ (政府预算支出经济分类).
        source: who vouches for the code; an unverified one is never a reason for a finding.
    """

    code: str
    name: str
    level: Literal["类", "款", "项"]
    parent: str
    source: str
    kind: Literal["func", "dept_econ", "gov_econ"]
    note: str = ""


@lru_cache(maxsize=1)
def shipped_forms() -> tuple[FormWords, ...]:
    """The statutory forms, budget before final accounts, in the order of their numbers."""
    folder = resources.files(__name__).joinpath("forms")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(FormWords.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What one audit knows of forms and standards.

    Attributes:
        forms: the statutory ones, perhaps with more titles and headings, then local ones.
        standards: the shipped ones and local ones.
        by_id: the forms by their id.
    """

    forms: tuple[FormWords, ...]
    standards: tuple[Standard, ...]
    by_id: Mapping[str, FormWords]


def vocabulary_of(forms: tuple[FormWords, ...], standards: tuple[Standard, ...]) -> Vocabulary:
    """A vocabulary of these forms and standards."""
    return Vocabulary(forms, standards, {form.id: form for form in forms})


@lru_cache(maxsize=1)
def shipped_vocabulary() -> Vocabulary:
    """The vocabulary without any local additions."""
    return vocabulary_of(shipped_forms(), shipped_standards())


_IN_FORCE: ContextVar[Vocabulary | None] = ContextVar("vocabulary", default=None)


def vocabulary() -> Vocabulary:
    """The vocabulary of the audit at hand."""
    return _IN_FORCE.get() or shipped_vocabulary()


@contextmanager
def using(words: Vocabulary) -> Iterator[None]:
    """Let `vocabulary` be these words within the context, in this thread only."""
    token = _IN_FORCE.set(words)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


@lru_cache(maxsize=1)
def cross_identities() -> tuple[CrossIdentity, ...]:
    """All identities between forms."""
    text = resources.files(__name__).joinpath("cross.toml").read_text(encoding="utf-8")
    return _Crosses.model_validate(tomllib.loads(text)).identities


@lru_cache(maxsize=1)
def statement_groups() -> tuple[StatementGroup, ...]:
    """What explanations state, by section."""
    text = resources.files(__name__).joinpath("narrative.toml").read_text(encoding="utf-8")
    return _Statements.model_validate(tomllib.loads(text)).groups


@lru_cache(maxsize=1)
def accounts() -> dict[str, Account]:
    """All known codes; the three classifications share no code."""
    text = resources.files(__name__).joinpath("codes.csv").read_text(encoding="utf-8")
    return {row["code"]: Account.model_validate(row) for row in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=1)
def expenditure_classes() -> dict[str, str]:
    """Comparable name of every functional class to its code; former names included."""
    return {
        row_name(item.name): item.code for item in accounts().values() if item.level == "类" and item.kind == "func"
    }


@lru_cache(maxsize=1)
def functional_items() -> frozenset[str]:
    """Comparable names of every functional 款 and 项."""
    return frozenset(row_name(item.name) for item in accounts().values() if item.level != "类" and item.kind == "func")


@lru_cache(maxsize=1)
def economic_groups() -> dict[str, str]:
    """Comparable name of every class of the departmental economic classification to its code."""
    return {
        row_name(item.name): item.code
        for item in accounts().values()
        if item.level == "类" and item.kind == "dept_econ"
    }
