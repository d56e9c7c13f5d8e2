"""Fictional disclosures as records, written as text: one list of cells a row, `>` and `^` for merged cells."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from detect.runner import audit
from models.document import Document
from models.finding import Finding, Skip
from models.geometry import Box
from models.page import Page, PageSource, Reading
from models.report import Report
from models.table import Block, BlockRole, Cell, Table

WIDTH, HEIGHT = 60.0, 12.0
Rows = Sequence[Sequence[str]]


def make_table(
    name: str,
    title: str,
    rows: Rows,
    *,
    unit: str = "万元",
    page: int = 0,
    notes: tuple[str, ...] = (),
    meta: tuple[str, ...] = (),
) -> Table:
    """A table from text: `>` continues the cell to its left, `^` the cell above."""
    n_cols = len(rows[0])
    cells: list[Cell] = []
    for row, texts in enumerate(rows):
        assert len(texts) == n_cols
        for col, text in enumerate(texts):
            if text in (">", "^"):
                continue
            colspan = next((k for k in range(1, n_cols - col) if texts[col + k] != ">"), n_cols - col)
            rowspan = next((k for k in range(1, len(rows) - row) if rows[row + k][col] != "^"), len(rows) - row)
            box = Box(col * WIDTH, row * HEIGHT + 80, (col + colspan) * WIDTH, (row + rowspan) * HEIGHT + 80)
            cells.append(Cell(row, col, text, page, box, rowspan, colspan))
    return Table(name, title, len(rows), n_cols, tuple(cells), (page,), unit=unit, notes=notes, meta=meta)


def make_document(
    tables: Sequence[Table], texts: Sequence[tuple[BlockRole, str]] = (), *, source: PageSource = "text", pages: int = 3
) -> Document:
    blocks = tuple(
        Block(pages - 1, Box(20, 20 * k, 500, 20 * k + 14), role, text) for k, (role, text) in enumerate(texts)
    )
    return Document(
        "0" * 64,
        "虚构市天文馆.pdf",
        tuple(Page(k, 595, 842, source=source) for k in range(pages)),
        tuple(tables),
        blocks,
    )


def with_text(
    table: Table, row: int, col: int, text: str, *, confidence: float = 1.0, alternatives: tuple[Reading, ...] = ()
) -> Table:
    """The table with another text in one cell."""
    cells = tuple(
        replace(cell, text=text, confidence=confidence, alternatives=alternatives)
        if (cell.row, cell.col) == (row, col)
        else cell
        for cell in table.cells
    )
    return replace(table, cells=cells)


def places(finding: Finding) -> list[tuple[str | None, int | None, int | None]]:
    """The cells of the evidence in order."""
    return [(item.table, item.row, item.col) for item in finding.evidence]


def of_rule(report: Report, rule: str) -> tuple[list[Finding], list[Skip]]:
    """What one rule said."""
    return [item for item in report.findings if item.rule == rule], [item for item in report.skips if item.rule == rule]


def run_of(report: Report, rule: str) -> tuple[int, int, int, int]:
    """How often one rule ran, passed, failed and was skipped."""
    outcome = next(item for item in report.outcomes if item.rule == rule)
    return outcome.run, outcome.consistent, outcome.failed, outcome.skipped


EXPENDITURE: Rows = (
    ("项目", ">", "2031年预算数", ">", ">"),
    ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
    ("合计", ">", "130.00", "80.00", "50.00"),
    ("206", "科学技术支出", "100.00", "60.00", "40.00"),
    ("20607", "科学技术普及", "100.00", "60.00", "40.00"),
    ("2060701", "机构运行", "70.00", "60.00", "10.00"),
    ("2060702", "科普活动", "30.00", "", "30.00"),
    ("221", "住房保障支出", "30.00", "20.00", "10.00"),
    ("22102", "住房改革支出", "30.00", "20.00", "10.00"),
    ("2210201", "住房公积金", "20.00", "20.00", ""),
    ("2210203", "购房补贴", "10.00", "", "10.00"),
)

THREE_PUBLIC: Rows = (
    ("项目", "2031年预算数", ">", ">", ">"),
    ("^", "合计", "一般公共预算", "政府性基金预算", "国有资本经营预算"),
    ("因公出国（境）费", "", "", "", ""),
    ("公务接待费", "1.20", "1.20", "", ""),
    ("公务用车购置及运行费", "3.60", "3.60", "", ""),
    ("①公务用车购置费", "", "", "", ""),
    ("②公务用车运行维护费", "3.60", "3.60", "", ""),
    ("合计", "4.80", "4.80", "", ""),
)

PROJECTS: Rows = (
    ("项目名称", "合计", "2031年财政拨款", ">", ">", "财政专户管理资金", "单位资金"),
    ("^", "^", "一般公共预算", "政府性基金预算", "国有资本经营预算", "^", "^"),
    ("1", "2", "3", "4", "5", "6", "7"),
    ("虚构市天文馆", "50.00", "45.00", "", "", "", "5.00"),
    ("虚构市天文馆", "30.00", "25.00", "", "", "", "5.00"),
    ("望远镜镜片养护费", "18.00", "18.00", "", "", "", ""),
    ("流星雨观测活动经费", "12.00", "7.00", "", "", "", "5.00"),
    ("虚构市星图编制中心", "20.00", "20.00", "", "", "", ""),
    ("星图印制费", "20.00", "20.00", "", "", "", ""),
)


BUDGET: Rows = (
    ("收入", ">", "支出", ">", ">", ">"),
    ("项目", "2031年", "项目", "2031年合计", "当年预算安排", "上年结转安排"),
    ("一、一般公共预算", "125.00", "六、科学技术支出", "100.00", "100.00", ""),
    ("二、政府性基金预算", "", "二十、住房保障支出", "30.00", "30.00", ""),
    ("三、国有资本经营预算", "", "", "", "", ""),
    ("四、财政专户管理资金", "", "", "", "", ""),
    ("五、单位资金", "5.00", "", "", "", ""),
    ("本年收入合计", "130.00", "本年支出合计", "130.00", "130.00", ""),
    ("上年结转", "", "年终结转", "", "", ""),
    ("收入总计", "130.00", "支出总计", "130.00", "130.00", ""),
)

ECONOMIC: Rows = (
    ("部门预算支出经济科目名称", "政府预算支出经济科目名称", "2031年预算数", ">", ">"),
    ("^", "^", "合计", "人员经费", "公用经费"),
    ("合计", ">", "80.00", "70.00", "10.00"),
    ("工资福利支出", "", "70.00", "70.00", ""),
    ("基本工资", "工资奖金津补贴", "50.00", "50.00", ""),
    ("住房公积金", "住房公积金", "20.00", "20.00", ""),
    ("商品和服务支出", "", "10.00", "", "10.00"),
    ("公务用车运行维护费", "公务用车运行维护费", "3.60", "", "3.60"),
    ("办公费", "办公经费", "6.40", "", "6.40"),
)


@pytest.fixture
def expenditure() -> Table:
    return make_table("t3", "2031年预算支出总表", EXPENDITURE)


@pytest.fixture
def audited() -> Callable[..., Report]:
    """Audit some tables with some text."""

    def run(
        tables: Sequence[Table], texts: Sequence[tuple[BlockRole, str]] = (), *, source: PageSource = "text"
    ) -> Report:
        return audit(make_document(tables, texts, source=source))

    return run
