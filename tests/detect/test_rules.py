"""The promises that every rule keeps, and for every rule a violation, a near miss and a skip."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from detect.registry import Outcome, Rule, all_rules
from detect.runner import audit
from models.citation import Citation
from models.page import Page
from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import (
    EXPENDITURE,
    PROJECTS,
    THREE_PUBLIC,
    Rows,
    make_document,
    make_table,
    of_rule,
    places,
    run_of,
    with_text,
)

Audit = Callable[..., Report]
SECTIONS = ("## What it checks", "## Why it matters", "## What it leaves alone")


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_is_documented_and_founded(rule: Rule) -> None:
    assert all(section in rule.doc for section in SECTIONS)
    assert rule.basis.title.startswith("《")
    assert re.fullmatch(r"[A-Z]{2}\d{3}", rule.id)
    assert rule.name


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


BUDGET: Rows = (
    ("收入", ">", "支出", ">", ">", ">"),
    ("项目", "2031年", "项目", "2031年合计", "当年预算安排", "上年结转安排"),
    ("一、一般公共预算", "125.00", "六、科学技术支出", "100.00", "100.00", ""),
    ("二、政府性基金预算", "", "二十、住房保障支出", "30.00", "30.00", ""),
    ("三、国有资本经营预算", "", "", "", "", ""),
    ("四、财政专户管理资金", "", "", "", "", ""),
    ("五、单位资金", "5.00", "", "", "", ""),
    ("本年收入合计", "130.00", "本年支出合计", "130.00", "130.00", ""),
    ("上年结转", "", "年终结转", "", "", ""),
    ("收入总计", "130.00", "支出总计", "130.00", "130.00", ""),
)


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


ECONOMIC: Rows = (
    ("部门预算支出经济科目名称", "政府预算支出经济科目名称", "2031年预算数", ">", ">"),
    ("^", "^", "合计", "人员经费", "公用经费"),
    ("合计", ">", "80.00", "70.00", "10.00"),
    ("工资福利支出", "", "70.00", "70.00", ""),
    ("基本工资", "工资奖金津补贴", "50.00", "50.00", ""),
    ("住房公积金", "住房公积金", "20.00", "20.00", ""),
    ("商品和服务支出", "", "10.00", "", "10.00"),
    ("公务用车运行维护费", "公务用车运行维护费", "3.60", "", "3.60"),
    ("办公费", "办公经费", "6.40", "", "6.40"),
)


def test_economic_subjects_add_up_to_their_group(audited: Audit) -> None:
    table = make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC)
    assert audited([table]).findings == ()
    (finding,) = audited([with_text(with_text(table, 4, 2, "51.00"), 4, 3, "51.00")]).findings
    assert (finding.rule, places(finding)[0]) == ("AR005", ("t6", 4, 2))


def test_subjects_without_a_group_are_a_skip(audited: Audit) -> None:
    rows = [row for row in ECONOMIC if row[0] != "工资福利支出"]
    report = audited([make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", rows)])
    assert of_rule(report, "AR005")[1]


def test_two_tables_agree(audited: Audit, expenditure: Table) -> None:
    general = make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", EXPENDITURE)
    economic = make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC)
    assert audited([expenditure, general, economic]).findings == ()
    rows = [list(row) for row in ECONOMIC]
    for row, values in ((2, ("81.00", "71.00")), (3, ("71.00", "71.00")), (4, ("51.00", "51.00"))):
        rows[row][2:4] = values
    (finding,) = audited([general, make_table("t6", economic.title, rows)]).findings
    assert finding.rule == "XT001"
    assert {("t5", 2, 3), ("t6", 2, 2)} <= set(places(finding))


def test_a_missing_partner_is_a_skip(audited: Audit) -> None:
    report = audited([make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", EXPENDITURE)])
    assert of_rule(report, "XT001")[1]
    assert of_rule(report, "XT002")[1]


def test_a_part_exceeds_its_whole(audited: Audit) -> None:
    economic = make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC)
    public = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", THREE_PUBLIC)
    assert audited([economic, public]).findings == ()
    rows = [list(row) for row in THREE_PUBLIC]
    for row, value in ((4, "3.00"), (6, "3.00"), (7, "4.20")):
        rows[row][1:3] = [value, value]
    (finding,) = audited([economic, make_table("t10", public.title, rows)]).findings
    assert finding.rule == "XT002"
    assert ("t6", 7, 2) in places(finding)


THREE_PUBLIC_TEXT: list[tuple[BlockRole, str]] = [
    ("heading", "七、“三公”经费增减变动原因说明"),
    (
        "paragraph",
        "2031年“三公”经费预算4.80万元，比上年减少0.40万元。其中：公务接待费1.20万元；公务用车运行维护费3.60万元。",
    ),
]


def test_prose_states_what_the_table_prints(audited: Audit) -> None:
    table = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", THREE_PUBLIC)
    report = audited([table], THREE_PUBLIC_TEXT)
    assert report.findings == ()
    assert run_of(report, "TX001") == (3, 3, 0, 0)
    wrong = [(role, text.replace("1.20", "2.10")) for role, text in THREE_PUBLIC_TEXT]
    (finding,) = audited([table], wrong).findings
    assert (finding.rule, finding.evidence[0].table, finding.evidence[0].page) == ("TX001", None, 2)
    assert "公务接待费2.10万元" in finding.evidence[0].text
    assert ("t10", 3, 1) in places(finding)


def test_a_table_without_its_section_is_a_skip(audited: Audit) -> None:
    table = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", THREE_PUBLIC)
    assert of_rule(audited([table]), "TX001")[1]


OPERATING: Rows = (
    ("单位名称", "2031预算数", ">", ">", ">"),
    ("^", "合计", "一般公共预算", "政府性基金预算", "国有资本经营预算"),
    ("部门合计", "10.00", "10.00", "", ""),
    ("虚构市天文馆", "10.00", "10.00", "", ""),
)


@pytest.mark.parametrize(("stated", "found"), [("10.00", 0), ("10.01", 0), ("12.00", 1)])
def test_operating_expenses_in_prose(audited: Audit, stated: str, found: int) -> None:
    table = make_table("t11", "2031年财政拨款安排机关运行经费预算表", OPERATING)
    text: list[tuple[BlockRole, str]] = [
        ("heading", "八、机关运行经费增减变动原因说明"),
        ("paragraph", f"机关运行经费财政拨款预算{stated}万元，上年为9.00万元。"),
    ]
    findings, _ = of_rule(audited([table], text), "TX002")
    assert len(findings) == found


def test_operating_expenses_without_prose_are_a_skip(audited: Audit) -> None:
    table = make_table("t11", "2031年财政拨款安排机关运行经费预算表", OPERATING)
    assert of_rule(audited([table]), "TX002")[1]


def form_set(missing: Sequence[str] = ()) -> list[Table]:
    from detect.vocabulary import forms

    made = []
    for form in forms():
        if form.document != "final" or form.id in missing:
            continue
        headers = [column.headers[0].split(">") for column in form.columns]
        depth = max(len(path) for path in headers)
        rows = [[(path[level] if level < len(path) else "^") for path in headers] for level in range(depth)]
        made.append(
            make_table(
                form.id, form.titles[0], [*rows, ["合计", *[""] * (len(headers) - 1)]], notes=("说明：本表无数据",)
            )
        )
    return made


def test_a_missing_form_is_found_only_in_the_statutory_set(audited: Audit) -> None:
    assert of_rule(audited(form_set()), "CP001") == ([], [])
    findings, _ = of_rule(audited(form_set(missing=["f08"])), "CP001")
    assert [finding.key for finding in findings] == ["CP001:f08:missing:"]
    findings, skips = of_rule(audited(form_set(missing=["f08", "f07", "f05"])), "CP001")
    assert (findings, len(skips)) == ([], 1)


def test_a_title_without_a_recognised_table_is_a_skip(audited: Audit) -> None:
    texts: list[tuple[BlockRole, str]] = [("title", "国有资本经营预算财政拨款支出决算表")]
    findings, skips = of_rule(audited(form_set(missing=["f08"]), texts), "CP001")
    assert (findings, len(skips)) == ([], 1)


def test_a_missing_unit_is_found(audited: Audit, expenditure: Table) -> None:
    general = make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", EXPENDITURE)
    public = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", THREE_PUBLIC)
    assert of_rule(audited([expenditure, general, public]), "CP002") == ([], [])
    findings, _ = of_rule(audited([replace(expenditure, unit=""), general, public]), "CP002")
    assert [finding.key for finding in findings] == ["CP002:b03:unit:"]
    findings, skips = of_rule(audited([replace(expenditure, unit=""), general, public], source="ocr"), "CP002")
    assert (findings, len(skips)) == ([], 1)


def test_an_empty_form_without_its_note(audited: Audit) -> None:
    made = [table for table in form_set() if table.id in ("f07", "f08")]
    assert of_rule(audited(made), "CP003") == ([], [])
    bare = [made[0], replace(made[1], notes=())]
    findings, _ = of_rule(audited(bare), "CP003")
    assert [finding.key for finding in findings] == ["CP003:f08:note:"]
    findings, skips = of_rule(audited(bare, source="ocr"), "CP003")
    assert (findings, len(skips)) == ([], 1)


FUNDING: Rows = (
    ("项目名称", ">", "流星雨观测活动经费", ">", ">", ">"),
    ("项目资金（元）", "实施期资金总额：", "360,000", "年度资金总额：", ">", "120,000"),
    ("^", "其中：中央财政资金", "0", "其中：中央财政资金", ">", "0"),
    ("^", "省级财政资金", "60,000", "省级财政资金", ">", "20,000"),
    ("^", "市县（区）财政资金", "300,000", "市县（区）财政资金", ">", "100,000"),
    ("^", "单位自筹", "0", "单位自筹", ">", "0"),
    ("^", "其他资金", "", "其他资金", ">", ""),
    ("项目概况", ">", "组织市民观测流星雨三次。", ">", ">", ">"),
)


def test_sources_add_up_to_the_money_of_a_project(audited: Audit) -> None:
    table = make_table("g1", "虚构市项目支出绩效目标表", FUNDING, unit="")
    assert audited([table]).findings == ()
    (finding,) = audited([with_text(table, 4, 5, "103,000")]).findings
    assert (finding.rule, finding.category) == ("PF001", "project")
    assert {("g1", 1, 5), ("g1", 4, 5)} <= set(places(finding))
    assert "流星雨观测活动经费" in finding.message


def test_a_source_that_cannot_be_read_is_a_skip(audited: Audit) -> None:
    table = make_table("g1", "虚构市项目支出绩效目标表", FUNDING, unit="")
    assert of_rule(audited([with_text(table, 4, 5, "约十万")]), "PF001")[1]


def test_a_form_filled_in_the_other_unit(audited: Audit) -> None:
    table = make_table("g1", "虚构市项目支出绩效目标表", FUNDING, unit="")
    for row, value in ((1, "12"), (3, "2"), (4, "10")):
        table = with_text(table, row, 5, value)
    (finding,) = audited([table]).findings
    assert (finding.rule, finding.expected) == ("PF002", "120,000.00元")
    assert places(finding)[0] == ("g1", 1, 5)


EVALUATION: Rows = (
    ("项目名称", ">", "流星雨观测活动经费", ">"),
    ("项目执行情况（10分）", ">", "预算执行率=90%", "9分"),
    ("绩效指标", "产出指标（50分）", "观测次数", "48.5分"),
    ("^", "效益指标（30分）", "参加人数", "30分"),
    ("^", "满意度指标（10分）", "参加者满意度", "10分"),
    ("总分", ">", ">", "97.5分"),
    ("自评结论", ">", "自评得分97.5分，等级为优。", ">"),
)


def test_scores_add_up_and_give_their_grade(audited: Audit) -> None:
    table = make_table("s1", "虚构市项目支出绩效自评表", EVALUATION, unit="")
    report = audited([table])
    assert report.findings == ()
    assert (run_of(report, "SE001"), run_of(report, "SE002")) == ((1, 1, 0, 0), (1, 1, 0, 0))
    (finding,) = audited([with_text(table, 5, 3, "94.5分")]).findings
    assert (finding.rule, places(finding)[0], finding.expected) == ("SE001", ("s1", 5, 3), "97.50分")
    (finding,) = audited([with_text(table, 6, 2, "自评得分97.5分，等级为良。")]).findings
    assert (finding.rule, places(finding)) == ("SE002", [("s1", 6, 2), ("s1", 5, 3)])


def test_an_evaluation_without_a_total_is_a_skip(audited: Audit) -> None:
    table = make_table("s1", "虚构市项目支出绩效自评表", EVALUATION[:5], unit="")
    report = audited([table])
    assert of_rule(report, "SE001")[1]
    assert of_rule(report, "SE002")[1]


def test_many_causes_in_one_table_doubt_its_reading(audited: Audit, expenditure: Table) -> None:
    table = expenditure
    for row, value in ((3, "1.00"), (5, "3.00"), (6, "7.00"), (7, "17.00"), (9, "91.00"), (10, "53.00")):
        table = with_text(table, row, 2, value)
    report = audited([table])
    assert report.findings == ()
    assert any("表格结构" in skip.reason for skip in report.skips)


def test_a_page_that_could_not_be_read_is_no_missing_form(audited: Audit) -> None:
    document = make_document(form_set(missing=["f08"]))
    document = replace(document, pages=(*document.pages, Page(3, 595, 842, problem="页面过大，未能识别")))
    findings, skips = of_rule(audit(document), "CP001")
    assert (findings, len(skips)) == ([], 1)


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


def test_a_condition_that_is_not_met_is_a_skip(audited: Audit, expenditure: Table) -> None:
    rows = [list(row) for row in BUDGET]
    rows[8][3:5] = ["2.00", "2.00"]
    rows[7][3:5] = ["128.00", "128.00"]
    rows[2][3:5] = ["98.00", "98.00"]
    report = audited([expenditure, make_table("t1", "2031年预算收支总表", rows)])
    assert any("不适用" in skip.reason for skip in of_rule(report, "XT001")[1])


def test_an_item_that_prose_does_not_state_is_a_skip(audited: Audit) -> None:
    table = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", THREE_PUBLIC)
    silent = [(role, text.replace("公务接待费1.20万元；", "")) for role, text in THREE_PUBLIC_TEXT]
    _, skips = of_rule(audited([table], silent), "TX001")
    assert "公务接待费" in [skip.scope for skip in skips]


SPENT: Rows = (
    ("预算数", *[">"] * 5, "决算数", *[">"] * 5),
    ("合计", "因公出国（境）费", "公务用车购置及运行维护费", ">", ">", "公务接待费") * 2,
    ("^", "^", "小计", "公务用车购置费", "公务用车运行维护费", "^") * 2,
    tuple(str(number) for number in range(1, 13)),
    ("6.00", "", "4.00", "", "4.00", "2.00", "5.00", "", "3.60", "", "3.60", "1.40"),
)


@pytest.mark.parametrize(("stated", "found"), [("5.00", 0), ("5.50", 1)])
def test_prose_of_final_accounts_names_the_budget_first(audited: Audit, stated: str, found: int) -> None:
    table = make_table("t9", "财政拨款“三公”经费支出决算表", SPENT)
    text: list[tuple[BlockRole, str]] = [
        ("heading", "九、财政拨款“三公”经费支出决算情况说明"),
        ("paragraph", f"“三公”经费全年预算6.00万元，支出决算{stated}万元，完成全年预算的83.33%。"),
    ]
    report = audited([table], text)
    assert len(of_rule(report, "TX001")[0]) == found
    assert run_of(report, "AR001") == (4, 4, 0, 0)
