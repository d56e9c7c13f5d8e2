"""What a worker of the page pool does: the picture of one page in, everything that stands on it out."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from ocr.networks import use_threads
from ocr.pagemark import MarkSample, PageMark
from ocr.pages import ImagePage
from ocr.phrase import learn
from ocr.scan import see_again, see_scan
from ocr.seen import SeenPage


def see_page(content: ImagePage, mark: PageMark | None, threads: int) -> SeenPage:
    """Sees a page with as many threads as the worker has been given of the machine."""
    _use(threads)
    return see_scan(content, mark)


def see_page_again(content: ImagePage, mark: PageMark, threads: int) -> SeenPage | None:
    """Sees a page once more when the mark of its document is known; None where that changes nothing."""
    _use(threads)
    return see_again(content, mark)


def learn_mark(samples: Sequence[MarkSample], threads: int) -> PageMark | None:
    """Learns the mark that pages of a document have in common, if they have one."""
    _use(threads)
    return learn(samples)


def _use(threads: int) -> None:
    cv2.setNumThreads(threads)
    use_threads(threads)
