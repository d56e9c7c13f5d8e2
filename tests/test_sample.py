"""The bundled sample is what its truth says: consistent but for the planted faults, and current with its generator."""

import json
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from examples import make_sample
from examples.identities import Identity, identities, imbalance
from examples.typeset import Typeset
from examples.water_bureau import BUREAU, YEAR

HALF_STEP = Decimal("0.005")


@pytest.fixture(scope="module")
def clean() -> Typeset:
    return make_sample.born_digital(faults=False)


@pytest.fixture(scope="module")
def faulty() -> Typeset:
    return make_sample.born_digital()


def beyond_rounding(made: Typeset, identity: Identity) -> bool:
    """Whether the printed values cannot be roundings of amounts that add up."""
    return abs(imbalance(made.table(identity.table), identity)) > HALF_STEP * (len(identity.parts) + 1)


def amount(made: Typeset, table: str, row: str, col: int) -> Decimal:
    found = made.table(table)
    cells = {(cell.row, cell.col): cell.text for cell in found.cells}
    at = next(cell.row for cell in found.cells if cell.text == row and cell.row >= found.n_header)
    return Decimal(cells[at, col] or "0")


def test_without_faults_every_column_adds_up(clean: Typeset) -> None:
    checked = list(identities(clean.document.tables))
    assert {identity.table for identity in checked} >= {fault.misprints[0].table for fault in make_sample.FAULTS[:5]}
    assert [identity for identity in checked if beyond_rounding(clean, identity)] == []


def test_without_faults_the_forms_agree(clean: Typeset) -> None:
    income, spending = f"{YEAR}年预算收入总表", f"{YEAR}年预算支出总表"
    general = f"{YEAR}年一般公共预算支出预算表（不含上年结转）"
    for cell in clean.table(income).cells:
        if cell.col == 0 and cell.text.isdigit():
            now, old = (amount(clean, income, cell.text, col) for col in (2, 8))
            everything = amount(clean, spending, cell.text, 2)
            assert abs(now + old - everything) <= 3 * HALF_STEP
            assert amount(clean, general, cell.text, 2) == now
    subjects = f"{YEAR}年一般公共预算安排基本支出分经济科目表（不含上年结转）"
    assert amount(clean, general, "合计", 3) == amount(clean, subjects, "合计", 2)
    running = f"{YEAR}年财政拨款安排机关运行经费预算表"
    assert amount(clean, running, BUREAU, 1) == amount(clean, subjects, "商品和服务支出", 4)
    projects, carried = (f"{YEAR}年项目支出预算表（{which}）" for which in ("本年预算", "上年结转"))
    assert amount(clean, general, "合计", 4) == amount(clean, projects, BUREAU, 1)
    assert amount(clean, spending, "合计", 4) == amount(clean, projects, BUREAU, 1) + amount(clean, carried, BUREAU, 1)


@pytest.mark.parametrize("kind", ["row_total", "column_total", "hierarchy", "transposition"])
def test_each_fault_inside_a_table_breaks_a_sum_of_that_table(faulty: Typeset, kind: str) -> None:
    fault = next(fault for fault in make_sample.FAULTS if fault.kind == kind)
    broken = [identity for identity in identities(faulty.document.tables) if beyond_rounding(faulty, identity)]
    wrong = {(misprint.table, misprint.row, misprint.col) for misprint in fault.misprints}
    assert any(wrong & {(i.table, label, i.col) for label in (i.total, *i.parts)} for i in broken)


def test_the_cross_table_fault_leaves_both_tables_balanced(faulty: Typeset) -> None:
    fault = next(fault for fault in make_sample.FAULTS if fault.kind == "cross_table")
    own = [identity for identity in identities(faulty.document.tables) if identity.table == fault.misprints[0].table]
    assert own
    assert not any(beyond_rounding(faulty, identity) for identity in own)


def test_the_text_fault_contradicts_the_table(clean: Typeset, faulty: Typeset) -> None:
    fault = next(fault for fault in make_sample.FAULTS if fault.kind == "table_text")
    assert any(fault.right in block.text for block in clean.document.blocks)
    assert any(fault.printed in block.text for block in faulty.document.blocks)
    assert not any(fault.right in block.text for block in faulty.document.blocks)


def test_nothing_but_the_faults_differs(clean: Typeset, faulty: Typeset) -> None:
    differing = {
        (table.title, cell.row, cell.col)
        for table, other in zip(clean.document.tables, faulty.document.tables, strict=True)
        for cell, twin in zip(table.cells, other.cells, strict=True)
        if cell != twin
    }
    assert len(differing) == sum(len(fault.misprints) for fault in make_sample.FAULTS)


def test_rounding_controls_are_sums_that_a_fixed_hundredth_would_flag(faulty: Typeset) -> None:
    differences = {Decimal(str(control["difference"])) for control in make_sample.rounding_controls(faulty)}
    assert len(make_sample.rounding_controls(faulty)) >= 2
    assert Decimal("0.02") in differences


def test_the_bundled_files_are_current(faulty: Typeset) -> None:
    stored = json.loads((make_sample.SAMPLE / "faults.json").read_text(encoding="utf-8"))
    assert stored == make_sample.truth(faulty), "run: uv run python examples/make_sample.py"
    path: Path = make_sample.SAMPLE / "sample.pdf"
    assert path.stat().st_size <= make_sample.MOST_BYTES
    document = pypdfium2.PdfDocument(path)
    try:
        assert len(document) == stored["pages"] == len(faulty.document.pages)
        assert not any(document[index].get_textpage().count_chars() for index in range(len(document)))
    finally:
        document.close()
