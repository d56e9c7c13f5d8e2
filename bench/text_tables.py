"""Tables of born-digital documents beside pdfplumber with its default settings: same files, same scorer, same run."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pdfplumber

from bench.accuracy import documents, run_corpus


def measure(shared: Path, out: Path, only: Sequence[str] = ()) -> None:
    """Prints what each gets right of every born-digital document, and its seconds a page."""
    corpus = shared / "corpus" / "dev"
    if not (shared / "score" / "press").is_dir() or not corpus.is_dir():
        print(f"no corpus and scorer under {shared}: nothing was compared with pdfplumber")
        return
    names = [name for name, source in documents(corpus, only) if _is_text(source)]
    if not names:
        return
    sys.path.insert(0, str(shared / "score"))
    from press import score

    ours, theirs = out / "text-tables" / "ours", out / "text-tables" / "pdfplumber"
    seconds = {"ours": run_corpus(corpus, ours, names), "pdfplumber": run_pdfplumber(corpus, theirs, names)}
    print(
        f"{'born-digital tables':28s} {'':10s} {'table F1':>8s} {'TEDS':>6s} {'numbers':>8s} {'anywhere':>8s} ms a page"
    )
    for who, folder in (("ours", ours), ("pdfplumber", theirs)):
        for result in score.score_corpus(str(corpus), str(folder), names)[0]:
            tables = result["tables"]
            found, numeric = tables["detection"], tables["numeric"]
            f1 = 2 * found["matched"] / max(1, found["truth"] + found["found"])
            print(
                f"{result['name']:28s} {who:10s} {f1:8.3f} {tables['teds']:6.3f} {numeric['exact_rate']:8.4f} "
                f"{numeric['exact_anytable_rate']:8.4f} {1000 * seconds[who][result['name']]:9.1f}"
            )


def run_pdfplumber(corpus: Path, out: Path, names: Sequence[str]) -> dict[str, float]:
    """Writes what the scorer reads; returns seconds a page, by document."""
    seconds = {}
    for name, source in documents(corpus, names):
        start = time.perf_counter()
        with pdfplumber.open(source) as pdf:
            tables = [table for page in pdf.pages for table in _tables(page)]
            pages = [{"index": i, "width": float(p.width), "height": float(p.height)} for i, p in enumerate(pdf.pages)]
        seconds[name] = (time.perf_counter() - start) / len(pages)
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        content = {"document": {"name": name}, "pages": pages, "tables": tables, "blocks": []}
        (folder / "document.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (folder / "findings.json").write_text('{"findings": [], "skipped": []}', encoding="utf-8")
    return seconds


def _tables(page: Any) -> Iterator[dict[str, Any]]:
    """The tables of a page in the form of the output contract: a cell spans the lines between its sides."""
    index = page.page_number - 1
    for order, table in enumerate(page.find_tables()):
        xs = sorted({x for cell in table.cells for x in (cell[0], cell[2])})
        ys = sorted({y for cell in table.cells for y in (cell[1], cell[3])})
        texts: dict[tuple[float, ...], str] = {}
        for row, read in zip(table.rows, table.extract(), strict=True):
            texts |= {box: text or "" for box, text in zip(row.cells, read, strict=True) if box}
        cells = [
            {
                "row": ys.index(y0),
                "col": xs.index(x0),
                "rowspan": ys.index(y1) - ys.index(y0),
                "colspan": xs.index(x1) - xs.index(x0),
                "text": texts.get((x0, y0, x1, y1), ""),
                "page": index,
                "bbox": [x0, y0, x1, y1],
            }
            for x0, y0, x1, y1 in table.cells
        ]
        yield {
            "id": f"p{index}t{order}",
            "title": "",
            "pages": [index],
            "n_rows": len(ys) - 1,
            "n_cols": len(xs) - 1,
            "cells": cells,
        }


def _is_text(source: Path) -> bool:
    if source.suffix.lower() != ".pdf":
        return False
    with pdfplumber.open(source) as pdf:
        return bool(pdf.pages[-1].chars)
