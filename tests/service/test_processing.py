from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from detect.archive import Archive, is_same
from detect.remember import source_of
from detect.runner import remember
from models.document import Document
from models.errors import DamagedInput, NotFound, StorageFull
from models.report import Report
from service.archive_rows import ArchiveInDatabase
from service.backend import Backend
from service.processing import MAX_CRASHES, Processor, Steps, Trouble
from service.records import DocumentRecord, FindingFilter
from service.schema import CommentRow, DocumentRow, FindingRow, VerdictRow
from service.store import (
    cache,
    find_document,
    list_findings,
    outcomes_of,
    pages_of,
    set_status,
    skips_of,
    tables_of,
    work,
)
from service.store.publish import lock_document
from service.store.rank import rank_of
from service.versions import Versions
from tests.service.test_archives import sources_in

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "AR001:b03:total:total"


class Desk:
    """One document, the processor, and what the stages are to do."""

    def __init__(self, backend: Backend, report: Report, content: bytes = b"abc") -> None:
        self.backend = backend
        self.content = content
        self.report = report
        self.readings = 0
        self.trouble: Exception | None = None
        self.version = "1"
        self.reader_version = "1"
        self.pictures: dict[int, bytes] = {}
        self.known: list[str] = []
        with backend.database.write() as connection:
            values = {"name": "甲.pdf", "media": "pdf", "size": 3, "owner": None, "priority": 10, "created": NOW}
            work.add_documents(connection, [{"sha256": backend.blobs.put(content), **values}])
        with backend.database.read() as connection:
            self.id = connection.execute(select(func.max(DocumentRow.id))).scalar_one()

    @property
    def processor(self) -> Processor:
        versions = Versions({"pages": self.reader_version, "findings": self.version}, {"pages": "c", "findings": "c"})
        return Processor(self.backend, Steps(self.read, remember, self.check, versions))

    def read(
        self,
        path: Path,
        *,
        progress: Callable[[int, int], None] | None = None,
        keep: Callable[[int, bytes], None] | None = None,
    ) -> Document:
        self.readings += 1
        assert path.name == "甲.pdf"
        assert path.read_bytes() == self.content
        if self.trouble is not None:
            raise self.trouble
        assert progress is not None
        progress(1, 1)
        assert keep is not None
        for index, picture in self.pictures.items():
            keep(index, picture)
        return self.report.document

    def check(self, document: Document, *, archive: Archive | None = None) -> Report:
        assert archive is not None
        own = source_of(replace(self.report, document=document))
        assert isinstance(archive, ArchiveInDatabase)
        self.known = [source.sha256 for source in sources_in(archive) if not is_same(source, own)]
        return replace(self.report, document=document)

    @property
    def row(self) -> DocumentRecord:
        with self.backend.database.read() as connection:
            return find_document(connection, self.id)

    def run(self) -> Trouble | None:
        """One run, as the queue makes it."""
        row = self.row
        document = self.processor.begin(row.id, row.generation)
        if document is None:
            return Trouble("ended")
        blob = self.processor.read(document)
        trouble = blob if isinstance(blob, Trouble) else None
        if isinstance(blob, str):
            made = self.processor.check(document, blob)
            trouble = made if isinstance(made, Trouble) else self.processor.publish(document, blob, made)
        if trouble is not None:
            self.processor.settle(document, trouble)
        return trouble

    def submit(self) -> None:
        with self.backend.database.write() as connection:
            assert work.submit(connection, [self.id], priority=1) == 1

    def findings(self) -> dict[str, tuple[int, str, str]]:
        with self.backend.database.read() as connection:
            listed = list_findings(connection, FindingFilter(document=self.id, with_absent=True)).items
        return {finding.key: (finding.id, finding.baseline, finding.status) for finding in listed}


@pytest.fixture
def desk(backend: Backend, report: Report) -> Desk:
    return Desk(backend, report)


def test_a_run_leaves_everything_that_pages_show(desk: Desk, report: Report) -> None:
    assert desk.run() is None
    row = desk.row
    assert (row.state, row.kind, row.year, row.entity) == ("done", "预算公开", 2026, "澄川市水务局")
    assert (row.pages_done, row.n_pages, row.n_tables, row.n_findings) == (3, 3, 2, 3)
    assert (row.n_errors, row.n_warnings, row.n_hints, row.n_checks, row.n_skipped) == (1, 1, 1, 7, 1)
    with desk.backend.database.read() as connection:
        assert [page.problem for page in pages_of(connection, desk.id)] == ["", "", "本页数据已损坏，无法读取"]
        assert [(table.table_id, table.form, table.n_doubtful) for table in tables_of(connection, desk.id)] == [
            ("t1", "b03", 1),
            ("t2", "", 0),
        ]
        assert skips_of(connection, desk.id) == report.skips
        assert outcomes_of(connection, desk.id) == report.outcomes
        listed = list_findings(connection, FindingFilter(document=desk.id)).items
    assert [finding.severity for finding in listed] == ["error", "warning", "hint"]
    assert listed[0].equations[0]["total"]["value"] == "13005000.00"
    assert listed[0].evidence[0]["table"] == "t1"
    assert [finding.rank for finding in listed] == sorted(rank_of(finding) for finding in report.findings)


def test_what_has_not_changed_is_not_made_again(desk: Desk) -> None:
    desk.run()
    desk.submit()
    desk.version = "2"
    assert desk.run() is None
    assert desk.readings == 1
    desk.backend.blobs.remove(desk.row.document_blob)
    desk.submit()
    assert desk.run() is None
    assert desk.readings == 2


def test_a_document_is_compared_with_those_that_were_there_before_it_and_never_with_itself(
    backend: Backend, report: Report
) -> None:
    first, second = Desk(backend, report), Desk(backend, report, b"abcd")
    first.run()
    second.run()
    assert (first.known, second.known) == ([], [first.row.sha256])
    # Whoever asks again is told of what has come since; nothing is remembered twice.
    first.submit()
    first.run()
    assert first.known == [second.row.sha256]
    second.submit()
    second.run()
    assert second.known == [first.row.sha256]


def test_findings_keep_their_rows_and_verdicts_when_processed_again(desk: Desk) -> None:
    desk.run()
    before = desk.findings()
    assert {baseline for _, baseline, _ in before.values()} == {"new"}
    with desk.backend.database.write() as connection:
        for key in (KEY, "TX001:p1"):
            assert lock_document(connection, desk.id)
            verdict = {"document_id": desk.id, "finding_key": key, "status": "confirmed"}
            connection.execute(insert(VerdictRow).values(**verdict, created=NOW, updated=NOW))
            assert set_status(connection, desk.id, key, "confirmed")
        remark = {"document_id": desk.id, "finding_key": "CP001:b09", "text": "已核实", "created": NOW}
        connection.execute(insert(CommentRow).values(**remark))
    first, second, third = desk.report.findings
    again = replace(first, key="TX001:p2")
    desk.report = replace(desk.report, findings=(replace(second, message="另一句话。"), again))
    desk.version = "2"
    desk.submit()
    assert desk.run() is None
    after = desk.findings()
    assert after[KEY] == (before[KEY][0], "updated", "confirmed")
    assert after["TX001:p1"] == (before["TX001:p1"][0], "absent", "confirmed")
    assert after[third.key] == (before[third.key][0], "absent", "open")
    assert after["TX001:p2"][1:] == ("new", "open")
    with desk.backend.database.read() as connection:
        assert len(connection.execute(select(VerdictRow)).all()) == 2
        assert len(list_findings(connection, FindingFilter(document=desk.id)).items) == 2
    # What is found again is there again, with its verdict; what nobody spoke of leaves no trace.
    desk.report = replace(desk.report, findings=(first,))
    desk.version = "3"
    desk.submit()
    assert desk.run() is None
    assert desk.findings()["TX001:p1"] == (before["TX001:p1"][0], "updated", "confirmed")
    assert "TX001:p2" not in desk.findings()


def test_a_step_that_is_repeated_changes_nothing(desk: Desk) -> None:
    document = desk.processor.begin(desk.id, 1)
    assert document is not None
    blob = desk.processor.read(document)
    assert isinstance(blob, str)
    report_blob = desk.processor.check(document, blob)
    assert isinstance(report_blob, str)
    assert desk.processor.publish(document, blob, report_blob) is None
    assert desk.processor.publish(document, blob, report_blob) == Trouble("ended")
    assert {baseline for _, baseline, _ in desk.findings().values()} == {"new"}
    assert desk.processor.begin(desk.id, 1) is None


@pytest.mark.parametrize("how", ["cancel", "submit"])
def test_a_run_that_was_overtaken_writes_nothing(desk: Desk, how: str) -> None:
    document = desk.processor.begin(desk.id, 1)
    assert document is not None
    with desk.backend.database.write() as connection:
        if how == "cancel":
            assert work.cancel(connection, desk.id)
            assert not work.cancel(connection, desk.id)
        else:
            work.submit(connection, [desk.id], priority=1)
    assert desk.processor.read(document) == Trouble("ended")
    blob, report_blob = desk.backend.blobs.put(b"x"), desk.backend.blobs.put(b"y")
    assert isinstance(desk.processor.publish(document, blob, report_blob), Trouble)
    desk.processor.settle(document, Trouble("failure", "internal", "x"))
    assert desk.row.state == ("cancelled" if how == "cancel" else "queued")
    assert desk.row.attempts == 0
    assert desk.findings() == {}


def test_cancelling_ends_a_reading_at_the_next_page(desk: Desk) -> None:
    document = desk.processor.begin(desk.id, 1)
    assert document is not None
    original = desk.read

    def read(path: Path, *, progress: Callable[[int, int], None] | None = None, keep: object = None) -> Document:
        with desk.backend.database.write() as connection:
            work.cancel(connection, desk.id)
        return original(path, progress=progress)

    desk.read = read  # type: ignore[method-assign]
    assert desk.processor.read(document) == Trouble("ended")


def test_pictures_of_cleaned_pages_are_those_of_the_reading_that_is_shown(desk: Desk) -> None:
    desk.pictures = {0: b"one", 2: b"two"}
    desk.run()
    first = desk.row.document_blob
    assert kept(desk, first) == [b"one", None, b"two"]
    desk.reader_version, desk.pictures = "2", {0: b"better"}
    desk.report = replace(desk.report, document=replace(desk.report.document, blocks=()))
    desk.submit()
    desk.run()
    # The mark on the third page is gone, by what the new reader says; the former pictures are not kept beside.
    assert kept(desk, desk.row.document_blob) == [b"better", None, None]
    assert kept(desk, first) == [None, None, None]


def kept(desk: Desk, document_blob: str) -> list[bytes | None]:
    with desk.backend.database.read() as connection:
        blobs = [cache.picture_of(connection, document_blob, desk.row.sha256, index) for index in range(3)]
    return [desk.backend.blobs.read(blob) if blob else None for blob in blobs]


def test_a_file_that_cannot_be_read_is_not_tried_again(desk: Desk) -> None:
    desk.trouble = DamagedInput("文件“甲.pdf”已损坏", "请重新导出")
    desk.run()
    assert (desk.row.state, desk.row.failure_code) == ("failed", "damaged")
    assert "请重新导出" in desk.row.failure_message
    with desk.backend.database.read() as connection:
        assert work.waiting(connection, NOW + timedelta(days=999), 9) == ()


def test_failures_are_tried_again_later_and_quarantined_at_the_third(desk: Desk) -> None:
    desk.trouble = ZeroDivisionError("made up")
    waits = []
    for attempt in (1, 2):
        desk.run()
        row = desk.row
        assert (row.state, row.attempts, row.failure_code) == ("queued", attempt, "internal")
        assert row.next_try is not None
        assert row.started is not None
        waits.append((row.next_try - row.started).total_seconds())
        with desk.backend.database.read() as connection:
            assert work.waiting(connection, row.next_try - timedelta(seconds=1), 9) == ()
            assert [w.id for w in work.waiting(connection, row.next_try, 9)] == [desk.id]
    # The run itself takes its time as well.
    assert waits[0] >= desk.backend.settings.retry_after_s
    assert waits[1] >= 2 * desk.backend.settings.retry_after_s
    desk.run()
    assert desk.row.state == "quarantined"
    assert "已连续失败 3 次" in desk.row.failure_message
    desk.trouble = None
    desk.submit()
    assert desk.run() is None
    assert (desk.row.state, desk.row.failure_message) == ("done", "")


def test_a_full_disk_is_waited_for_and_never_counted(desk: Desk) -> None:
    desk.trouble = StorageFull("磁盘已满", "请腾出空间")
    for _ in range(5):
        assert desk.run() == Trouble("machine", "storage-full", "磁盘已满。请腾出空间。")
        assert (desk.row.state, desk.row.attempts) == ("queued", 0)
    desk.trouble = None
    assert desk.run() is None
    assert desk.row.state == "done"


def test_a_document_that_takes_its_worker_along_is_put_aside(desk: Desk) -> None:
    for _ in range(MAX_CRASHES):
        assert desk.processor.begin(desk.id, 1) is not None
    assert desk.processor.begin(desk.id, 1) is None
    assert (desk.row.state, desk.row.failure_code) == ("quarantined", "crashed")


def test_an_interruption_in_good_order_is_no_crash(desk: Desk) -> None:
    for _ in range(MAX_CRASHES + 3):
        assert desk.processor.begin(desk.id, 1) is not None
        with desk.backend.database.write() as connection:
            work.put_back(connection, [(desk.id, 1)])
    assert desk.row.crashes == 0


def test_too_many_pages_are_refused(desk: Desk) -> None:
    settings = desk.backend.settings.model_copy(update={"max_pages": 1})
    desk.backend = replace(desk.backend, settings=settings)

    def read(path: Path, *, progress: Callable[[int, int], None] | None = None, keep: object = None) -> Document:
        assert progress is not None
        progress(1, 2)
        return desk.report.document

    desk.read = read  # type: ignore[method-assign]
    desk.run()
    assert (desk.row.state, desk.row.failure_code) == ("failed", "too-large")


def test_a_lost_original_is_named(desk: Desk) -> None:
    desk.backend.blobs.remove(desk.row.sha256)
    trouble = desk.run()
    assert trouble is not None
    assert trouble.code == "lost-pages"
    assert "caishen check" in trouble.message


def test_waiting_documents_come_by_priority_and_once(desk: Desk) -> None:
    with desk.backend.database.write() as connection:
        values = {"media": "pdf", "size": 3, "owner": None, "created": NOW}
        rows = [{"sha256": f"{n:064d}", "name": f"{n}", "priority": 10 - n, **values} for n in range(3)]
        work.add_documents(connection, rows)
        found = work.waiting(connection, NOW, 3)
        assert [w.priority for w in found] == [8, 9, 10]
        work.mark_submitted(connection, found, NOW)
        assert len(work.waiting(connection, NOW, 9)) == 1


def test_what_the_queue_has_lost_is_handed_over_again(desk: Desk) -> None:
    with desk.backend.database.write() as connection:
        work.mark_submitted(connection, work.waiting(connection, NOW, 9), NOW)
        assert work.waiting(connection, NOW, 9) == ()
        assert work.hand_over_again(connection, [(desk.id, 1), (desk.id, 0)]) == 1
        assert [w.generation for w in work.waiting(connection, NOW, 9)] == [2]
        work.mark_submitted(connection, work.waiting(connection, NOW, 9), NOW)
        work.forget_handing_over(connection)
        assert [w.generation for w in work.waiting(connection, NOW, 9)] == [2]


def test_there_is_no_document_without_a_row(desk: Desk) -> None:
    with desk.backend.database.read() as connection, pytest.raises(NotFound, match="999"):
        find_document(connection, 999)


def test_lists_of_findings_go_on_where_they_stopped(desk: Desk) -> None:
    desk.run()
    with desk.backend.database.write() as connection:
        row = connection.execute(select(FindingRow.__table__)).mappings().first()
        assert row is not None
        copies = [
            {**row, "id": None, "key": f"k{n}", "rank": n % 7, "created": NOW + timedelta(seconds=n % 5)}
            for n in range(40)
        ]
        for copy in copies:
            copy.pop("id")
        connection.execute(insert(FindingRow), copies)
    with desk.backend.database.read() as connection:
        for order in ("gravest", "newest"):
            seen: list[int] = []
            after = ""
            while True:
                part = list_findings(connection, FindingFilter(), order=order, after=after, limit=7)  # type: ignore[arg-type]
                seen += [finding.id for finding in part.items]
                after = part.next
                if not after:
                    break
            assert len(seen) == len(set(seen)) == 43


def test_filters_leave_only_what_they_name(desk: Desk) -> None:
    desk.run()
    cases = [
        (FindingFilter(rules=("AR001",)), {KEY}),
        (FindingFilter(categories=("narrative", "completeness")), {"TX001:p1", "CP001:b09"}),
        (FindingFilter(severities=("hint",)), {"CP001:b09"}),
        (FindingFilter(readings=("probable-misread",)), {KEY}),
        (FindingFilter(min_confidence=0.9), {KEY, "TX001:p1"}),
        (FindingFilter(years=(2025,)), set()),
        (FindingFilter(entity="澄川市水务局", kinds=("预算公开",), statuses=("open",)), {KEY, "TX001:p1", "CP001:b09"}),
        (FindingFilter(created_from=datetime(2999, 1, 1, tzinfo=UTC)), set()),
    ]
    with desk.backend.database.read() as connection:
        for wanted, keys in cases:
            assert {finding.key for finding in list_findings(connection, wanted).items} == keys, wanted


def test_a_stuck_lock_does_not_hide_the_document(desk: Desk) -> None:
    with desk.backend.database.write() as connection:
        assert not lock_document(connection, 999)
        connection.execute(update(DocumentRow).values(name="乙.pdf"))
    assert desk.row.name == "乙.pdf"
