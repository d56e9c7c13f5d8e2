"""TX001 to TX005: what the explanation says equals what the tables print; violation, near miss and skip."""

from collections.abc import Callable

import pytest

from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import BUDGET, ECONOMIC, EXPENDITURE, make_table, of_rule, places, run_of

Audit = Callable[..., Report]
Texts = list[tuple[BlockRole, str]]

TEXT: Texts = [
    ("heading", "一、部门预算收支数据变动情况及原因"),
    (
        "paragraph",
        "虚构市天文馆2031年度收入预算总计130.00万元，其中本年收入130.00万元，上年结转0万元，较上年减少8.00万元。",
    ),
    ("heading", "三、支出预算情况说明"),
    ("paragraph", "2031年度支出预算130.00万元，其中：基本支出80.00万元，占61.54%；项目支出50.00万元，占38.46%。"),
    ("heading", "五、一般公共预算支出情况说明"),
    ("paragraph", "一般公共预算当年支出130.00万元，主要用于：科学技术支出100.00万元、住房保障支出30.00万元。"),
    ("heading", "六、一般公共预算基本支出情况说明"),
    ("paragraph", "一般公共预算安排基本支出80.00万元，其中：人员经费70.00万元，公用经费10.00万元。"),
]


@pytest.fixture
def tables(expenditure: Table) -> list[Table]:
    return [
        make_table("t1", "2031年预算收支总表", BUDGET),
        expenditure,
        make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", EXPENDITURE),
        make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC),
    ]


def changed(old: str, new: str) -> Texts:
    assert any(old in text for _, text in TEXT)
    return [(role, text.replace(old, new, 1)) for role, text in TEXT]


def test_what_agrees_is_consistent(audited: Audit, tables: list[Table]) -> None:
    report = audited(tables, TEXT)
    assert [finding for finding in report.findings if finding.rule.startswith("TX")] == []
    assert [run_of(report, rule)[1] for rule in ("TX003", "TX004", "TX005")] == [4, 2, 5]


@pytest.mark.parametrize(
    ("rule", "old", "new", "cell"),
    [
        ("TX016", "其中本年收入130.00", "其中本年收入150.00", ("t1", 7, 1)),
        ("TX003", "支出预算130.00", "支出预算103.00", ("t3", 2, 2)),
        ("TX004", "科学技术支出100.00", "科学技术支出110.00", ("t5", 3, 2)),
        ("TX005", "项目支出50.00", "项目支出500000", ("t3", 2, 4)),
        ("TX016", "人员经费70.00", "人员经费77.00", ("t6", 2, 3)),
    ],
)
def test_prose_that_differs_from_its_table(
    audited: Audit, tables: list[Table], rule: str, old: str, new: str, cell: tuple[str, int, int]
) -> None:
    (finding,) = [item for item in audited(tables, changed(old, new)).findings if item.rule in (rule, "TX003")]
    assert finding.rule == rule
    assert (finding.severity, finding.reading, finding.evidence[0].table) == ("error", "real", None)
    assert new in finding.evidence[0].text
    assert cell in places(finding)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("人员经费70.00万元", "人员经费70万元"),
        ("人员经费70.00万元", "人员经费700000元"),
        ("较上年减少8.00万元", "较上年预算收入138.00万元减少8.00万元"),
        ("科学技术支出100.00万元", "科学技术支出（类）100.00万元"),
        ("其中：基本支出80.00万元", "其中:基本支出８０.００万元"),
    ],
)
def test_another_way_to_print_the_same(audited: Audit, tables: list[Table], old: str, new: str) -> None:
    report = audited(tables, changed(old, new))
    assert [item for item in report.findings if item.rule.startswith("TX00") and item.rule < "TX006"] == []


def test_an_amount_that_prose_does_not_state_is_a_skip(audited: Audit, tables: list[Table]) -> None:
    report = audited(tables, changed("人员经费70.00万元，", ""))
    assert [skip.scope for skip in of_rule(report, "TX005")[1]] == ["人员经费"]
    report = audited(tables, [])
    assert "各类支出" in [skip.scope for skip in of_rule(report, "TX004")[1]]
    assert "收入总计" in [skip.scope for skip in of_rule(report, "TX003")[1]]


def test_an_original_budget_of_final_accounts_is_not_the_spending(audited: Audit) -> None:
    rows = [
        ["科目编码", "科目名称", "小计", "基本支出", "项目支出"],
        ["合计", ">", "130.00", "80.00", "50.00"],
        ["206", "科学技术支出", "100.00", "60.00", "40.00"],
        ["221", "住房保障支出", "30.00", "20.00", "10.00"],
    ]
    table = make_table("f5", "一般公共预算财政拨款支出决算表", rows)
    text: Texts = [
        ("heading", "五、一般公共预算财政拨款支出决算情况说明"),
        ("paragraph", "1.科学技术支出年初预算104.00万元，支出决算100.00万元。"),
        ("paragraph", "2.住房保障支出年初预算30.00万元，支出决算33.00万元。"),
    ]
    (finding,) = of_rule(audited([table], text), "TX004")[0]
    assert "33.00" in finding.evidence[0].text
    assert ("f5", 3, 2) in places(finding)


def test_an_amount_of_this_year_under_another_year(audited: Audit, tables: list[Table]) -> None:
    (finding,) = of_rule(audited(tables, changed("天文馆2031年度", "天文馆2030年度")), "LG010")[0]
    assert (finding.expected, finding.observed, finding.severity) == ("2031年", "2030年", "warning")
    assert "2030年度收入预算总计130.00万元" in finding.evidence[0].text
    assert of_rule(audited(tables, TEXT), "LG010") == ([], [])
    other = changed("2031年度收入预算总计130.00", "2030年度收入预算总计120.00")
    assert of_rule(audited(tables, other), "LG010")[0] == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("科学技术普及（款）机构运行（项）支出70.00万元", 0),
        ("科学技术支出（类）科学技术普及（款）机构运行（项）77.00万元", 1),
        ("科学技术普及（款）支出101.00万元", 1),
        ("另一科普（款）机构运行（项）77.00万元", 0),
        ("科学技术普及（款）机构运行（项）比上年增加77.00万元", 0),
    ],
)
def test_an_item_named_with_its_levels(audited: Audit, tables: list[Table], said: str, found: int) -> None:
    texts: Texts = [("heading", "五、一般公共预算支出情况说明"), ("paragraph", f"1.{said}，主要用于天文台运转。")]
    assert len(of_rule(audited(tables, texts), "TX004")[0]) == found
