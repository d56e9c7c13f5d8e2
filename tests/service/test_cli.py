from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.report import Report
from service.batch import audit_all
from service.cli import app, main
from service.console import Console
from service.demo import run_demo
from service.inputs import plan
from service.stages import Stages

MESSAGE = "合计行填列1,300.50万元"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("good.pdf", "unreadable.pdf", "broken.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.7")
    return tmp_path


def run(folder: Path, stages: Stages, *arguments: str) -> tuple[int, list[dict[str, object]], str]:
    result = CliRunner().invoke(app, ["audit", *arguments, "--out", str(folder / "out")], obj=stages)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_a_document_is_audited_and_summed_up_in_one_line(folder: Path, stages: Stages) -> None:
    code, lines, messages = run(folder, stages, str(folder / "good.pdf"))
    assert code == 0
    assert messages == ""
    assert lines == [
        {
            "document": str(folder / "good.pdf"),
            "status": "done",
            "folder": str(folder / "out" / "good"),
            "report": str(folder / "out" / "good" / "report.html"),
            "kind": "预算公开",
            "year": 2026,
            "entity": "澄川市水务局",
            "pages": 3,
            "unread_pages": [3],
            "findings": {"error": 1, "warning": 1, "hint": 1},
            "checks": {"run": 7, "consistent": 5, "failed": 2, "skipped": 1},
        }
    ]
    assert (folder / "out" / "good" / "report.html").is_file()


def test_one_unreadable_document_does_not_stop_the_others(folder: Path, stages: Stages) -> None:
    code, lines, messages = run(folder, stages, str(folder / "unreadable.pdf"), str(folder / "good.pdf"))
    assert code == 3
    assert [line["status"] for line in lines] == ["unreadable", "done"]
    assert "unreadable.pdf" in messages
    assert "请重新导出" in messages
    assert "Traceback" not in messages


def test_an_unexpected_error_is_logged_and_does_not_stop_the_others(folder: Path, stages: Stages) -> None:
    code, lines, messages = run(folder, stages, str(folder / "broken.pdf"), str(folder / "good.pdf"))
    log = folder / "out" / "caishen-error.log"
    assert code == 5
    assert [line["status"] for line in lines] == ["failed", "done"]
    assert str(log) in messages
    assert "Traceback" not in messages
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_debug_shows_where_an_unexpected_error_happened(folder: Path, stages: Stages) -> None:
    code, _, messages = run(folder, stages, str(folder / "broken.pdf"), "--debug")
    assert code == 5
    assert "Traceback" in messages


@pytest.mark.parametrize(
    ("worst", "limit", "code"),
    [
        ("error", "error", 1),
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("hint", "warning", 0),
        ("hint", "hint", 1),
    ],
)
def test_fail_on_counts_findings_of_that_severity_and_worse(
    folder: Path, stages: Stages, report: Report, worst: str, limit: str, code: int
) -> None:
    only = replace(report, findings=tuple(f for f in report.findings if f.severity == worst))
    given = replace(stages, check=lambda _: only)
    assert run(folder, given, str(folder / "good.pdf"), "--fail-on", limit)[0] == code


def test_a_folder_is_audited_as_a_whole(folder: Path, stages: Stages) -> None:
    code, lines, _ = run(folder, stages, str(folder))
    assert code == 5
    assert [line["status"] for line in lines] == ["failed", "done", "unreadable"]


def test_an_interruption_ends_cleanly(tmp_path: Path, stages: Stages) -> None:
    files = [tmp_path / "a.pdf", tmp_path / "interrupted.pdf", tmp_path / "z.pdf"]
    for file in files:
        file.write_bytes(b"%PDF-1.7")
    out, err = io.StringIO(), io.StringIO()
    code = audit_all(plan(files, tmp_path / "out"), stages, Console(out, err, for_people=False), out=tmp_path / "out")
    assert code == 130
    assert "已中断：3 份文件中完成 1 份" in err.getvalue()
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["a"]


def test_people_see_findings_by_severity_with_page_and_report(folder: Path, stages: Stages) -> None:
    out = io.StringIO()
    audit_all(
        plan([folder / "good.pdf"], folder / "out"),
        stages,
        Console(out, io.StringIO(), for_people=True),
        out=folder / "out",
    )
    text = out.getvalue()
    assert text.index("错误（1）") < text.index(MESSAGE) < text.index("警告（1）") < text.index("提示（1）")
    assert "第1页　AR001" in text
    assert "〔疑似误识〕" in text
    assert "检查 7 项：一致 5，不符 2；另有 1 项未检查（不等于正确）" in text
    assert "第3页未能读取" in text
    assert str(folder / "out" / "good" / "report.html") in text
    assert "\x1b" not in text


def test_the_demo_shows_the_findings_of_the_sample(folder: Path, stages: Stages) -> None:
    out = io.StringIO()
    samples = folder / "samples"
    samples.mkdir()
    (folder / "good.pdf").rename(samples / "sample.pdf")
    code = run_demo(folder / "demo", stages, Console(out, io.StringIO(), for_people=True), samples)
    assert code == 0
    assert MESSAGE in out.getvalue()
    assert (folder / "demo" / "sample" / "report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit"], "缺少 INPUT"),
        (["audit", "--bogus"], "没有选项 --bogus"),
        (["audit", "a.pdf", "--fail-on", "big"], "--fail-on 只能是 error、warning、hint"),
        (["frob"], "没有命令 frob"),
    ],
)
def test_wrong_arguments_are_explained_in_chinese(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_as_a_program(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"nothing of the kind")
    (tmp_path / "out").write_text("a file")
    program = [sys.executable, "-m", "service.cli"]
    shown = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"caishen \d+\.\d+\.\d+\S*\n", shown.stdout)
    missing = subprocess.run([*program, "audit", "no.pdf"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (missing.returncode, json.loads(missing.stdout)["status"]) == (3, "unreadable")
    assert "找不到“no.pdf”" in missing.stderr
    refused = subprocess.run(
        [*program, "audit", "bad.pdf", "--out", "out"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert refused.returncode == 2
    assert "请用 --out 指定一个文件夹" in refused.stderr


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'rich', 'pandas', 'numpy', 'cv2', 'paddleocr', 'openvino', 'openpyxl', 'jinja2', 'PIL', 'ocr', 'detect'}"
    script = (
        "import sys\nfrom service.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    started = time.perf_counter()
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "[]"
    assert "audit" in ended.stdout
    # Measured 0.15 s; the limit leaves room for a busy machine.
    assert time.perf_counter() - started < 5
