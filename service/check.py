"""`caishen check`: whether rows and blobs of an installation fit together, and what of it can be put right.

Repairs touch only what the pipeline can make again; originals and what people decided are never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, text, update

from models.errors import BlobDamaged, NotFound
from models.run import BULK
from service.backend import Backend
from service.records import DocumentRecord
from service.schema import DocumentRow, FindingRow, StageCacheRow, VerdictRow
from service.store import work
from service.store.rows import columns, portions, records
from service.unused import remove_unused

# Younger blobs may belong to an upload whose rows are not written yet.
LEFTOVER_AFTER: Final = timedelta(days=1)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit.

    Attributes:
        message: Chinese, names the document or blob, and what to do where nothing was done.
        is_repaired: it was put right, or will be once the workers get to it.
    """

    message: str
    is_repaired: bool


def check(backend: Backend, now: datetime, *, repair: bool, quick: bool = False) -> Iterator[Problem]:
    """Looks through the whole installation.

    Args:
        backend: opened installation; the service may run meanwhile.
        now: the present moment.
        repair: put right what can be.
        quick: believe that blobs that are there are whole; else every one is read.
    """
    yield from _file(backend)
    yield from _documents(backend, repair=repair, quick=quick)
    yield from _counts(backend, repair=repair)
    yield from _statuses(backend, repair=repair)
    yield from _leftovers(backend, now, repair=repair)


def _file(backend: Backend) -> Iterator[Problem]:
    if not backend.database.is_sqlite:
        return
    with backend.database.read() as connection:
        for line in connection.execute(text("PRAGMA quick_check(20)")).scalars():
            if line != "ok":
                yield Problem(f"数据库文件已损坏：{line}。请停止服务，从备份恢复。", is_repaired=False)


def _documents(backend: Backend, *, repair: bool, quick: bool) -> Iterator[Problem]:
    last = 0
    while True:
        with backend.database.read() as connection:
            some = select(*columns(DocumentRecord, DocumentRow)).where(DocumentRow.id > last)
            found = records(DocumentRecord, connection.execute(some.order_by(DocumentRow.id).limit(_AT_ONCE)))
        if not found:
            return
        for document in found:
            yield from _document(backend, document, repair=repair, quick=quick)
        last = found[-1].id


def _document(backend: Backend, document: DocumentRecord, *, repair: bool, quick: bool) -> Iterator[Problem]:
    label = f"文件 {document.id}“{document.name}”"
    if not _is_whole(backend, document.sha256, quick=quick):
        remedy = "请重新上传同一文件，或从备份恢复"
        yield Problem(f"{label}的原件丢失或已损坏。{remedy}。", is_repaired=False)
        return
    results = [blob for blob in (document.document_blob, document.report_blob) if blob]
    lost = [blob for blob in results if not _is_whole(backend, blob, quick=quick)]
    if not lost:
        return
    if repair:
        for blob in lost:
            backend.blobs.remove(blob)
        _process_again(backend, document.id, lost)
    yield Problem(f"{label}的处理结果丢失或已损坏{_told(repair)}。", is_repaired=repair)


def _counts(backend: Backend, *, repair: bool) -> Iterator[Problem]:
    """Documents whose findings are not as many as they say."""
    present = func.count(FindingRow.id)
    statement = (
        select(DocumentRow.id, DocumentRow.name, DocumentRow.n_findings, present)
        .outerjoin(FindingRow, (FindingRow.document_id == DocumentRow.id) & (FindingRow.baseline != "absent"))
        .where(DocumentRow.state == "done")
        .group_by(DocumentRow.id, DocumentRow.name, DocumentRow.n_findings)
        .having(present != DocumentRow.n_findings)
    )
    with backend.database.read() as connection:
        rows = connection.execute(statement).all()
    for document_id, name, stated, found in rows:
        if repair:
            _process_again(backend, document_id, [])
        reason = f"文件 {document_id}“{name}”应有 {stated} 条问题，库中有 {found} 条"
        yield Problem(f"{reason}{_told(repair)}。", is_repaired=repair)


def _statuses(backend: Backend, *, repair: bool) -> Iterator[Problem]:
    """Findings whose status is not that of their verdict; the verdict is right."""
    same = (VerdictRow.document_id == FindingRow.document_id) & (VerdictRow.finding_key == FindingRow.key)
    statement = (
        select(FindingRow.id, VerdictRow.status).join(VerdictRow, same).where(FindingRow.status != VerdictRow.status)
    )
    with backend.database.read() as connection:
        rows = connection.execute(statement).all()
    for finding_id, status in rows:
        if repair:
            with backend.database.write() as connection:
                connection.execute(update(FindingRow).where(FindingRow.id == finding_id).values(status=status))
        told = "，已改正" if repair else "；加 --repair 可改正"
        yield Problem(f"问题 {finding_id} 的状态与人工认定不一致{told}。", is_repaired=repair)


def _leftovers(backend: Backend, now: datetime, *, repair: bool) -> Iterator[Problem]:
    """Notes of the stage cache without their blobs, and blobs that nothing refers to."""
    with backend.database.read() as connection:
        cached = set(connection.execute(select(StageCacheRow.blob)).scalars())
        used = set(cached)
        for row in connection.execute(select(DocumentRow.sha256, DocumentRow.document_blob, DocumentRow.report_blob)):
            used.update(row)
    stored = set(backend.blobs.names())
    lost = cached - stored
    if lost and repair:
        with backend.database.write() as connection:
            for some in portions(sorted(lost)):
                connection.execute(delete(StageCacheRow).where(StageCacheRow.blob.in_(some)))
    if lost:
        yield Problem(
            f"{len(lost)} 份中间结果丢失，需要时会重新生成{'' if repair else '；加 --repair 可清除其记录'}。", repair
        )
    unused = [name for name in backend.blobs.names(before=now - LEFTOVER_AFTER) if name not in used]
    if repair:
        remove_unused(backend, unused)
    if unused:
        told = "，已删除" if repair else "；加 --repair 可删除"
        yield Problem(f"存储里有 {len(unused)} 份没有用到的内容{told}。", repair)
    for file in backend.blobs.incoming.iterdir():
        if file.is_file() and file.stat().st_mtime < (now - LEFTOVER_AFTER).timestamp():
            if repair:
                file.unlink(missing_ok=True)
            told = "，已删除" if repair else "；加 --repair 可删除"
            yield Problem(f"没有传完的上传 {file.name}{told}。", repair)


def _process_again(backend: Backend, document_id: int, lost: list[str]) -> None:
    with backend.database.write() as connection:
        if lost:
            connection.execute(delete(StageCacheRow).where(StageCacheRow.blob.in_(lost)))
        work.submit(connection, [document_id], priority=BULK)


def _is_whole(backend: Backend, blob: str, *, quick: bool) -> bool:
    if quick:
        return backend.blobs.has(blob)
    try:
        with backend.blobs.as_file(blob):
            return True
    except (NotFound, BlobDamaged):
        return False


def _told(repair: bool) -> str:
    return "，已安排重新处理" if repair else "；加 --repair 可重新处理"
