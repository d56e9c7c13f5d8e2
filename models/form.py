"""Forms about one project (or about a whole department) as typed records, whatever their layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.table import Cell, Table

FormKind = Literal["target", "overall", "self_evaluation"]
Side = Literal["period", "year"]


@dataclass(frozen=True, slots=True)
class Funding:
    """One total with the sources below it.

    Attributes:
        name: of the total as printed, without the colon (`年度资金总额`).
        unit: `元` or `万元` as the form says beside the amounts, empty when it does not say.
        total: the cell of the total.
        sources: label and cell of each source, from top to bottom.
    """

    name: str
    unit: str
    total: Cell
    sources: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one self-evaluation.

    Attributes:
        total: the cell of 总分.
        parts: label and cell of every score above it.
        grade: the grade that the conclusion states, empty when it states none.
        conclusion: the cell that states it.
    """

    total: Cell
    parts: tuple[tuple[str, Cell], ...]
    grade: str
    conclusion: Cell | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of a self-evaluation with its full marks and its points.

    Attributes:
        label: name of the indicator or of the money.
        full: the cell of the full marks, None where only the total of points is printed.
        points: the cell of the points.
        row: grid row.
    """

    label: str
    full: Cell | None
    points: Cell
    row: int


@dataclass(frozen=True, slots=True)
class Execution:
    """The line of all money of a self-evaluation: budget, spent, rate, full marks and points for the rate."""

    budget: Cell
    spent: Cell
    rate: Cell | None
    full: Cell | None
    points: Cell | None


@dataclass(frozen=True, slots=True)
class FormText:
    """One labelled field of a form.

    Attributes:
        id: what the field says, one word for all its printed labels (`overview`, `plan`).
        label: as printed.
        text: without white space.
        cell: of the text, not of the label.
    """

    id: str
    label: str
    text: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of one half of the table of indicators; rows that print a class but no indicator have an empty name.

    Attributes:
        side: `period` for the whole period of the project, `year` for the budget year.
        level1, level2: classes as printed (`产出指标`, `数量指标`), empty where the form has no such column.
        name, value: without white space; a value that the form prints in parts (`≥`, `95`, `%`) is put together.
        name_cell, value_cell: where they stand.
        done: the cell of what was reached (self-evaluations), None in other forms.
    """

    side: Side
    level1: str
    level2: str
    name: str
    value: str
    name_cell: Cell
    value_cell: Cell
    done: Cell | None = None


@dataclass(frozen=True, slots=True)
class ProjectForm:
    """One performance form: targets of a project or of a department, or the self-evaluation of a project.

    Attributes:
        kind: which of them.
        table: that prints it; a list of projects gives one record for each of them.
        title: of the table, for messages.
        project: name of the project (of the department for `overall`), without white space or a leading code.
        project_cell: where the name stands, None when the form has none.
        texts: labelled fields, in order of the page.
        fundings: totals of money.
        indicators: in order of the page, the half of the period before that of the year within a row.
        scores: of a self-evaluation that prints a total.
        is_list: the form is one entry of a table of projects.
        marks: rows with full marks and points (self-evaluations that print them row by row).
        total_mark: their total.
        execution: the line of all money, where budget and spending are columns.
    """

    kind: FormKind
    table: Table
    title: str
    project: str
    project_cell: Cell | None
    texts: tuple[FormText, ...]
    fundings: tuple[Funding, ...]
    indicators: tuple[Indicator, ...]
    scores: Scores | None = None
    is_list: bool = False
    marks: tuple[Mark, ...] = ()
    total_mark: Mark | None = None
    execution: Execution | None = None

    def text(self, field: str) -> FormText | None:
        """The first field of that id that is not blank; None when there is none."""
        return next((text for text in self.texts if text.id == field and text.text), None)

    def funding(self, side: Side) -> Funding | None:
        """The total of the year or of the whole period; None when the form states none or more than one."""
        found = [item for item in self.fundings if ("实施期" in item.name) == (side == "period")]
        return found[0] if len(found) == 1 else None
