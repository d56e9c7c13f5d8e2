"""Pages of a document as they were seen, in order → the same, seen again where they share a mark not known before.

A mark that stands once on each page shows only when several pages are compared. As soon as enough of the last pages
were found marked their mark is learned; those pages are then read from the file and seen once more, all later ones are
seen with the mark at once. What comes out depends on the pages and their order alone, not on who sees them when.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ocr.child import TaskFailure
from ocr.pagemark import KnownMark, PageMark
from ocr.pages import ImagePage, PageContent
from ocr.pool import PagePool
from ocr.seen import SeenPage
from ocr.source import read_again

#: Pages held back for the mark that may be learned with the next: as many as a median needs, and a few unmarked ones.
WINDOW = 8
#: Samples among them from which a mark is learned; at the end of a document one fewer has to do.
ENOUGH = 5

Seen = PageContent | SeenPage


def seen_here(contents: Iterable[PageContent], known: KnownMark) -> Iterator[Seen]:
    """Sees the pictures among the pages of a document in this process, with its mark once that is known."""
    for content in contents:
        if isinstance(content, ImagePage):
            from ocr.scan import see_scan  # only a scan needs OpenCV and the networks

            yield see_scan(content, known.mark)
        else:
            yield content


def under_one_mark(seen: Iterable[Seen], known: KnownMark, path: Path, pool: PagePool | None) -> Iterator[Seen]:
    """The pages of a document in order, those seen again that were seen before their common mark was known.

    Args:
        seen: in order; from the page after the one with which `known` is set each is seen with the mark.
        known: not set yet; set here, when the mark is learned.
        path: of the document.
        pool: learns and sees; without it this process does.
    """
    held: deque[Seen] = deque()
    for page in seen:
        if known.mark is not None:
            yield page
            continue
        held.append(page)
        if len(held) < WINDOW:
            continue
        if _samples(held) >= ENOUGH:
            held = _learned(held, known, path, pool)
        while held and (known.mark is not None or len(held) >= WINDOW):
            yield held.popleft()
    if known.mark is None and _samples(held) >= ENOUGH - 1:
        held = _learned(held, known, path, pool)
    yield from held


def _samples(held: Iterable[Seen]) -> int:
    return sum(isinstance(page, SeenPage) and page.sample is not None for page in held)


def _learned(held: deque[Seen], known: KnownMark, path: Path, pool: PagePool | None) -> deque[Seen]:
    """The pages held back, seen again if they have a mark in common; the same samples are not asked twice."""
    samples = [page.sample for page in held if isinstance(page, SeenPage) and page.sample is not None]
    if pool is None:
        from ocr.phrase import learn

        known.mark = learn(samples)
    else:
        with suppress(TaskFailure):
            known.mark = pool.submit_samples(samples).result()
    plain = [replace(page, sample=None) if isinstance(page, SeenPage) else page for page in held]
    mark = known.mark
    if mark is None:
        return deque(plain)
    seen = [page for page in held if isinstance(page, SeenPage) and not (mark.is_pale and page.sample)]
    again = _again([page.page.index for page in seen], mark, path, pool)
    return deque(again.get(page.page.index, page) for page in plain)


def _again(indexes: list[int], mark: PageMark, path: Path, pool: PagePool | None) -> dict[int, SeenPage]:
    """Those of some pages on which the mark changes something, by their index."""
    contents = (content for content in read_again(path, indexes) if isinstance(content, ImagePage))
    if pool is None:
        from ocr.scan import see_again

        looks = [(content.page.index, see_again(content, mark)) for content in contents]
        return {index: page for index, page in looks if page is not None}
    found = {}
    for index, future in [(content.page.index, pool.submit_again(content, mark)) for content in contents]:
        with suppress(TaskFailure):
            page = future.result()
            if page is not None:
                found[index] = page
    return found
