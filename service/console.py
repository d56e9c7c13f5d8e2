"""What a run of the command line tells its user: for people on a terminal, one JSON line per document in a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from models.errors import CaishenError
from models.finding import SEVERITY_ORDER, Severity
from service.export.findings_json import check_counts
from service.export.wording import READING_LABEL, SEVERITY_LABEL, in_showing_order, lead_and_rest, page_span, pages_of

if TYPE_CHECKING:
    from models.finding import Finding
    from models.report import Report
    from service.stages import Progress

_COLOR: Final[dict[Severity, str]] = {"error": "31;1", "warning": "33", "hint": "36"}


class Console:
    """Writes results to `out` and messages to `err`.

    Args:
        out, err: text streams.
        for_people: grouped findings on `out`; else one JSON object per document.
    """

    def __init__(self, out: TextIO, err: TextIO, *, for_people: bool) -> None:
        self._out = out
        self._err = err
        self._for_people = for_people

    @contextmanager
    def reading(self, name: str) -> Iterator[Progress | None]:
        """A progress bar over the pages of one document, where `err` is a terminal."""
        if not self._err.isatty():
            yield None
            return
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TextColumn("页"))
        with Progress(*columns, TimeElapsedColumn(), console=RichConsole(file=self._err), transient=True) as bars:
            task = bars.add_task(name, total=None)
            yield lambda done, total: bars.update(task, completed=done, total=total)

    def done(self, source: Path, target: Path, report: Report) -> None:
        """Says what was found and where the report lies."""
        if self._for_people:
            self._tell(target, report)
            return
        findings = report.findings
        self._line(
            {
                "document": str(source),
                "status": "done",
                "folder": str(target),
                "report": str(target / "report.html"),
                "kind": report.kind,
                "year": report.year,
                "entity": report.entity,
                "pages": len(report.document.pages),
                "unread_pages": [page.page_number for page in report.document.pages if page.problem],
                "findings": {level: sum(f.severity == level for f in findings) for level in SEVERITY_ORDER},
                "checks": check_counts(report),
            }
        )

    def not_done(self, source: Path, error: CaishenError) -> None:
        """Says which document was not audited, why, and what to do."""
        self.message(f"未审核“{source}”：{error.reason}。{error.remedy}。")
        if not self._for_people:
            status = "unreadable" if error.exit_code == 3 else "failed"
            self._line({"document": str(source), "status": status, "code": error.code, "reason": error.reason})

    def message(self, text: str) -> None:
        """One line for people, beside the results."""
        print(text, file=self._err, flush=True)

    def _line(self, content: dict[str, object]) -> None:
        print(json.dumps(content, ensure_ascii=False), file=self._out, flush=True)

    def _tell(self, target: Path, report: Report) -> None:
        document = report.document
        facts = (report.entity, f"{report.year}年" if report.year else "", report.kind, f"{len(document.pages)}页")
        lines = [self._styled(document.name, "1"), "  " + "　".join(fact for fact in facts if fact)]
        findings = in_showing_order(report.findings)
        for severity in SEVERITY_ORDER:
            group = [(number, f) for number, f in enumerate(findings, 1) if f.severity == severity]
            if group:
                lines.append("  " + self._styled(f"{SEVERITY_LABEL[severity]}（{len(group)}）", _COLOR[severity]))
                lines += [_finding_line(number, finding) for number, finding in group]
        checks = check_counts(report)
        if not findings and not checks["failed"]:
            lines.append("  已运行的检查没有发现问题。" if checks["run"] else "  没有一项检查能够运行。")
        counted = f"  检查 {checks['run']} 项：一致 {checks['consistent']}，不符 {checks['failed']}"
        lines.append(counted + (f"；另有 {checks['skipped']} 项未检查（不等于正确）" if checks["skipped"] else ""))
        lines += [f"  第{page.page_number}页未能读取：{page.problem}" for page in document.pages if page.problem]
        if report.settings is not None and report.settings.changes:
            lines.append(f"  设置：{report.settings.source}（{len(report.settings.changes)} 处改动）")
        lines.append(f"  报告：{target / 'report.html'}")
        print("\n".join(lines), file=self._out, flush=True)

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._out.isatty() else text


def _finding_line(number: int, finding: Finding) -> str:
    doubt = "" if finding.reading == "real" else f"〔{READING_LABEL[finding.reading]}〕"
    return f"    {number}. {page_span(pages_of(finding))}　{finding.rule}　{lead_and_rest(finding.message)[0]}{doubt}"
