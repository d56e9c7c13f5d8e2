"""Settings files and rule packs to checked settings; everything that is wrong with them, in Chinese."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field

from detect.registry import Rule, Value, all_rules
from detect.settings import AuditSettings
from detect.vocabulary import FormWords, shipped_forms
from detect.vocabulary.standards import HEADINGS, BadStandard, Standard, standard_of
from detect.written_files import Problem, Problems, Strict, read_text, read_toml, read_words, validated
from models.errors import SettingsError
from models.finding import Severity

NAME = "caishen.toml"
PACK = "pack.toml"
FAMILIES = {
    "CP": "完整性", "AR": "表内勾稽", "XT": "表间勾稽", "TX": "文表相符", "PF": "项目绩效", "UC": "单价数量",
    "QT": "标准定额", "ND": "文字雷同", "ST": "统计比较", "YR": "跨年比较", "SE": "绩效自评", "LG": "文字规范",
}  # fmt: skip
_MOST_SHOWN = 5


class _Selection(Strict):
    disable: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()


class _SettingsWords(Strict):
    """What a settings file may say; a pack may say the same of itself."""

    packs: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    rules: _Selection = _Selection()
    severity: dict[str, Severity] = Field(default_factory=dict)
    thresholds: dict[str, dict[str, Decimal]] = Field(default_factory=dict)


class _PackWords(_SettingsWords):
    name: str
    version: str
    about: str = ""


@dataclass
class _Gathered:
    disabled: set[str] = field(default_factory=set)
    severities: dict[str, Severity] = field(default_factory=dict)
    thresholds: dict[str, dict[str, Value]] = field(default_factory=dict)
    forms: dict[str, FormWords] = field(default_factory=dict)
    standards: list[Standard] = field(default_factory=list)
    packs: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)


def load_settings(file: Path) -> AuditSettings:
    """The settings of a file, with the packs, forms and standards that it names.

    Raises:
        SettingsError: something is wrong with one of the files; the message names file and key.
    """
    settings, problems = examine_settings(file)
    if problems:
        more = f"（另有 {len(problems) - _MOST_SHOWN} 处）" if len(problems) > _MOST_SHOWN else ""
        raise SettingsError(
            "设置不对：" + "".join(str(problem) for problem in problems[:_MOST_SHOWN]).rstrip("。") + more,
            f"改好后可先用 caishen rules validate {file} 核对",
        )
    return settings


def examine_settings(path: Path) -> tuple[AuditSettings, tuple[Problem, ...]]:
    """The settings that can be made of a file or of the folder of a pack, and everything that is wrong with it."""
    found = _Gathered()
    if path.is_dir() or path.name == PACK:
        _read_pack(path if path.is_dir() else path.parent, found)
    else:
        words = read_words(path, _SettingsWords, found.problems)
        if words is not None:
            for name in words.packs:
                _read_pack(path.parent / name, found)
            _take(path, words, found)
    settings = AuditSettings(
        source=str(path),
        disabled=frozenset(found.disabled),
        severities=found.severities,
        thresholds=found.thresholds,
        forms=tuple(found.forms.values()),
        standards=tuple(found.standards),
        packs=tuple(found.packs),
    )
    return settings, tuple(found.problems)


def _read_pack(folder: Path, found: _Gathered) -> None:
    file = folder / PACK
    words = read_words(file, _PackWords, found.problems)
    if words is None:
        return
    found.packs.append(f"{words.name} {words.version}")
    if words.packs:
        found.problems.wrong(file, "packs", "规则包不能再引用别的规则包", "请把各规则包都写在设置文件的 packs 里")
    _take(file, words, found)
    for form in sorted((folder / "forms").glob("*.toml")):
        _take_form(form, found)
    if (folder / "standards.csv").exists():
        _take_standards(folder / "standards.csv", found)


def _take(file: Path, words: _SettingsWords, found: _Gathered) -> None:
    """Add what one file says; what comes later counts."""
    rules = {rule.id: rule for rule in all_rules()}
    for index, name in enumerate(words.rules.disable):
        found.disabled |= _named(file, f"rules.disable[{index}]", name, rules, found)
    for index, name in enumerate(words.rules.enable):
        found.disabled -= _named(file, f"rules.enable[{index}]", name, rules, found)
    for name, level in words.severity.items():
        for rule in _named(file, f"severity.{name}", name, rules, found):
            found.severities[rule] = level
    for name, values in words.thresholds.items():
        if name not in rules:
            _unknown(file, f"thresholds.{name}", name, rules, found)
            continue
        _take_thresholds(file, rules[name], values, found)
    for name in words.forms:
        _take_form(file.parent / name, found)
    for name in words.standards:
        _take_standards(file.parent / name, found)


def _named(file: Path, key: str, name: str, rules: Mapping[str, Rule], found: _Gathered) -> set[str]:
    """The rules that a name means: an id, or a family such as `ND*`."""
    if name.endswith("*") and name[:-1] in FAMILIES:
        return {rule for rule in rules if rule.startswith(name[:-1])}
    if name in rules:
        return {name}
    _unknown(file, key, name, rules, found)
    return set()


def _unknown(file: Path, key: str, name: str, rules: Mapping[str, Rule], found: _Gathered) -> None:
    near = get_close_matches(name.upper(), rules, n=3, cutoff=0.7)
    hint = f"是不是 {'、'.join(near)}？" if near else ""
    found.problems.wrong(file, key, f"没有规则“{name}”", f"{hint}用 caishen rules list 查看全部规则，整类写作 ND*")


def _take_thresholds(file: Path, rule: Rule, values: Mapping[str, Decimal], found: _Gathered) -> None:
    for name, value in values.items():
        key = f"thresholds.{rule.id}.{name}"
        threshold = next((item for item in rule.thresholds if item.name == name), None)
        if threshold is None:
            own = "、".join(item.name for item in rule.thresholds)
            remedy = f"这条规则可以改的有：{own}" if own else "这条规则没有可以改的阈值，请删去这一行"
            found.problems.wrong(file, key, f"规则 {rule.id} 没有阈值“{name}”", remedy)
            continue
        default = rule.defaults[name]
        if not value.is_finite() or not threshold.low <= value <= threshold.high:
            remedy = f"应在 {threshold.low} 到 {threshold.high} 之间（单位：{threshold.unit}），默认 {default}"
            found.problems.wrong(file, key, f"{value} 超出可用的范围", remedy)
        elif isinstance(default, int) and value != value.to_integral_value():
            found.problems.wrong(file, key, f"{value} 不是整数", f"请填整数（单位：{threshold.unit}），默认 {default}")
        elif value != Decimal(str(default)):
            found.thresholds.setdefault(rule.id, {})[name] = type(default)(value)
        else:
            found.thresholds.get(rule.id, {}).pop(name, None)


def _take_form(file: Path, found: _Gathered) -> None:
    words = read_toml(file, found.problems)
    if words is None:
        return
    name = words.pop("extends", None)
    if name is None:
        form = validated(file, words, FormWords, found.problems)
        if form is not None and form.id in {item.id for item in shipped_forms()}:
            remedy = f'请换一个 id；如果是同一张表的另一种写法，请改用 extends = "{form.id}"'
            found.problems.wrong(file, "id", f"“{form.id}”是法定报表的 id", remedy)
        elif form is not None:
            found.forms[form.id] = form
        return
    base = found.forms.get(name) or next((item for item in shipped_forms() if item.id == name), None)
    if base is None:
        known = "、".join(item.id for item in shipped_forms())
        found.problems.wrong(file, "extends", f"没有报表“{name}”", f"只能是 {known}，或本文件之前的本地报表")
        return
    variant = validated(file, words, FormVariant, found.problems)
    if variant is not None:
        _extend(file, base, variant, found)


class _MoreHeaders(Strict):
    id: str
    headers: tuple[str, ...]


class _MoreLabels(Strict):
    id: str
    labels: tuple[str, ...]


class FormVariant(Strict):
    """Another way to print a form that is known: more titles, headings and row labels."""

    titles: tuple[str, ...] = ()
    columns: tuple[_MoreHeaders, ...] = ()
    lines: tuple[_MoreLabels, ...] = ()


def _extend(file: Path, base: FormWords, variant: FormVariant, found: _Gathered) -> None:
    headers = {item.id: item.headers for item in variant.columns}
    labels = {item.id: item.labels for item in variant.lines}
    for key, given, known in (
        ("columns", headers, [column.id for column in base.columns]),
        ("lines", labels, [line.id for line in base.lines]),
    ):
        for name in sorted(set(given) - set(known)):
            found.problems.wrong(file, f"{key}.{name}", f"{base.id} 没有“{name}”", f"只能是 {'、'.join(known)}")
    found.forms[base.id] = base.model_copy(
        update={
            "titles": (*base.titles, *variant.titles),
            "columns": tuple(
                column.model_copy(update={"headers": (*column.headers, *headers.get(column.id, ()))})
                for column in base.columns
            ),
            "lines": tuple(
                line.model_copy(update={"labels": (*line.labels, *labels.get(line.id, ()))}) for line in base.lines
            ),
        }
    )


def _take_standards(file: Path, found: _Gathered) -> None:
    text = read_text(file, found.problems)
    if text is None:
        return
    rows = csv.DictReader(text.splitlines())
    headings = set(rows.fieldnames or ())
    if not {"item", "words", "region", "since", "basis"} <= headings or headings - set(HEADINGS):
        found.problems.wrong(
            file, "第1行", f"列名为“{','.join(rows.fieldnames or ())}”", f"第1行应为 {','.join(HEADINGS)}"
        )
        return
    for row in rows:
        try:
            found.standards.append(standard_of(row))
        except BadStandard as problem:
            remedy = "请按随附 standards.csv 的写法填写；basis 照录文件名和文号"
            found.problems.wrong(file, f"第{rows.line_num}行 {problem.column}", problem.reason, remedy)
