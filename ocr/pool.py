"""Pictures of pages → what stands on them, by worker processes that stay and keep the networks loaded.

The workers are plain children (`ocr.child`), each driven by a thread of its own, so that a page that crashes or
hangs its worker costs that page and nothing else. Pages come back in the order in which they were given.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from models.errors import InputTimeout
from ocr.child import Child, Job, TaskFailure
from ocr.machine import usable_cores, usable_memory_bytes
from ocr.pagemark import KnownMark, MarkSample, PageMark
from ocr.pages import FailedPage, ImagePage, PageContent
from ocr.seen import SeenPage

# Resident memory of a worker after hundreds of pages at 200 dpi (`python -m bench.memory`).
WORKER_BYTES = 1 << 30
# What leaks in libraries goes with the process; its start costs as much as three pages.
MAX_PAGES = 500
# The slowest page known, a poster of 16 million pixels on a busy machine, took 26 s.
PAGE_TIMEOUT_S = 180.0
# After this many pages of a document that hung or crashed a worker the rest is not tried.
MAX_FAILURES = 2

_PROBLEMS = {
    "timeout": "识别本页超时，已跳过",
    "memory": "识别本页时内存不足，已跳过",
    "crash": "识别本页时程序中断，已跳过",
    "error": "识别本页时程序出错，已跳过",
}
_GIVEN_UP = "前面已有多页无法识别，本页未再尝试"


class PagePool:
    """Worker processes for the scanned pages of any number of documents; use as a context manager, or `close` it.

    A worker starts when a page finds all others busy. Any number of threads may use the pool at once.

    Args:
        workers: at most; by default one for each core, fewer where memory is short.
        page_timeout_s: wall clock for one page.
        task: what a worker does, `module:function`; takes a page, the mark of its document's pages or None, and a
            number of threads.

    Attributes:
        workers: the most processes there will be.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        page_timeout_s: float = PAGE_TIMEOUT_S,
        task: str = "ocr.worker:see_page",
    ) -> None:
        self.workers = workers or default_workers()
        self._page_timeout_s = page_timeout_s
        self._task = task
        self._cores = usable_cores()
        self._own = threading.local()
        self._lock = threading.Lock()
        self._children: list[Child] = []
        self._under_way = 0
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="page-worker")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, content: ImagePage, mark: PageMark | None = None, *, is_alone: bool = False) -> Future[SeenPage]:
        """Has a page seen by the next worker that is free.

        Args:
            content: the page.
            mark: that of the document's pages, where it is known.
            is_alone: whether nothing else is to be read beside it: then one worker uses all cores.

        Returns:
            Its result raises `TaskFailure` when the page could not be seen, and `CaishenError` when no page can.
        """
        return self._submit(self._task, (content, mark), is_alone=is_alone)

    def submit_again(self, content: ImagePage, mark: PageMark) -> Future[SeenPage | None]:
        """Has a page seen once more that was seen without the mark; None where that changes nothing."""
        return self._submit("ocr.worker:see_page_again", (content, mark))

    def submit_samples(self, samples: Sequence[MarkSample]) -> Future[PageMark | None]:
        """Has the mark learned that pages of a document have in common."""
        return self._submit("ocr.worker:learn_mark", (samples,))

    def close(self) -> None:
        """Ends all workers at once; pages under way fail."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for child in self._children:
                child.kill()
        self._threads.shutdown(wait=True)
        for child in self._children:
            child.stop()

    def _submit(self, task: str, arguments: tuple[object, ...], *, is_alone: bool = False) -> Future[Any]:
        with self._lock:
            self._under_way += 1
        future = self._threads.submit(self._work, task, arguments, is_alone)
        future.add_done_callback(self._ended)
        return future

    def _work(self, task: str, arguments: tuple[object, ...], is_alone: bool) -> Any:
        child: Child | None = getattr(self._own, "child", None)
        if child is None:
            job = Job(self._task.partition(":")[0], max_tasks=MAX_PAGES, writes_files=True)
            child = self._own.child = Child(job)
            with self._lock:
                self._children.append(child)
        if child.is_worn:
            child.stop()
        spread = is_alone and self._under_way == 1
        threads = self._cores if spread else max(1, self._cores // self.workers)
        return child.call(task, *arguments, threads, timeout_s=self._page_timeout_s)

    def _ended(self, _: Future[Any]) -> None:
        with self._lock:
            self._under_way -= 1


def default_workers() -> int:
    """As many workers as cores, as far as their memory is there."""
    memory_bytes = usable_memory_bytes()
    affordable = usable_cores() if memory_bytes is None else memory_bytes // WORKER_BYTES
    return max(1, min(usable_cores(), affordable))


def seen_in_order(
    contents: Iterator[PageContent],
    pool: PagePool,
    name: str,
    known: KnownMark | None = None,
    *,
    is_alone: bool = False,
) -> Iterator[PageContent | SeenPage]:
    """The pages of one document in order, those that are pictures seen by the pool some pages ahead.

    Args:
        contents: from `read_pages`.
        pool: may serve other documents at the same time.
        name: of the document, for messages.
        known: the mark of the document's pages, which may become known while they are seen: pages that are taken
            later are seen with it.
        is_alone: whether it has one page only.

    Yields:
        Every page as it came or, for a picture, what was seen on it; a `FailedPage` where its worker failed. Once
        `MAX_FAILURES` pages hung or crashed their worker, pages more than `ahead` later are not tried: which these
        are does not depend on how fast the workers are.

    Raises:
        InputTimeout: not one page could be read, because the workers failed.
        CaishenError: no page can be seen on this machine.
    """
    known = known or KnownMark()
    ahead = 2 * pool.workers
    failures: list[int] = []
    lost: list[str] = []
    waiting: deque[tuple[PageContent, Future[SeenPage] | None, PageMark | None]] = deque()
    taken = 0

    def take() -> PageContent | SeenPage:
        nonlocal taken
        content, future, mark = waiting.popleft()
        taken += 1
        try:
            seen = future.result() if future else content
        except TaskFailure as failure:
            if failure.kind != "error":
                failures.append(taken - 1)
            lost.append(_PROBLEMS[failure.kind])
            return FailedPage(replace(content.page, problem=lost[-1]))
        if known.mark is not mark and known.mark is not None and isinstance(content, ImagePage):
            with suppress(TaskFailure):
                return pool.submit_again(content, known.mark).result() or seen
        return seen

    try:
        for index, content in enumerate(contents):
            if not isinstance(content, ImagePage):
                waiting.append((content, None, None))
            elif sum(failed < index - ahead for failed in failures) >= MAX_FAILURES:
                lost.append(_GIVEN_UP)
                waiting.append((FailedPage(replace(content.page, problem=_GIVEN_UP)), None, None))
            else:
                waiting.append((content, pool.submit(content, known.mark, is_alone=is_alone), known.mark))
            while waiting and (len(waiting) > ahead or _is_ready(waiting[0][1])):
                yield take()
        while waiting:
            yield take()
    finally:
        for _, future, _ in waiting:
            if future is not None:
                future.cancel()
    if lost and len(lost) == taken:
        raise InputTimeout(f"文件“{name}”没有一页能够识别（{lost[0]}）", "请重新扫描后再试；仍不成功请反馈")


def _is_ready(future: Future[SeenPage] | None) -> bool:
    return future is None or future.done()
