"""What is known of one document after reading it as a budget disclosure, and after auditing it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from models.claim import Claim
from models.document import Document
from models.fact import Fact
from models.finding import Finding, RuleOutcome, Skip
from models.form import ProjectForm
from models.table import Table

DocumentKind = Literal["预算公开", "决算公开", "其他"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds amounts.

    Attributes:
        index: grid column, counted from 0.
        id: from the form's vocabulary, or `col:<header>`.
        block: id of the side-by-side block that the column belongs to.
        name: the header path as printed, levels joined by `/`.
    """

    index: int
    id: str
    block: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of one block of a table.

    Attributes:
        row: grid row, counted from 0.
        id: `c` and the code, an id from the form's vocabulary, or `row:<name>`.
        block: id of the side-by-side block.
        code: 3, 5 or 7 digits; empty when there is none.
        name: as printed.
        is_total: the row states the total of the block (`合计`).
    """

    row: int
    id: str
    block: str
    code: str
    name: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table with its meaning.

    Attributes:
        table: as it was read.
        form: id of the statutory form, empty when the table is none of them.
        name: Chinese name for messages: the title as printed, or `第N页表格`.
        unit: `元` or `万元`; empty when no unit is printed anywhere.
        unit_yuan: yuan per unit (1 when unknown).
        decimals: how many decimals the amounts of this table are usually printed with.
        decimals_fixed: nearly all amounts carry that many decimals: one with fewer lost its end in the reading.
        header_rows: leading rows that carry no amounts.
        columns: that hold amounts and were recognised.
        unknown_columns: grid columns that hold amounts and were not recognised.
        lines: rows with an identity, block by block from top to bottom.
        is_part: the table is one of several that print one form page by page and were not joined; sums over its rows
            say nothing.
    """

    table: Table
    form: str
    name: str
    unit: str
    unit_yuan: Decimal
    decimals: int
    header_rows: int
    columns: tuple[Column, ...]
    unknown_columns: tuple[int, ...]
    lines: tuple[Line, ...]
    decimals_fixed: bool = False
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class SettingsUsed:
    """By what settings a document was audited.

    Attributes:
        source: the settings file as it was given; empty where there was none.
        digest: SHA-256 of all deviations from what is shipped; equal digests mean equal settings.
        changes: every deviation, in Chinese; none for the shipped settings.
    """

    source: str
    digest: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A document, what its tables say, and what the audit says.

    Attributes:
        document: as it was read.
        kind: budget, final accounts, or neither.
        year: the budget year that the document is about; None when it is not stated.
        entity: the department or unit; empty when it is not stated.
        forms: the tables with their meaning, in reading order.
        facts: the amounts of all recognised tables.
        project_forms: performance forms as records, in reading order.
        claims: every quantity and date that the running text states, in reading order, quantities first.
        findings, skips, outcomes: empty until the audit has run.
        settings: None until the audit has run.
    """

    document: Document
    kind: DocumentKind
    year: int | None
    entity: str
    forms: tuple[FormTable, ...]
    facts: tuple[Fact, ...]
    project_forms: tuple[ProjectForm, ...] = ()
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    skips: tuple[Skip, ...] = ()
    outcomes: tuple[RuleOutcome, ...] = ()
    settings: SettingsUsed | None = None

    def form_of(self, table_id: str) -> str:
        """Id of the statutory form of a table; empty when it is none or unknown."""
        return next((form.form for form in self.forms if form.table.id == table_id), "")
