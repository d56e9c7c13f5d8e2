"""One amount with its meaning: which form, which line, which column."""

from __future__ import annotations

from dataclasses import dataclass

from models.money import Amount
from models.table import Cell


@dataclass(frozen=True, slots=True)
class Fact:
    """A cell of a recognised table that is meant to hold an amount.

    Attributes:
        form: id of the statutory form (`b03`, `f05`); empty for a table that is none of them.
        table: id of the table in the document.
        line: identity of the row: `c2010601` for a code, an id from the form's vocabulary, or `row:<name>`.
        column: id of the column from the form's vocabulary; `col:<header>` in a table that is no known form.
        label: Chinese name of row and column as a reader finds them.
        amount: None when the cell is blank or cannot be read as an amount.
        cell: where it stands.
    """

    form: str
    table: str
    line: str
    column: str
    label: str
    amount: Amount | None
    cell: Cell

    @property
    def is_blank(self) -> bool:
        """Whether nothing (or a dash) is printed there."""
        return self.amount is None and self.cell.text.strip(" -—－–/") == ""
