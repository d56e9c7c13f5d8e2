"""A document's results, replaced as a whole in the caller's transaction; what people decided is only read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, union, update

from models.finding import SEVERITY_ORDER, Equation, Finding, Term
from models.report import Report
from models.table import Table
from service.export.findings_json import check_counts, evidence_json
from service.schema import (
    CommentRow,
    DocumentRow,
    FindingRow,
    OutcomeRow,
    PageRow,
    SkipRow,
    TableRow,
    VerdictRow,
)
from service.schema.columns import Base
from service.store.rank import rank_of
from service.store.texts import index_texts

DOUBTFUL_BELOW: Final = 0.5
"""A cell read with less confidence than this is more likely wrong than right."""


def publish(
    connection: Connection,
    document_id: int,
    generation: int,
    report: Report,
    *,
    document_blob: str,
    report_blob: str,
    version: str,
    now: datetime,
) -> bool:
    """Makes `report` the document's results and its state `done`.

    Findings are known by their keys: one that was found before keeps its row, its first date and its status; one that
    is gone is deleted, or marked `absent` where a person has said something about it.

    Args:
        connection: of a writing transaction.
        document_id: of the document.
        generation: of the run; results of a run that was cancelled or overtaken are dropped.
        report: with findings.
        document_blob: of the encoded `Document`.
        report_blob: of the encoded `Report`.
        version: digest of what made them.
        now: the moment of the run's end.

    Returns:
        Whether the results were taken.
    """
    # Also locks the document's row: verdicts are given under the same lock.
    wanted = update(DocumentRow).where(
        DocumentRow.id == document_id, DocumentRow.generation == generation, DocumentRow.state == "working"
    )
    if not connection.execute(wanted.values(stage="")).rowcount:
        return False
    _replace(connection, PageRow, document_id, [_page(report, index) for index in range(len(report.document.pages))])
    _replace(connection, TableRow, document_id, [_table(report, n) for n in range(len(report.document.tables))])
    _replace(
        connection,
        SkipRow,
        document_id,
        [
            {"position": position, "rule": skip.rule, "scope": skip.scope, "reason": skip.reason}
            for position, skip in enumerate(report.skips)
        ],
    )
    _replace(
        connection,
        OutcomeRow,
        document_id,
        [
            {
                "rule": outcome.rule,
                "name": outcome.name,
                "run": outcome.run,
                "consistent": outcome.consistent,
                "failed": outcome.failed,
                "skipped": outcome.skipped,
            }
            for outcome in report.outcomes
        ],
    )
    _replace_findings(connection, document_id, report, now)
    index_texts(connection, document_id)
    counts = check_counts(report)
    by_severity = dict.fromkeys(SEVERITY_ORDER, 0)
    for finding in report.findings:
        by_severity[finding.severity] += 1
    done = update(DocumentRow).where(DocumentRow.id == document_id)
    connection.execute(
        done.values(
            state="done",
            kind=report.kind,
            year=report.year,
            entity=report.entity,
            pages_done=len(report.document.pages),
            n_pages=len(report.document.pages),
            n_tables=len(report.document.tables),
            n_findings=len(report.findings),
            n_errors=by_severity["error"],
            n_warnings=by_severity["warning"],
            n_hints=by_severity["hint"],
            n_checks=counts["run"],
            n_skipped=counts["skipped"],
            attempts=0,
            crashes=0,
            failure_code="",
            failure_message="",
            next_try=None,
            document_blob=document_blob,
            report_blob=report_blob,
            version=version,
            finished=now,
        )
    )
    return True


def lock_document(connection: Connection, document_id: int) -> bool:
    """Makes this transaction the only one that changes the document's verdicts and results; False if it is gone."""
    lock = update(DocumentRow).where(DocumentRow.id == document_id).values(id=DocumentRow.id)
    return connection.execute(lock).rowcount > 0


def _replace_findings(connection: Connection, document_id: int, report: Report, now: datetime) -> None:
    known = {
        key: (finding_id, fingerprint, baseline)
        for key, finding_id, fingerprint, baseline in connection.execute(
            select(FindingRow.key, FindingRow.id, FindingRow.fingerprint, FindingRow.baseline).where(
                FindingRow.document_id == document_id
            )
        )
    }
    verdicts = dict(
        connection.execute(
            select(VerdictRow.finding_key, VerdictRow.status).where(VerdictRow.document_id == document_id)
        ).all()
    )
    new, changed = [], []
    for finding in report.findings:
        row = _finding(finding, report)
        if finding.key not in known:
            status = verdicts.get(finding.key, "open")
            fresh = {"document_id": document_id, "key": finding.key, "status": status, "created": now, "updated": now}
            new.append({**row, **fresh, "baseline": "new"})
            continue
        finding_id, fingerprint, baseline = known.pop(finding.key)
        is_same = fingerprint == row["fingerprint"] and baseline != "absent"
        changed.append({**row, "row_id": finding_id, "baseline": "unchanged" if is_same else "updated", "updated": now})
    if changed:
        names: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "row_id"}
        connection.execute(update(FindingRow).where(FindingRow.id == bindparam("row_id")).values(names), changed)
    if new:
        connection.execute(insert(FindingRow), new)
    if known:
        _drop_gone(connection, document_id, {key: finding_id for key, (finding_id, _, _) in known.items()})


def _drop_gone(connection: Connection, document_id: int, gone: dict[str, int]) -> None:
    """Findings (by key) that were not found again."""
    said = union(
        select(CommentRow.finding_key).where(CommentRow.document_id == document_id),
        select(VerdictRow.finding_key).where(VerdictRow.document_id == document_id),
    )
    spoken_of = set(connection.execute(said).scalars())
    for key, finding_id in gone.items():
        where = FindingRow.id == finding_id
        if key in spoken_of:
            connection.execute(update(FindingRow).where(where).values(baseline="absent"))
        else:
            connection.execute(delete(FindingRow).where(where))


def _replace(connection: Connection, row: Any, document_id: int, values: Sequence[dict[str, Any]]) -> None:
    assert issubclass(row, Base)
    connection.execute(delete(row).where(row.document_id == document_id))
    if values:
        connection.execute(insert(row), [{"document_id": document_id, **value} for value in values])


def _page(report: Report, index: int) -> dict[str, Any]:
    page = report.document.pages[index]
    return {
        "index": page.index,
        "width_pt": page.width_pt,
        "height_pt": page.height_pt,
        "rotation_deg": page.rotation_deg,
        "source": page.source,
        "watermark": page.watermark,
        "problem": page.problem,
    }


def _table(report: Report, position: int) -> dict[str, Any]:
    table: Table = report.document.tables[position]
    return {
        "table_id": table.id,
        "position": position,
        "form": report.form_of(table.id),
        "title": table.title,
        "unit": table.unit,
        "pages": list(table.pages),
        "n_rows": table.n_rows,
        "n_cols": table.n_cols,
        "n_doubtful": sum(cell.damaged or cell.confidence < DOUBTFUL_BELOW for cell in table.cells),
    }


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
    said = "\x1f".join((finding.message, finding.expected, finding.observed, finding.difference, finding.reading))
    return {
        "rank": rank_of(finding),
        "rule": finding.rule,
        "category": finding.category,
        "severity": finding.severity,
        "reading": finding.reading,
        "confidence": finding.confidence,
        "page": finding.evidence[0].page if finding.evidence else None,
        "message": finding.message,
        "expected": finding.expected,
        "observed": finding.observed,
        "difference": finding.difference,
        "basis": str(finding.basis),
        "evidence": [evidence_json(place) for place in finding.evidence],
        "equations": [_equation(equation) for equation in finding.equations],
        "kind": report.kind,
        "year": report.year,
        "entity": report.entity,
        "fingerprint": hashlib.sha256(said.encode()).hexdigest()[:16],
    }


def _equation(equation: Equation) -> dict[str, Any]:
    return {
        "name": equation.name,
        "total": _term(equation.total),
        "terms": [_term(term) for term in equation.terms],
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "sign": term.sign,
        "label": term.label,
        # Text: a JSON number would be read as a float.
        "value": None if term.value is None else str(term.value),
        "text": term.text,
        "evidence": evidence_json(term.evidence),
    }
