"""Pictures of pages without their marks, drawn by a process that is kept for the next one."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from sqlalchemy import insert

from ocr.pipeline import read_document
from ocr.pool import PagePool
from ocr.source import sandbox_for
from service.backend import open_backend
from service.pictures import Pictures
from service.records import PageRecord
from service.schema import DocumentRow
from service.settings import Settings
from service.stages import page_pictures
from service.store import find_document
from tests.service.web_site import SAMPLE


def grey_share(content: bytes) -> float:
    """How much of a picture is neither paper nor ink: a mark, for the most part."""
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    return float(((picture > 120) & (picture < 235)).mean())


def test_reading_leaves_a_picture_of_a_page_that_it_took_a_mark_off(tmp_path: Path) -> None:
    path = tmp_path / "样例.pdf"
    with pikepdf.open(SAMPLE) as pdf:
        del pdf.pages[1:]
        pdf.save(path)
    kept: dict[int, bytes] = {}
    with PagePool(1) as pool:
        read = read_document(path, pool=pool, keep=kept.__setitem__)
    with sandbox_for() as child, page_pictures(path, child) as picture:
        shown = io.BytesIO()
        Image.fromarray(picture(read.pages[0], 200)).save(shown, "PNG")
    assert list(kept) == [0]
    assert read.pages[0].watermark > 0
    assert grey_share(kept[0]) < grey_share(shown.getvalue()) / 2


def test_the_process_that_cleans_is_kept_for_the_next_page_and_ends_with_the_store(tmp_path: Path) -> None:
    with open_backend(Settings(data_dir=tmp_path, disk_floor_bytes=0)) as backend:
        row = {"sha256": backend.blobs.put(SAMPLE.read_bytes()), "name": "样例.pdf", "media": "pdf", "size": 1}
        with backend.database.write() as connection:
            made = insert(DocumentRow).values(**row, created=datetime(2026, 3, 1, tzinfo=UTC))
            document = find_document(connection, connection.execute(made.returning(DocumentRow.id)).scalar_one())
        pictures = Pictures(backend.blobs, tmp_path / "pictures")
        processes = set()
        for index in (0, 1):
            page = PageRecord(index, 595.0, 842.0, 0, "ocr", 0.4, "")
            shown, cleaned = pictures.of_page(document, page, 200), pictures.cleaned(document, page)
            assert grey_share(cleaned) < grey_share(shown) / 2
            assert pictures._cleaner is not None
            processes.add(pictures._cleaner.process_id)
        (process,) = processes
        pictures.close()
        assert process is not None
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
