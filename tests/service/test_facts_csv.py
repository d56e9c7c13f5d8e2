"""`--facts`: one table of all recognised amounts of a run, exact and harmless in a spreadsheet."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from models.fact import Fact
from models.money import Amount
from models.report import Report
from service.cli import app
from service.export.facts_csv import COLUMNS
from service.stages import Stages


@pytest.fixture
def two_facts(report: Report) -> Report:
    cells = {cell.text: cell for cell in report.document.tables[0].cells}
    amount = Amount(Decimal("13005000.00"), Decimal("100"))
    facts = (
        Fact("b03", "t1", "total", "total", "合计/合计", amount, cells["1,300.50"]),
        Fact("b03", "t1", "row:=1+2", "basic", "=1+2", None, replace(cells["1,200.50"], text="")),
    )
    return replace(report, facts=facts)


def run(stages: Stages, report: Report, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["audit", *arguments], obj=replace(stages, check=lambda _: report))
    return result.exit_code, result.stderr


def test_every_amount_of_every_document_is_one_row(tmp_path: Path, stages: Stages, two_facts: Report) -> None:
    for name in ("one.pdf", "two.pdf", "unreadable.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.7")
    place = tmp_path / "new" / "amounts.csv"
    code, _ = run(stages, two_facts, str(tmp_path), "--out", str(tmp_path / "out"), "--facts", str(place))
    assert code == 3
    frame = pd.read_csv(place, dtype={"yuan": str, "step": str}, keep_default_na=False)
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 4
    first = frame.iloc[0]
    assert (first["entity"], first["year"], first["form"], first["yuan"]) == (
        "澄川市水务局",
        2026,
        "b03",
        "13005000.00",
    )
    assert list(frame["yuan"]) == ["13005000.00", "", "13005000.00", ""]
    assert frame.iloc[1]["label"] == "'=1+2"
    assert [path.name for path in place.parent.iterdir()] == ["amounts.csv"]


def test_a_folder_is_refused_before_anything_is_read(tmp_path: Path, stages: Stages, two_facts: Report) -> None:
    (tmp_path / "one.pdf").write_bytes(b"%PDF-1.7")
    result = CliRunner().invoke(app, ["audit", str(tmp_path), "--facts", str(tmp_path)], obj=stages)
    assert result.exit_code != 0
    assert "是一个文件夹" in str(result.exception)
    assert not (tmp_path / "caishen-out").exists()
