"""Pages seen by worker processes: in order, the same as without them, and none pays for another's crash."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.errors import InputTimeout, MissingResource
from models.page import Page
from ocr.child import Child, Job, TaskFailure
from ocr.pages import FailedPage, ImagePage, PageContent, TextPage
from ocr.pipeline import read_document
from ocr.pool import PagePool, seen_in_order
from ocr.seen import SeenPage
from tests.ocr.pages_that_fail import CRASH, ERROR, HANG, NO_MODEL
from tests.ocr.test_source import PATIENCE_S, ends
from tests.typeset import Damage, PageStyle, TableSpec, degrade, scans_to_pdf, typeset

FAKE = "tests.ocr.pages_that_fail:see"


def pages(*orders: int) -> Iterator[PageContent]:
    """Pages whose only pixel says what happens to the one who looks at it; other values are tenths of seconds."""
    for index, order in enumerate(orders):
        yield ImagePage(Page(index, 100, 100, source="ocr"), np.full((1, 1), order, np.uint8), 200)


def indexes(seen: Iterator[PageContent | SeenPage]) -> list[tuple[int, str]]:
    return [(page.page.index, page.page.problem) for page in seen]


def test_pages_come_in_their_order_however_long_each_takes() -> None:
    with PagePool(3, task=FAKE) as pool:
        seen = list(seen_in_order(pages(5, 0, 0, 3, 0, 0, 1, 0), pool, "a.pdf"))
    assert [page.page.index for page in seen] == list(range(8))
    assert all(isinstance(page, SeenPage) for page in seen)


def test_a_page_that_crashes_its_worker_fails_alone() -> None:
    with PagePool(2, task=FAKE) as pool:
        seen = indexes(seen_in_order(pages(0, CRASH, 0, ERROR, 0), pool, "a.pdf"))
        assert [index for index, problem in seen if not problem] == [0, 2, 4]
        assert [problem for _, problem in seen if problem] == [
            "识别本页时程序中断，已跳过",
            "识别本页时程序出错，已跳过",
        ]
        # And the next document finds the pool whole.
        assert indexes(seen_in_order(pages(0, 0, 0), pool, "b.pdf")) == [(0, ""), (1, ""), (2, "")]


def test_a_page_that_hangs_its_worker_fails_alone() -> None:
    printed, slow = TextPage(Page(0, 100, 100), (), ()), next(pages(HANG))
    # The only page that a worker sees: on a busy machine any other might not be in time.
    with PagePool(1, task=FAKE, page_timeout_s=0.1) as pool:
        seen = indexes(seen_in_order(iter([printed, slow, printed]), pool, "a.pdf"))
    assert [problem for _, problem in seen] == ["", "识别本页超时，已跳过", ""]


def test_a_document_that_only_crashes_is_given_up_and_refused() -> None:
    with PagePool(1, task=FAKE) as pool:
        seen = []
        with pytest.raises(InputTimeout, match=r"a\.pdf"):
            seen += list(seen_in_order(pages(*[CRASH] * 9), pool, "a.pdf"))
        mixed = list(seen_in_order(pages(0, CRASH, CRASH, *[0] * 6), pool, "b.pdf"))
    tried = [page.page.index for page in mixed if isinstance(page, SeenPage)]
    assert tried == [0, 3, 4]
    assert isinstance(mixed[5], FailedPage)
    assert "未再尝试" in mixed[5].page.problem


def test_what_no_page_can_be_read_without_ends_the_document() -> None:
    with PagePool(1, task=FAKE) as pool, pytest.raises(MissingResource):
        list(seen_in_order(pages(NO_MODEL, 0), pool, "a.pdf"))


def test_closing_ends_pages_under_way() -> None:
    pool = PagePool(1, task=FAKE)
    quick, slow = (page for page in pages(0, HANG) if isinstance(page, ImagePage))
    pool.submit(quick).result()
    under_way, queued = pool.submit(slow), pool.submit(slow)
    while not under_way.running():
        time.sleep(0.01)
    pool.close()
    assert isinstance(under_way.exception(), TaskFailure)
    assert queued.cancelled()


def test_closing_ends_a_worker_that_is_just_being_started() -> None:
    child = Child(Job("tests.ocr.pages_that_fail"))
    child.kill()
    with pytest.raises(TaskFailure):
        child.call("time:sleep", 600, timeout_s=PATIENCE_S)
    assert child.process_id is None


def test_workers_die_with_their_parent() -> None:
    program = (
        "import os\nfrom tests.ocr.test_pool import FAKE, pages\nfrom ocr.pool import PagePool\n"
        "pool = PagePool(1, task=FAKE); page, slow = pages(0, 255 - 1)\n"
        "print(round(pool.submit(page).result().page.width_pt), flush=True); pool.submit(slow); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, text=True)
    assert ends(int(parent.stdout)), "the worker outlived its parent"


def test_the_pool_reads_what_one_process_reads(tmp_path: Path) -> None:
    rows = tuple((f"2130{n:02d}", "水利行业业务管理", f"{n * 321.37:,.2f}") for n in range(1, 15))
    table = TableSpec(
        (("科目编码", "科目名称", "合计"), *rows),
        (1.2, 2.6, 1.4),
        title="2026年支出表",
        unit="单位：万元",
        align="llr",
    )
    made = typeset((table,), PageStyle(width_pt=360, height_pt=260, margin_pt=30))
    damage = Damage(dpi=150, skew_deg=0.6, noise=2.0)
    path = tmp_path / "scan.pdf"
    path.write_bytes(scans_to_pdf(degrade(made.pdf, damage, seed=3)))
    with PagePool(2) as pool:
        read = read_document(path, pool=pool)
    assert len(read.pages) == 2
    assert [(table.pages, table.n_rows) for table in read.tables] == [((0, 1), 15)]
    assert read == read_document(path)
