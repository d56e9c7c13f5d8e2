"""Seconds per scanned page: RapidOCR with default settings beside our `read_words`, same pages, same run.

    python bench/reading_speed.py --corpus FOLDER [--pages N]

FOLDER holds `docs/<name>/` with `document.pdf` or page images. RapidOCR's default engine needs onnxruntime, which
Caishen itself does not: without it only our own times are printed. Each page is read once unmeasured, then the
best of three counts, because other work on the machine only ever adds time.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2

from ocr.engine import engine
from ocr.lines import read_words

DPI = 200


def pages(folder: Path, count: int) -> Iterator[tuple[str, Any]]:
    """One page from the middle of every scanned document, as uint8 grey or RGB."""
    found = 0
    for document in sorted(folder.glob("docs/*")):
        if found == count:
            return
        pdf = document / "document.pdf"
        pictures = sorted(document.glob("page-*.png"))
        if pdf.is_file():
            with pypdfium2.PdfDocument(pdf) as opened:
                page = opened[len(opened) // 2]
                if page.get_textpage().count_chars():
                    continue
                image = page.render(scale=DPI / 72, grayscale=True).to_numpy().squeeze().copy()
        elif pictures:
            image = cv2.imread(str(pictures[len(pictures) // 2]), cv2.IMREAD_GRAYSCALE)
        else:
            continue
        found += 1
        yield document.name, image


def seconds(call: Callable[[], object]) -> float:
    """The best of three runs after one unmeasured."""
    call()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--pages", type=int, default=6)
    arguments = parser.parse_args()
    if arguments.corpus is None or not arguments.corpus.is_dir():
        print("No corpus: give a folder with docs/<name>/document.pdf as --corpus. Nothing was measured.")
        return
    start = time.perf_counter()
    engine()
    print(f"start-up {time.perf_counter() - start:.2f} s")
    rapid = None
    if importlib.util.find_spec("onnxruntime") is None:
        print("onnxruntime is not installed: RapidOCR cannot run with its defaults, only our times are printed")
    else:
        from rapidocr import RapidOCR

        logging.disable(logging.INFO)
        rapid = RapidOCR()
    ratios = []
    for name, image in pages(arguments.corpus, arguments.pages):
        words = read_words(image, DPI)
        ours = seconds(lambda page=image: read_words(page, DPI))
        line = f"{name:40s} {len(words):4d} words  ours {ours:6.3f} s"
        if rapid is not None:
            colour = np.repeat(image[..., None], 3, axis=2)
            theirs = seconds(lambda page=colour: rapid(page))
            ratios.append(theirs / ours)
            line += f"  RapidOCR {theirs:6.3f} s  ratio {ratios[-1]:5.2f}"
        print(line)
    if ratios:
        print(f"geometric mean of the ratios {np.exp(np.mean(np.log(ratios))):.2f}")


if __name__ == "__main__":
    main()
