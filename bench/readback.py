"""Real disclosures read back: pages with a text layer → printed, scanned with an office scanner's damage, read again.

`python -m bench.readback` compares every numeric cell of the picture's reading with the reading of the text layer.
The documents lie outside the repository. Readings are kept in a folder under the temporary one, by the page and by
the source of `ocr`, so that a run that was cut goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from examples.degrade import Damage, damage_page
from models.geometry import Box
from models.page import Page
from ocr.pages import ImagePage, TextPage
from ocr.pipeline import read_page
from ocr.sandbox import Sandbox
from ocr.source import file_sha256, read_pages, render_page, sandbox_for
from ocr.tables import PageTable

WANTED = 0.998
DPI = 200
#: What an office scanner does to a sheet that was fed a little askew.
OFFICE = Damage(dpi=DPI, paper=249, skew_deg=0.4, blur_px=0.8, noise=5.0, jpeg_quality=70)
NUMBER = re.compile(r"^[-−]?\d[\d,，]*(?:\.\d+)?[%％]?$")
#: Two tables are the same when they share this part of the area that both cover.
SAME_TABLE = 0.6


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that the picture's reading has not, or has elsewhere; `row` is -1 where grids differ."""

    page: str
    row: int
    col: int
    wanted: str
    found: str


@dataclass(slots=True)
class PageResult:
    """What one page gave: tables in all and with the same grid, numbers in all and read alike."""

    page: str
    tables: int = 0
    same_grids: int = 0
    numbers: int = 0
    alike: int = 0
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class FlatTable:
    """A table as it is compared and kept: box, rows, columns, (row, col, rowspan, colspan, text) of its cells."""

    box: tuple[float, float, float, float]
    n_rows: int
    n_cols: int
    cells: tuple[tuple[int, int, int, int, str], ...]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.readback", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with real/disclosures/")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of documents")
    parser.add_argument("--pages", type=int, default=3, help="pages of each document, those with most numbers")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "caishen-readback")
    arguments = parser.parse_args()
    folder = arguments.shared / "real" / "disclosures"
    if not folder.is_dir():
        print(f"no real documents under {folder}: nothing was read back")
        return 0
    arguments.keep.mkdir(parents=True, exist_ok=True)
    results: list[PageResult] = []
    with sandbox_for() as child:
        for path in sorted(folder.glob("*.pdf")):
            if not arguments.only or any(part in path.name for part in arguments.only):
                for result in read_back(path, arguments.pages, arguments.keep, child):
                    show(result)
                    results.append(result)
    return report(results)


def read_back(path: Path, count: int, keep: Path, child: Sandbox) -> Iterator[PageResult]:
    """The pages of one document with the most numbers in tables, read from the layer and from their picture."""
    sha = file_sha256(path)
    kept = keep / f"{sha[:16]}-{_source_digest()}-{count}.json"
    known: dict[str, list[Any]] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if known:
        wanted = {int(index): _flat_from(tables) for index, tables in known["layer"]}
    else:
        wanted = dict(islice(_fullest(path, child), count))
        known = {"layer": [[index, _flat_to(tables)] for index, tables in wanted.items()]}
        _write(kept, known)
    for index, tables in sorted(wanted.items()):
        if str(index) not in known:
            known[str(index)] = _flat_to(_scanned(path, index, child))
            _write(kept, known)
        yield compare(f"{path.stem} p{index + 1}", tables, _flat_from(known[str(index)]))


def _fullest(path: Path, child: Sandbox) -> Iterator[tuple[int, tuple[FlatTable, ...]]]:
    """(index, tables) of the pages with trusted text, those with most numeric cells first."""
    before = None
    pages = []
    for content in read_pages(path, sandbox=child):
        reading = read_page(content, before)
        before = reading.open_grid
        if isinstance(content, TextPage):
            pages.append((content.page.index, tuple(map(flat, reading.tables))))
    numbers = {index: sum(len(_numbers(table)) for table in tables) for index, tables in pages}
    pages.sort(key=lambda page: (-numbers[page[0]], page[0]))
    return (page for page in pages if numbers[page[0]])


def _scanned(path: Path, index: int, child: Sandbox) -> tuple[FlatTable, ...]:
    picture = render_page(path, index, DPI, sandbox=child)
    grey = picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scan = damage_page(grey, OFFICE, np.random.default_rng((0, index)))
    height, width = scan.image.shape[:2]
    page = Page(index, width * 72 / DPI, height * 72 / DPI, source="ocr")
    return tuple(map(flat, read_page(ImagePage(page, scan.image, DPI)).tables))


def flat(table: PageTable) -> FlatTable:
    """What is compared of a table."""
    cells = tuple((c.row, c.col, c.rowspan, c.colspan, re.sub(r"\s", "", c.text)) for c in table.cells)
    box = table.grid.box
    return FlatTable((box.x0, box.y0, box.x1, box.y1), table.grid.n_rows, table.grid.n_cols, cells)


def _numbers(table: FlatTable) -> list[str]:
    return [_plain(text) for *_, text in table.cells if NUMBER.match(text)]


def _plain(text: str) -> str:
    return text.replace("，", ",").replace("−", "-").replace("％", "%")


def compare(page: str, wanted: Sequence[FlatTable], found: Sequence[FlatTable]) -> PageResult:
    """Numbers of the text layer's tables against those of the picture's, cell by cell where the grids agree.

    Tables are matched by the area they share. Where the grids of two differ, the numbers of both are compared as
    they stand on the page without regard to their cells.
    """
    result = PageResult(page, tables=len(wanted))
    differences: list[Difference] = []
    left_over: Counter[str] = Counter()
    free = list(found)
    for table in wanted:
        other = max(free, key=lambda one: _shared(table, one), default=None)
        if other is not None and _shared(table, other) >= SAME_TABLE:
            free.remove(other)
        else:
            other = None
        numbers = _numbers(table)
        result.numbers += len(numbers)
        if other is not None and _spans(table) == _spans(other):
            result.same_grids += 1
            texts = {(row, col): text for row, col, _, _, text in other.cells}
            for row, col, _, _, text in table.cells:
                if NUMBER.match(text):
                    got = texts.get((row, col), "")
                    if _plain(got) == _plain(text):
                        result.alike += 1
                    else:
                        differences.append(Difference(page, row, col, text, got))
            continue
        left_over.update(numbers)
        if other is not None:
            free.append(other)
    found_numbers = Counter(number for table in free for number in _numbers(table))
    alike = left_over & found_numbers
    result.alike += alike.total()
    missing, extra = sorted((left_over - alike).elements()), sorted((found_numbers - alike).elements())
    instead = " ".join(number[:12] for number in extra[:4])
    differences += [Difference(page, -1, -1, number, instead) for number in missing]
    result.differences = tuple(differences)
    return result


def _spans(table: FlatTable) -> set[tuple[int, int, int, int]]:
    return {cell[:4] for cell in table.cells}


def _shared(one: FlatTable, other: FlatTable) -> float:
    a, b = Box(*one.box), Box(*other.box)
    inner = a.intersection_area(b)
    return inner / max(a.area + b.area - inner, 1.0)


def show(result: PageResult) -> None:
    """One line for the page and one for each number that differs."""
    print(
        f"{result.page:24s} tables {result.same_grids}/{result.tables} alike, numbers {result.alike}/{result.numbers}",
        flush=True,
    )
    for one in result.differences:
        print(f"    row {one.row} column {one.col}: {one.wanted} read as {one.found!r}", flush=True)


def report(results: Sequence[PageResult]) -> int:
    """Prints the sums; 1 where fewer numbers agree than wanted."""
    numbers = sum(result.numbers for result in results)
    alike = sum(result.alike for result in results)
    tables = sum(result.tables for result in results)
    same = sum(result.same_grids for result in results)
    if not numbers:
        print("no numbers were found")
        return 0
    share = alike / numbers
    print(f"{len(results)} pages, {tables} tables, {same} with the same grid, {numbers} numbers, {alike} alike")
    print(f"{'met   ' if share >= WANTED else 'MISSED'} numbers read back alike: {share:.4f} (≥ {WANTED})")
    return 0 if share >= WANTED else 1


def _source_digest() -> str:
    """Of what reads: the source of `ocr` and this benchmark."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for file in [*sorted((root / "ocr").rglob("*.py")), Path(__file__).resolve()]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _flat_to(tables: Sequence[FlatTable]) -> list[Any]:
    return [[table.box, table.n_rows, table.n_cols, table.cells] for table in tables]


def _flat_from(tables: Sequence[Any]) -> tuple[FlatTable, ...]:
    return tuple(FlatTable(tuple(box), rows, cols, tuple(map(tuple, cells))) for box, rows, cols, cells in tables)


def _write(file: Path, value: object) -> None:
    half = file.with_suffix(".part")
    half.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    half.replace(file)


if __name__ == "__main__":
    sys.exit(main())
