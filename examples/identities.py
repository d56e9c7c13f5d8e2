"""The sums inside the sample's tables, found from codes and levels; only the generator and its tests use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from models.table import Table


@dataclass(frozen=True, slots=True)
class Identity:
    """In one column of one table, the total's row equals the sum of the parts' rows; labels for people to read."""

    table: str
    col: int
    total_row: int
    part_rows: tuple[int, ...]
    total: str
    parts: tuple[str, ...]


def identities(tables: tuple[Table, ...]) -> Iterator[Identity]:
    """Every column sum of the sample's tables that have lines below a total."""
    for table in tables:
        text = {(cell.row, cell.col): cell.text for cell in table.cells}
        if any(key in table.title for key in ("预算收入总表", "预算支出总表", "一般公共预算支出预算表")):
            codes = {text[row, 0]: row for row in range(table.n_header, table.n_rows)}
            for code, row in codes.items():
                below = {"": 3, "3": 5, "5": 7}.get(str(len(code)) if code else "")
                parts = {c: r for c, r in codes.items() if len(c) == below and c.startswith(code)}
                yield from _columns(table, range(2, table.n_cols), row, code or "合计", parts)
        elif "分经济科目表" in table.title:
            rows = range(table.n_header, table.n_rows)
            groups = [row for row in rows if not text[row, 1] and text[row, 0] != "合计"]
            yield from _columns(table, range(2, 5), rows[0], "合计", {text[row, 0]: row for row in groups})
            for begin, end in zip(groups, [*groups[1:], table.n_rows], strict=True):
                parts = {text[row, 0]: row for row in range(begin + 1, end)}
                yield from _columns(table, range(2, 5), begin, text[begin, 0], parts)
        elif "项目支出预算表" in table.title:
            first = table.n_header + 1
            parts = {text[row, 0]: row for row in range(first + 1, table.n_rows)}
            yield from _columns(table, range(1, table.n_cols), first, text[first, 0], parts)
        elif "收支总表" in table.title:
            total = next(cell for cell in table.cells if cell.text == "本年支出合计")
            parts = {text[row, 2]: row for row in range(table.n_header, total.row)}
            yield from _columns(table, range(3, table.n_cols), total.row, total.text, parts)


def _columns(table: Table, cols: range, total_row: int, total: str, parts: dict[str, int]) -> Iterator[Identity]:
    for col in cols:
        if parts:
            yield Identity(table.title, col, total_row, tuple(parts.values()), total, tuple(parts))


def imbalance(table: Table, identity: Identity) -> Decimal:
    """Printed total less the sum of the printed parts, in 万元; a blank counts as nothing."""
    text = {(cell.row, cell.col): cell.text for cell in table.cells}

    def value(row: int) -> Decimal:
        return Decimal(text[row, identity.col] or "0")

    return value(identity.total_row) - sum((value(row) for row in identity.part_rows), Decimal(0))
