from __future__ import annotations

import json
from pathlib import Path

from service.doctor import Check, examine, is_sound, table
from service.inputs import Job, plan


def test_every_failed_check_says_how_to_fix_it() -> None:
    checks = (
        Check("甲", True, "有"),
        Check("乙", False, "没有", "请安装乙"),
        Check("丙", False, "少", "加一点", is_needed=False),
    )
    text = table(checks)
    assert "✓ 甲" in text
    assert "✗ 乙" in text
    assert "→ 请安装乙" in text
    assert "! 丙" in text
    assert not is_sound(checks)
    assert is_sound((checks[0], checks[2]))


def test_the_machine_that_runs_the_tests_is_sound(tmp_path: Path) -> None:
    checks = examine(tmp_path / "not" / "there" / "yet")
    assert is_sound(checks), table(checks)
    assert not (tmp_path / "not").exists()


def test_a_place_that_cannot_be_written_is_no_place_for_results(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(json.dumps({}))
    failed = [check.name for check in examine(file) if not check.is_met and check.is_needed]
    assert failed == ["结果目录"]


def test_plan_and_doctor_agree_on_a_fresh_folder(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert plan([tmp_path / "a.pdf"], tmp_path / "new") == [Job(tmp_path / "a.pdf", tmp_path / "new" / "a")]
