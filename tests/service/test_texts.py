"""Search by characters finds on both databases what stands in a message, and nothing that is gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, update

from models.report import Report
from service.backend import Backend
from service.records import FindingFilter
from service.schema import DocumentRow, FindingRow, FindingTextRow
from service.store import list_findings, work
from service.store import texts as searching
from service.store.publish import publish
from service.store.texts import spaced

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def found(backend: Backend, wanted: str) -> list[str]:
    with backend.database.read() as connection:
        return [one.rule for one in list_findings(connection, FindingFilter(text=wanted)).items]


@pytest.fixture
def filled(backend: Backend, report: Report) -> Backend:
    row = {"sha256": "1" * 64, "name": "预算.pdf", "media": "pdf", "size": 1, "priority": 1, "created": NOW}
    with backend.database.write() as connection:
        document = connection.execute(insert(DocumentRow).values(**row).returning(DocumentRow.id)).scalar_one()
        work.begin(connection, document, 1, NOW, max_crashes=3)
        assert publish(connection, document, 1, report, document_blob="", report_blob="2" * 64, version="1", now=NOW)
    return backend


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        ("合计行填列1,300.50万元", ["AR001"]),
        ("购", ["CP001"]),
        ("支出预算与表", ["TX001"]),
        ("出支", []),
        ("1.300,50", []),
    ],
)
def test_a_message_is_found_by_any_part_of_it(filled: Backend, wanted: str, rules: list[str]) -> None:
    assert found(filled, wanted) == rules


def test_a_common_text_is_found_by_walking_the_list(filled: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "LOOKED_UP_AT_MOST", 0)
    assert found(filled, "政府采购") == ["CP001"]


def test_the_index_follows_what_is_published_and_deleted(filled: Backend, report: Report) -> None:
    with filled.database.write() as connection:
        document = connection.execute(
            update(DocumentRow).values(state="working").returning(DocumentRow.id)
        ).scalar_one()
        later = Report(report.document, report.kind, report.year, report.entity, (), (), findings=report.findings[:1])
        assert publish(connection, document, 1, later, document_blob="", report_blob="3" * 64, version="2", now=NOW)
    assert found(filled, "政府采购") == []
    assert found(filled, "情况说明") == ["TX001"]
    with filled.database.write() as connection:
        connection.execute(delete(FindingRow))
        assert connection.execute(select(FindingTextRow.finding_id)).all() == []
    assert found(filled, "情况说明") == []


def test_only_letters_and_digits_are_indexed() -> None:
    assert spaced("《收支》1,300.50万元。") == "收 支 1 3 0 0 5 0 万 元"
