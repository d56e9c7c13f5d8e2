"""Audits many documents one after another: a document that fails does not stop the others."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.errors import CaishenError
from models.finding import SEVERITY_ORDER, Severity
from service.inputs import Job, Unreadable
from service.stages import Stages, audit_file

if TYPE_CHECKING:
    from models.report import Report
    from service.console import Console

EXIT_DONE: Final = 0
EXIT_FOUND: Final = 1
EXIT_SETTINGS: Final = 2
EXIT_UNREADABLE: Final = 3
EXIT_INTERNAL: Final = 5
EXIT_INTERRUPTED: Final = 130
_MOST_SERIOUS_FIRST: Final = (EXIT_INTERNAL, EXIT_UNREADABLE, EXIT_SETTINGS, EXIT_FOUND)


def audit_all(
    jobs: Sequence[Job | Unreadable],
    stages: Stages,
    console: Console,
    *,
    out: Path,
    fail_on: Severity | None = None,
    debug: bool = False,
) -> int:
    """Audits every job and returns the exit code, the most serious one where several apply.

    Args:
        jobs: what to audit, and what could not be found.
        stages: the steps to use.
        console: is told of every result.
        out: the folder for results; the log of an unexpected error goes there.
        fail_on: findings of this severity or a worse one make the exit code 1.
        debug: unexpected errors show where they happened.
    """
    codes: set[int] = set()
    n_done = 0
    try:
        for job in jobs:
            if isinstance(job, Unreadable):
                console.not_done(job.source, job.error)
                codes.add(job.error.exit_code)
                continue
            try:
                with console.reading(job.source.name) as progress:
                    report = audit_file(
                        job.source, job.target, stages, at=datetime.now().astimezone(), progress=progress
                    )
            except CaishenError as error:
                console.not_done(job.source, error)
                codes.add(error.exit_code)
            except Exception as error:  # noqa: BLE001 - the border to the user: one broken document must not stop the rest
                console.not_done(job.source, _unexpected(job.source, error, out, debug=debug))
                codes.add(EXIT_INTERNAL)
            else:
                n_done += 1
                console.done(job.source, job.target, report)
                if fail_on is not None and is_at_least(report, fail_on):
                    codes.add(EXIT_FOUND)
    except KeyboardInterrupt:
        console.message(f"已中断：{len(jobs)} 份文件中完成 {n_done} 份，没有留下不完整的结果。")
        return EXIT_INTERRUPTED
    return next((code for code in _MOST_SERIOUS_FIRST if code in codes), EXIT_DONE)


def is_at_least(report: Report, severity: Severity) -> bool:
    """Whether any finding is of this severity or a worse one."""
    worst = SEVERITY_ORDER[: SEVERITY_ORDER.index(severity) + 1]
    return any(finding.severity in worst for finding in report.findings)


def _unexpected(source: Path, error: Exception, out: Path, *, debug: bool) -> CaishenError:
    detail = "".join(traceback.format_exception(error))
    reason = f"程序内部错误（{type(error).__name__}: {error}）"
    if debug:
        return CaishenError(f"{reason}\n{detail}", "请把以上内容连同文件类型一起反馈")
    log = _write_log(f"{source}\n{detail}\n", out)
    return CaishenError(reason, f"详情已写入 {log}，反馈时请附上；加 --debug 可直接显示")


def _write_log(text: str, out: Path) -> Path:
    for folder in (out, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "caishen-error.log").open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            continue
        return folder / "caishen-error.log"
    return Path("（无法写入日志）")
