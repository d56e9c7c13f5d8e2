"""Seconds a page, beside the text recognition of others with their default settings, on the same pictures in one run.

Ours is the whole way of a page, from its picture to typed tables; the peers' is the text alone. Each page is read
once unmeasured, then the best of three counts, because other work on the machine only ever adds time.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.accuracy import Target, documents
from bench.machine import compare_plain
from bench.peers import Peer, peers
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


def scanned_pages(corpus: Path, only: Sequence[str]) -> Iterator[tuple[str, ImagePage]]:
    """The page with the most ink of every scanned document: a full table."""
    for name, source in documents(corpus, only):
        pages = [page for page in _pages(source) if isinstance(page, ImagePage)]
        if pages:
            yield name, max(pages, key=lambda page: float((page.image < 128).mean()))


def _pages(source: Path) -> list[PageContent]:
    from ocr.source import read_pages

    return list(read_pages(source))


def measure(shared: Path, only: Sequence[str] = (), count: int = 6) -> list[Target]:
    """Times scanned pages, whole documents, born-digital pages and `caishen --help`, prints tables, returns targets."""
    targets = [Target("caishen --help, seconds", _help_seconds(), 0.5, at_least=False)]
    corpus = shared / "corpus" / "dev"
    if not corpus.is_dir():
        print(f"no corpus under {shared}: pages were not timed")
        return targets
    scans = list(itertools.islice(scanned_pages(corpus, only), count))
    if scans:
        others = peers()
        targets += _scanned(scans, others)
        targets += _documents(corpus, only, others)
        compare_plain(*scans[-1])
    targets += _born_digital(corpus, only)
    return targets


def _help_seconds() -> float:
    program = Path(sys.executable).with_name("caishen")
    return best_of(lambda: subprocess.run([program, "--help"], check=True, capture_output=True))


def _scanned(scans: Sequence[tuple[str, ImagePage]], others: dict[str, Peer]) -> list[Target]:
    from ocr.networks import network_seconds
    from ocr.scan import read_scan

    print(f"one page at a time, seconds   ours, all  networks alone {'  '.join(f'{name:>16s}' for name in others)}")
    ratios: dict[str, list[float]] = {name: [] for name in others}
    overheads = []
    for name, page in scans:
        inside: list[float] = []

        def read(page: ImagePage = page, inside: list[float] = inside) -> None:
            before = network_seconds()
            read_scan(page, None)
            inside.append(network_seconds() - before)

        calls: list[Callable[[], object]] = [read]
        calls += [lambda peer=peer, page=page: peer(page.image) for peer in others.values()]  # type: ignore[misc]
        ours, *theirs = best_in_turn(calls)
        overheads.append(ours / min(inside))
        line = f"{name:30s} {ours:8.2f} {min(inside):8.2f} ×{overheads[-1]:4.2f}"
        for peer, seconds in zip(others, theirs, strict=True):
            ratios[peer].append(ours / seconds)
            line += f"   {seconds:8.2f}  {ours / seconds:5.3f}"
        print(line, flush=True)
    targets = [Target("scanned page, times its networks' own time (mean)", _mean(overheads), 1.5, at_least=False)]
    wanted = {"RapidOCR": 1 / 5, "PaddleOCR": 1 / 5}
    return targets + [
        Target(f"scanned page, share of {peer}'s time (mean)", _mean(found), wanted[peer], at_least=False)
        for peer, found in ratios.items()
    ]


def _documents(corpus: Path, only: Sequence[str], others: dict[str, Peer], count: int = 3) -> list[Target]:
    """Whole scanned documents: ours with a pool of workers, the peer page after page as its users run it."""
    from ocr.pipeline import read_page
    from ocr.pool import PagePool, seen_in_order

    peer = others.get("RapidOCR")
    ratios: list[float] = []
    with PagePool() as pool:
        print(f"whole documents, pages a second   ours, all ({pool.workers} workers)   RapidOCR, text")
        for name, source in documents(corpus, only):
            pages = [page for page in _pages(source) if isinstance(page, ImagePage)]
            if len(pages) < 2 or len(ratios) == count or peer is None:
                continue

            def read(pages: Sequence[ImagePage] = pages, name: str = name) -> None:
                before = None
                for seen in seen_in_order(iter(pages), pool, name):
                    before = read_page(seen, before).open_grid

            def read_by_peer(pages: Sequence[ImagePage] = pages, peer: Peer = peer) -> None:
                for page in pages:
                    peer(page.image)

            ours, theirs = best_in_turn([read, read_by_peer], runs=1)
            ratios.append(ours / theirs)
            speeds = f"{len(pages) / ours:8.2f}   {len(pages) / theirs:8.2f}  {ratios[-1]:5.3f}"
            print(f"{name:30s} {len(pages):3d} pages {speeds}", flush=True)
    if not ratios:
        return []
    return [Target("scanned document, share of RapidOCR's time (mean)", _mean(ratios), 1 / 5, at_least=False)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _born_digital(corpus: Path, only: Sequence[str]) -> list[Target]:
    """Mean seconds a born-digital page, from opening the file to the report's data."""
    from detect.runner import audit
    from ocr.pipeline import read_document
    from ocr.source import sandbox_for

    seconds = pages = 0.0
    with sandbox_for() as child:
        for name, source in documents(corpus, only):
            contents = _pages(source)
            if not all(isinstance(page, TextPage) for page in contents):
                continue
            taken = best_of(lambda source=source: audit(read_document(source, sandbox=child)))  # type: ignore[misc]
            print(f"{name:30s} {len(contents):3d} pages {1000 * taken / len(contents):6.1f} ms a page")
            seconds, pages = seconds + taken, pages + len(contents)
    return [Target("born-digital page, seconds", seconds / pages, 0.05, at_least=False)] if pages else []
