"""Resident memory of one page worker over many pages: at the end as after the first tenth.

`python -m bench.memory` makes a dozen scanned pages, marked, sealed and leaning, and has this process see them over
and over as a worker of the page pool does, each time at another resolution, without ever being replaced. It prints a
line every hundred pages, and at the end how far the memory moved since page 200. Exit code 1: it grew by over a tenth.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from examples.degrade import Damage, Mark, Seal, degrade
from examples.items import PageStyle, TableSpec
from examples.typeset import typeset
from examples.water_bureau import BUREAU, FUNCTION_NAMES
from models.page import Page
from ocr.pages import ImagePage
from ocr.worker import see_page

# Shapes are met for the first time, and what they cost is paid once, within the first pages.
SETTLED_AFTER = 200
MOST_GROWTH = 0.1
REPORT_EVERY = 100

DAMAGES = (
    Damage(dpi=200),
    Damage(dpi=150, skew_deg=0.7, noise=3.0, jpeg_quality=80),
    Damage(dpi=200, mark=Mark("仅供内部审核"), blur_px=0.5, noise=2.0),
    Damage(dpi=180, seal=Seal(BUREAU, (180.0, 90.0)), blur_px=0.6, jpeg_quality=85),
)
SIZES_PT = ((270.0, 160.0), (320.0, 190.0), (360.0, 220.0))
ROW_PT = 30.0


def pages() -> Iterator[ImagePage]:
    """One page of a table for each size and damage, no two alike."""
    names = list(FUNCTION_NAMES.items())
    for number, (width_pt, height_pt) in enumerate(SIZES_PT):
        for order, damage in enumerate(DAMAGES):
            rows = tuple(
                (code, name, f"{(row + 1) * (321.37 + 17 * order + 5 * number):,.2f}", f"{(row + order) * 21.25:,.2f}")
                for row, (code, name) in enumerate(names[: round(height_pt / ROW_PT)])
            )
            table = TableSpec(
                (("科目编码", "科目名称", "合计", "项目支出"), *rows),
                (1.2, 3.0, 1.5, 1.5),
                title="支出预算表",
                align="llrr",
            )
            style = PageStyle(width_pt=width_pt, height_pt=height_pt, margin_pt=15.0)
            (scan, *_rest) = degrade(typeset((table,), style).pdf, damage, seed=order)
            yield ImagePage(Page(0, width_pt, height_pt, source="ocr"), scan.image, damage.dpi)


def at_another_resolution(page: ImagePage, count: int) -> ImagePage:
    """The page as another scanner would have scanned it: 0.9 to 1.1 times as large, different at every count."""
    factor = 0.9 + 0.2 * (count * 0.618 % 1.0)
    image = cv2.resize(page.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return ImagePage(page.page, np.asarray(image, dtype=np.uint8), page.dpi * factor)


def resident_bytes() -> int:
    """Of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000, help=f"more than {SETTLED_AFTER}")
    options = parser.parse_args()
    if options.pages <= SETTLED_AFTER:
        parser.error(f"memory settles over the first {SETTLED_AFTER} pages: ask for more")
    made = list(pages())
    print(f"{len(made)} pages, {', '.join(f'{p.image.shape[1]}×{p.image.shape[0]}' for p in made)}", flush=True)
    start, settled = time.perf_counter(), 0
    for count in range(1, options.pages + 1):
        seen = see_page(at_another_resolution(made[count % len(made)], count), None, 1)
        if not seen.words:
            print(f"nothing was read on page {count}")
            return 1
        if count == SETTLED_AFTER:
            settled = resident_bytes()
        if count % REPORT_EVERY == 0:
            seconds = time.perf_counter() - start
            print(f"{count:5d} pages {resident_bytes() >> 20:5d} MB {seconds / count:5.2f} s a page", flush=True)
    growth = resident_bytes() / settled - 1
    print(f"memory moved by {growth:+.1%} from page {SETTLED_AFTER} to page {options.pages} (≤ {MOST_GROWTH:+.0%})")
    return 0 if growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
