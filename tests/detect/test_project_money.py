"""Money of project forms against the list of projects and against their own text: violation, near miss and skip."""

from collections.abc import Callable

from models.report import Report
from models.table import Table
from tests.detect.conftest import PROJECTS, Rows, make_table, of_rule, places, with_text

Audit = Callable[..., Report]

FORM: Rows = (
    ("项目名称", ">", "望远镜镜片养护费", ">", ">", ">"),
    ("项目资金（元）", "实施期资金总额：", "540,000", "年度资金总额：", ">", "180,000"),
    ("^", "其中：中央财政资金", "0", "其中：中央财政资金", ">", "0"),
    ("^", "市县（区）财政资金", "540,000", "市县（区）财政资金", ">", "180,000"),
    (
        "项目概况",
        ">",
        "需18万元，其中：镀膜12万元（8片×15000元/片）、防尘罩6万元（40个×1500元/个）。",
        ">",
        ">",
        ">",
    ),
)
TITLE = "虚构市项目支出绩效目标表"


def audit_form(audited: Audit, *, row: int = 0, text: str = "", also: Rows | None = None) -> Report:
    listed = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    form = make_table("g1", TITLE, FORM, unit="", page=1)
    tables = [listed, with_text(form, row, 2, text) if text else form]
    return audited([*tables, make_table("g2", TITLE, also, unit="", page=2)] if also else tables)


def test_a_form_that_agrees_says_nothing(audited: Audit) -> None:
    report = audit_form(audited)
    assert [item for item in report.findings if item.rule.startswith("PF")] == []


def test_the_money_of_a_form_is_that_of_the_list(audited: Audit) -> None:
    listed = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    form = make_table("g1", TITLE, FORM, unit="", page=1)
    for row in (1, 3):
        form = with_text(form, row, 5, "210,000")
    (finding,) = of_rule(audited([listed, form]), "PF003")[0]
    assert places(finding)[0] == ("g1", 1, 5)
    assert (finding.severity, finding.expected) == ("error", "180,000.00元")
    rounded = with_text(with_text(form, 1, 5, "180,049"), 3, 5, "180,049")
    assert of_rule(audited([listed, rounded]), "PF003") == ([], [])


def test_a_renamed_project_is_named_with_both_names(audited: Audit) -> None:
    other: Rows = (
        ("项目名称", ">", "星图印制费", ">", ">", ">"),
        ("项目资金（元）", "实施期资金总额：", "200,000", "年度资金总额：", ">", "200,000"),
        ("^", "单位自筹", "200,000", "单位自筹", ">", "200,000"),
    )
    (finding,) = of_rule(audit_form(audited, text="望远镜镜片养护费（续）", also=other), "PF004")[0]
    assert places(finding) == [("t12", 5, 0), ("g1", 0, 2)]
    assert "望远镜镜片养护费(续)" in finding.message
    (finding,) = of_rule(audit_form(audited, text="穹顶防水工程款", also=other), "PF004")[0]
    assert places(finding) == [("g1", 0, 2)]
    assert finding.observed == "未列"


def test_one_renamed_project_is_a_finding_by_itself(audited: Audit) -> None:
    (finding,) = of_rule(audit_form(audited, text="望远镜镜片养护费（续）"), "PF004")[0]
    assert places(finding) == [("t12", 5, 0), ("g1", 0, 2)]


def test_forms_that_are_named_otherwise_are_skipped(audited: Audit) -> None:
    findings, skips = of_rule(audit_form(audited, text="穹顶防水工程款"), "PF004")
    assert findings == []
    assert skips


def test_parts_beyond_the_total(audited: Audit) -> None:
    text = "需经费18万元，其中：镜片镀膜12万元（8片×15000元/片）、防尘罩7.5万元（50个×1500元/个）。"
    report = audit_form(audited, row=4, text=text)
    (finding,) = of_rule(report, "PF005")[0]
    assert places(finding) == [("g1", 4, 2), ("g1", 1, 5)]
    assert (finding.severity, finding.observed, finding.difference) == ("error", "19.50万元", "1.50万元")
    assert of_rule(report, "PF006") == ([], [])


def test_parts_below_the_total_are_a_hint_unless_they_are_all(audited: Audit) -> None:
    (finding,) = of_rule(audit_form(audited, row=4, text="需经费18万元，其中：镀膜12万元、防尘罩5.5万元。"), "PF005")[0]
    assert finding.severity == "hint"
    (finding,) = of_rule(audit_form(audited, row=4, text="经费18万元由镀膜12万元、防尘罩5.5万元构成。"), "PF005")[0]
    assert finding.severity == "warning"
    assert of_rule(audit_form(audited, row=4, text="约需18万元，其中：镀膜12万元、防尘罩5.5万元。"), "PF005")[0] == []


def test_a_total_beyond_its_parts_and_the_money_of_the_year_is_wrong(audited: Audit) -> None:
    text = "观测业务逐年增长，共需19.5万元，其中：镀膜12万元、防尘罩6万元。"
    (finding,) = of_rule(audit_form(audited, row=4, text=text), "PF005")[0]
    assert (finding.severity, finding.observed, finding.expected) == ("error", "19.50万元", "18.00万元")
    for other in (
        "比上年增长19.5万元，其中：镀膜12万元、防尘罩6万元。",
        "三年共需54万元，每年18万元，其中：镀膜12万元、防尘罩6万元。",
    ):
        assert of_rule(audit_form(audited, row=4, text=other), "PF005")[0] == []


def test_a_total_that_its_parts_confirm_is_the_money_of_the_year(audited: Audit) -> None:
    text = "需经费21万元，其中：镜片镀膜12万元、防尘罩9万元。"
    (finding,) = of_rule(audit_form(audited, row=4, text=text), "PF005")[0]
    assert (finding.expected, finding.observed) == ("18.00万元", "21.00万元")
    assert (
        of_rule(audit_form(audited, row=4, text="三年共需54万元，其中：镀膜36万元、防尘罩18万元。"), "PF005")[0] == []
    )


def test_quantity_times_price(audited: Audit) -> None:
    text = "需经费18万元，其中：镜片镀膜12万元（9片×15000元/片）、防尘罩6万元（40个×1500元/个）。"
    report = audit_form(audited, row=4, text=text)
    (finding,) = of_rule(report, "PF006")[0]
    assert places(finding) == [("g1", 4, 2)]
    assert (finding.expected, finding.observed) == ("13.50万元", "12.00万元")
    assert "8片" in finding.message
    assert of_rule(report, "PF005") == ([], [])


def test_a_price_per_month_without_months_is_a_skip(audited: Audit) -> None:
    text = "需经费18万元（5人×3000元/人/月）。"
    findings, skips = of_rule(audit_form(audited, row=4, text=text), "PF006")
    assert findings == []
    assert skips


def test_a_doubtful_reading_with_an_absurd_amount_is_a_skip(audited: Audit) -> None:
    form = make_table("g1", TITLE, FORM, unit="", page=1)
    text = "需经费18万元，其中：镜片镀膜2元（8片×15000元/片）、防尘罩6万元（40个×1500元/个）。"
    findings, skips = of_rule(audited([with_text(form, 4, 2, text, confidence=0.5)]), "PF006")
    assert (findings, len(skips)) == ([], 1)
    text = text.replace("2元（", "15万元（")
    (finding,) = of_rule(audited([with_text(form, 4, 2, text, confidence=0.5)]), "PF006")[0]
    assert (finding.severity, finding.reading) == ("hint", "undecided")


def test_forms_count_the_same_bodies_alike(audited: Audit) -> None:
    def forms(one: str, other: str) -> list[Table]:
        first = with_text(make_table("g1", TITLE, FORM, unit=""), 4, 2, f"为市直{one}培训天文教师。")
        second = with_text(make_table("g2", TITLE, FORM, unit=""), 4, 2, f"为市直{other}配发星图。")
        return [first, with_text(second, 0, 2, "星图印制费")]

    (finding,) = of_rule(audited(forms("近400家预算单位", "280家预算单位")), "PF015")[0]
    assert (finding.severity, places(finding)) == ("hint", [("g2", 4, 2), ("g1", 4, 2)])
    assert of_rule(audited(forms("近400家预算单位", "395家预算单位")), "PF015") == ([], [])
    assert of_rule(audited(forms("400家预算单位", "20个社区")), "PF015") == ([], [])


def test_a_slip_of_the_reading_is_no_other_name(audited: Audit) -> None:
    listed = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    form = with_text(make_table("g1", TITLE, FORM, unit="", page=1), 0, 2, "望远镜镜片养护贾")
    other = with_text(make_table("g2", TITLE, FORM[:1], unit="", page=1), 0, 2, "星图印制费")
    assert of_rule(audited([listed, form, other], source="ocr"), "PF004")[0] == []
    assert [places(item) for item in of_rule(audited([listed, form, other]), "PF004")[0]] == [
        [("t12", 5, 0), ("g1", 0, 2)]
    ]
