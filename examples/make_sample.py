"""Makes the bundled sample: a fictional disclosure with planted faults, as a scan with a watermark and a seal.

`uv run python examples/make_sample.py` writes `service/sample/sample.pdf` and `service/sample/faults.json`;
`--born-digital FILE` writes the same document with its text layer instead. Needs the development dependencies.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from examples import forms
from examples.degrade import Damage, Mark, Seal, degrade, scans_to_pdf
from examples.identities import identities, imbalance
from examples.items import Gap, Item, PageBreak, PageStyle, Slot, TableSpec, Text
from examples.narrative import HOSPITALITY_HEADING, explanation, front
from examples.typeset import Typeset, typeset
from examples.water_bureau import BUREAU, YEAR
from models.table import Cell, Table

SAMPLE = Path(__file__).resolve().parent.parent / "service" / "sample"
PHRASE = "仅供演示审核"
MOST_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Misprint:
    """One place that is printed wrong: the row by its label, the column by its index from 0."""

    table: str
    row: str
    col: int
    right: str
    printed: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault; `heading` and the two sentences are set where it stands in the text instead of a table."""

    kind: str
    explanation: str
    misprints: tuple[Misprint, ...] = ()
    heading: str = ""
    right: str = ""
    printed: str = ""


_GENERAL = f"{YEAR}年一般公共预算支出预算表（不含上年结转）"
_SUBJECTS = f"{YEAR}年一般公共预算安排基本支出分经济科目表（不含上年结转）"
_INCOME = f"{YEAR}年预算收入总表"
_GRANTS = f"{YEAR}年财政拨款收支总表"
_PROJECTS = f"{YEAR}年项目支出预算表（本年预算）"

FAULTS = (
    Fault(
        "row_total",
        "表十二“城区排涝泵站运行维护”合计158.36万元，与一般公共预算148.36万元不符，单位小计也按148.36万元汇总。",
        (Misprint(_PROJECTS, "城区排涝泵站运行维护", 1, "148.36", "158.36"),),
    ),
    Fault(
        "column_total",
        "表四本年支出合计漏加住房保障支出85.83万元，既不等于各类支出之和，也不等于支出总计。",
        (
            Misprint(_GRANTS, "本年支出合计", 3, "1628.27", "1542.44"),
            Misprint(_GRANTS, "本年支出合计", 4, "1628.27", "1542.44"),
        ),
    ),
    Fault(
        "hierarchy",
        "表二20805款178.30万元，不等于所属各项之和174.30万元，也不等于208类174.30万元。",
        (Misprint(_INCOME, "20805", 2, "174.30", "178.30"), Misprint(_INCOME, "20805", 3, "174.30", "178.30")),
    ),
    Fault(
        "transposition",
        "表六“其他交通费用”公用经费36.97万元，合计为39.67万元：两位数字颠倒，差额2.70可被9整除。",
        (Misprint(_SUBJECTS, "其他交通费用", 4, "39.67", "36.97"),),
    ),
    Fault(
        "cross_table",
        "表五水利执法监督多列3.00万元、水资源节约管理与保护少列3.00万元，表内平衡，但与表三同科目不一致。",
        (
            Misprint(_GENERAL, "2130309", 2, "16.84", "19.84"),
            Misprint(_GENERAL, "2130309", 4, "16.84", "19.84"),
            Misprint(_GENERAL, "2130311", 2, "31.89", "28.89"),
            Misprint(_GENERAL, "2130311", 4, "31.89", "28.89"),
        ),
    ),
    Fault(
        "table_text",
        "情况说明七称公务接待费2.37万元，表十为1.87万元；说明中的增减额与合计均按1.87万元计算。",
        heading=HOSPITALITY_HEADING,
        right="公务接待费1.87万元",
        printed="公务接待费2.37万元",
    ),
)


def tables() -> tuple[TableSpec, ...]:
    """All thirteen forms without faults, in order."""
    balance, spending, general = (
        forms.balance(),
        forms.spending(general_budget=False),
        forms.spending(general_budget=True),
    )
    head = (balance, forms.income(), spending, forms.grants(), general, forms.basic_by_subject())
    tail = (*forms.funds_and_capital(), forms.hospitality_and_cars(), forms.office_running(), *forms.project_spending())
    return head + tail


def items(*, faults: bool) -> tuple[Item, ...]:
    """The whole document, with or without the planted faults."""
    part_two = Text(f"第二部分 {YEAR}年部门预算报表", "heading", 16.0, "center", bold=True)
    flow: list[Item] = [*front(), part_two]
    for number, spec in enumerate(tables(), start=1):
        flow.append(_misprinted(spec) if faults else spec)
        flow.append(PageBreak() if number in (1, 4, 9, 13) else Gap(12.0))
    text = [
        dataclasses.replace(item, text=_misprinted_text(item.text)) if faults and isinstance(item, Text) else item
        for item in explanation()
    ]
    return (*flow, *text)


def _misprinted(spec: TableSpec) -> TableSpec:
    rows = [list(row) for row in spec.rows]
    for misprint in (m for fault in FAULTS for m in fault.misprints if m.table == spec.title):
        row = next(row for row in rows if misprint.row in (_words(entry) for entry in row))
        if _words(row[misprint.col]) != misprint.right:
            raise ValueError(f"{misprint}: the right value is {_words(row[misprint.col])}")
        row[misprint.col] = misprint.printed
    return dataclasses.replace(spec, rows=tuple(tuple(row) for row in rows))


def _misprinted_text(text: str) -> str:
    for fault in FAULTS:
        if fault.right:
            text = text.replace(fault.right, fault.printed)
    return text


def _words(entry: Slot | str | None) -> str:
    return entry.text if isinstance(entry, Slot) else entry or ""


def born_digital(*, faults: bool = True) -> Typeset:
    """The sample with its text layer, and the truth."""
    style = PageStyle(page_number="- {n} -", unnumbered=1, margin_pt=52.0)
    return typeset(items(faults=faults), style, "sample.pdf")


def truth(made: Typeset) -> dict[str, object]:
    """What `faults.json` says: the planted faults, and the sums that are off by rounding alone."""
    faults = []
    for number, fault in enumerate(FAULTS, start=1):
        cells = []
        for misprint in fault.misprints:
            table = made.table(misprint.table)
            cell = _cell(table, misprint)
            place = {"table": table.title, "row": misprint.row, "column": _column_label(table, cell)}
            values = {"printed": misprint.printed, "right": misprint.right, "page": cell.page + 1}
            cells.append(place | values | {"bbox": cell.box.as_list()})
        entry: dict[str, object] = {"id": f"F{number}", "kind": fault.kind, "explanation": fault.explanation}
        if fault.heading:
            pages = sorted({b.page + 1 for b in made.document.blocks if fault.printed in b.text})
            entry |= {"section": fault.heading, "printed": fault.printed, "right": fault.right, "pages": pages}
        else:
            entry |= {"cells": cells, "pages": sorted({int(str(cell["page"])) for cell in cells})}
        faults.append(entry)
    return {
        "generated_by": "examples/make_sample.py",
        "document": "sample.pdf",
        "pages": len(made.document.pages),
        "faults": faults,
        "rounding_controls": rounding_controls(made),
    }


def rounding_controls(made: Typeset) -> list[dict[str, object]]:
    """Sums whose printed parts do not give the printed total although the exact amounts do: never to be flagged."""
    wrong = {(m.table, m.row, m.col) for fault in FAULTS for m in fault.misprints}
    controls = []
    for identity in identities(made.document.tables):
        places = {(identity.table, label, identity.col) for label in (identity.total, *identity.parts)}
        off = imbalance(made.table(identity.table), identity)
        if off and not places & wrong:
            table = made.table(identity.table)
            total = next(cell for cell in table.cells if (cell.row, cell.col) == (identity.total_row, identity.col))
            controls.append(
                {
                    "table": identity.table,
                    "row": identity.total,
                    "column": _column_label(table, total),
                    "page": total.page + 1,
                    "printed_total": total.text,
                    "printed_parts": len(identity.parts),
                    "difference": str(off),
                    "explanation": "各数按元汇总相符，差额来自四舍五入到0.01万元，不应报告。",
                }
            )
    return controls


def _cell(table: Table, misprint: Misprint) -> Cell:
    row = next(cell.row for cell in table.cells if cell.text == misprint.row and cell.row >= table.n_header)
    return next(cell for cell in table.cells if (cell.row, cell.col) == (row, misprint.col))


def _column_label(table: Table, cell: Cell) -> str:
    """The lowest heading above a cell that is not a column number."""
    above = [
        head for head in table.cells if head.row < table.n_header and head.col <= cell.col < head.col + head.colspan
    ]
    return max((head for head in above if not head.text.isdigit()), key=lambda head: head.row).text


def scanned(made: Typeset, seed: int = 7) -> bytes:
    """The same pages as an office scanner leaves them: gray, a little skewed, marked; one page carries a red seal."""
    skews = (0.2, -0.35, 0.55, -0.2, 0.3, -0.6, 0.4, -0.45, 0.15, -0.3, 0.5)
    sealed = made.table(f"{YEAR}年财政拨款安排机关运行经费预算表")
    box = sealed.cells[-1].box
    damages = []
    for index in range(len(made.document.pages)):
        seal = Seal(BUREAU, (box.x1 - 70.0, box.y1 + 45.0), angle_deg=-8.0) if index == sealed.pages[0] else None
        damages.append(
            Damage(
                mark=Mark(PHRASE, gray=205),
                seal=seal,
                skew_deg=skews[index % len(skews)],
                blur_px=0.45,
                noise=2.0,
                jpeg_quality=38,
            )
        )
    return scans_to_pdf(degrade(made.pdf, damages, seed))


def main() -> None:
    """Writes the sample, or with `--born-digital` the same document with its text layer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--born-digital", type=Path, metavar="FILE", help="write the PDF with its text layer here")
    parser.add_argument("--without-faults", action="store_true", help="leave the planted faults out (--born-digital)")
    arguments = parser.parse_args()
    made = born_digital(faults=not arguments.without_faults or arguments.born_digital is None)
    if arguments.born_digital:
        arguments.born_digital.write_bytes(made.pdf)
        return
    pdf = scanned(made)
    if len(pdf) > MOST_BYTES:
        raise SystemExit(f"the sample takes {len(pdf)} bytes, more than {MOST_BYTES}")
    SAMPLE.mkdir(parents=True, exist_ok=True)
    (SAMPLE / "sample.pdf").write_bytes(pdf)
    text = json.dumps(truth(made), ensure_ascii=False, indent=2)
    (SAMPLE / "faults.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(made.document.pages)} pages, {len(pdf) // 1024} KiB, {len(FAULTS)} faults")


if __name__ == "__main__":
    main()
