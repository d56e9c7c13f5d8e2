"""The order of one audit: read, check, write; what each step is made of is passed in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from models.errors import MissingResource, SettingsError

if TYPE_CHECKING:
    from datetime import datetime

    from detect.archive import Archive
    from detect.settings import AuditSettings
    from models.archive import Memory
    from models.document import Document
    from models.report import Report
    from ocr.sandbox import Sandbox
    from service.export.pictures import PagePicture

Progress = Callable[[int, int], None]

OUTPUT_NAMES: Final = ("document.json", "findings.json", "tables.xlsx", "report.html")
# Left by file managers and by Excel in folders that a person opened; no loss when replaced.
_CLUTTER: Final = {".DS_Store", "Thumbs.db", "desktop.ini"}


class Read(Protocol):
    """Reads a file, or a folder of page images, into a document."""

    def __call__(self, path: Path, *, progress: Progress | None = None) -> Document: ...


class Check(Protocol):
    """Turns a document into its audited report, compared with the documents of an archive where there is one."""

    def __call__(self, document: Document, *, archive: Archive | None = None) -> Report: ...


@dataclass(frozen=True, slots=True)
class Stages:
    """The things an audit is made of.

    Attributes:
        read: file → document; raises `InputError` where the file cannot be read.
        check: document → report.
        open_pictures: file → a context in which its pages can be pictured.
        remember: document → what an archive keeps of it, read with the same settings as `check` reads it.
    """

    read: Read
    check: Check
    open_pictures: Callable[[Path], AbstractContextManager[PagePicture]]
    remember: Callable[[Document], Memory]


def installed_stages(settings: AuditSettings | None = None) -> Stages:
    """The stages that are shipped, with these settings of the rules.

    All documents of a run share the child processes, which die with this one.
    """
    from detect.runner import audit, remember
    from ocr.pipeline import read_document
    from ocr.pool import PagePool
    from ocr.source import sandbox_for

    child = sandbox_for()
    read = partial(read_document, sandbox=child, pool=PagePool())
    pictures = partial(page_pictures, child=child)
    return Stages(read, partial(audit, settings=settings), pictures, partial(remember, settings=settings))


@contextmanager
def page_pictures(path: Path, child: Sandbox) -> Iterator[PagePicture]:
    """Pictures of the pages of a file, drawn by the child process."""
    from ocr.source import render_page

    yield lambda page, dpi: render_page(path, page.index, dpi, rotation_deg=page.rotation_deg, sandbox=child)


def audit_file(source: Path, target: Path, stages: Stages, *, at: datetime, progress: Progress | None = None) -> Report:
    """Audits one document and leaves its folder at `target`, whole or not at all.

    Args:
        source: a file or a folder of page images.
        target: replaced when it holds an earlier result.
        stages: the steps to use.
        at: time printed in the report.
        progress: called with pages done and pages in all while the document is read.

    Raises:
        InputError: the document cannot be read; `target` is left as it was.
        SettingsError: `target` holds files that are not ours.
        MissingResource: the disk is full or cannot be written.
    """
    refuse_foreign_files(target)
    document = stages.read(source, progress=progress)
    report = stages.check(document)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name[:60]}.", suffix=".unfinished", dir=target.parent))
    except OSError as error:
        raise _unwritable(target.parent, error) from error
    try:
        with stages.open_pictures(source) as picture:
            write_outputs(report, unfinished, picture, at=at)
        _put_in_place(unfinished, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return report


def write_outputs(report: Report, folder: Path, picture: PagePicture, *, at: datetime) -> None:
    """Writes the four outputs of the contract into `folder`."""
    from service.export.document_json import document_json
    from service.export.findings_json import findings_json
    from service.export.report_html import report_html
    from service.export.tables_xlsx import write_tables_xlsx

    (folder / "document.json").write_text(document_json(report), encoding="utf-8")
    (folder / "findings.json").write_text(findings_json(report), encoding="utf-8")
    write_tables_xlsx(report, folder / "tables.xlsx")
    (folder / "report.html").write_text(report_html(report, picture, at=at), encoding="utf-8")


def refuse_foreign_files(target: Path) -> None:
    """Makes sure that replacing `target` loses nothing but an earlier result.

    Raises:
        SettingsError: `target` is a file, or a folder that holds anything else.
    """
    if target.exists() and not target.is_dir():
        raise SettingsError(f"输出位置“{target}”已是一个文件", "请移走该文件，或用 --out 换一个输出目录")
    if not target.is_dir():
        return
    foreign = sorted(
        entry.name
        for entry in target.iterdir()
        if entry.name not in OUTPUT_NAMES and entry.name not in _CLUTTER and not entry.name.startswith("~$")
    )
    if foreign:
        raise SettingsError(
            f"输出文件夹“{target}”里有不是财审写的文件（{'、'.join(foreign[:3])}），没有覆盖",
            "请移走这些文件，或用 --out 换一个输出目录",
        )


def _put_in_place(finished: Path, target: Path) -> None:
    finished.chmod(0o755)
    if not target.exists():
        finished.rename(target)
        return
    earlier = Path(tempfile.mkdtemp(prefix=f".{target.name[:60]}.", suffix=".replaced", dir=target.parent))
    try:
        target.rename(earlier / "earlier")
        try:
            finished.rename(target)
        except OSError:
            (earlier / "earlier").rename(target)
            raise
    finally:
        shutil.rmtree(earlier, ignore_errors=True)


def _unwritable(place: Path, error: OSError) -> MissingResource:
    return MissingResource(
        f"不能写入“{place}”（{error.strerror or error}）",
        "请检查写入权限和剩余空间，关闭正在打开该文件夹内文件的程序，或用 --out 换一个输出目录",
    )
