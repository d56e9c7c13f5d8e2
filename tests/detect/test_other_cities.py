"""Forms as other cities print them: what is recognised, and what must not be compared."""

from collections.abc import Callable

import pytest

from detect.facts import extract
from models.report import Report
from tests.detect.conftest import Rows, make_document, make_table, of_rule, places, run_of

Audit = Callable[..., Report]

GENERAL: Rows = (
    ("科目编码", "科目名称", "合计", "基本支出", ">", ">", "项目支出"),
    ("^", "^", "^", "小计", "人员经费", "公用经费", "^"),
    ("合计", ">", "130.00", "80.00", "70.00", "10.00", "50.00"),
    ("206", "科学技术支出", "130.00", "80.00", "70.00", "10.00", "50.00"),
)
ECONOMIC: Rows = (
    ("部门预算支出经济分类科目", ">", "本年一般公共预算基本支出", ">", ">"),
    ("科目编码", "科目名称", "合计", "人员经费", "公用经费"),
    ("合计", ">", "80.00", "70.00", "10.00"),
    ("301", "工资福利支出", "70.00", "70.00", ""),
    ("30101", "基本工资", "70.00", "70.00", ""),
    ("302", "商品和服务支出", "10.00", "", "10.00"),
    ("30217", "公务接待费", "2.00", "", "2.00"),
    ("30231", "公务用车运行维护费", "8.00", "", "8.00"),
)
PUBLIC: Rows = (
    ("“三公”经费合计", "因公出国（境）费", "公务用车购置及运行维护费", ">", ">", "公务接待费", "会议费"),
    ("^", "^", "小计", "公务用车购置费", "公务用车运行维护费", "^", "^"),
    ("11.00", "", "8.00", "", "8.00", "3.00", "5.00"),
)
UNITS: Rows = (
    ("单位名称", "“三公”经费合计", "因公出国（境）费用", "公务用车购置及运行费", ">", ">", "公务接待费"),
    ("^", "^", "^", "小计", "公务用车购置费", "公务用车运行维护费", "^"),
    ("合计", "11.00", "", "8.00", "", "8.00", "3.00"),
    ("虚构市天文馆", "8.00", "", "6.00", "", "6.00", "2.00"),
    ("虚构市星图编制中心", "3.00", "", "2.00", "", "2.00", "1.00"),
)
NESTED: Rows = (
    ("收入", ">", "支出", ">"),
    ("项目", "预算数", "项目", "预算数"),
    ("一般公共预算", "{carried}", "科学技术支出", "130.00"),
    ("", "", "科学技术普及", "130.00"),
    ("", "", "科普活动", "130.00"),
    ("本年收入合计", "{carried}", "本年支出合计", "130.00"),
    ("上年结转结余", "{carry}", "年终结转结余", ""),
    ("收入总计", "130.00", "支出总计", "130.00"),
)


def changed(rows: Rows, row: int, col: int, text: str) -> Rows:
    return [[text if (r, c) == (row, col) else cell for c, cell in enumerate(cells)] for r, cells in enumerate(rows)]


def budget(carry: str) -> Rows:
    carried = f"{130 - float(carry or 0):.2f}"
    return [[cell.format(carried=carried, carry=carry) for cell in cells] for cells in NESTED]


@pytest.mark.parametrize(
    ("title", "rows", "form"),
    [
        ("表5：2031年市级部门一般公共预算支出预算表", GENERAL, "b05"),
        ("预算05表 一般公共预算支出表", GENERAL, "b05"),
        ("一般公共预算基本支出表", ECONOMIC, "b15"),
        ("2031年预算单位一般公共预算基本支出部门预算经济分类预算表", ECONOMIC, "b15"),
        ("一般公共预算“三公”经费、会议费、培训费支出表", PUBLIC, "b14"),
        ("表7：2031年市级部门一般公共预算“三公”经费预算表", UNITS, "b14"),
        ("表1：2031年市级部门收支预算总表", budget(""), "b01"),
        ("政府采购支出表", GENERAL, ""),
    ],
)
def test_forms_of_other_cities(title: str, rows: Rows, form: str) -> None:
    assert extract(make_document([make_table("t1", title, rows)])).form_of("t1") == form


def test_rows_and_tables_that_agree(audited: Audit) -> None:
    report = audited(
        [
            make_table("t1", "2031年市级部门收支预算总表", budget("")),
            make_table("t5", "一般公共预算支出表", GENERAL),
            make_table("t6", "一般公共预算基本支出表", ECONOMIC),
            make_table("t9", "一般公共预算“三公”经费、会议费、培训费支出表", PUBLIC),
        ]
    )
    assert report.findings == ()
    assert run_of(report, "XT001")[1] == 3
    assert run_of(report, "XT002")[1] == 2
    # the classes are listed with their 款 and 项: they are not added up
    assert any("固定项目" in skip.reason for skip in of_rule(report, "AR002")[1])


def test_a_row_of_a_unit_that_does_not_add_up(audited: Audit) -> None:
    table = make_table("t7", "2031年市级部门一般公共预算“三公”经费预算表", changed(UNITS, 3, 6, "4.00"))
    (finding,) = of_rule(audited([table]), "AR001")[0]
    assert set(places(finding)) == {("t7", 3, 1), ("t7", 3, 3), ("t7", 3, 6)}


def test_an_expense_beyond_the_table_of_limited_expenses(audited: Audit) -> None:
    rows = changed(changed(PUBLIC, 2, 5, "1.00"), 2, 0, "9.00")
    tables = [
        make_table("t6", "一般公共预算基本支出表", ECONOMIC),
        make_table("t9", "一般公共预算“三公”经费、会议费、培训费支出表", rows),
    ]
    (finding,) = audited(tables).findings
    assert finding.rule == "XT002"
    assert {("t6", 6, 2), ("t9", 2, 5)} <= set(places(finding))


def test_carried_money_is_no_income_of_the_year(audited: Audit) -> None:
    tables = [
        make_table("t1", "2031年市级部门收支预算总表", budget("30.00")),
        make_table("t5", "一般公共预算支出表", GENERAL),
    ]
    assert audited(tables).findings == ()
    without = [tables[0], make_table("t5", "一般公共预算支出预算表（不含上年结转）", GENERAL)]
    (finding,) = audited(without).findings
    assert finding.rule == "XT001"


def test_codes_in_two_columns(audited: Audit) -> None:
    rows: Rows = (
        ("类", "款", "科目名称", "决算数", "类", "款", "科目名称", "决算数"),
        ("301", "", "工资福利支出", "70.00", "302", "", "商品和服务支出", "10.00"),
        ("301", "01", "基本工资", "50.00", "302", "01", "办公费", "6.00"),
        ("301", "13", "住房公积金", "20.00", "302", "17", "公务接待费", "{}"),
        ("人员经费合计", ">", ">", "70.00", "公用经费合计", ">", ">", "10.00"),
    )
    title = "一般公共预算财政拨款基本支出决算表"
    good = [[cell.format("4.00") for cell in cells] for cells in rows]
    assert audited([make_table("f6", title, good)]).findings == ()
    bad = [[cell.format("5.00") for cell in cells] for cells in rows]
    (finding,) = audited([make_table("f6", title, bad)]).findings
    assert (finding.rule, ("f6", 3, 7) in places(finding)) == ("AR003", True)
