"""`--facts`: every recognised amount of a whole run as one table, a row an amount, for spreadsheets and analysis."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.errors import SettingsError
from service.export.numbers import printed_number

if TYPE_CHECKING:
    from models.document import Document
    from models.fact import Fact
    from models.report import Report
    from service.stages import Stages

COLUMNS: Final = (
    "document",
    "sha256",
    "entity",
    "kind",
    "year",
    "form",
    "title",
    "line",
    "column",
    "label",
    "yuan",
    "step",
    "text",
    "page",
    "row",
    "col",
    "confidence",
    "damaged",
)
"""`yuan` is the exact amount and `step` the printed step, both in yuan; `page`, `row` and `col` count from 0, as in
`document.json`. A blank cell has neither amount nor step."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def fact_rows(report: Report) -> list[dict[str, Any]]:
    """A dictionary by `COLUMNS` for every recognised amount, in reading order."""
    names = {form.table.id: form.name for form in report.forms}
    document = report.document
    about = {
        "document": _inert(document.name),
        "sha256": document.sha256,
        "entity": _inert(report.entity),
        "kind": report.kind,
        "year": report.year,
    }
    return [{**about, **_fact(fact, names.get(fact.table, ""))} for fact in report.facts]


def _fact(fact: Fact, title: str) -> dict[str, Any]:
    amount, cell = fact.amount, fact.cell
    return {
        "form": fact.form,
        "title": _inert(title),
        "line": _inert(fact.line),
        "column": _inert(fact.column),
        "label": _inert(fact.label),
        "yuan": None if amount is None else format(amount.value, "f"),
        "step": None if amount is None else format(amount.step, "f"),
        "text": _inert(cell.text),
        "page": cell.page,
        "row": cell.row,
        "col": cell.col,
        "confidence": round(cell.confidence, 4),
        "damaged": cell.damaged,
    }


def _inert(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula; numbers stay as they are."""
    return f"'{text}" if text.startswith(_FORMULA) and printed_number(text) is None else text


@contextmanager
def collecting_facts(path: Path | None, stages: Stages) -> Iterator[Stages]:
    """Stages that also write the amounts of every checked document to `path`, which is put in place at the end.

    Args:
        path: CSV in UTF-8 with a byte order mark, as spreadsheets want it; None to leave the stages as they are.
        stages: the steps to use.

    Raises:
        SettingsError: `path` is a folder, or cannot be written.
    """
    if path is None:
        yield stages
        return
    import pandas as pd  # half a second to import, for those who asked

    if path.is_dir():
        raise SettingsError(f"“{path}”是一个文件夹，不能写成金额表", "请给出文件名，例如 --facts 金额.csv")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = tempfile.NamedTemporaryFile(  # noqa: SIM115 - kept open for the whole run, closed below
            "w", encoding="utf-8-sig", newline="", dir=path.parent, prefix=".", suffix=".unfinished", delete=False
        )
    except OSError as error:
        raise SettingsError(f"不能写入“{path}”（{error.strerror}）", "请检查写入权限，或换一个位置") from error
    try:
        with unfinished:
            pd.DataFrame(columns=COLUMNS).to_csv(unfinished, index=False)

            def check(document: Document, **given: Any) -> Report:
                report = stages.check(document, **given)
                frame = pd.DataFrame(fact_rows(report), columns=COLUMNS).astype({"year": "Int64"})
                frame.to_csv(unfinished, index=False, header=False)
                return report

            yield replace(stages, check=check)
        Path(unfinished.name).chmod(0o644)
        Path(unfinished.name).replace(path)
    finally:
        Path(unfinished.name).unlink(missing_ok=True)
