"""Text against last year's document of the same bureau and against other bureaus' documents."""

from __future__ import annotations

import pytest

from detect.archive import ArchiveInMemory
from models.document import Document
from models.table import Table
from tests.detect.bureaus import TITLE, archive_of, bureau, city, compared, disclosure
from tests.detect.conftest import EXPENDITURE, Rows, make_table, of_rule, places

PLAN = "{year}年三月招标，六月完成穹幕清洗并组织验收，共清洗{count}座。"
OVERVIEW = "每座穹幕清洗费1.20万元，{count}座共需{money}万元，按验收结果付款。"
GOAL = "保持各馆穹幕亮度达到新装时的九成以上，清洗{count}座。"


def form(
    name: str = "穹幕清洗费",
    *,
    year: int = 2031,
    plan: str = PLAN,
    money: str = "4.80",
    total: str = "48,000",
    goal: str = GOAL,
    count: int = 4,
    table: str = "g1",
) -> Table:
    def filled(text: str) -> str:
        return text.format(year=year, count=count, money=money)

    rows: Rows = (
        ("项目名称", ">", name, ">", ">"),
        ("项目资金（元）", "年度资金总额：", total, ">", ">"),
        ("^", "市县财政资金", total, ">", ">"),
        ("项目概况", ">", filled(OVERVIEW), ">", ">"),
        ("项目实施计划", ">", filled(plan), ">", ">"),
        ("年度目标", ">", filled(goal), ">", ">"),
    )
    return make_table(table, TITLE, rows, unit="")


def document(number: int, year: int, *forms: Table) -> Document:
    return disclosure(bureau(number), year, [make_table("t3", f"{year}年预算支出总表", EXPENDITURE), *forms])


def test_a_plan_that_still_speaks_of_last_year() -> None:
    archive = archive_of([document(0, 2030, form(year=2030))])
    stale = PLAN.replace("{year}", "2030")
    (finding,) = compared(document(0, 2031, form(plan=stale)), archive, "ND006").findings
    assert (finding.severity, places(finding)) == ("warning", [("g1", 4, 2)])
    assert (finding.expected, finding.observed) == ("2031年", "2030年")
    assert "第1页" in finding.message
    assert compared(document(0, 2031, form()), archive, "ND006").findings == ()


@pytest.mark.parametrize(
    "plan",
    [
        "按照《2030年虚构市场馆养护方案》组织实施，六月完成穹幕清洗，共{count}座。",
        "在2030年底前完成招标的基础上，六月完成穹幕清洗并组织验收，共{count}座。",
        "清洗数量比2030年增加两座，六月完成穹幕清洗并组织验收，共{count}座。",
    ],
)
def test_years_that_may_stay(plan: str) -> None:
    archive = archive_of([document(0, 2030, form(plan=plan))])
    assert compared(document(0, 2031, form(plan=plan)), archive, "ND006").findings == ()


def test_a_calculation_that_stayed_while_the_money_changed() -> None:
    archive = archive_of([document(0, 2030, form(year=2030))])
    (finding,) = compared(document(0, 2031, form(total="60,000")), archive, "ND006").findings
    assert (finding.severity, places(finding)) == ("warning", [("g1", 3, 2), ("g1", 1, 2)])
    assert "由4.80万元变为6.00万元" in finding.message
    assert compared(document(0, 2031, form(total="60,000", money="6.00", count=5)), archive, "ND006").findings == ()


def test_goals_that_stayed_in_most_projects_are_one_hint() -> None:
    names = ("穹幕清洗费", "陨石征集费", "望远镜养护费")
    goals = ("穹幕亮度", "陨石展厅开放", "望远镜完好")

    def forms(year: int, count: int) -> list[Table]:
        return [
            form(name, year=year, goal=f"全年{goal}达到规划所列各项要求，共{{count}}处。", count=count, table=f"g{k}")
            for k, (name, goal) in enumerate(zip(names, goals, strict=True))
        ]

    archive = archive_of([document(0, 2030, *forms(2030, 4))])
    (finding,) = compared(document(0, 2031, *forms(2031, 4)), archive, "ND006").findings
    assert (finding.severity, places(finding)) == ("hint", [("g0", 5, 2), ("g1", 5, 2), ("g2", 5, 2)])
    assert compared(document(0, 2031, *forms(2031, 5)), archive, "ND006").findings == ()


def others(*with_text: Table, count: int = 10) -> ArchiveInMemory:
    """Bureaus of as many cities; the first ones carry the given forms, the others text of their own."""
    own = [*with_text, *(form(f"第{k}号项目", plan=f"{'子丑寅卯辰巳午未申酉'[k] * 22}" + "{count}") for k in range(10))]
    return archive_of(document(2 * k + 2, 2031, own[k]) for k in range(count))


def test_the_name_of_another_bureau_left_standing_is_an_error() -> None:
    plan = f"由{bureau(2)}业务科负责，三月招标，六月完成穹幕清洗并组织验收，共清洗{{count}}座。"
    archive = others(form(plan=plan))
    (finding,) = compared(document(0, 2031, form(plan=plan, count=7)), archive, "ND007").findings
    assert (finding.severity, places(finding)) == ("error", [("g1", 4, 2)])
    assert (finding.expected, finding.observed) == (bureau(0), bureau(2))
    assert f"{bureau(2)}2031年预算.pdf”第1页" in finding.message
    renamed = form(plan=plan.replace(bureau(2), bureau(0)), goal="写明本馆今年自己的目标{count}项。")
    findings, _ = of_rule(compared(document(0, 2031, renamed), archive, "ND007"), "ND007")
    assert [finding.severity for finding in findings] == ["hint"]


def test_a_neighbour_of_the_same_city_may_be_named() -> None:
    plan = f"由{city(0)}天文馆业务科负责，三月招标，六月完成穹幕清洗并组织验收，共清洗{{count}}座。"
    tables = [make_table("t3", "2031年预算支出总表", EXPENDITURE), form(plan=plan)]
    archive = archive_of([disclosure(f"{city(0)}天文馆", 2031, tables)])
    findings, skips = of_rule(compared(document(0, 2031, form(plan=plan, count=7)), archive, "ND007"), "ND007")
    assert [finding.severity for finding in findings] == ["hint"]
    assert "只有1个其他单位" in skips[0].reason


def test_what_a_third_bureau_names_as_well_is_a_hint_and_a_cited_title_is_nothing() -> None:
    plan = f"由{bureau(2)}业务科负责，三月招标，六月完成穹幕清洗并组织验收，共清洗{{count}}座。"
    own = document(0, 2031, form(plan=plan, count=7))
    assert [item.severity for item in compared(own, others(form(plan=plan), form(plan=plan)), "ND007").findings] == [
        "hint"
    ]
    cited = f"按照《{bureau(2)}穹幕清洗管理办法》组织，三月招标，六月完成穹幕清洗并验收，共清洗{{count}}座。"
    own = document(0, 2031, form(plan=cited, count=7))
    findings = compared(own, others(form(plan=cited)), "ND007").findings
    assert [item.key for item in findings] in ([], ["ND007:project:document:雷同"])


def test_what_two_bureaus_alone_share_is_one_hint_and_what_three_share_is_usual() -> None:
    plan = "三月完成招标，六月由两名技师登高逐座清洗穹幕并测量亮度，记入台账后组织验收，共清洗{count}座。"
    own = document(0, 2031, form(plan=plan, count=7, goal="写明本馆今年自己的目标{count}项。"))
    (finding,) = compared(own, others(form(plan=plan)), "ND007").findings
    assert (finding.severity, places(finding)) == ("hint", [("g1", 4, 2)])
    assert "六月由两名技师登高逐座清洗穹幕并测量亮度" in finding.message
    assert compared(own, others(form(plan=plan), form(plan=plan)), "ND007").findings == ()
    findings, skips = of_rule(compared(own, others(form(plan=plan), count=4), "ND007"), "ND007")
    assert findings == []
    assert "只有4个其他单位，至少需要8个" in skips[0].reason


def test_phrases_beyond_counting_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detect.duplicates.LARGEST_BUCKET", 2)
    letters = "甲乙丙丁"
    forms = [
        form(plan=f"三月招标，六月完成穹幕清洗并组织验收，由{letter}科负责，共{{count}}座。") for letter in letters
    ]
    archive = archive_of(document(2 * k + 2, 2031, one) for k, one in enumerate(forms))
    _, skips = of_rule(compared(document(0, 2031, forms[0]), archive, "ND007"), "ND007")
    assert "通用写法" in [skip.scope for skip in skips]
