"""A fictional bureau's disclosure of two pages, made by hand, with one finding of every kind of evidence."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from detect.runner import remember
from models.citation import Citation
from models.document import Document
from models.errors import CaishenError, DamagedInput
from models.finding import Equation, Evidence, Finding, RuleOutcome, Skip, Term
from models.geometry import Box
from models.page import Page, Reading
from models.report import Column, FormTable, Line, Report
from models.table import Block, Cell, Table
from service.backend import Backend, open_backend
from service.settings import Settings
from service.stages import Stages
from tests.service import postgresql

INJECTION = "<script>alert('x')</script>"
FORMULA = "=1+2"
TITLE = "2026年支出总表[上]:/本年预算与上年结转合并列示（不含政府性基金预算）"


def _table(table_id: str, title: str, rows: list[list[str]], page: int, n_header: int, **changes: object) -> Table:
    cells = tuple(
        Cell(
            row, column, text, page, Box(60 + 90 * column, 100 + 18 * row, 150 + 90 * column, 118 + 18 * row), raw=text
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    return Table(table_id, title, len(rows), len(rows[0]), cells, (page,), unit="万元", n_header=n_header)


def _expenditure() -> Table:
    rows = [
        ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
        ["1", "2", "3", "4", "5"],
        ["", "合计", "1,300.50", "1,000.50", "200.00"],
        ["201", FORMULA, "1,200.50", "1,000.50", "200.00"],
        ["20106", INJECTION, "-3.5", "", "85%"],
    ]
    table = _table("t1", TITLE, rows, 0, 1)
    doubted = [
        Cell(
            cell.row,
            cell.col,
            cell.text,
            cell.page,
            cell.box,
            raw=cell.raw,
            confidence=0.62,
            alternatives=(Reading("1,200.50", 0.31),),
            damaged=True,
        )
        if (cell.row, cell.col) == (2, 2)
        else cell
        for cell in table.cells
    ]
    return Table("t1", TITLE, table.n_rows, table.n_cols, tuple(doubted), (0,), unit="万元", n_header=1)


def _merged() -> Table:
    cells = (
        Cell(0, 0, "支出", 1, Box(60, 60, 240, 78), colspan=2, raw="支出"),
        Cell(1, 0, "行次", 1, Box(60, 78, 150, 96), raw="行次"),
        Cell(1, 1, "金额", 1, Box(150, 78, 240, 96), raw="金额"),
        Cell(2, 0, "7", 1, Box(60, 96, 150, 132), rowspan=2, raw="7"),
        Cell(2, 1, "12", 1, Box(150, 96, 240, 114), raw="12"),
        Cell(3, 1, "—", 1, Box(150, 114, 240, 132), raw="—"),
    )
    return Table("t2", TITLE, 4, 2, cells, (1,), unit="", n_header=2)


@pytest.fixture
def document() -> Document:
    return Document(
        sha256="0f" * 32,
        name="澄川市水务局2026年部门预算公开.pdf",
        pages=(
            Page(0, 595.0, 842.0, source="ocr", watermark=0.2, watermark_phrase="仅供审核"),
            Page(1, 842.0, 595.0, rotation_deg=90),
            Page(2, 595.0, 842.0, problem="本页数据已损坏，无法读取"),
        ),
        tables=(_expenditure(), _merged()),
        blocks=(Block(1, Box(60, 300, 500, 330), "paragraph", "2026年支出预算1,200.50万元。"),),
    )


@pytest.fixture
def report(document: Document) -> Report:
    cells = {(cell.row, cell.col): cell for cell in document.tables[0].cells}

    def place(row: int, column: int) -> Evidence:
        cell = cells[row, column]
        return Evidence(cell.page, cell.box, cell.text, "t1", row, column)

    def term(label: str, row: int, column: int) -> Term:
        text = cells[row, column].text
        return Term(1, label, Decimal(text.replace(",", "")) * 10_000, text, place(row, column))

    law = Citation("《中华人民共和国预算法》", "第十四条")
    equation = Equation("合计等于基本支出加项目支出", term("合计", 2, 2), (term("合计", 2, 3), term("合计", 2, 4)))
    findings = (
        Finding(
            key="TX001:p1",
            rule="TX001",
            category="narrative",
            severity="warning",
            confidence=0.9,
            reading="undecided",
            message="情况说明的支出预算与表列不符。",
            evidence=(Evidence(1, Box(60, 300, 500, 330), "2026年支出预算1,200.50万元。"), place(2, 2)),
            basis=law,
        ),
        Finding(
            key="AR001:b03:total:total",
            rule="AR001",
            category="arithmetic",
            severity="error",
            confidence=0.996,
            reading="probable-misread",
            message=f"合计行填列1,300.50万元，应为1,200.50万元。{INJECTION}",
            evidence=(place(2, 2), place(2, 3), place(2, 4)),
            basis=law,
            equations=(equation,),
            expected="1,200.50万元",
            observed="1,300.50万元",
            difference="100.00万元",
        ),
        Finding(
            key="CP001:b09",
            rule="CP001",
            category="completeness",
            severity="hint",
            confidence=0.8,
            reading="real",
            message="没有找到政府采购预算表。",
            evidence=(),
            basis=law,
        ),
    )
    form = FormTable(
        table=document.tables[0],
        form="b03",
        name=TITLE,
        unit="万元",
        unit_yuan=Decimal(10_000),
        decimals=2,
        header_rows=2,
        columns=(
            Column(2, "total", "main", "2026年预算数/合计"),
            Column(3, "basic", "main", "2026年预算数/基本支出"),
            Column(4, "project", "main", "2026年预算数/项目支出"),
        ),
        unknown_columns=(),
        lines=(Line(2, "total", "main", "", "合计", is_total=True), Line(3, "c201", "main", "201", "一般公共服务")),
    )
    return Report(
        document=document,
        kind="预算公开",
        year=2026,
        entity="澄川市水务局",
        forms=(form,),
        facts=(),
        findings=findings,
        skips=(Skip("YR001", "与上年公开衔接", "没有提供上年文件"),),
        outcomes=(
            RuleOutcome("AR001", "表内横向合计", run=5, consistent=4, failed=1, skipped=0),
            RuleOutcome("TX001", "说明与表一致", run=2, consistent=1, failed=1, skipped=0),
            RuleOutcome("YR001", "上年衔接", run=0, consistent=0, failed=0, skipped=1),
        ),
    )


def blank_picture(page: Page, dpi: float) -> np.ndarray:
    """A page with nothing on it."""
    return np.full((round(page.height_pt * dpi / 720), round(page.width_pt * dpi / 720), 3), 255, np.uint8)


@contextmanager
def open_blank_pictures(path: Path) -> Iterator[object]:
    """Pictures of any file: blank."""
    yield blank_picture


class Reader:
    """Reads every file as the same document, and fails as the file's name says."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.read: list[Path] = []
        self.reached = threading.Event()

    def __call__(self, path: Path, *, progress: object = None) -> Document:
        self.read.append(path)
        if "unreadable" in path.name:
            raise DamagedInput(f"文件“{path.name}”已损坏", "请重新导出")
        if "broken" in path.name:
            raise ZeroDivisionError("made up")
        if "interrupted" in path.name:
            raise KeyboardInterrupt
        if callable(progress):
            progress(1, 1)
        return self._document


@pytest.fixture
def reader(document: Document) -> Reader:
    return Reader(document)


@pytest.fixture
def stages(report: Report, reader: Reader) -> Stages:
    return Stages(reader, lambda _: report, open_blank_pictures, remember)


@pytest.fixture
def picture() -> object:
    return blank_picture


def refuse_picture(page: Page, dpi: float) -> np.ndarray:
    """No page can be pictured."""
    raise CaishenError("无法生成图像", "请检查该页")


@pytest.fixture(scope="session")
def postgresql_socket() -> Iterator[Path]:
    """The socket folder of a server that runs for the whole session."""
    if postgresql.binaries() is None:
        pytest.skip(postgresql.NOT_INSTALLED)
    with postgresql.server() as socket:
        yield socket


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty installation, on each of the two databases."""
    return settings_on(request.param, request, tmp_path)


def settings_on(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty installation on `sqlite` or `postgresql`."""
    url = ""
    if database == "postgresql":
        socket = request.getfixturevalue("postgresql_socket")
        url = postgresql.new_database(socket, f"test_{uuid.uuid4().hex}")
    return Settings(data_dir=tmp_path / "data", database_url=url, disk_floor_bytes=0)


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    with open_backend(settings) as opened:
        yield opened
