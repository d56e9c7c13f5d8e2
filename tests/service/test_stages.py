from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from models.errors import DamagedInput, MissingResource, SettingsError
from models.report import Report
from service.stages import OUTPUT_NAMES, Stages, audit_file

AT = datetime(2026, 3, 1)


def test_leaves_the_four_outputs_and_nothing_else(stages: Stages, tmp_path: Path) -> None:
    audit_file(Path("a.pdf"), tmp_path / "out" / "a", stages, at=AT)
    assert sorted(file.name for file in (tmp_path / "out" / "a").iterdir()) == sorted(OUTPUT_NAMES)
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["a"]


def test_an_earlier_result_is_replaced(stages: Stages, tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.mkdir()
    (target / "report.html").write_text("earlier")
    (target / "Thumbs.db").write_text("")
    audit_file(Path("a.pdf"), target, stages, at=AT)
    assert sorted(file.name for file in target.iterdir()) == sorted(OUTPUT_NAMES)
    assert (target / "report.html").read_text(encoding="utf-8") != "earlier"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_files_of_others_are_not_replaced(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "我的意见.docx").write_text("x")
    with pytest.raises(SettingsError, match="我的意见"):
        audit_file(Path("a.pdf"), tmp_path / "a", stages, at=AT)
    assert (tmp_path / "a" / "我的意见.docx").exists()


def test_a_document_that_cannot_be_read_leaves_the_earlier_result(stages: Stages, tmp_path: Path) -> None:
    audit_file(Path("a.pdf"), tmp_path / "a", stages, at=AT)
    before = (tmp_path / "a" / "document.json").stat().st_mtime_ns
    with pytest.raises(DamagedInput):
        audit_file(Path("unreadable.pdf"), tmp_path / "a", stages, at=AT)
    assert (tmp_path / "a" / "document.json").stat().st_mtime_ns == before


def test_a_failure_while_writing_leaves_no_half_result(stages: Stages, report: Report, tmp_path: Path) -> None:
    def open_broken(path: Path) -> object:
        raise OSError(28, "No space left on device")

    broken = replace(stages, open_pictures=open_broken)
    with pytest.raises(MissingResource, match="No space left"):
        audit_file(Path("a.pdf"), tmp_path / "a", broken, at=AT)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_named(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MissingResource, match="不能写入"):
        audit_file(Path("a.pdf"), tmp_path / "file" / "a", stages, at=AT)
