"""`findings.json`: findings, checks that could not be made and the count of checks, as the contract says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from service.export.wording import in_showing_order

if TYPE_CHECKING:
    from models.finding import Evidence, Finding
    from models.report import Report


def findings_json(report: Report) -> str:
    """The contract's `findings.json` (UTF-8, one line feed at the end); page indexes count from 0."""
    content = {
        "findings": [_finding(finding) for finding in in_showing_order(report.findings)],
        "skipped": [{"rule": skip.rule, "scope": skip.scope, "reason": skip.reason} for skip in report.skips],
        "checks": check_counts(report),
        "settings": _settings(report),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _settings(report: Report) -> dict[str, Any] | None:
    used = report.settings
    return None if used is None else {"source": used.source, "digest": used.digest, "changes": list(used.changes)}


def check_counts(report: Report) -> dict[str, int]:
    """How many checks came to an end, consistent or failed; `skipped` could not be made and are not among `run`."""
    consistent = sum(outcome.consistent for outcome in report.outcomes)
    failed = sum(outcome.failed for outcome in report.outcomes)
    return {
        "run": consistent + failed,
        "consistent": consistent,
        "failed": failed,
        "skipped": sum(outcome.skipped for outcome in report.outcomes),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "rule": finding.rule,
        "category": finding.category,
        "severity": finding.severity,
        "confidence": round(finding.confidence, 4),
        "reading": finding.reading,
        "message": finding.message,
        "page": finding.evidence[0].page if finding.evidence else None,
        "evidence": [evidence_json(place) for place in finding.evidence],
        "expected": finding.expected,
        "observed": finding.observed,
        "difference": finding.difference,
        "basis": str(finding.basis),
    }


def evidence_json(place: Evidence) -> dict[str, Any]:
    """One place as the contract writes it."""
    return {
        "table": place.table,
        "row": place.row,
        "col": place.col,
        "page": place.page,
        "bbox": None if place.box is None else place.box.as_list(),
        "text": place.text,
    }
