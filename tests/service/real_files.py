"""Small files that are really read: a table whose total is wrong, of a fictional bureau."""

from __future__ import annotations

from pathlib import Path

from tests.typeset import TableSpec, Text, typeset


def disclosure(entity: str) -> bytes:
    """A PDF with one page: a title and an expenditure table whose total does not add up."""
    rows = (
        ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
        ("", "合计", "1,300.50", "1,000.50", "200.00"),
        ("201", "一般公共服务支出", "1,200.50", "1,000.50", "200.00"),
    )
    items = [
        Text(f"{entity}2026年部门预算公开", role="title", align="center", indent_em=0),
        TableSpec(rows, (1, 2, 1, 1, 1), title="部门支出总表", unit="单位：万元"),
    ]
    return typeset(items).pdf


def text_pdf(path: Path, entity: str) -> Path:
    """Writes `disclosure` to a file."""
    path.write_bytes(disclosure(entity))
    return path
