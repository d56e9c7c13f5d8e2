"""`caishen rules` and the page that it writes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app, main


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["rules", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_rules_are_listed_as_settings_leave_them(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('[rules]\ndisable = ["AR001"]\n[severity]\nAR002 = "hint"\n')
    code, shown, _ = run("list", "--settings", str(tmp_path / "s.toml"))
    lines = shown.splitlines()
    assert code == 0
    assert lines[0].split() == ["AR001", "错误", "表内勾稽", "停用", "表内横向合计"]
    assert lines[1].split()[1] == "提示"


def test_a_rule_is_explained_with_its_example() -> None:
    code, shown, _ = run("explain", "nd001")
    assert code == 0
    for words in ("为什么要查", "会报的例子", "> 《虚构市项目支出绩效目标表》", "不报的例子", "`min_fields` | 3 | 栏"):
        assert words in shown


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('[thresholds.ND001]\nmin_fields = 99\n[severity]\nND001 = "low"\n')
    code, _, said = run("validate", str(file))
    assert code == 2
    assert f"“{file}” 的 severity.ND001" in said
    file.write_text("[thresholds.ND001]\nmin_fields = 4\n")
    code, said, _ = run("validate", str(file))
    assert (code, "由3栏改为4栏" in said) == (0, True)


def test_an_audit_with_wrong_settings_does_not_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "caishen.toml").write_text("[thresholds.ND001]\nmin_fields = 99\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["audit", "a.pdf"])
    assert ended.value.code == 2
    assert "caishen.toml” 的 thresholds.ND001.min_fields" in capsys.readouterr().err
    assert not (tmp_path / "caishen-out").exists()
