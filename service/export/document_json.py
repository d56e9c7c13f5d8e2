"""`document.json`: pages, tables and text of one document as published in the output contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from service.export.numbers import quantities

if TYPE_CHECKING:
    from decimal import Decimal

    from models.page import Page
    from models.report import Report
    from models.table import Cell, Table


def document_json(report: Report) -> str:
    """The contract's `document.json` (UTF-8, one line feed at the end).

    Page indexes count from 0. `number` is the printed value, not converted by the unit; null for codes,
    line numbers and words.
    """
    document = report.document
    content = {
        "document": {
            "sha256": document.sha256,
            "name": document.name,
            "kind": report.kind,
            "year": report.year,
            "entity": report.entity,
        },
        "pages": [_page(page) for page in document.pages],
        "tables": [_table(table, report.form_of(table.id) or None) for table in document.tables],
        "blocks": [
            {"page": block.page, "bbox": block.box.as_list(), "role": block.role, "text": block.text}
            for block in document.blocks
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def json_number(value: Decimal) -> int | float:
    """A decimal as a JSON number: whole numbers without a fraction, the rest as the shortest float."""
    return int(value) if value == value.to_integral_value() else float(value)


def _page(page: Page) -> dict[str, Any]:
    return {
        "index": page.index,
        "width": round(page.width_pt, 2),
        "height": round(page.height_pt, 2),
        "rotation": page.rotation_deg,
        "source": page.source,
        "watermark": round(page.watermark, 4),
    }


def _table(table: Table, form: str | None) -> dict[str, Any]:
    numbers = quantities(table)
    return {
        "id": table.id,
        "form": form,
        "title": table.title,
        "unit": table.unit,
        "pages": list(table.pages),
        "n_rows": table.n_rows,
        "n_cols": table.n_cols,
        "cells": [_cell(cell, numbers.get((cell.row, cell.col))) for cell in table.cells],
    }


def _cell(cell: Cell, number: Decimal | None) -> dict[str, Any]:
    return {
        "row": cell.row,
        "col": cell.col,
        "rowspan": cell.rowspan,
        "colspan": cell.colspan,
        "text": cell.text,
        "raw": cell.raw,
        "number": None if number is None else json_number(number),
        "page": cell.page,
        "bbox": cell.box.as_list(),
        "confidence": round(cell.confidence, 4),
        "alternatives": [
            {"text": reading.text, "probability": round(reading.probability, 4)} for reading in cell.alternatives
        ],
    }
