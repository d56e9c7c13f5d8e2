"""Tables of many layouts set by our own typesetter and read back, born-digital and scanned: `python -m bench.layouts`.

The tables are those of the bundled sample's fictional bureau; what varies is how they are ruled, how they are set and
how they go on over pages. Nothing outside the repository is needed but, for TEDS, the scorer (`--shared`).
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from examples import forms
from examples.degrade import Damage, degrade, scans_to_pdf
from examples.items import Item, PageBreak, PageStyle, TableSpec, Text
from examples.typeset import Typeset, typeset
from models.table import Table
from ocr.pipeline import read_document
from ocr.sandbox import Sandbox
from ocr.source import sandbox_for

OFFICE = Damage(dpi=200, paper=249, skew_deg=0.4, blur_px=0.8, noise=5.0, jpeg_quality=70)
NUMBER = re.compile(r"^[-−]?[\d,]+(?:\.\d+)?%?$")


@dataclass(frozen=True, slots=True)
class Layout:
    """A way to rule and set tables."""

    name: str
    change: dict[str, Any]
    style: PageStyle


LAYOUTS = (
    Layout("ruled", {}, PageStyle()),
    Layout("three-line", {"rules": "three-line"}, PageStyle(family="serif")),
    Layout("horizontal", {"rules": "horizontal"}, PageStyle()),
    Layout("open sides", {"rules": "open-sides"}, PageStyle()),
    Layout("dashed", {"stroke": "dashed", "pad_pt": 3.0}, PageStyle(rule_pt=0.8)),
    Layout("dotted", {"stroke": "dotted", "pad_pt": 3.0}, PageStyle(rule_pt=0.8)),
    Layout("pale", {"rule_gray": 205}, PageStyle(rule_pt=0.5)),
    Layout("very pale", {"rule_gray": 225}, PageStyle(family="serif", rule_pt=0.6)),
    Layout("borderless", {"rules": "borderless", "pad_pt": 3.5}, PageStyle()),
    Layout("borderless tight", {"rules": "borderless", "pad_pt": 2.0}, PageStyle(family="serif")),
    Layout(
        "borderless wide",
        {"rules": "borderless", "size_pt": 9.0, "pad_pt": 4.0},
        PageStyle(width_pt=841.89, height_pt=595.28, margin_pt=50),
    ),
)


def tables() -> tuple[TableSpec, ...]:
    """The statutory tables of the sample that hold amounts."""
    return (
        forms.balance(),
        forms.income(),
        forms.spending(general_budget=False),
        forms.grants(),
        forms.basic_by_subject(),
        forms.hospitality_and_cars(),
        *forms.project_spending(),
    )


def document(layout: Layout) -> Typeset:
    """All tables in one layout, each on a page of its own, with prose between them."""
    items: list[Item] = []
    for spec in tables():
        items += [
            Text("本表反映部门本年度预算安排情况，按照收支平衡的原则编制。"),
            replace(spec, **layout.change),
            PageBreak(),
        ]
    return typeset(items[:-1], layout.style, f"{layout.name}.pdf")


@dataclass(slots=True)
class Score:
    """Of one document: tables found and with the same grid, cells and numbers in all and right, false tables."""

    tables: int = 0
    found: int = 0
    same_grid: int = 0
    cells: int = 0
    right: int = 0
    numbers: int = 0
    numbers_right: int = 0
    extra: int = 0
    teds: float = 0.0


def score(wanted: Sequence[Table], read: Sequence[Table], teds: Callable[[Table, Table], float] | None) -> Score:
    """Tables are matched by their titles; a cell is right at the same place with the same spans and text."""
    result = Score(tables=len(wanted), extra=max(0, len(read) - len(wanted)))
    for table in wanted:
        other = next((one for one in read if _plain(one.title) == _plain(table.title)), None)
        places = {_place(cell): _plain(cell.text) for cell in other.cells} if other else {}
        result.found += other is not None
        result.same_grid += set(places) == {_place(cell) for cell in table.cells}
        for cell in table.cells:
            right = places.get(_place(cell)) == _plain(cell.text)
            result.cells, result.right = result.cells + 1, result.right + right
            if NUMBER.match(cell.text):
                result.numbers, result.numbers_right = result.numbers + 1, result.numbers_right + right
        if teds and other:
            result.teds += teds(table, other)
    return result


def _place(cell: Any) -> tuple[int, int, int, int]:
    return cell.row, cell.col, cell.rowspan, cell.colspan


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("−", "-")


def scorer(shared: Path) -> Callable[[Table, Table], float] | None:
    """TEDS of the scorer that lies outside the repository, or None where it is missing."""
    if not (shared / "score" / "press").is_dir():
        return None
    sys.path.insert(0, str(shared / "score"))
    from press import score as press

    def rows(table: Table) -> Any:
        cells = [
            {"row": c.row, "col": c.col, "rowspan": c.rowspan, "colspan": c.colspan, "text": c.text}
            for c in table.cells
        ]
        return press.rows_of(cells, table.n_rows)

    return lambda wanted, found: float(press.teds(rows(wanted), rows(found)))


def measured(
    layouts: Sequence[Layout], kinds: Sequence[str], shared: Path, child: Sandbox
) -> Iterator[tuple[str, str, Score]]:
    """(layout, kind, score) of every layout, `text` from the text layer and `scan` from pictures."""
    teds = scorer(shared)
    with tempfile.TemporaryDirectory() as folder:
        for layout in layouts:
            made = document(layout)
            for kind in kinds:
                pdf = made.pdf if kind == "text" else scans_to_pdf(degrade(made.pdf, OFFICE))
                path = Path(folder) / f"{layout.name} {kind}.pdf"
                path.write_bytes(pdf)
                read = read_document(path, sandbox=child)
                yield layout.name, kind, score(made.document.tables, read.tables, teds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.layouts", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with score/")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of layouts")
    parser.add_argument("--kinds", nargs="*", default=["text", "scan"], choices=["text", "scan"])
    arguments = parser.parse_args()
    layouts = [one for one in LAYOUTS if not arguments.only or any(part in one.name for part in arguments.only)]
    print("layout             kind    found  grids extra   cells  numbers    TEDS")
    with sandbox_for() as child:
        for name, kind, got in measured(layouts, arguments.kinds, arguments.shared, child):
            print(
                f"{name:18s} {kind:5s} {got.found:4d}/{got.tables:<2d} {got.same_grid:6d} {got.extra:5d} "
                f"{got.right / got.cells:7.4f} {got.numbers_right / got.numbers:8.4f} {got.teds / got.tables:7.4f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
