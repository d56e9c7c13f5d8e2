"""Seconds a page, beside RapidOCR with its default settings on the same pictures in the same run.

Ours is the whole way of a page, from its picture to typed tables; RapidOCR's is the text alone. Each page is read
once unmeasured, then the best of three counts, because other work on the machine only ever adds time.
"""

from __future__ import annotations

import importlib.util
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.accuracy import Target, documents
from ocr.pages import ImagePage, PageContent, TextPage

RUNS = 3


def best_of(call: Callable[[], object], runs: int = RUNS) -> float:
    """Seconds of the fastest of `runs` calls, after one that is not measured."""
    return best_in_turn([call], runs)[0]


def best_in_turn(calls: Sequence[Callable[[], object]], runs: int = RUNS) -> list[float]:
    """Seconds of the fastest run of each call, run in turn so that all meet the same load of the machine."""
    for call in calls:
        call()
    best = [float("inf")] * len(calls)
    for _ in range(runs):
        for i, call in enumerate(calls):
            start = time.perf_counter()
            call()
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def scanned_pages(corpus: Path, count: int) -> Iterator[tuple[str, ImagePage]]:
    """The page with the most ink of every scanned document: a full table."""
    found = 0
    for name, source in documents(corpus, ()):
        pages = [page for page in _pages(source) if isinstance(page, ImagePage)]
        if pages and found < count:
            found += 1
            yield name, max(pages, key=lambda page: float((page.image < 128).mean()))


def _pages(source: Path) -> list[PageContent]:
    from ocr.source import read_pages

    return list(read_pages(source))


def measure(shared: Path, count: int = 6) -> list[Target]:
    """Times scanned pages, born-digital pages and `caishen --help`, prints a table, and returns the targets."""
    targets = [Target("caishen --help, seconds", _help_seconds(), 0.5, at_least=False)]
    corpus = shared / "corpus" / "dev"
    if not corpus.is_dir():
        print(f"no corpus under {shared}: pages were not timed")
        return targets
    targets += _scanned(corpus, count)
    targets.append(Target("born-digital page, seconds", _born_digital(corpus), 0.05, at_least=False))
    return targets


def _help_seconds() -> float:
    program = Path(sys.executable).with_name("caishen")
    return best_of(lambda: subprocess.run([program, "--help"], check=True, capture_output=True))


def _scanned(corpus: Path, count: int) -> list[Target]:
    from ocr.scan import read_scan

    peer = _rapidocr()
    ratios = []
    print(f"{'scanned page':36s} {'size':>11s} {'ours, all':>10s} {'RapidOCR, text':>15s} {'ratio':>6s}")
    for name, page in scanned_pages(corpus, count):
        calls = [lambda page=page: read_scan(page, None)]  # type: ignore[misc]
        if peer is not None:
            calls.append(lambda page=page: peer(page.image))  # type: ignore[misc]
        ours, *others = best_in_turn(calls)
        line = f"{name:36s} {page.image.shape[1]:5d}×{page.image.shape[0]:<5d} {ours:8.2f} s"
        for theirs in others:
            ratios.append(ours / theirs)
            line += f" {theirs:13.2f} s {ours / theirs:6.2f}"
        print(line, flush=True)
    if not ratios:
        return []
    return [Target("scanned page, share of RapidOCR's time (mean)", sum(ratios) / len(ratios), 1 / 3, at_least=False)]


def _rapidocr() -> Callable[[object], object] | None:
    """RapidOCR as it comes, or None where its default engine is not installed."""
    if importlib.util.find_spec("onnxruntime") is None:
        print("RapidOCR's default engine (onnxruntime) is not installed: no peer was timed")
        return None
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine: Callable[[object], object] = RapidOCR()
    return engine


def _born_digital(corpus: Path) -> float:
    """Mean seconds a born-digital page, from opening the file to the report's data."""
    from detect.runner import audit
    from ocr.pipeline import read_document
    from ocr.source import sandbox_for

    seconds = pages = 0.0
    with sandbox_for() as child:
        for name, source in documents(corpus, ()):
            contents = _pages(source)
            if not all(isinstance(page, TextPage) for page in contents):
                continue
            taken = best_of(lambda source=source: audit(read_document(source, sandbox=child)))  # type: ignore[misc]
            print(f"{name:36s} {len(contents):3d} pages {1000 * taken / len(contents):6.1f} ms a page")
            seconds, pages = seconds + taken, pages + len(contents)
    return seconds / pages
