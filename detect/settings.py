"""What an audit does otherwise than shipped: which rules run, at which level and thresholds, with which local words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from detect.registry import Rule, Value
from detect.vocabulary import FormWords, Vocabulary, shipped_forms, shipped_vocabulary, vocabulary_of
from detect.vocabulary.standards import Standard, shipped_standards
from models.finding import SEVERITY_LABEL, Severity
from models.report import SettingsUsed


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Deviations from what is shipped; none of them by default.

    Attributes:
        source: the file they were read from, for people; empty for the shipped settings.
        disabled: ids of rules that do not run.
        severities: of findings whose reading is real, by rule id.
        thresholds: by rule id and parameter.
        forms: local forms; one with the id of a statutory form takes its place.
        standards: local cost standards, beside the shipped ones.
        packs: name and version of the rule packs used.
    """

    source: str = ""
    disabled: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    forms: tuple[FormWords, ...] = ()
    standards: tuple[Standard, ...] = ()
    packs: tuple[str, ...] = ()

    def vocabulary(self) -> Vocabulary:
        """The shipped words with the local ones."""
        if not self.forms and not self.standards:
            return shipped_vocabulary()
        local = {form.id: form for form in self.forms}
        own = [local.pop(form.id, form) for form in shipped_forms()]
        return vocabulary_of((*own, *local.values()), (*shipped_standards(), *self.standards))

    def configured(self, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """The rules that run, each with its level and thresholds."""
        return tuple(
            replace(rule, level=self.severities.get(rule.id), overrides=self.thresholds.get(rule.id, {}))
            for rule in rules
            if rule.id not in self.disabled
        )

    @property
    def digest(self) -> str:
        """SHA-256 of everything that changes what an audit says; the same for the same deviations, wherever stored."""
        content = {
            "disabled": sorted(self.disabled),
            "severities": dict(sorted(self.severities.items())),
            "thresholds": {
                rule: {name: str(value) for name, value in sorted(values.items())}
                for rule, values in sorted(self.thresholds.items())
            },
            "forms": [form.model_dump(mode="json") for form in self.forms],
            "standards": [repr(standard) for standard in self.standards],
        }
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def used(self, rules: tuple[Rule, ...]) -> SettingsUsed:
        """The settings as a report lists them: every deviation in Chinese."""
        by_id = {rule.id: rule for rule in rules}
        changes = [f"使用规则包 {pack}" for pack in self.packs]
        changes += [f"停用 {rule} {by_id[rule].name}" for rule in sorted(self.disabled)]
        for rule, level in sorted(self.severities.items()):
            if level != by_id[rule].severity:
                was = SEVERITY_LABEL[by_id[rule].severity]
                changes.append(f"{rule} {by_id[rule].name}：级别由{was}改为{SEVERITY_LABEL[level]}")
        for rule, values in sorted(self.thresholds.items()):
            changes += [
                f"{rule} {by_id[rule].name}：{change_of(by_id[rule], name, value)}" for name, value in values.items()
            ]
        changes += [f"增加本地报表 {form.id}《{form.name}》" for form in self.forms]
        changes += [f"增加本地标准 {item.region}{item.item}（{item.basis}）" for item in self.standards]
        return SettingsUsed(self.source, self.digest, tuple(changes))


def change_of(rule: Rule, name: str, value: Value) -> str:
    """One changed threshold in words: `“内容相同的栏数达到此数起报”由3栏改为2栏`."""
    threshold = next(item for item in rule.thresholds if item.name == name)
    unit = "" if threshold.unit == "比例" else threshold.unit
    return f"“{threshold.meaning}”由{rule.defaults[name]}{unit}改为{value}{unit}"
