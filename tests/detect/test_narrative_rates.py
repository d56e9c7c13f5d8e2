"""TX006, TX007 and TX010: rates, shares and completion follow from the amounts; violation, near miss and skip."""

from collections.abc import Callable

import pytest

from models.finding import Finding
from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import of_rule

Audit = Callable[..., Report]


def audit_text(
    audited: Audit, text: str, rule: str, tables: list[Table] | None = None
) -> tuple[list[Finding], list[str]]:
    texts: list[tuple[BlockRole, str]] = [("heading", "三、支出预算情况说明"), ("paragraph", text)]
    findings, skips = of_rule(audited(tables or [], texts), rule)
    return findings, [skip.reason for skip in skips]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("灯塔维护费120.00万元，比上年增加20.00万元，增长25.00%。", "20.00%"),
        ("灯塔维护费120.00万元，上年为100.00万元，增加20.00万元，增长2.00%。", "20.00%"),
        ("灯塔维护费80万元，较上年减少20万元（25%）。", "20.00%"),
        ("灯塔支出总计80.00万元:值守70.00万元,检修10.00万元。与上年相比减少20.00万元,下降8.00%。", "20.00%"),
    ],
)
def test_a_rate_that_does_not_follow(audited: Audit, text: str, expected: str) -> None:
    (finding,), _ = audit_text(audited, text, "TX006")
    assert (finding.expected, finding.severity, finding.evidence[0].table) == (expected, "error", None)
    assert finding.observed in finding.evidence[0].text


@pytest.mark.parametrize(
    "text",
    [
        "灯塔维护费120.00万元，比上年增加20.00万元，增长20%。",
        "灯塔维护费123.45万元，比上年增加20.01万元，增长19.34%。",
        "灯塔维护费123.45万元，比上年增加20.01万元，增长19.35%。",
        "灯塔维护费80.00万元，主要用于灯具。比上年减少20.00万元，下降20.0%。",
        "灯塔支出120.00万元，其中值守费30.00万元，比上年增加20.00万元，增长20.00%。",
        "灯塔维护费20.00万元，因更换灯具增加5.00万元，增长40.00%。",
        "灯塔维护费100.00万元，与上年持平。",
        "灯塔维护费120.00万元，比上年增加20.00万元，其中油料费增加5.00万元，增长50.00%。",
        "灯塔维护费120.00万元，比上年增加20.00万元，其中油料费增加5.00万元，增长50%，灯具费增加15.00万元，增长30%。",
        "灯塔维护费0万元，较上年减少8万元（100%）。",
    ],
)
def test_a_rate_that_follows_or_says_nothing(audited: Audit, text: str) -> None:
    assert audit_text(audited, text, "TX006")[0] == []


def test_words_that_point_two_ways(audited: Audit) -> None:
    (finding,), _ = audit_text(audited, "灯塔维护费120.00万元，比上年增加20.00万元，下降20.00%。", "TX006")
    assert "方向相反" in finding.message


def test_a_rate_on_nothing_is_a_hint(audited: Audit) -> None:
    (finding,), _ = audit_text(audited, "灯塔维护费20.00万元，比上年增加20.00万元，增长100.00%。", "TX006")
    assert (finding.severity, "不能计算" in finding.message) == ("hint", True)


def test_last_year_and_the_change_give_this_year(audited: Audit) -> None:
    findings, _ = audit_text(audited, "灯塔维护费130.00万元，上年为100.00万元，增加20.00万元，增长20.00%。", "TX006")
    assert [finding.evidence[0].text for finding in findings] == [
        "灯塔维护费130.00万元，上年为100.00万元，增加20.00万元，增长20.00%。"
    ]


def test_a_change_without_its_amount_is_a_skip(audited: Audit) -> None:
    assert audit_text(audited, "灯塔维护费比上年增加20.00万元，增长20.00%。", "TX006")[1]


def test_a_misstated_amount_is_not_also_a_wrong_rate(audited: Audit, expenditure: Table) -> None:
    text = "支出预算130.00万元，其中：基本支出88.00万元，占61.54%，比上年减少20.00万元，下降20.00%。"
    findings, _ = audit_text(audited, text, "TX005", [expenditure])
    assert len(findings) == 1
    assert audit_text(audited, text, "TX006", [expenditure])[0] == []
    assert audit_text(audited, text, "TX007", [expenditure])[0] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("支出合计130.00万元，其中：值守支出80.00万元，占60.00%；检修支出50.00万元，占38.46%。", "61.54%"),
        (
            "值守支出80.00万元，检修支出50.00万元；公开灯塔项目8个，涉及金额50.00万元，占检修支出总额的51.00%。",
            "100.00%",
        ),
    ],
)
def test_a_share_that_does_not_follow(audited: Audit, text: str, expected: str) -> None:
    (finding,), _ = audit_text(audited, text, "TX007")
    assert finding.expected == expected
    assert finding.observed in finding.evidence[0].text


@pytest.mark.parametrize(
    "text",
    [
        "支出合计130.00万元，其中：值守支出80.00万元，占61.54%；检修支出50.00万元，占38.46%。",
        "支出合计130.00万元，其中：值守支出80.00万元，占61.5%；检修支出50.00万元，占38.5%；其他支出0万元，占0%。",
        "值守支出80.00万元，占61.54%；检修支出50.00万元，占38.46%。",
        "灯塔12座，占全市灯塔的30%。",
    ],
)
def test_a_share_that_follows_or_says_nothing(audited: Audit, text: str) -> None:
    assert audit_text(audited, text, "TX007")[0] == []


def test_a_share_of_an_unknown_whole_is_a_skip(audited: Audit) -> None:
    assert audit_text(audited, "检修支出50.00万元，占全省灯塔检修经费的3.00%。", "TX007") == (
        [],
        ["没有识别出占比所对应的总额，无法计算"],
    )


def test_completion(audited: Audit) -> None:
    text = "灯塔支出年初预算200.00万元,支出决算150.00万元,完成年初预算的{}。"
    (finding,), _ = audit_text(audited, text.format("85.00%"), "TX010")
    assert (finding.expected, finding.observed) == ("75.00%", "85.00%")
    assert audit_text(audited, text.format("75%"), "TX010") == ([], [])
    (hint,), _ = audit_text(audited, "灯塔支出年初预算0万元，支出决算150.00万元，完成年初预算的100.00%。", "TX010")
    assert hint.severity == "hint"
    assert audit_text(audited, "灯塔支出完成年初预算的85.00%。", "TX010")[1]
