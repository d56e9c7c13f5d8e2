"""The Chinese words and the order in which findings are shown, the same in every output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.finding import SEVERITY_LABEL as SEVERITY_LABEL
from models.finding import Category, Evidence, Finding, ReadingVerdict, showing_rank

if TYPE_CHECKING:
    from models.document import Document
    from models.report import Report

READING_LABEL: Final[dict[ReadingVerdict, str]] = {
    "real": "确属页面如此",
    "probable-misread": "疑似误识",
    "undecided": "待复核",
}

READING_MEANING: Final[dict[ReadingVerdict, str]] = {
    "real": "页面上印的就是这样，没有说得通的其他读法",
    "probable-misread": "很可能是识别读错了字，请对照图片",
    "undecided": "现有证据不能断定是页面的问题还是识别的问题，请对照图片",
}

CATEGORY_LABEL: Final[dict[Category, str]] = {
    "completeness": "完整性",
    "arithmetic": "表内勾稽",
    "cross_table": "表间勾稽",
    "narrative": "文表相符",
    "project": "项目绩效",
    "unit_cost": "单价数量",
    "quota": "标准定额",
    "selfeval": "绩效自评",
    "text": "文字雷同",
    "language": "文字规范",
    "statistics": "统计比较",
}


def in_showing_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings in the order of `showing_rank`: their position counts from 1 in every output."""
    return tuple(sorted(findings, key=showing_rank))


def page_span(pages: tuple[int, ...]) -> str:
    """Page indexes as people say them: `第3页`, `第3–5页`, `第3、7页`; empty for none."""
    numbers = sorted({page + 1 for page in pages})
    if not numbers:
        return ""
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"第{numbers[0]}–{numbers[-1]}页"
    return f"第{'、'.join(map(str, numbers))}页"


def pages_of(finding: Finding) -> tuple[int, ...]:
    """Indexes of the pages that the evidence stands on, in the order of the evidence, each once."""
    return tuple(dict.fromkeys(place.page for place in finding.evidence))


def table_name(document: Document, place: Evidence) -> str:
    """Page, and the table's title where the evidence is a cell: `第3页《收支总表》`."""
    title = next((table.title or table.caption for table in document.tables if table.id == place.table), "")
    return f"第{place.page + 1}页《{title}》" if title else f"第{place.page + 1}页"


def place_name(report: Report, place: Evidence) -> str:
    """Where a person finds the evidence: page, table, and row and column by their names, or counted from 1."""
    name = table_name(report.document, place)
    if place.row is None or place.col is None:
        return name
    form = next((form for form in report.forms if form.table.id == place.table), None)
    if form is not None:
        column = next((column for column in form.columns if column.index == place.col), None)
        block = column.block if column is not None else None
        line = next((line for line in form.lines if line.row == place.row and block in (None, line.block)), None)
        if column is not None and line is not None:
            row_name = " ".join(part for part in (line.code, line.name) if part)
            return f"{name}“{row_name}”行“{column.name}”列"
    return f"{name}第{place.row + 1}行第{place.col + 1}列"


def qualifier(report: Report, place: Evidence) -> str:
    """What tells one cell of a name from another: its column, and the page; the page alone where that is unknown."""
    form = next((form for form in report.forms if form.table.id == place.table), None)
    column = next((column for column in form.columns if column.index == place.col), None) if form is not None else None
    page = f"第{place.page + 1}页"
    return f"{page}“{column.name.rpartition('/')[2]}”" if column is not None else page


def lead_and_rest(message: str) -> tuple[str, str]:
    """The first sentence of a message, which says what is wrong, and the sentences after it."""
    lead, stop, rest = message.partition("。")
    return lead + stop, rest.strip()


def percent(share: float) -> str:
    """A probability for a reader, never rounded to certainty: `99%` for 0.996, `不足1%` for 0.004."""
    return f"{int(share * 100)}%" if share >= 0.01 else "不足1%"
