"""A document's result as it was written by the pipeline, read back for pages, tables, facts and exports."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.codec import OutdatedRecord, decode
from models.errors import InConflict, NotFound
from models.report import Report
from service.bundles import unpacked

if TYPE_CHECKING:
    from service.blobs import Blobs
    from service.records import DocumentRecord

HEAVY: Final = threading.BoundedSemaphore(2)
"""Whole reports in memory at once: a long document takes some hundred megabytes while it is shown."""


def report_of(blobs: Blobs, record: DocumentRecord) -> Report:
    """The whole result; hold `HEAVY` around its use.

    Raises:
        NotFound: the document has no result (yet).
        InConflict: the result was written by a version whose records were others.
    """
    if not record.report_blob:
        raise NotFound(f"文件“{record.name}”还没有结果", "请等处理完成；处理失败的请查看原因后重试")
    try:
        return decode(Report, blobs.read(record.report_blob))
    except OutdatedRecord as error:
        raise InConflict(f"文件“{record.name}”的结果由其他版本的财审生成", "请重新处理这份文件") from error


def export(blobs: Blobs, record: DocumentRecord, name: str, folder: Path) -> bytes:
    """One of the four outputs of the contract.

    Args:
        blobs: results and originals.
        record: the document.
        name: `document.json`, `findings.json`, `tables.xlsx` or `report.html`.
        folder: for the spreadsheet while it is written.

    Raises:
        NotFound: the document has no result, or there is no such output.
        InConflict: as `report_of`.
    """
    with HEAVY:
        report = report_of(blobs, record)
        if name == "document.json":
            from service.export.document_json import document_json

            return document_json(report).encode()
        if name == "findings.json":
            from service.export.findings_json import findings_json

            return findings_json(report).encode()
        if name == "tables.xlsx":
            from service.export.tables_xlsx import write_tables_xlsx

            write_tables_xlsx(report, folder / name)
            return (folder / name).read_bytes()
        if name == "report.html":
            return _report_html(blobs, record, report)
    raise NotFound(f"没有名为“{name}”的导出", "可以导出 document.json、findings.json、tables.xlsx、report.html")


def _report_html(blobs: Blobs, record: DocumentRecord, report: Report) -> bytes:
    from ocr.source import sandbox_for
    from service.export.report_html import report_html
    from service.stages import page_pictures

    assert record.finished is not None
    with (
        blobs.as_file(record.sha256) as stored,
        unpacked(stored, record.media) as file,
        sandbox_for() as child,
        page_pictures(file, child) as picture,
    ):
        return report_html(report, picture, at=record.finished.astimezone()).encode()
