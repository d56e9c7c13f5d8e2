"""A document to its audited report: all rules, one settlement of all their statements, and an account of both."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from detect.archive import Archive
from detect.checks import Check, Operand, OperandKey, Passed
from detect.claims import claims_of
from detect.explain import explain
from detect.facts import extract
from detect.localise import RootCause, localise
from detect.projects import read_project_forms
from detect.quotes import nested_quotes
from detect.reconcile import Verdict, reconcile
from detect.registry import Outcome, Rule, all_rules
from detect.remember import memory_of
from detect.settings import AuditSettings, change_of
from detect.vocabulary import using
from models.archive import Memory
from models.document import Document
from models.finding import Finding, RuleOutcome, Severity, Skip, showing_rank
from models.report import Report

_LOG = logging.getLogger(__name__)

NO_ARCHIVE = "没有给出档案，未与其他文件比较；审核时加 --archive 文件 即可与档案中的文件和同批文件比较"
MANY_CAUSES = 4
"""Faults in one table from which its reading is doubted rather than its author: of 10,993 sums over 148 published
disclosures 5 were really wrong, and never two in one table."""
TOO_MANY_CAUSES = 8
"""Faults in one table that are never believed, however long it is."""
MANY_SHARE = 0.2
"""Share of a table's statements that as many causes must make up before its reading is doubted."""


@dataclass
class _Ledger:
    run: Counter[str] = field(default_factory=Counter)
    consistent: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)

    def skip(self, skip: Skip) -> None:
        self.run[skip.rule] += 1
        self.skipped[skip.rule] += 1
        self.skips.append(skip)

    def passed(self, rule: str) -> None:
        self.run[rule] += 1
        self.consistent[rule] += 1

    def failed_check(self, rule: str) -> None:
        self.run[rule] += 1
        self.failed[rule] += 1


def audit(
    document: Document,
    rules: Sequence[Rule] | None = None,
    archive: Archive | None = None,
    *,
    settings: AuditSettings | None = None,
) -> Report:
    """Read the document as a budget disclosure and check it.

    Args:
        document: as it was read.
        rules: those to apply; all of them when None.
        archive: of documents to compare it with; rules that need one are a skip when None.
        settings: which of them run and how; the shipped settings when None.

    Returns:
        The report with facts, findings (gravest first), skips and one outcome for every rule. A rule that crashed is
        a skip with its reason, and so is every statement with an operand that could not be read.
    """
    own = settings or AuditSettings()
    known = tuple(all_rules() if rules is None else rules)
    with using(own.vocabulary()):
        report = apply_rules(understand(document), own.configured(known), archive)
    return replace(report, settings=own.used(all_rules()))


def remember(document: Document, *, settings: AuditSettings | None = None) -> Memory:
    """What an archive keeps of a document, read with the forms that the settings know."""
    with using((settings or AuditSettings()).vocabulary()):
        return memory_of(understand(document))


def understand(document: Document) -> Report:
    """Read the document as a budget disclosure: facts, performance forms and claims, nothing checked."""
    return replace(extract(document), project_forms=read_project_forms(document), claims=claims_of(document))


def apply_rules(report: Report, rules: Sequence[Rule], archive: Archive | None = None) -> Report:
    """Check a report whose facts are known: what a changed rule or a grown archive needs to run again."""
    ledger = _Ledger()
    checks: list[Check] = []
    for rule in rules:
        before = len(ledger.findings)
        checks += _collect(rule, report, archive, ledger)
        if rule.overrides:
            ledger.findings[before:] = _explained(rule, report, archive, ledger.findings[before:])
    _settle(checks, {rule.id: rule for rule in rules}, ledger)
    levels = {rule.id: (rule.severity, rule.level) for rule in rules if rule.level is not None}
    ledger.findings = [_at_level(finding, *levels.get(finding.rule, (None, None))) for finding in ledger.findings]
    outcomes = tuple(
        RuleOutcome(
            rule.id,
            rule.name,
            ledger.run[rule.id],
            ledger.consistent[rule.id],
            ledger.failed[rule.id],
            ledger.skipped[rule.id],
        )
        for rule in rules
    )
    worded = [replace(finding, message=nested_quotes(finding.message)) for finding in _unique(ledger.findings)]
    findings = sorted(worded, key=showing_rank)
    return replace(report, findings=tuple(findings), skips=tuple(ledger.skips), outcomes=outcomes)


def _outcomes(rule: Rule, report: Report, archive: Archive | None) -> Iterable[Outcome]:
    if not rule.compares:
        return rule.find(report, **rule.overrides)
    if archive is None:
        return [Skip(rule.id, rule.name, NO_ARCHIVE)]
    return rule.find(report, archive, **rule.overrides)


def _collect(rule: Rule, report: Report, archive: Archive | None, ledger: _Ledger) -> list[Check]:
    checks: list[Check] = []
    try:
        for outcome in _outcomes(rule, report, archive):
            if isinstance(outcome, Check):
                checks.append(replace(outcome, rule=rule.id))
            elif isinstance(outcome, Finding):
                ledger.failed_check(rule.id)
                ledger.findings.append(outcome)
            elif isinstance(outcome, Skip):
                ledger.skip(outcome)
            elif isinstance(outcome, Passed):
                ledger.passed(rule.id)
    except Exception as error:  # noqa: BLE001 - a rule that crashes must not take the others with it, nor look passed
        _LOG.exception("rule %s crashed on %s", rule.id, report.document.name)
        ledger.skip(
            Skip(rule.id, rule.name, f"规则运行出错（{type(error).__name__}），本项未完成核对，请将日志报告给维护人员")
        )
    return checks


def _explained(rule: Rule, report: Report, archive: Archive | None, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of a rule, each with the changed thresholds where the shipped ones would not have given it."""
    shipped = _Ledger()
    _collect(replace(rule, overrides={}), report, archive, shipped)
    usual = {finding.key for finding in shipped.findings}
    told = "；".join(change_of(rule, name, value) for name, value in rule.overrides.items())
    return [
        finding if finding.key in usual else replace(finding, message=f"{finding.message}（按设置报出：{told}。）")
        for finding in findings
    ]


def _at_level(finding: Finding, own: Severity | None, level: Severity | None) -> Finding:
    """The finding at the level that settings ask for; what a rule or a doubtful reading put lower stays there."""
    if level is None or finding.severity != own or finding.reading != "real":
        return finding
    return replace(finding, severity=level)


def _settle(checks: Sequence[Check], rules: dict[str, Rule], ledger: _Ledger) -> None:
    """Decide all statements together: consistent, failed with a root cause, or not decidable."""
    ready: list[Check] = []
    for check in checks:
        if all(operand.state == "blank" for operand in check.operands):
            continue
        reason = _undecidable(check)
        if reason:
            ledger.skip(Skip(check.rule, f"{check.name}（{check.total.name}）", reason))
        else:
            ready.append(check)
    operands: dict[OperandKey, Operand] = {operand.key: operand for check in ready for operand in check.operands}
    causes = localise(ready)
    doubted = _doubted_tables(ready, causes)
    failed: set[int] = set()
    for cause in causes:
        failed.update(id(check) for check in cause.checks)
        if cause.cells[0][0] in doubted:
            for check in cause.checks:
                scope = f"{check.name}（{check.total.name}）"
                ledger.skip(
                    Skip(check.rule, scope, "该表多处勾稽同时不成立，疑似表格结构未被正确识别，请对照原件核对该表")
                )
            continue
        verdict = reconcile(cause, operands, ready) if cause.cells[0] in operands else Verdict("undecided", 0.4)
        for check in cause.checks:
            ledger.failed_check(check.rule)
        ledger.findings.append(explain(cause, verdict, rules, operands))
    for check in ready:
        if id(check) not in failed:
            ledger.passed(check.rule)


def _undecidable(check: Check) -> str:
    """Why a statement says nothing; empty when it can be decided.

    Blank places count as nothing as long as the statement then holds; a blank total over amounts, or an amount over
    nothing but blanks, is not known to be wrong.
    """
    unreadable = next((operand for operand in check.operands if operand.state == "unreadable"), None)
    if unreadable is not None:
        return f"{unreadable.name}的内容“{unreadable.text[:20]}”不是金额，无法计算"
    if check.holds():
        return ""
    if check.total.state == "blank":
        return f"{check.total.name}未填列，无法判断"
    blank = [term for term in check.terms if term.state == "blank"]
    if blank and not any(term.interval_source.value for term in check.terms):
        return f"参与计算的各项为零或未填列（{blank[0].label}等），无法判断"
    return ""


def _doubted_tables(checks: Sequence[Check], causes: Iterable[RootCause]) -> set[str]:
    stated: Counter[str] = Counter()
    for check in checks:
        for table in {operand.key[0] for operand in check.operands}:
            stated[table] += 1
    wrong: dict[str, int] = defaultdict(int)
    for cause in causes:
        if cause.cells[0][0]:
            wrong[cause.cells[0][0]] += 1
    return {
        table
        for table, count in wrong.items()
        if count >= TOO_MANY_CAUSES or (count >= MANY_CAUSES and count > MANY_SHARE * stated[table])
    }


def _unique(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with distinct keys: a second cause at the same place gets a number."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        seen[finding.key] += 1
        result.append(finding if seen[finding.key] == 1 else replace(finding, key=f"{finding.key}:{seen[finding.key]}"))
    return result
