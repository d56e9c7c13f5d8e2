"""What is remembered of a disclosure."""

from decimal import Decimal

import pytest

from detect.observations import price_item
from detect.project_types import project_types, type_of
from detect.remember import memory_of
from detect.runner import understand
from detect.skeletons import numbers, skeleton
from tests.detect.conftest import ECONOMIC, EXPENDITURE, Rows, make_document, make_table

TITLE = "虚构市项目支出绩效目标表"
TRAINING: Rows = (
    ("项目名称", ">", "天文讲解员培训费", ">", ">"),
    ("项目资金（元）", "年度资金总额：", "52,000", ">", ">"),
    ("^", "市县财政资金", "52,000", ">", ">"),
    ("项目概况", ">", "2031年举办讲解员培训，预算5.2万元，其中：集中培训5.2万元（2期×26000元/期）。", ">", ">"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值"),
    ("^", "产出指标", "数量指标", "举办培训期数", "≥2期"),
    ("^", "^", "成本指标", "单期培训成本", "≤26000元/期"),
)


def test_prices_projects_totals_and_heads_are_remembered_with_their_place() -> None:
    tables = [
        make_table("t3", "2031年预算支出总表", EXPENDITURE, page=1, meta=("单位名称：虚构市天文馆",)),
        make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC, page=1),
        make_table("g1", TITLE, TRAINING, unit="", page=2),
    ]
    texts = [
        ("heading", "2031年单位预算公开"),
        ("paragraph", "虚构市天文馆核定编制9名，实有在编人员7名，其他人员0名。"),
    ]
    found = memory_of(understand(make_document(tables, texts)))  # type: ignore[arg-type]
    assert found.source.key == "虚构市天文馆|单位|预算公开|2031"
    assert found.source.region == "虚构市"
    seen = {(item.kind, item.item, item.unit): (item.value, item.page) for item in found.observations}
    assert seen["price", "培训", "元/期"] == (26000, 2)
    assert seen["price", "集中培训", "元/期"] == (26000, 2)
    assert seen["project", "培训", ""] == (52000, 2)
    assert seen["project", "培训", "元/期"] == (26000, 2)
    assert seen["ratio", "人均人员经费", "元/人"] == (100_000, 1)
    assert seen["total", "b03|c2060701|basic", "元"] == (600_000, 1)
    assert ("total", "b03|c2060702|basic", "元") not in seen
    whole = next(item for item in found.observations if item.kind == "project" and not item.unit)
    assert dict(whole.features)["占项目支出的比重（%）"] == pytest.approx(10.4)
    assert [item.field for item in found.excerpts] == ["overview", "indicators", "prose"]


def test_a_line_that_stands_twice_is_not_remembered() -> None:
    twice = [*EXPENDITURE, EXPENDITURE[-1]]
    found = memory_of(understand(make_document([make_table("t3", "2031年预算支出总表", twice)])))
    assert not [item for item in found.observations if item.item.startswith("b03|c2210203")]
    assert [item.value for item in found.observations if item.item == "b03|c2210201|total"] == [Decimal(200_000)]


def test_a_skeleton_is_what_stays_for_another_year_and_another_bureau() -> None:
    one = skeleton("2031年，虚构市天文馆举办培训2期，共1,200.50元。", ("虚构市天文馆", "虚构市"))
    assert (
        one == skeleton("2032年甲乙市天文馆举办培训3期，共900元", ("甲乙市天文馆", "甲乙市")) == "#年◇举办培训#期共#元"
    )
    assert skeleton("按照甲乙市科技局要求") == skeleton("按照丙丁市教育局要求")
    assert numbers("2031年共1,200.50元") == ["2031", "1200.50"]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("台式计算机单价", "台式计算机"),
        ("用于台式计算机7.68万元", "台式计算机"),
        ("单次会议成本", "会议"),
        ("具体为重点项目绩效评价10万元", "重点项目绩效评价"),
        ("费用标准", ""),
    ],
)
def test_the_name_of_a_price(name: str, item: str) -> None:
    assert price_item(name) == item


def test_projects_by_their_work() -> None:
    assert [kind.name for name in ("天文讲解员培训费", "穹幕清洗及会议费") if (kind := type_of(name))] == [
        "培训",
        "会议调研",
    ]
    assert type_of("望远镜镜片养护") is None
    assert type_of("设备购置及人员培训") is None
    assert len({kind.name for kind in project_types()}) == len(project_types())
