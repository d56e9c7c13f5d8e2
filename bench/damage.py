"""`python -m bench.damage`: what is read right from one known document, by the damage that its pages took.

The pages are the bundled sample's tables set without faults, two upright and one across; no file from outside is
needed. Each line is one damage at one strength: numeric cells right, all cells right, right cells whose box lies on
the cell (in the picture as it was stored), pieces of text on pages that are blank, CPU seconds a page.
"""

from __future__ import annotations

import argparse
import functools
import io
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from examples import capture, forms
from examples.degrade import Damage, Mark, Scan, Seal, degrade, scans_to_pdf
from examples.items import Item, PageBreak, PageStyle, Text
from examples.narrative import explanation
from examples.typeset import Typeset, typeset
from examples.water_bureau import BUREAU
from models.document import Document
from models.geometry import Box, bounding_box
from models.table import Table

OFFICE = Damage(dpi=200, paper=250, blur_px=0.5, noise=2.0)
#: How far the middle of a box may lie from the middle of its cell, in heights of the cell.
NEAR = 0.3
_NUMBER = re.compile(r"^-?[\d,]*\.?\d+%?$")


@dataclass(frozen=True, slots=True)
class Paper:
    """A page of the truth as it lies in a file: its tables, the picture's index, its way to the picture's pixels."""

    made: Typeset
    index: int
    scan: Scan


@dataclass(frozen=True, slots=True)
class Case:
    """One file to read: its bytes, its ending, and the pages that lie in it; blank pictures have no paper."""

    data: bytes
    suffix: str
    papers: tuple[Paper, ...]
    blank: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over the pages of one case."""

    numeric: tuple[int, int]
    text: tuple[int, int]
    boxes: tuple[int, int]
    invented: int
    cpu_s: float


@functools.cache
def upright() -> Typeset:
    """Two upright pages: a balance of six columns, and expenditure by code of five."""
    return typeset(
        [forms.balance(), PageBreak(), forms.spending(general_budget=False)], PageStyle(margin_pt=52.0), "upright.pdf"
    )


@functools.cache
def wide() -> Typeset:
    """One page across: income in nine columns."""
    return typeset([forms.income()], PageStyle(841.89, 595.28, 48.0), "wide.pdf")


@functools.cache
def prose() -> Typeset:
    """Pages of text, for reverse sides."""
    flow: list[Item] = [item for item in explanation() if isinstance(item, Text)]
    return typeset(flow, PageStyle(), "prose.pdf")


def clean_pages(damage: Damage = OFFICE) -> list[Paper]:
    """The three pages, each with the same damage."""
    papers = []
    for made in (upright(), wide()):
        scans = degrade(made.pdf, damage, seed=11)
        papers += [Paper(made, index, scan) for index, scan in enumerate(scans)]
    return papers


def backs(damage: Damage = OFFICE) -> tuple[Scan, ...]:
    """Reverse sides full of text."""
    return degrade(prose().pdf, damage, seed=5)


def as_pdf(scans: Sequence[Scan]) -> tuple[bytes, str]:
    """The pictures as a PDF with JPEG pages, as copiers write it."""
    coded = [replace(scan, jpeg=jpeg(scan.image, 80)) for scan in scans]
    return scans_to_pdf(coded), ".pdf"


def jpeg(image: np.ndarray, quality: int) -> bytes:
    """A JPEG file without a resolution, as telephones write it."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def each(effect: Callable[[Scan], Scan], damage: Damage = OFFICE) -> Iterator[Case]:
    """One file of all pages with an effect on each."""
    papers = [replace(paper, scan=effect(paper.scan)) for paper in clean_pages(damage)]
    yield case(papers)


def case(papers: Sequence[Paper]) -> Case:
    """The file of some papers, a picture each."""
    data, suffix = as_pdf([paper.scan for paper in papers])
    return Case(data, suffix, tuple(papers))


def plain(damage: Damage = OFFICE) -> Iterator[Case]:
    """The pages with what `examples.degrade` does alone."""
    yield case(clean_pages(damage))


def phone(tilt: float, turn_deg: float, shade: float, crop_mm: float = 0.0) -> Iterator[Case]:
    """Every page as a JPEG of its own that says no resolution."""
    for paper in clean_pages():
        scan = capture.photographed(paper.scan, tilt, turn_deg, seed=3)
        scan = capture.shaded(scan, shade, seed=4) if shade else scan
        scan = capture.cropped(scan, crop_mm) if crop_mm else scan
        yield Case(jpeg(scan.image, 88), ".jpg", (replace(paper, scan=unmeasured(scan)),))


def unmeasured(scan: Scan) -> Scan:
    """The picture as if its long side were that of A4, which is what readers take without a resolution."""
    return replace(scan, dpi=max(scan.image.shape) * 25.4 / 297)


def fax(down_dpi: int, threshold: int) -> Iterator[Case]:
    """A Group 4 TIFF of all pages."""
    papers = clean_pages(Damage(dpi=300, blur_px=0.7))
    data = capture.fax_tiff([paper.scan for paper in papers], down_dpi=down_dpi, threshold=threshold)
    yield Case(data, ".tif", tuple(papers))


def two_up(gutter: float, skew_deg: float, turn_deg: int) -> Iterator[Case]:
    """The two upright pages on one picture."""
    papers = clean_pages(replace(OFFICE, skew_deg=skew_deg))[:2]
    left, right = capture.side_by_side(papers[0].scan, papers[1].scan, gutter)
    if turn_deg:
        left, right = capture.turned(left, turn_deg), capture.turned(right, turn_deg)
    data, suffix = as_pdf([left])
    yield Case(data, suffix, (replace(papers[0], scan=left), replace(papers[1], scan=right)))


def blank_backs(strength: float) -> Iterator[Case]:
    """Empty sheets through which the other side shows, punched, with borders."""
    nothing = np.full_like(clean_pages()[0].scan.image, 250)
    grain = np.random.default_rng(2).normal(0, 2, nothing.shape)
    empty = replace(clean_pages()[0].scan, image=np.clip(nothing + grain, 0, 255).astype(np.uint8))
    shown = capture.bled_through(empty, clean_pages()[0].scan, strength) if strength else empty
    sheets = [shown, capture.punched(shown), capture.bordered(shown), capture.shaded(shown, 0.25)]
    data, suffix = as_pdf(sheets)
    yield Case(data, suffix, (), tuple(range(len(sheets))))


def seal(ink: str, strength: float, flatness: float = 1.0) -> Iterator[Case]:
    """A seal over the middle of each table."""
    papers = []
    for made in (upright(), wide()):
        damages = []
        for index in range(len(made.document.pages)):
            box = bounding_box(cell.box for table in made.document.tables for cell in table.cells if cell.page == index)
            place = (box.x0 + 0.6 * box.width, box.y0 + 0.35 * box.height)
            stamp = Seal(BUREAU, place, 60.0, -12.0, strength, ink, flatness)  # type: ignore[arg-type]
            damages.append(replace(OFFICE, seal=stamp))
        papers += [Paper(made, i, scan) for i, scan in enumerate(degrade(made.pdf, damages, seed=11))]
    yield case(papers)


def black_seal(strength: float) -> Iterator[Case]:
    """A gray seal cut to black and white by an old copier."""
    (sealed,) = seal("gray", strength)
    yield case([replace(paper, scan=capture.black_and_white(paper.scan)) for paper in sealed.papers])


CASES: dict[str, Callable[[], Iterator[Case]]] = {
    "office": plain,
    **{f"turned {turn}": functools.partial(plain, replace(OFFICE, turn_deg=turn)) for turn in (90, 180, 270)},
    **{f"skew {skew}°": functools.partial(plain, replace(OFFICE, skew_deg=skew)) for skew in (-2.0, 3.5, -4.8, 4.9)},
    "phone, careful": functools.partial(phone, 0.03, 0.8, 0.0),
    "phone": functools.partial(phone, 0.08, -2.0, 0.25),
    "phone, careless": functools.partial(phone, 0.15, 4.0, 0.45),
    "phone, cut": functools.partial(phone, 0.05, 1.0, 0.25, 30.0),
    "gray paper": functools.partial(plain, replace(OFFICE, paper=195)),
    **{
        f"light {depth:.0%}": functools.partial(each, functools.partial(capture.shaded, depth=depth, seed=2))
        for depth in (0.25, 0.5, 0.7)
    },
    **{
        f"bleed-through {strength:.0%}": lambda strength=strength: each(  # type: ignore[misc]
            lambda scan: capture.bled_through(scan, backs()[0], strength)
        )
        for strength in (0.15, 0.3, 0.45)
    },
    "punched, black": functools.partial(each, capture.punched),
    "punched, white": functools.partial(each, functools.partial(capture.punched, level=255)),
    "borders 8 mm": functools.partial(each, capture.bordered),
    "borders 20 mm": functools.partial(each, functools.partial(capture.bordered, width_mm=20.0, seed=1)),
    "black and white 200": functools.partial(each, capture.black_and_white),
    "fax 204×196": functools.partial(fax, 196, 150),
    "fax 204×98": functools.partial(fax, 98, 150),
    "fax 204×98, pale": functools.partial(fax, 98, 120),
    **{
        f"{dpi} dpi": functools.partial(plain, replace(OFFICE, dpi=dpi, blur_px=0.5 * dpi / 200))
        for dpi in (100, 120, 150, 300)
    },
    "two pages": functools.partial(two_up, 0.0, 0.0, 0),
    "two pages, fold": functools.partial(two_up, 0.45, 0.6, 0),
    "two pages, fold, turned": functools.partial(two_up, 0.45, -0.5, 90),
    **{f"blank, shine {share:.0%}": functools.partial(blank_backs, share) for share in (0.0, 0.15, 0.3)},
    **{
        f"seal {ink} {strength:.0%}": functools.partial(seal, ink, strength)
        for ink in ("red", "blue", "gray")
        for strength in (0.4, 0.8)
    },
    "seal gray oval": functools.partial(seal, "gray", 0.8, 0.75),
    "seal black": functools.partial(black_seal, 1.0),
    "mark": functools.partial(plain, replace(OFFICE, mark=Mark("仅供演示审核", gray=190))),
}


def score(cases: Iterator[Case]) -> Score:
    """Reads the files of a case and compares."""
    from ocr.pipeline import read_document

    numeric, text, boxes = [0, 0], [0, 0], [0, 0]
    invented, cpu_s, pages = 0, 0.0, 0
    for one in cases:
        with tempfile.NamedTemporaryFile(suffix=one.suffix) as file:
            Path(file.name).write_bytes(one.data)
            start = time.process_time()
            read = read_document(Path(file.name))
            cpu_s += time.process_time() - start
        pages += len(read.pages)
        invented += sum(block.page in one.blank for block in read.blocks)
        invented += sum(len(table.cells) for table in read.tables if table.pages[0] in one.blank)
        for paper in one.papers:
            for table in paper.made.document.tables:
                if table.pages[0] == paper.index:
                    _count(table, best_table(table, read), paper, numeric, text, boxes)
    return Score(tuple(numeric), tuple(text), tuple(boxes), invented, cpu_s / max(pages, 1))  # type: ignore[arg-type]


def _count(
    truth: Table, found: Table | None, paper: Paper, numeric: list[int], text: list[int], boxes: list[int]
) -> None:
    cells = {(cell.row, cell.col): cell for cell in found.cells} if found else {}
    for cell in truth.cells:
        other = cells.get((cell.row, cell.col))
        right = other is not None and folded(other.text) == folded(cell.text)
        text[0], text[1] = text[0] + right, text[1] + 1
        if _NUMBER.match(cell.text):
            numeric[0], numeric[1] = numeric[0] + right, numeric[1] + 1
        if right and other is not None:
            boxes[0], boxes[1] = boxes[0] + lies_on(other.box, cell.box, paper.scan), boxes[1] + 1


def best_table(truth: Table, read: Document) -> Table | None:
    """The table read that shares most cells with the truth."""

    def shared(table: Table) -> int:
        wanted = {(cell.row, cell.col, folded(cell.text)) for cell in truth.cells}
        return sum((cell.row, cell.col, folded(cell.text)) in wanted for cell in table.cells)

    return max(read.tables, key=shared, default=None)


def folded(text: str) -> str:
    """Text without blanks, full-width marks as half-width ones."""
    return "".join(text.split()).translate(str.maketrans("：（），", ":(),"))


def lies_on(found: Box, true: Box, scan: Scan) -> bool:
    """Whether the middle of a box read from the picture is where the middle of the page's box came to lie on it."""
    x, y, w = scan.to_px @ (true.center_x, true.center_y, 1)
    x, y = x / w * 72 / scan.dpi, y / w * 72 / scan.dpi
    height, width = (side * 72 / scan.dpi for side in scan.image.shape[:2])
    for _ in range(4):  # boxes are told of the upright page, while the picture may lie on its side
        if np.hypot(x - found.center_x, y - found.center_y) < NEAR * true.height:
            return True
        x, y, height, width = y, width - x, width, height
    return False


def main() -> int:
    """Prints one line for each damage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of damages")
    arguments = parser.parse_args()
    print(f"{'damage':28s} {'numeric':>13s} {'cells':>13s} {'boxes':>13s} invented  s/page")
    for name, cases in CASES.items():
        if arguments.only and not any(part in name for part in arguments.only):
            continue
        one = score(cases())
        shares = " ".join(f"{a:4d}/{b:4d} {a / b if b else 1:.3f}" for a, b in (one.numeric, one.text, one.boxes))
        print(f"{name:28s} {shares} {one.invented:5d} {one.cpu_s:8.2f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
