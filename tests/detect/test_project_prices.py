"""Prices and quantities of the calculation against indicators: violation, near miss and what is left alone."""

from collections.abc import Callable

import pytest

from detect.examples import document_of
from detect.runner import audit
from models.report import Report
from models.table import Table
from tests.detect.conftest import Rows, make_table, of_rule, places, with_text

Audit = Callable[..., Report]

FORM: Rows = (
    ("项目名称", ">", "陨石标本巡展费", ">", ">"),
    ("项目资金（元）", "年度资金总额：", "165,000", ">", ">"),
    ("^", "单位自筹", "165,000", ">", ">"),
    (
        "项目概况",
        ">",
        "需16.5万元，其中：展柜租用9万元（6个×15000元/个）、讲解劳务7.5万元（150人次×500元/人次）。",
        ">",
        ">",
    ),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值"),
    ("^", "产出指标", "数量指标", "租用展柜数量", "6个"),
    ("^", "^", "^", "讲解人次", "≥150人次"),
    ("^", "^", "质量指标", "展品完好率", "100%"),
    ("^", "^", "时效指标", "巡展时间", "2031年5月"),
    ("^", "^", "成本指标", "展柜租用单价", "≤15000元/个"),
    ("^", "^", "^", "讲解劳务标准", "≤500元/人次"),
    ("^", "^", "^", "场地费", "≤3万元"),
    ("^", "效益指标", "社会效益指标", "观众人数", "≥9000人"),
    ("^", "满意度指标", "服务对象满意度指标", "观众满意度", "≥90%"),
)


def form(*cells: tuple[int, int, str]) -> Table:
    table = make_table("g1", "虚构市项目支出绩效目标表", FORM, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return table


def test_a_form_whose_numbers_agree(audited: Audit) -> None:
    assert audited([form()]).findings == ()


@pytest.mark.parametrize(("value", "severity"), [("≤15元/个", "error"), ("≤12000元/个", "warning")])
def test_a_price_that_is_not_that_of_the_calculation(audited: Audit, value: str, severity: str) -> None:
    (finding,) = of_rule(audited([form((9, 4, value))]), "UC001")[0]
    assert places(finding) == [("g1", 9, 4), ("g1", 9, 3), ("g1", 3, 2)]
    assert (finding.severity, finding.expected) == (severity, "15000元/个")


@pytest.mark.parametrize("cell", [(9, 4, "≤20000元/个"), (9, 4, "≤300元/平方米"), (9, 3, "海报设计单价")])
def test_prices_that_may_stand(audited: Audit, cell: tuple[int, int, str]) -> None:
    assert of_rule(audited([form(cell)]), "UC001") == ([], [])


def test_a_price_that_explains_a_wrong_sum_is_named_with_it(audited: Audit) -> None:
    text = "需16.5万元，其中：展柜租用10.2万元（6个×17000元/个）、讲解劳务7.5万元（150人次×500元/人次）。"
    report = audited([form((3, 2, text))])
    (finding,) = of_rule(report, "PF005")[0]
    assert "≤15000元/个" in finding.message
    assert places(finding) == [("g1", 3, 2), ("g1", 1, 2), ("g1", 9, 4)]
    assert of_rule(report, "UC001") == ([], [])


def test_a_quantity_that_is_not_that_of_the_indicator(audited: Audit) -> None:
    (finding,) = of_rule(audited([form((5, 4, "9个"))]), "PF012")[0]
    assert places(finding) == [("g1", 5, 4), ("g1", 3, 2)]
    assert of_rule(audited([form((5, 4, "≥5个"))]), "PF012") == ([], [])
    assert of_rule(audited([form((5, 3, "印制海报数量"), (5, 4, "9个"))]), "PF012") == ([], [])


def test_costs_beyond_the_money_of_the_year(audited: Audit) -> None:
    (finding,) = of_rule(audited([form((11, 4, "≤20万元"))]), "PF013")[0]
    assert places(finding) == [("g1", 11, 4), ("g1", 1, 2)]
    (finding,) = of_rule(audited([form((10, 3, "讲解费用"), (10, 4, "≤9.5万元"), (11, 4, "≤8.5万元"))]), "PF013")[0]
    assert places(finding) == [("g1", 10, 4), ("g1", 11, 4), ("g1", 1, 2)]
    assert of_rule(audited([form((11, 4, "≤16.5万元"))]), "PF013") == ([], [])
    assert of_rule(audited([form((11, 3, "单次场地费"), (11, 4, "≤20万元"))]), "PF013") == ([], [])


def test_a_doubtful_reading_of_the_text_makes_a_hint_and_of_the_indicator_a_skip(audited: Audit) -> None:
    text = FORM[3][2]
    table = with_text(form((9, 4, "≤15元/个")), 3, 2, text, confidence=0.5)
    (finding,) = of_rule(audited([table]), "UC001")[0]
    assert (finding.severity, finding.reading) == ("hint", "undecided")
    findings, skips = of_rule(audited([with_text(form(), 9, 4, "≤15元/个", confidence=0.5)]), "UC001")
    assert (findings, len(skips)) == ([], 1)


SPOKEN = """
《虚构市项目支出绩效目标表》
项目名称 | > | > | 讲解员聘用费 | >
项目概况 | > | {} | > | >
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 成本指标 | 讲解员月工资标准 | {}
"""
ONE = "聘用10名讲解员，每人每月3000元，全年共需36万元。"


@pytest.mark.parametrize(
    ("text", "value", "observed"),
    [
        (ONE, "≤3元/人/月", ["≤3元/人/月"]),
        (ONE, "≤3000元/人/月", []),
        (ONE, "≤150元/人/次", []),
        ("聘用讲解员，初级讲解员每人每月3000元，高级讲解员每人每月4500元。", "4000元/人/月", []),
    ],
)
def test_a_price_in_words_against_the_indicator(text: str, value: str, observed: list[str]) -> None:
    findings = audit(document_of(SPOKEN.format(text, value))).findings
    assert [finding.observed for finding in findings if finding.rule == "UC001"] == observed
