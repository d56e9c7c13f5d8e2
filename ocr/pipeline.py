"""The order of the steps from a file to a document: pages → words and grids → tables and text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from models.document import Document
from models.table import Block
from ocr.compose import PageReading, compose, unread
from ocr.documentmark import seen_here, under_one_mark
from ocr.grid import Grid, find_grids
from ocr.pagemark import KnownMark
from ocr.pages import FailedPage, ImagePage, PageContent
from ocr.pool import PagePool, seen_in_order
from ocr.sandbox import Sandbox
from ocr.seen import SeenPage, compose_seen
from ocr.sideways import build_wide, pair_sideways
from ocr.source import count_pages, file_sha256, read_pages, sandbox_for
from ocr.tables import join_parts


def read_document(
    path: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
    sandbox: Sandbox | None = None,
    pool: PagePool | None = None,
    keep: Callable[[int, bytes], None] | None = None,
) -> Document:
    """Reads a file, or a folder of page images, into tables and text.

    Args:
        path: of a PDF, an image, or a folder of page images.
        progress: called with (pages done, pages in all) after every page.
        sandbox: a child process to use and leave running; by default one is started and ended.
        pool: worker processes for scanned pages, left running; without them this process reads them itself. What is
            read does not depend on it, except that a page that crashes or hangs a worker fails alone.
        keep: called with the index of every page that the pool has taken marks off, and a JPEG of what is left.

    Raises:
        InputError: nothing of the input can be read; the message says why and what to do.
    """
    readings: list[PageReading] = []
    with nullcontext(sandbox) if sandbox else sandbox_for() as child:
        total = count_pages(path, sandbox=child)
        pages, known = read_pages(path, sandbox=child), KnownMark()
        if pool is None:
            seen = seen_here(pages, known)
        else:
            seen = seen_in_order(pages, pool, path.name, known, is_alone=total == 1)
        for content in under_one_mark(_counted(seen, total, progress), known, path, pool):
            before = readings[-1].open_grid if readings else None
            readings.append(read_page(content, before))
            if keep is not None and isinstance(content, SeenPage) and content.picture:
                keep(content.page.index, content.picture)
    return assemble(file_sha256(path), path.name, readings)


def _counted(
    seen: Iterable[PageContent | SeenPage], total: int, progress: Callable[[int, int], None] | None
) -> Iterator[PageContent | SeenPage]:
    """The pages, each counted aloud once it was seen."""
    for done, page in enumerate(seen, 1):
        if progress is not None:
            progress(done, total)
        yield page


def read_page(content: PageContent | SeenPage, before: Grid | None = None) -> PageReading:
    """Reads one page.

    Args:
        content: from `ocr.source`, or what a worker has seen on it.
        before: the table without vertical rules that ended the page before, if one did.
    """
    if isinstance(content, FailedPage):
        return unread(content.page)
    if isinstance(content, SeenPage):
        return compose_seen(content, before)
    if isinstance(content, ImagePage):
        from ocr.scan import read_scan  # only a scan needs OpenCV and the networks

        return read_scan(content, before)
    return compose(content.page, content.words, content.rules, find_grids(content.rules), before)


def assemble(sha256: str, name: str, readings: Sequence[PageReading]) -> Document:
    """Pages in order → one document: continued tables joined and numbered.

    Two pages on one picture are read one after the other and stay one page of the document, as in the file.
    """
    in_order = [part for reading in readings for part in (reading, reading.facing) if part is not None]
    groups = join_parts([part.tables for part in in_order], [part.blank_below for part in in_order])
    tables = tuple(build_wide(halves, number) for number, halves in enumerate(pair_sideways(groups), 1))
    blocks = _without_running_heads([block for part in in_order for block in part.blocks], len(in_order))
    return Document(sha256, name, tuple(reading.page for reading in readings), tables, blocks)


def _without_running_heads(blocks: Sequence[Block], n_pages: int) -> tuple[Block, ...]:
    """Marks as `page_header` what stands at the same place with the same words on most pages."""
    if n_pages < 4:
        return tuple(blocks)
    seen: dict[tuple[str, int], set[int]] = {}
    for block in blocks:
        seen.setdefault((block.text, round(block.box.y0 / 4)), set()).add(block.page)
    running = {key for key, pages in seen.items() if len(pages) > 0.5 * n_pages}
    return tuple(
        replace(block, role="page_header") if (block.text, round(block.box.y0 / 4)) in running else block
        for block in blocks
    )
