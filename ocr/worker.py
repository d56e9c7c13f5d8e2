"""What a worker of the page pool does: the picture of one page in, everything that stands on it out."""

from __future__ import annotations

import cv2

from ocr.networks import use_threads
from ocr.pages import ImagePage
from ocr.scan import see_scan
from ocr.seen import SeenPage


def see_page(content: ImagePage, threads: int) -> SeenPage:
    """Sees a page with as many threads as the worker has been given of the machine."""
    cv2.setNumThreads(threads)
    use_threads(threads)
    return see_scan(content)
