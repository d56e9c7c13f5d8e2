"""`document.json`: pages, tables and text of one document as published in the output contract, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from models.document import Document
from models.geometry import Box
from models.page import Page, Reading
from models.table import Block, Cell, Table
from service.export.numbers import quantities

if TYPE_CHECKING:
    from decimal import Decimal

    from models.report import Report


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


def read_document_json(text: str) -> Document:
    """The document that `document_json` wrote, as far as the contract carries it.

    The number of head rows, captions, notes and whether rules drew the table are not in the contract:
    they come back as their defaults.

    Raises:
        ValueError: the text is not JSON, or a table does not tile its grid.
        KeyError: a required key is missing.
    """
    content: dict[str, Any] = json.loads(text)
    return Document(
        sha256=content["document"]["sha256"],
        name=content["document"]["name"],
        pages=tuple(
            Page(
                index=page["index"],
                width_pt=page["width"],
                height_pt=page["height"],
                rotation_deg=page["rotation"],
                source=page["source"],
                watermark=page["watermark"],
            )
            for page in content["pages"]
        ),
        tables=tuple(_read_table(table) for table in content["tables"]),
        blocks=tuple(
            Block(page=block["page"], box=Box(*block["bbox"]), role=block["role"], text=block["text"])
            for block in content["blocks"]
        ),
    )


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


def _read_table(table: dict[str, Any]) -> Table:
    return Table(
        id=table["id"],
        title=table["title"],
        unit=table["unit"],
        pages=tuple(table["pages"]),
        n_rows=table["n_rows"],
        n_cols=table["n_cols"],
        cells=tuple(
            Cell(
                row=cell["row"],
                col=cell["col"],
                rowspan=cell["rowspan"],
                colspan=cell["colspan"],
                text=cell["text"],
                raw=cell["raw"],
                page=cell["page"],
                box=Box(*cell["bbox"]),
                confidence=cell["confidence"],
                alternatives=tuple(Reading(r["text"], r["probability"]) for r in cell["alternatives"]),
            )
            for cell in table["cells"]
        ),
    )
