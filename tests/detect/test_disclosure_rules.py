"""Tables against each other, against prose and against the statutory set: violation, near miss and skip."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from detect.runner import audit
from models.page import Page
from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import (
    BUDGET,
    ECONOMIC,
    EXPENDITURE,
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


def test_the_rows_of_one_economic_item_add_up_to_its_function(audited: Audit) -> None:
    general = make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", EXPENDITURE)
    title = "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）"
    rows = [list(row) for row in ECONOMIC]
    rows[5:6] = [
        ["住房公积金", "住房公积金", "14.00", "14.00", ""],
        ["住房公积金", "工资福利支出", "6.00", "6.00", ""],
    ]
    assert audited([general, make_table("t6", title, rows)]).findings == ()
    rows[4][2:4], rows[6][2:4] = ["49.00", "49.00"], ["7.00", "7.00"]
    (finding,) = audited([general, make_table("t6", title, rows)]).findings
    assert finding.rule == "XT001"
    assert {("t5", 9, 3), ("t6", 5, 2), ("t6", 6, 2)} <= set(places(finding))


def test_one_code_has_one_name(audited: Audit, expenditure: Table) -> None:
    general = make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", EXPENDITURE)
    assert of_rule(audited([expenditure, general]), "XT003")[0] == []
    (finding,) = of_rule(audited([expenditure, with_text(general, 10, 1, "提租补贴")]), "XT003")[0]
    assert (finding.severity, places(finding)) == ("warning", [("t5", 10, 1), ("t3", 10, 1)])
    assert of_rule(audited([expenditure, with_text(general, 10, 1, "购房补贴支出")]), "XT003")[0] == []
    doubtful = with_text(general, 10, 1, "提租补贴", confidence=0.6)
    assert of_rule(audited([expenditure, doubtful]), "XT003")[0] == []


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
    assert (finding.rule, finding.equations[0].relation) == ("XT002", "<=")
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
    from detect.vocabulary import shipped_forms

    made = []
    for form in shipped_forms():
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


def test_a_page_that_could_not_be_read_is_no_missing_form(audited: Audit) -> None:
    document = make_document(form_set(missing=["f08"]))
    document = replace(document, pages=(*document.pages, Page(3, 595, 842, problem="页面过大，未能识别")))
    findings, skips = of_rule(audit(document), "CP001")
    assert (findings, len(skips)) == ([], 1)


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
