"""Times the service's reading queries over a million findings, on SQLite and PostgreSQL.

`python -m bench.database [--findings 1000000] [--database postgresql://…]` fills a database of its own with made-up
findings and prints median and 95th percentile of every kind of query, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from service.backend import Backend, open_backend
from service.migrate import maintain
from service.records import DocumentFilter, FindingFilter
from service.schema import DocumentRow, FindingRow, FindingTextRow
from service.settings import Settings
from service.store import count_findings, count_states, find_document, list_documents, list_findings
from service.store.texts import spaced

_RULES = ("AR001", "AR002", "XT001", "XT003", "TX001", "TX004", "PF002", "UC001", "QT001", "ND001", "LG002", "SE001")
_CATEGORIES = ("arithmetic", "arithmetic", "cross_table", "cross_table", "narrative", "narrative", "project",
               "unit_cost", "quota", "text", "language", "selfeval")  # fmt: skip
_SEVERITIES = ("error", "warning", "warning", "hint")
_READINGS = ("real", "real", "real", "probable-misread", "undecided")
_STATUSES = ("open", "open", "open", "open", "open", "open", "confirmed", "dismissed", "dismissed")
_FINDINGS_EACH = 20
_AT_ONCE = 10_000
_START = datetime(2025, 1, 1, tzinfo=UTC)


def fill(backend: Backend, n_findings: int, chance: random.Random) -> None:
    """Writes the documents and findings, and lets the database count its rows."""
    n_documents = n_findings // _FINDINGS_EACH
    documents = [_document(number, chance) for number in range(n_documents)]
    for start in range(0, n_documents, _AT_ONCE):
        with backend.database.write() as connection:
            connection.execute(insert(DocumentRow), documents[start : start + _AT_ONCE])
    findings = _findings(documents, chance)
    for start in range(0, n_findings, _AT_ONCE):
        with backend.database.write() as connection:
            rows = [next(findings) for _ in range(min(_AT_ONCE, n_findings - start))]
            connection.execute(insert(FindingRow), rows)
    for start in range(0, n_findings, _AT_ONCE):
        with backend.database.write() as connection:
            some = select(FindingRow.id, FindingRow.message).where(FindingRow.id.between(start + 1, start + _AT_ONCE))
            texts = [{"finding_id": number, "spaced": spaced(message)} for number, message in connection.execute(some)]
            connection.execute(insert(FindingTextRow), texts)
    with backend.database.write() as connection:
        maintain(connection)


def _document(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "id": number + 1,
        "sha256": f"{number:064x}",
        "name": f"单位{number % 5000}{2020 + number % 6}年部门预算公开.pdf",
        "media": "pdf",
        "size": 1_000_000,
        "kind": chance.choice(("预算公开", "决算公开")),
        "year": 2020 + number % 6,
        "entity": f"澄川市第{number % 5000}局",
        "state": "done",
        "created": _START + timedelta(seconds=number * 60),
        "n_findings": _FINDINGS_EACH,
    }


def _findings(documents: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[dict[str, Any]]:
    for document in documents:
        for position in range(_FINDINGS_EACH):
            rule = chance.randrange(len(_RULES))
            severity = chance.choice(_SEVERITIES)
            confidence = chance.random()
            place = {
                "table": "t1",
                "row": position,
                "col": 3,
                "page": 2,
                "bbox": [60, 100, 150, 118],
                "text": "1,300.50",
            }
            yield {
                "document_id": document["id"],
                "key": f"{_RULES[rule]}:b03:c{position}:total",
                "rank": ("error", "warning", "hint").index(severity) * 1_000_000 + round((1 - confidence) * 999_999),
                "rule": _RULES[rule],
                "category": _CATEGORIES[rule],
                "severity": severity,
                "reading": chance.choice(_READINGS),
                "confidence": confidence,
                "page": chance.randrange(30),
                "message": f"第{position}行填列1,300.50万元，应为1,200.50万元，相差100.00万元。",
                "expected": "1,200.50万元",
                "observed": "1,300.50万元",
                "difference": "100.00万元",
                "basis": "《中华人民共和国预算法》第十四条",
                "evidence": [place, place, place],
                "equations": [],
                "kind": document["kind"],
                "year": document["year"],
                "entity": document["entity"],
                "status": chance.choice(_STATUSES),
                "fingerprint": "0" * 16,
                "created": document["created"],
                "updated": document["created"],
            }


def queries(n_documents: int, chance: random.Random) -> dict[str, Callable[[Connection], object]]:
    """Every kind of query that lists and pages make; each call asks for something else."""

    def findings(**wanted: Any) -> Callable[[Connection], object]:
        def ask(connection: Connection) -> object:
            filled = {name: value() if callable(value) else value for name, value in wanted.items()}
            return list_findings(connection, FindingFilter(**filled))

        return ask

    def rule() -> tuple[str]:
        return (chance.choice(_RULES),)

    def year() -> tuple[int]:
        return (2020 + chance.randrange(6),)

    def entity() -> str:
        return f"澄川市第{chance.randrange(5000)}局"

    def document() -> int:
        return 1 + chance.randrange(n_documents)

    def deep(connection: Connection) -> object:
        part = list_findings(connection, FindingFilter(statuses=("open",)), after=marks[chance.randrange(len(marks))])
        marks.append(part.next)
        return part

    marks = [""]
    return {
        "findings, all": findings(),
        "findings, open": findings(statuses=("open",)),
        "findings, open, further pages": deep,
        "findings, confirmed": findings(statuses=("confirmed",)),
        "findings, one rule": findings(rules=rule),
        "findings, rule and year, open": findings(rules=rule, years=year, statuses=("open",)),
        "findings, category and reading": findings(categories=("project",), readings=("probable-misread",)),
        "findings, hints": findings(severities=("hint",)),
        "findings, one bureau": findings(entity=entity),
        "findings, one bureau and rule": findings(entity=entity, rules=rule),
        "findings, nothing matches": findings(rules=rule, statuses=("open",), kinds=("绩效",)),
        "findings, several rules and years": findings(
            rules=lambda: tuple(chance.sample(_RULES, 3)), years=lambda: (2021, 2022), readings=("undecided",)
        ),
        "findings, newest": lambda connection: list_findings(connection, FindingFilter(), order="newest"),
        "findings, newest of one bureau": lambda connection: list_findings(
            connection, FindingFilter(entity=entity()), order="newest"
        ),
        "findings, newest of one rule": lambda connection: list_findings(
            connection, FindingFilter(rules=rule()), order="newest"
        ),
        "findings, words in one bureau": findings(entity=entity, text="1,200.50万元"),
        "findings of a document": findings(document=document),
        "count, open": lambda connection: count_findings(connection, FindingFilter(statuses=("open",))),
        "count, rule and year": lambda connection: count_findings(
            connection, FindingFilter(rules=rule(), years=year())
        ),
        "documents, newest": lambda connection: list_documents(connection, DocumentFilter()),
        "documents, one year": lambda connection: list_documents(connection, DocumentFilter(years=year())),
        "documents, one bureau": lambda connection: list_documents(connection, DocumentFilter(entity=entity())),
        "documents, by state": count_states,
        "one document": lambda connection: find_document(connection, document()),
    }


def measure(
    backend: Backend, n_documents: int, chance: random.Random, times: int
) -> dict[str, tuple[float, float, float]]:
    """Median, 95th percentile, and the latter of this process's CPU time alone, in milliseconds."""
    found = {}
    for name, ask in queries(n_documents, chance).items():
        taken, used = [], []
        for _ in range(times):
            begun, begun_cpu = time.perf_counter(), time.process_time()
            with backend.database.read() as connection:
                ask(connection)
            taken.append((time.perf_counter() - begun) * 1000)
            used.append((time.process_time() - begun_cpu) * 1000)
        highest, highest_cpu = (statistics.quantiles(times, n=20)[-1] for times in (taken, used))
        found[name] = (statistics.median(taken), highest, highest_cpu)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Fills, measures and prints; returns 1 when a kind of query takes more than the limit at the 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--limit-ms", type=float, default=100.0)
    parser.add_argument("--database", default="", help="PostgreSQL address of an empty database; SQLite when left out")
    given = parser.parse_args(arguments)
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="caishen-database-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=given.database)
        with open_backend(settings) as backend:
            begun = time.perf_counter()
            fill(backend, given.findings, chance)
            print(f"{given.findings / (time.perf_counter() - begun):,.0f} findings written a second")
            taken = measure(backend, given.findings // _FINDINGS_EACH, chance, given.times)
    print("  median      p95  p95 CPU")
    for name, (median, highest, cpu) in taken.items():
        print(f"{median:8.1f} {highest:8.1f} {cpu:8.1f}  {name}")
    worst, worst_cpu = (max(times[place] for times in taken.values()) for place in (1, 2))
    told = {"findings": given.findings, "worst_p95_ms": round(worst, 1), "worst_p95_cpu_ms": round(worst_cpu, 1)}
    print(json.dumps(told))
    return 0 if worst <= given.limit_ms else 1


if __name__ == "__main__":
    sys.exit(main())
