"""The registry to the documentation of the rules: one rule for a terminal, all of them as a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detect.examples import document_of
from detect.registry import Example, Rule, all_rules
from detect.runner import audit
from detect.settings import AuditSettings
from detect.settings_file import FAMILIES
from models.finding import SEVERITY_LABEL, Severity

_LEVELS = "级别是规则固有的：错误是数字或法定要求不成立，警告应当说明或改正，提示供参考；页面读得不确定的一律降为提示。"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def rule_lines(rules: Sequence[Rule], settings: AuditSettings) -> Iterator[tuple[str, str, Severity, str, str]]:
    """Of every rule: id, name, level, family, and whether it runs."""
    for rule in rules:
        level = settings.severities.get(rule.id, rule.severity)
        yield rule.id, rule.name, level, FAMILIES[rule.id[:2]], "停用" if rule.id in settings.disabled else "启用"


def explained(rule: Rule, settings: AuditSettings | None = None) -> str:
    """One rule as Markdown: what it does, why, its example with what is reported of it, thresholds and basis.

    Args:
        rule: as shipped.
        settings: changed thresholds and levels are shown beside the shipped ones.
    """
    own = settings or AuditSettings()
    level = own.severities.get(rule.id, rule.severity)
    state = "停用" if rule.id in own.disabled else "启用"
    lines = [f"### {rule.id} {rule.name}", "", f"{SEVERITY_LABEL[level]} · {FAMILIES[rule.id[:2]]} · {state}", ""]
    parts = _SECTION.split(rule.doc)
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        lines += [f"**{title}**　{''.join(line.strip() for line in text.splitlines())}", ""]
    if rule.example is not None:
        lines += _example(rule, rule.example)
    if rule.thresholds:
        lines += _thresholds(rule, own)
    lines += [f"**依据**　{rule.basis}", ""]
    return "\n".join(lines)


def _example(rule: Rule, example: Example) -> list[str]:
    lines = ["**会报的例子**", "", "```text", example.text, "```", ""]
    if example.runs:
        said = audit(document_of(example.text), [rule]).findings
        lines += [f"> {said[0].message}", ""] if said else []
    because = f"（{example.because}）" if example.because else ""
    if isinstance(example.near_miss, str):
        return [*lines, f"**不报的例子**{because}", "", "```text", example.near_miss, "```", ""]
    changes = "，".join(f"“{old.strip()}”改为“{new.strip()}”" for old, new in example.near_miss.items())
    return [*lines, f"**不报的例子**　上例中{changes}{because}。", ""]


def _thresholds(rule: Rule, own: AuditSettings) -> list[str]:
    lines = ["| 阈值 | 默认 | 单位 | 含义 | 来源 |", "|---|---|---|---|---|"]
    for item in rule.thresholds:
        value = str(rule.defaults[item.name])
        if item.name in own.thresholds.get(rule.id, {}):
            value = f"{value}（现为{own.thresholds[rule.id][item.name]}）"
        lines.append(f"| `{item.name}` | {value} | {item.unit} | {item.meaning} | {item.source} |")
    return [*lines, ""]


def rules_page() -> str:
    """Every rule as one Markdown page, family by family."""
    rules = all_rules()
    lines = [
        "<!-- 由 caishen rules document 生成，请勿直接修改 -->",
        "# 审核规则",
        "",
        f"共{len(rules)}条。{_LEVELS}停用规则、调整级别和阈值、增加本地报表和标准，见[设置](settings.md)。",
        "",
        "| 编号 | 规则 | 级别 | 类别 |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{rule.id}](#{_anchor(rule)}) | {rule.name} | {SEVERITY_LABEL[rule.severity]} | {FAMILIES[rule.id[:2]]} |"
        for rule in rules
    ]
    for family, name in FAMILIES.items():
        own = [rule for rule in rules if rule.id.startswith(family)]
        if own:
            lines += ["", f"## {name}", ""]
            lines += [explained(rule).rstrip("\n") + "\n" for rule in own]
    return "\n".join(lines).rstrip("\n") + "\n"


def _anchor(rule: Rule) -> str:
    """The anchor that Markdown viewers give the heading of a rule."""
    words = re.sub(r"[^\w\s-]", "", f"{rule.id} {rule.name}".lower())
    return re.sub(r"\s", "-", words)
