"""Sums inside one table: for every rule a violation, a near miss and a skip."""

from collections.abc import Callable

from detect.examples import document_of
from detect.runner import audit
from models.report import Report
from models.table import Table
from tests.detect.conftest import (
    BUDGET,
    ECONOMIC,
    EXPENDITURE,
    PROJECTS,
    Rows,
    make_table,
    of_rule,
    places,
    run_of,
    with_text,
)

Audit = Callable[..., Report]


def test_a_consistent_form_passes_and_is_counted(audited: Audit, expenditure: Table) -> None:
    report = audited([expenditure])
    assert report.findings == ()
    assert run_of(report, "AR001") == (9, 9, 0, 0)
    assert run_of(report, "AR003") == (15, 15, 0, 0)


def test_one_wrong_cell_is_one_finding_with_all_its_equations(audited: Audit, expenditure: Table) -> None:
    (finding,) = audited([with_text(expenditure, 5, 2, "77.00")]).findings
    assert finding.key == "AR001:b03:c2060701:total"
    assert places(finding)[0] == ("t3", 5, 2)
    assert {equation.total.evidence.row for equation in finding.equations} == {4, 5}
    assert (finding.observed, finding.expected, finding.difference) == ("77.00万元", "70.00万元", "7.00万元")
    assert (finding.severity, finding.reading) == ("error", "real")
    assert "2060701 机构运行" in finding.message


def test_rounding_is_no_fault(audited: Audit, expenditure: Table) -> None:
    assert audited([with_text(expenditure, 5, 2, "70.01")]).findings == ()


def test_an_unreadable_operand_is_a_skip(audited: Audit, expenditure: Table) -> None:
    report = audited([with_text(expenditure, 5, 2, "7O.OO")])
    assert of_rule(report, "AR001")[1][0].reason.startswith("《2031年预算支出总表》“2060701 机构运行”")
    assert report.findings == ()


def test_a_column_of_unknown_meaning_is_a_skip(audited: Audit) -> None:
    rows = [[*row, extra] for row, extra in zip(EXPENDITURE, ["备用数", "^", *["1.00"] * 9], strict=True)]
    report = audited([make_table("t3", "2031年预算支出总表", rows)])
    assert "未识别的金额列" in of_rule(report, "AR001")[1][0].reason


def test_an_amount_in_the_wrong_unit_is_recognised(audited: Audit, expenditure: Table) -> None:
    table = with_text(with_text(expenditure, 6, 2, "300,000.00"), 6, 4, "300,000.00")
    (finding,) = audited([table]).findings
    assert "疑似以元填列" in finding.message
    assert places(finding)[:2] == [("t3", 6, 2), ("t3", 6, 4)]


def test_swapped_digits_are_named(audited: Audit, expenditure: Table) -> None:
    (finding,) = audited([with_text(expenditure, 2, 2, "103.00")]).findings
    assert "相邻两位数字颠倒" in finding.message


def test_fixed_lines_add_up(audited: Audit) -> None:
    table = make_table("t1", "2031年预算收支总表", BUDGET)
    assert audited([table]).findings == ()
    (finding,) = audited([with_text(table, 7, 1, "139.00")]).findings
    assert finding.rule == "AR002"
    assert places(finding)[0] == ("t1", 7, 1)


def test_a_line_of_unknown_meaning_is_a_skip(audited: Audit) -> None:
    rows = [list(row) for row in BUDGET]
    rows[6] = ["六、观测服务收入", "5.00", "", "", "", ""]
    report = audited([make_table("t1", "2031年预算收支总表", rows)])
    assert any("观测服务收入" in skip.reason for skip in of_rule(report, "AR002")[1])
    assert report.findings == ()


def test_codes_add_up_in_any_table(audited: Audit) -> None:
    rows = [["科目编码", "科目名称", "拟安排"], *[[row[0], row[1], row[2]] for row in EXPENDITURE[3:]]]
    table = make_table("t9", "虚构市天文馆经费测算表", rows)
    assert audited([table]).findings == ()
    (finding,) = audited([with_text(table, 2, 2, "170.00")]).findings
    assert (finding.rule, places(finding)[0]) == ("AR003", ("t9", 2, 2))


def test_totals_over_rows_without_codes_are_a_skip(audited: Audit) -> None:
    rows = [list(row) for row in EXPENDITURE]
    rows.append(["", "另列观测专款", "5.00", "", "5.00"])
    report = audited([make_table("t3", "2031年预算支出总表", rows)])
    assert any("另列观测专款" in skip.reason for skip in of_rule(report, "AR003")[1])
    assert report.findings == ()


def test_pages_of_one_form_that_were_not_joined_are_a_skip(audited: Audit) -> None:
    first = make_table("t1", "2031年预算支出总表", EXPENDITURE[:7])
    second = make_table("t2", "2031年预算支出总表", [*EXPENDITURE[:2], *EXPENDITURE[7:]], page=1)
    report = audited([first, second])
    assert report.findings == ()
    assert {skip.reason for skip in of_rule(report, "AR003")[1]} == {"该表分页后未能合并为一张表，未作纵向核对"}


def test_projects_add_up_to_their_unit(audited: Audit) -> None:
    table = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    assert audited([table]).findings == ()
    (finding,) = audited([with_text(with_text(table, 8, 1, "26.00"), 8, 2, "26.00")]).findings
    assert (finding.rule, places(finding)[:2]) == ("AR004", [("t12", 8, 1), ("t12", 8, 2)])


def test_a_list_that_cannot_be_grouped_is_a_skip(audited: Audit) -> None:
    rows = [
        *PROJECTS[:4],
        *([name, "1.00", "1.00", "", "", "", ""] for name in ("甲观测站", "乙项目", "丙观测站", "丁项目")),
    ]
    rows = [list(row) for row in rows]
    rows[5][1:3] = ["9.00", "9.00"]
    rows[7][1:3] = ["9.00", "9.00"]
    report = audited([make_table("t12", "2031年项目支出预算表（本年预算）", rows)])
    assert "从属关系" in of_rule(report, "AR004")[1][0].reason


def test_economic_subjects_add_up_to_their_group(audited: Audit) -> None:
    table = make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC)
    assert audited([table]).findings == ()
    (finding,) = audited([with_text(with_text(table, 4, 2, "51.00"), 4, 3, "51.00")]).findings
    assert (finding.rule, places(finding)[0]) == ("AR005", ("t6", 4, 2))


def test_subjects_without_a_group_are_a_skip(audited: Audit) -> None:
    rows = [row for row in ECONOMIC if row[0] != "工资福利支出"]
    report = audited([make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", rows)])
    assert of_rule(report, "AR005")[1]


def test_many_causes_in_one_table_doubt_its_reading(audited: Audit, expenditure: Table) -> None:
    table = expenditure
    for row, value in ((3, "1.00"), (5, "3.00"), (6, "7.00"), (7, "17.00"), (9, "91.00"), (10, "53.00")):
        table = with_text(table, row, 2, value)
    report = audited([table])
    assert report.findings == ()
    assert any("表格结构" in skip.reason for skip in report.skips)


OWN_FORM: Rows = (
    ("科目编码", "科目名称", "合计", "基本支出", ">", ">", "观测专项"),
    ("^", "^", "^", "小计", "人员经费", "公用经费", "^"),
    ("**", "**", "1", "2", "3", "4", "5"),
    ("206", "科学技术支出", "100.00", "60.00", "50.00", "10.00", "40.00"),
    ("20607", "科学技术普及", "100.00", "60.00", "50.00", "10.00", "40.00"),
    ("2060701", "机构运行", "70.00", "60.00", "50.00", "10.00", "10.00"),
    ("2060702", "科普活动", "30.00", "", "", "", "30.00"),
    ("221", "住房保障支出", "36.00", "26.00", "20.00", "6.00", "10.00"),
    ("22102", "住房改革支出", "36.00", "26.00", "20.00", "6.00", "10.00"),
    ("2210201", "住房公积金", "36.00", "26.00", "20.00", "6.00", "10.00"),
)


def test_a_table_shows_by_itself_how_it_adds_up(audited: Audit) -> None:
    table = make_table("t9", "虚构市天文馆支出测算表", OWN_FORM)
    report = audited([table])
    assert report.findings == ()
    assert run_of(report, "AR006")[2:] == (0, 0)
    report = audited([with_text(table, 5, 4, "55.00")])
    assert [places(finding)[0] for finding in report.findings] == [("t9", 5, 4)]
    assert run_of(report, "AR006")[2] == 1


def test_columns_that_are_no_parts_are_a_skip(audited: Audit) -> None:
    rows = [list(row) for row in OWN_FORM]
    rows[0][6] = "其中：观测专项"
    report = audited([make_table("t9", "虚构市天文馆支出测算表", rows)])
    assert of_rule(report, "AR006")[1]
    assert report.findings == ()


def test_a_row_whose_code_was_lost_is_a_skip(audited: Audit, expenditure: Table) -> None:
    report = audited([with_text(expenditure, 6, 0, "20G07O2")])
    assert report.findings == ()
    assert any("20607 科学技术普及" in skip.scope and "科普活动" in skip.reason for skip in of_rule(report, "AR003")[1])


def test_an_amount_that_lost_its_end_is_undecided(audited: Audit, expenditure: Table) -> None:
    (finding,) = audited([with_text(expenditure, 5, 3, "60.5")]).findings
    assert (finding.severity, finding.reading) == ("hint", "undecided")
    assert "末位数字" in finding.message
    (finding,) = audited([with_text(expenditure, 5, 3, "60.50")]).findings
    assert (finding.severity, finding.reading) == ("error", "real")


FOOTED: Rows = (
    ("人员经费", ">", ">", "公用经费", *[">"] * 5),
    (*("科目代码", "科目名称", "决算数") * 3,),
    ("301", "工资福利支出", "50.00", "302", "商品和服务支出", "8.00", "310", "资本性支出", "2.00"),
    ("30101", "基本工资", "30.00", "30201", "办公费", "5.00", "31002", "办公设备购置", "2.00"),
    ("30102", "津贴补贴", "20.00", "30211", "差旅费", "3.00", "", "", ""),
    ("人员经费合计", ">", "50.00", "", "公用经费合计", "", "", "", "10.00"),
)


def test_a_footer_over_several_blocks_keeps_its_amount(audited: Audit) -> None:
    table = make_table("t6", "一般公共预算财政拨款基本支出决算明细表", FOOTED)
    report = audited([table])
    assert report.findings == ()
    assert run_of(report, "AR002") == (2, 2, 0, 0)
    (finding,) = audited([with_text(table, 5, 8, "11.00")]).findings
    assert places(finding)[0] == ("t6", 5, 8)


def test_vehicles_are_counted_not_paid() -> None:
    text = """
        《部门决算公开相关信息统计表》万元
        项目 | 行次 | 统计数
        二、机关运行经费 | 1 | 12.00
        （一）行政单位 | 2 | 12.00
        三、国有资产占用情况 | 3 |
        （一）车辆数合计（辆） | 4 | 4
        1.副部（省）级及以上领导用车 | 5 |
        2.主要负责人用车 | 6 |
        3.机要通信用车 | 7 | 1
        4.应急保障用车 | 8 |
        5.执法执勤用车 | 9 |
        6.特种专业技术用车 | 10 |
        7.离退休干部用车 | 11 |
        8.其他用车 | 12 | 2
        # 十、国有资产占用情况说明
        截至年末，共有车辆3辆，其中：机要通信用车1辆、其他用车2辆。
        """
    (finding,) = [finding for finding in audit(document_of(text)).findings if finding.rule in ("AR002", "TX011")]
    assert (finding.observed, finding.expected, finding.difference) == ("4辆", "3辆", "1辆")
    assert "“（一）车辆数合计（辆）”填列4辆" in finding.message
