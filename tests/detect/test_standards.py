"""Prices against public standards and minimum wages: violation, near miss and what is left alone."""

from collections.abc import Callable

import pytest

from detect.vocabulary.standards import Standard, shipped_standards
from models.report import Report
from models.table import Table
from tests.detect.conftest import EXPENDITURE, Rows, make_table, of_rule, places, with_text

Audit = Callable[..., Report]

FORM: Rows = (
    ("项目名称", ">", "天文馆设备更新", ">", ">"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值"),
    ("^", "产出指标", "数量指标", "设备数量", "9台"),
    ("^", "^", "质量指标", "验收合格率", "100%"),
    ("^", "^", "时效指标", "验收时间", "2031年5月"),
    ("^", "^", "成本指标", "台式计算机单价", "≤5000元/台"),
    ("^", "满意度指标", "服务对象满意度指标", "使用人员满意度", "≥90%"),
)


def form(*cells: tuple[int, int, str]) -> Table:
    table = make_table("g1", "虚构市项目支出绩效目标表", FORM, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return table


def budget(year: int = 2031) -> Table:
    return make_table("t3", f"{year}年预算支出总表", EXPENDITURE)


@pytest.mark.parametrize("standard", shipped_standards(), ids=lambda standard: f"{standard.item}-{standard.since}")
def test_a_standard_can_be_cited(standard: Standard) -> None:
    assert "《" in str(standard.basis)


def test_a_price_above_its_standard(audited: Audit) -> None:
    (finding,) = of_rule(audited([budget(), form((5, 4, "≤7600元/台"))]), "UC003")[0]
    assert places(finding) == [("g1", 5, 4)]
    assert (finding.severity, finding.difference) == ("hint", "2,600元")
    assert "财资〔2016〕27号" in finding.basis.title
    travel = ((5, 3, "市内交通补助"), (5, 4, "100元/人/天"))
    (finding,) = of_rule(audited([budget(), form(*travel)]), "UC003")[0]
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "cells",
    [
        ((5, 4, "≤5000元/台"),),
        ((5, 3, "天象仪灯泡单价"), (5, 4, "≤7600元/台")),
        ((5, 4, "≤7600元/年"),),
        ((5, 3, "会议系统租用"), (5, 4, "900元/人/天")),
    ],
)
def test_prices_within_or_without_a_standard(audited: Audit, cells: tuple[tuple[int, int, str], ...]) -> None:
    assert of_rule(audited([budget(), form(*cells)]), "UC003") == ([], [])


@pytest.mark.parametrize(
    ("price", "year", "province", "severity"),
    [
        ("1500元/人/月", 2031, "山西省虚构市天文馆", "warning"),
        ("2000元/人/月", 2031, "山西省虚构市天文馆", "hint"),
        ("2150元/人/月", 2031, "山西省虚构市天文馆", ""),
        ("1500元/人/月", 2031, "虚构省虚构市天文馆", ""),
        ("1900元/人/月", 2024, "山西省虚构市天文馆", "hint"),
        ("1500元/人/月", 2015, "山西省虚构市天文馆", ""),
    ],
)
def test_wages_below_the_minimum(audited: Audit, price: str, year: int, province: str, severity: str) -> None:
    meta = (f"单位名称：{province}",)
    table = make_table("t3", f"{year}年预算支出总表", EXPENDITURE, meta=meta)
    report = audited([table, form((0, 2, "讲解员聘用经费"), (5, 3, "讲解员工资"), (5, 4, price))])
    findings, _ = of_rule(report, "QT003")
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(places(finding) == [("g1", 5, 4)] for finding in findings)


def test_trainees_are_left_alone(audited: Audit) -> None:
    table = make_table("t3", "2031年预算支出总表", EXPENDITURE, meta=("单位名称：山西省虚构市天文馆",))
    cells = ((0, 2, "讲解员聘用经费"), (5, 3, "见习生工资"), (5, 4, "1300元/人/月"))
    assert of_rule(audited([table, form(*cells)]), "QT003") == ([], [])
