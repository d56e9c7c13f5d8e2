"""How much is read right and which planted faults are found, on documents with exact truth.

The documents and the scorer lie outside the repository (`--shared`); where they are missing this says so and
measures nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARITHMETIC = ("row_total", "col_total", "hierarchy", "transposition", "cross_table")
DETECTION_F1 = 0.98


@dataclass(frozen=True, slots=True)
class Target:
    """One line of what must be reached: the figure that was measured, and what it must be."""

    name: str
    value: float
    wanted: float
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted


@dataclass(frozen=True, slots=True)
class Group:
    """Documents of one kind of damage, and the shares (0 to 1) that must be reached on them."""

    name: str
    profiles: tuple[str, ...]
    numeric: float
    cell_text: float
    teds: float
    is_text: bool = False

    def holds(self, result: dict[str, Any]) -> bool:
        is_text = result["format"] == "text"
        return is_text == self.is_text and (is_text or result["profile"] in self.profiles)


GROUPS = (
    Group("born-digital", (), 0.9995, 0.995, 0.99, is_text=True),
    Group("clean and office scans", ("clean", "office"), 0.998, 0.985, 0.985),
    Group("lightly marked scans", ("watermark-light",), 0.998, 0.98, 0.98),
    Group("heavily marked scans", ("watermark-heavy",), 0.99, 0.96, 0.97),
    Group("sealed scans", ("seal",), 0.995, 0.98, 0.98),
)


def documents(corpus: Path, only: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """(name, input) of every document of a corpus: one file, or a folder of page images."""
    for folder in sorted((corpus / "docs").iterdir()):
        if only and not any(part in folder.name for part in only):
            continue
        single = [file for file in folder.iterdir() if file.name.startswith("document.")]
        yield folder.name, single[0] if single else folder


def run_corpus(corpus: Path, out: Path, only: Sequence[str]) -> dict[str, float]:
    """Audits every document of a corpus and writes what the scorer reads.

    Returns:
        Seconds a page, by document.
    """
    from detect.runner import audit
    from ocr.pipeline import read_document
    from ocr.pool import PagePool
    from service.export.document_json import document_json
    from service.export.findings_json import findings_json

    seconds = {}
    with PagePool() as pool:
        for name, source in documents(corpus, only):
            start = time.perf_counter()
            document = read_document(source, pool=pool)
            read = time.perf_counter()
            report = audit(document)
            end = time.perf_counter()
            folder = out / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "document.json").write_text(document_json(report), encoding="utf-8")
            (folder / "findings.json").write_text(findings_json(report), encoding="utf-8")
            seconds[name] = (end - start) / max(1, len(document.pages))
            print(f"{name}: read {read - start:.2f} s, check {end - read:.2f} s", file=sys.stderr, flush=True)
    return seconds


def measure(shared: Path, out: Path, only: Sequence[str] = ()) -> list[Target]:
    """Audits and scores the corpora, prints the scorer's tables, and returns the targets."""
    if not (shared / "score" / "press").is_dir() or not (shared / "corpus" / "dev").is_dir():
        print(f"no corpus and scorer under {shared}: accuracy was not measured")
        return []
    sys.path.insert(0, str(shared / "score"))
    from press import score

    results: list[dict[str, Any]] = []
    for corpus in ("dev", "dev-faults"):
        run_corpus(shared / "corpus" / corpus, out / corpus, only)
        scored, total = score.score_corpus(str(shared / "corpus" / corpus), str(out / corpus), list(only) or None)
        print(score.table_text(scored, total))
        results += scored
    (out / "scores.json").write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    return targets(results)


def targets(results: Sequence[dict[str, Any]]) -> list[Target]:
    """What must be reached, from the scorer's results of all documents."""
    lines = []
    for group in GROUPS:
        own = [result for result in results if group.holds(result)]
        if own:
            lines += [
                Target(f"{group.name}: table detection F1", _detection_f1(own), DETECTION_F1),
                Target(f"{group.name}: TEDS", _mean(own, lambda r: r["tables"]["teds"], _tables), group.teds),
                Target(f"{group.name}: cell text right", _mean(own, _cell_text, _cells), group.cell_text),
                Target(f"{group.name}: numeric cells right", _mean(own, _numeric, _numerics), group.numeric),
            ]
    leaks = sum(result["watermark"]["leaks"] or 0 for result in results)
    lines.append(Target("fragments of watermarks left in the text", float(leaks), 0, at_least=False))
    planted = [
        (r["findings"]["by_type"].get(kind) or {"planted": 0, "found": 0}) for r in results for kind in ARITHMETIC
    ]
    n_planted = sum(entry["planted"] for entry in planted)
    if n_planted:
        found = sum(entry["found"] for entry in planted)
        lines.append(Target(f"arithmetic and cross-table faults found ({n_planted} planted)", found / n_planted, 0.95))
    alarms = sum(result["findings"]["false_alarms"] or 0 for result in results)
    controls = sum(result["findings"]["control_violations"] for result in results)
    lines.append(Target("false alarms on consistent documents", float(alarms), 0, at_least=False))
    lines.append(Target("rounding controls flagged", float(controls), 0, at_least=False))
    return lines


def _tables(result: dict[str, Any]) -> float:
    return float(result["tables"]["detection"]["truth"])


def _numeric(result: dict[str, Any]) -> float:
    return float(result["tables"]["numeric"]["exact_rate"] or 0.0)


def _numerics(result: dict[str, Any]) -> float:
    return float(result["tables"]["numeric"]["truth"])


def _cell_text(result: dict[str, Any]) -> float:
    return float(result["tables"]["cells"]["exact"])


def _cells(result: dict[str, Any]) -> float:
    return float(result["tables"]["cells"]["truth"])


def _mean(
    results: Sequence[dict[str, Any]],
    value: Callable[[dict[str, Any]], float],
    weight: Callable[[dict[str, Any]], float],
) -> float:
    return sum(value(r) * weight(r) for r in results) / sum(weight(r) for r in results)


def _detection_f1(results: Sequence[dict[str, Any]]) -> float:
    matched: int = sum(r["tables"]["detection"]["matched"] for r in results)
    truth: int = sum(r["tables"]["detection"]["truth"] for r in results)
    found: int = sum(r["tables"]["detection"]["found"] for r in results)
    return 2 * matched / (truth + found)
