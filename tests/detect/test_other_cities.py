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

DETAIL: Rows = (
    ("科目编码", "科目名称", "合计", "人员经费支出", "公用经费支出", "专项业务经费支出", "备注"),
    ("合计", ">", "130.00", "70.00", "10.00", "50.00", ""),
    ("206", "科学技术支出", "130.00", "70.00", "10.00", "50.00", ""),
)
BASIC_DETAIL: Rows = (
    ("科目编码", "科目名称", "合计", "人员经费支出", "公用经费支出", "备注"),
    ("合计", ">", "80.00", "70.00", "10.00", ""),
    ("206", "科学技术支出", "80.00", "70.00", "10.00", ""),
)
BY_NAME: Rows = (
    ("功能分类科目名称", "总计", "基本支出", ">", "项目支出", "事业单位经营支出", "上缴上级支出", "对附属单位补助支出"),
    ("^", "^", "人员支出", "日常公用支出", "^", "^", "^", "^"),
    ("合计", "130.00", "70.00", "10.00", "50.00", "", "", ""),
    ("科学技术支出", "130.00", "70.00", "10.00", "50.00", "", "", ""),
)
INCOME: Rows = (
    ("单位名称", "总计", "本年收入", *[">"] * 9, "上年结转结余", *[">"] * 5),
    (
        "^", "^", "小计", "一般公共预算", "政府性基金预算", "国有资本经营预算", "财政专户管理资金", "事业收入",
        "事业单位经营收入", "上级补助收入", "附属单位上缴收入", "其他收入", "小计", "一般公共预算", "政府性基金预算",
        "国有资本经营预算", "财政专户管理资金", "单位资金",
    ),
    ("合计", "130.00", "120.00", "100.00", *[""] * 3, "20.00", *[""] * 4, "10.00", "4.00", *[""] * 3, "6.00"),
    ("虚构市天文局", "130.00", "120.00", "100.00", *[""] * 3, "20.00", *[""] * 4, "10.00", "4.00", *[""] * 3, "6.00"),
    ("虚构市天文局", "60.00", "60.00", "60.00", *[""] * 14),
    ("虚构市天文馆", "70.00", "60.00", "40.00", *[""] * 3, "20.00", *[""] * 4, "10.00", "4.00", *[""] * 3, "6.00"),
)  # fmt: skip


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
        ("财政拨款支出表（功能科目）", GENERAL, "b16"),
        ("财政拨款基本支出表（经济科目）", ECONOMIC, "b17"),
        ("2031年部门综合预算一般公共预算支出明细表（按支出功能分类科目-不含上年结转）", DETAIL, "b18"),
        ("部门综合预算一般公共预算支出明细表（按支出经济分类科目）", DETAIL, "b19"),
        ("部门综合预算一般公共预算基本支出明细表（按支出功能分类科目）", BASIC_DETAIL, "b20"),
        ("部门综合预算一般公共预算基本支出明细表（按支出经济分类科目）", BASIC_DETAIL, "b15"),
        ("表3：2031年市级部门支出预算总表", BY_NAME, "b21"),
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
    # the row, and the column of the units above it
    assert set(places(finding)) == {("t7", 3, 1), ("t7", 3, 3), ("t7", 3, 6), ("t7", 2, 6), ("t7", 4, 6)}


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


def test_income_by_unit_adds_up_across_and_down(audited: Audit) -> None:
    title = "表2：2031年市级部门收入预算总表"
    report = audited([make_table("t2", title, INCOME)])
    assert (report.form_of("t2"), report.findings) == ("b02", ())
    assert run_of(report, "AR001")[1] == 11  # three in each row, but for the unit that carries nothing over
    # the department's subtotal takes money from one unit and gives it to nobody
    (finding,) = audited([make_table("t2", title, changed(INCOME, 5, 3, "41.00"))]).findings
    assert {("t2", 5, 2), ("t2", 5, 3), ("t2", 3, 3)} <= set(places(finding))


def test_an_amount_that_goes_on_in_the_next_row_is_not_added_up(audited: Audit) -> None:
    rows = changed(changed(INCOME, 5, 7, "19.9"), 5, 2, "59.96")
    torn = [*rows, ["", *[""] * 6, "6", *[""] * 10]]
    report = audited([make_table("t2", "表2：2031年市级部门收入预算总表", torn)])
    assert report.findings == ()
    assert any("换行" in skip.reason for skip in of_rule(report, "AR001")[1])


def test_units_whose_order_nothing_explains_are_left_alone(audited: Audit) -> None:
    rows = [[*cells] for cells in UNITS]
    rows[3] = ["虚构市天文馆", "9.00", "1.00", "6.50", "", "6.50", "1.50"]
    report = audited([make_table("t7", "2031年市级部门一般公共预算“三公”经费预算表", rows)])
    assert of_rule(report, "AR004")[0] == []


def test_detail_by_function_and_by_nature_agree(audited: Audit) -> None:
    title = "部门综合预算一般公共预算{}支出明细表（按支出{}分类科目）"
    tables = [
        make_table("t5", title.format("", "功能"), DETAIL),
        make_table("t7", title.format("基本", "功能"), BASIC_DETAIL),
        make_table("t8", title.format("基本", "经济"), ECONOMIC[1:]),
    ]
    report = audited(tables)
    assert report.findings == ()
    assert run_of(report, "XT001")[1] == 6
    tables[1] = make_table(
        "t7", title.format("基本", "功能"), [*BASIC_DETAIL[:1], *changed(BASIC_DETAIL, 2, 3, "69.00")[1:]]
    )
    assert {"t5", "t7"} <= {place[0] for finding in audited(tables).findings for place in places(finding)}


def test_a_form_of_one_city_is_missed_nowhere_else(audited: Audit) -> None:
    report = audited([make_table("t5", "一般公共预算支出表", GENERAL)])
    assert not any("财政拨款支出表" in skip.scope for skip in report.skips)
    assert any("收入总表" in skip.scope for skip in report.skips)
