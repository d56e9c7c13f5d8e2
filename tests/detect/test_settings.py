"""Settings files and rule packs: what they change, and how wrong ones are refused."""

import re
from pathlib import Path

import pytest

from detect.examples import document_of
from detect.registry import all_rules
from detect.runner import audit
from detect.settings import AuditSettings
from detect.settings_file import examine_settings, load_settings
from models.errors import SettingsError
from models.report import Report

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
COPIED = """
    《虚构市项目支出绩效目标表》
    项目名称 | 穹幕清洗费
    项目概况 | 穹幕每季度清洗一次，更换老化的灯带。
    项目设立必要性 | 穹幕每季度清洗一次，更换老化的灯带。
"""
SUBTOTALS = """
    《虚构市支出一览》万元
    科目编码 | 科目名称 | 总额 | 基本支出小计 | 项目支出小计
    合计 | > | 120.00 | 80.00 | 50.00
    206 | 科学技术支出 | 120.00 | 80.00 | 50.00
"""


def said(text: str, rule: str, settings: AuditSettings | None = None) -> Report:
    return audit(document_of(text), [item for item in all_rules() if item.id == rule], settings=settings)


def written(folder: Path, text: str, name: str = "caishen.toml") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_changed_threshold_is_named_where_it_mattered(tmp_path: Path) -> None:
    assert said(COPIED, "ND001").findings == ()
    lower = load_settings(written(tmp_path, "[thresholds.ND001]\nmin_fields = 2\n"))
    (finding,) = said(COPIED, "ND001", lower).findings
    assert "由3栏改为2栏" in finding.message
    three = COPIED + "    项目实施计划 | 穹幕每季度清洗一次，更换老化的灯带。\n"
    (finding,) = said(three, "ND001", lower).findings
    assert "按设置报出" not in finding.message


def test_levels_and_rules_that_do_not_run(tmp_path: Path) -> None:
    rules = {rule.id: rule for rule in all_rules()}
    example = rules["QT002"].example
    assert example is not None
    softer = load_settings(written(tmp_path, '[severity]\nQT002 = "hint"\n'))
    assert [item.severity for item in said(example.text, "QT002", softer).findings] == ["hint"]
    off = load_settings(written(tmp_path, '[rules]\ndisable = ["QT*"]\nenable = ["QT001"]\n'))
    report = said(example.text, "QT002", off)
    assert (report.findings, report.outcomes) == ((), ())
    assert off.disabled == {rule for rule in rules if rule.startswith("QT")} - {"QT001"}


def test_a_report_lists_its_settings(tmp_path: Path) -> None:
    file = written(tmp_path, "[thresholds.ND001]\nmin_fields = 2\nmany = 3\n")
    used = said(COPIED, "ND001", load_settings(file)).settings
    assert used is not None
    assert used.source == str(file)
    assert used.changes == ("ND001 绩效目标表各栏内容雷同：“内容相同的栏数达到此数起报”由3栏改为2栏",)
    plain = said(COPIED, "ND001").settings
    assert plain is not None
    assert (plain.source, plain.changes) == ("", ())
    assert plain.digest != used.digest


PACK = {
    "pack/pack.toml": 'name = "虚构省规则包"\nversion = "2031.1"\n[severity]\nUC003 = "error"\n',
    "pack/standards.csv": (
        "item,words,not_words,per,low,high,region,since,until,basis,source,note\n"
        "台式计算机,台式计算机,,台,,4000,虚构省|虚构市,2030,,《虚构省标准》（虚财〔2029〕7号）,,\n"
    ),
    "pack/forms/b03.toml": (
        'extends = "b03"\ntitles = ["虚构市支出一览"]\n'
        '[[columns]]\nid = "total"\nheaders = ["总额"]\n'
        '[[columns]]\nid = "basic"\nheaders = ["基本支出小计"]\n'
        '[[columns]]\nid = "project"\nheaders = ["项目支出小计"]\n'
    ),
    "caishen.toml": 'packs = ["pack"]\n[severity]\nAR001 = "warning"\n',
}
PRICE = """
    《2031年预算支出总表》万元 单位名称：虚构市天文馆
    科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
    合计 | > | 130.00 | 80.00 | 50.00
    《虚构市项目支出绩效目标表》
    项目名称 | > | > | 天文馆设备更新 | >
    绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
    ^ | 产出指标 | 成本指标 | 台式计算机单价 | ≤4500元/台
"""


def test_a_pack_brings_forms_and_standards(tmp_path: Path) -> None:
    for name, text in PACK.items():
        written(tmp_path, text, name)
    settings = load_settings(tmp_path / "caishen.toml")
    assert said(SUBTOTALS, "AR001").outcomes[0].run == 0
    findings = said(SUBTOTALS, "AR001", settings).findings
    assert {(item.severity, item.evidence[0].row, item.evidence[0].col) for item in findings} == {
        ("warning", 1, 2),
        ("warning", 2, 2),
    }
    assert said(PRICE, "UC003").findings == ()
    (finding,) = said(PRICE, "UC003", settings).findings
    assert ("虚财〔2029〕7号" in finding.basis.title, finding.difference) == (True, "500元")
    assert said(PRICE.replace("虚构市天文馆", "另一市天文馆").replace("虚构市", ""), "UC003", settings).findings == ()
    assert said(SUBTOTALS, "AR001").outcomes[0].run == 0


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("[rules]\ndisable = ['ND01']", "rules.disable[0]", "ND001"),
        ("[severity]\nTX012 = 'info'", "severity.TX012", "hint"),
        ("[thresholds.ND001]\nmin_fields = 1", "thresholds.ND001.min_fields", "2 到 7"),
        ("[thresholds.ND001]\nmin_fields = 2.5", "thresholds.ND001.min_fields", "整数"),
        ("[thresholds.ND001]\nmin_fields = 'x'", "thresholds.ND001.min_fields", "不是数字"),
        ("[thresholds.ND001]\nfewest = 3", "thresholds.ND001.fewest", "min_fields"),
        ("[thresholds.AR001]\nmany = 3", "thresholds.AR001.many", "没有可以改的阈值"),
        ("[rule]\ndisable = []", "rule", "rules"),
        ("packs = 'x'", "packs", "不是列表"),
        ("disable = [", "文件末尾", "TOML 写法不对"),
        ("[rules]\ndisable = ND001", "第2行第11列", "双引号"),
        ("packs = ['nowhere']", "", "没有这个文件"),
        ("forms = ['bad.toml']", "columns.whole", "total"),
        ("forms = ['same.toml']", "id", "extends"),
        ("standards = ['bad.csv']", "第2行 high", "不是金额"),
        ("standards = ['gbk.csv']", "", "UTF-8"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, key: str, words: str) -> None:
    written(tmp_path, 'extends = "b03"\n[[columns]]\nid = "whole"\nheaders = ["总额"]\n', "bad.toml")
    shipped = Path(__file__).resolve().parents[2] / "detect" / "vocabulary" / "forms" / "b03.toml"
    written(tmp_path, shipped.read_text(encoding="utf-8"), "same.toml")
    written(tmp_path, PACK["pack/standards.csv"].replace("4000", "四千"), "bad.csv")
    (tmp_path / "gbk.csv").write_bytes(PACK["pack/standards.csv"].encode("gbk"))
    file = written(tmp_path, text)
    _, (problem,) = examine_settings(file)
    assert problem.key == key
    assert words in str(problem)
    with pytest.raises(SettingsError, match=re.escape(problem.reason)) as error:
        load_settings(file)
    assert error.value.exit_code == 2


def test_the_examples_of_the_manual_are_right(tmp_path: Path) -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    settings, form, pack = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    (standards,) = re.findall(r"```csv\n(.*?)```", manual, re.DOTALL)
    for name, text in {"forms/b03.toml": form, "pack.toml": pack, "standards.csv": standards}.items():
        written(tmp_path, text, f"pack/{name}")
    file = written(tmp_path, 'packs = ["pack"]\n' + settings)
    assert examine_settings(file)[1] == ()
    assert examine_settings(tmp_path / "pack")[1] == ()
