"""AR006: in a table that is no known form, 合计 equals the columns beside it, where the table shows so."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, check_of
from detect.facts import Ledger, Place
from detect.registry import Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Column, FormTable, Report

_TOTALS = ("合计", "小计", "总计")
FEWEST_ROWS = 5
"""Rows with amounts in two parts or more from which a table shows how it adds up."""
MOST_ROWS = 0.8
"""Share of those rows that must add up: parts that are no parts (其中) fail in most rows, a slip in one."""

Path = tuple[str, ...]


@rule(
    id="AR006",
    name="其他表格横向合计",
    severity="error",
    category="arithmetic",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def headed_groups(report: Report) -> Iterator[Outcome]:
    """In tables that are no known form, 合计 under a common heading equals the columns beside it.

    ## What it checks
    Every group of columns with a 合计, 小计 or 总计 whose sum holds in four fifths of the rows that can show it.

    ## Why it matters
    Cities publish forms of their own; the row that breaks the table's own pattern is the slip.

    ## What it leaves alone
    Differences within rounding; groups that the table itself does not show to add up (a skip says so).
    """
    ledger = Ledger(report)
    for form in report.forms:
        if not form.form and len(form.columns) > 2 and form.lines:
            yield from _groups(report, ledger, form)


def _groups(report: Report, ledger: Ledger, form: FormTable) -> Iterator[Check | Skip]:
    by_path = {_path(column): column for column in form.columns}
    for prefix in sorted({path[:depth] for path in by_path for depth in range(len(path))}):
        total = next((by_path[(*prefix, word)] for word in _TOTALS if (*prefix, word) in by_path), None)
        if total is None:
            continue
        parts = _parts(by_path, prefix, total)
        scope = f"《{form.name}》“{total.name}”"
        if parts is None:
            yield Skip("AR006", scope, "同组各列不能都确定为合计的组成部分，未作横向核对")
            continue
        checks = []
        for line in form.lines:
            places: list[Place] = [place for part in parts for place in ledger.at(form, line, part)]
            if total_place := ledger.at(form, line, total):
                name = "合计等于同组各列之和"
                checks.append(check_of(name, total_place[0], [(1, place) for place in places], report.document))
        telling = [check for check in checks if sum(term.state == "number" for term in check.terms) >= 2]
        holding = sum(check.holds() for check in telling)
        if len(telling) < FEWEST_ROWS or holding < MOST_ROWS * len(telling):
            yield Skip("AR006", scope, "该表的数据不足以表明该列是同组各列之和，未作横向核对")
            continue
        yield from checks


def _path(column: Column) -> Path:
    return tuple(column.id.removeprefix("col:").split(">"))


def _parts(by_path: dict[Path, Column], prefix: Path, total: Column) -> list[Column] | None:
    """The columns beside the total: single ones, and the total of each group of columns; None when one has none."""
    parts: list[Column] = []
    for child in sorted(
        {path[len(prefix)] for path in by_path if path[: len(prefix)] == prefix and len(path) > len(prefix)}
    ):
        path = (*prefix, child)
        if by_path.get(path) is total:
            continue
        if child.startswith("其中"):
            return None
        if path in by_path:
            parts.append(by_path[path])
            continue
        own = next((by_path[(*path, word)] for word in _TOTALS if (*path, word) in by_path), None)
        if own is None:
            return None
        parts.append(own)
    return parts or None
