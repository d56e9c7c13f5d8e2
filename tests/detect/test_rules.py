"""The promises that every rule keeps."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detect.examples import document_of
from detect.registry import Outcome, Rule, all_rules, rule
from detect.rulebook import rules_page
from detect.runner import audit
from models.citation import Citation
from models.report import Report
from models.table import Table
from tests.detect.conftest import (
    make_document,
    run_of,
)

Audit = Callable[..., Report]


SECTIONS = ("## 查什么", "## 为什么要查", "## 不报的情形")


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_is_documented_and_founded(rule: Rule) -> None:
    assert all(section in rule.doc for section in SECTIONS)
    assert rule.basis.title.startswith("《")
    assert re.fullmatch(r"[A-Z]{2}\d{3}", rule.id)
    assert rule.name
    assert rule.example is not None
    assert rule.example.text != rule.example.near_miss_text
    for threshold in rule.thresholds:
        assert threshold.low <= rule.defaults[threshold.name] <= threshold.high
        assert all((threshold.unit, threshold.meaning, threshold.source))


@pytest.mark.parametrize(
    "rule", [rule for rule in all_rules() if rule.example and rule.example.runs], ids=lambda rule: rule.id
)
def test_a_rule_flags_its_example_and_not_the_near_miss(rule: Rule) -> None:
    assert rule.example is not None
    assert audit(document_of(rule.example.text), [rule]).findings
    assert audit(document_of(rule.example.near_miss_text), [rule]).findings == ()


def test_the_page_of_the_rules_is_current() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == rules_page(), "run: uv run caishen rules document > docs/rules.md"


def test_thresholds_are_described_in_the_order_of_their_parameters() -> None:
    def find(report: Report, *, many: int = 3) -> Iterator[Outcome]:
        """Finds."""
        yield from ()

    with pytest.raises(ValueError, match="many"):
        rule(id="AR998", name="规则", severity="error", category="arithmetic", basis=Citation("《虚构办法》"))(find)


def test_rules_come_in_the_order_of_their_ids() -> None:
    ids = [rule.id for rule in all_rules()]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_says_nothing_of_an_empty_document(rule: Rule) -> None:
    report = audit(make_document([]), [rule])
    assert report.findings == ()


def test_a_crashed_rule_is_a_skip_and_never_looks_passed(caplog: pytest.LogCaptureFixture, expenditure: Table) -> None:
    def crash(report: Report) -> Iterator[Outcome]:
        raise ZeroDivisionError(report.year)
        yield  # a generator, as every rule is

    broken = Rule("AR999", "坏规则", "error", "arithmetic", Citation("《虚构办法》"), crash, "Crashes.")
    report = audit(make_document([expenditure]), [broken])
    assert run_of(report, "AR999") == (1, 0, 0, 1)
    assert "ZeroDivisionError" in report.skips[0].reason
    assert "AR999" in caplog.text
