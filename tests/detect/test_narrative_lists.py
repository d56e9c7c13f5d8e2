"""TX008, TX009, TX011, TX012 and TX013: lists in prose add up and agree with the tables."""

from collections.abc import Callable

import pytest

from models.finding import Finding
from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import PROJECTS, make_table, of_rule, places

Audit = Callable[..., Report]


def said(
    audited: Audit, rule: str, title: str, *texts: str, tables: tuple[Table, ...] = ()
) -> tuple[list[Finding], list[str]]:
    blocks: list[tuple[BlockRole, str]] = [("heading", title), *(("paragraph", text) for text in texts)]
    findings, skips = of_rule(audited(list(tables), blocks), rule)
    return findings, [skip.reason for skip in skips]


BOUGHT = "2031年虚构市天文馆政府采购预算总额{}万元，其中：货物类3.20万元，工程类17.50万元，服务类75.73万元。"


def test_procurement(audited: Audit) -> None:
    (finding,), _ = said(audited, "TX008", "九、政府采购情况", BOUGHT.format("99.43"))
    assert (finding.expected, finding.evidence[0].table) == ("96.43万元", None)
    assert "99.43" in finding.evidence[0].text
    assert said(audited, "TX008", "九、政府采购情况", BOUGHT.format("96.43")) == ([], [])
    only_goods = "2031年政府采购预算总额99.43万元，其中：货物类3.20万元。"
    assert said(audited, "TX008", "九、政府采购情况", only_goods)[1]


GOALS = (
    "2031年纳入绩效目标管理的项目{}个，涉及金额{}万元。"
    "其中：其他运转类项目1个，金额{}万元；特定目标类项目2个，金额32.00万元。"
)


@pytest.mark.parametrize(
    ("number", "amount", "part", "observed"),
    [("3", "50.00", "18.00", []), ("3", "55.00", "18.00", ["55.00万元"]), ("4", "50.00", "18.00", ["4个"])],
)
def test_projects(audited: Audit, number: str, amount: str, part: str, observed: list[str]) -> None:
    table = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    text = GOALS.format(number, amount, part)
    findings, _ = said(audited, "TX009", "十、绩效管理情况", text, tables=(table,))
    assert [finding.observed for finding in findings] == observed
    assert all(finding.evidence[0].table is None for finding in findings)
    if observed == ["55.00万元"]:
        assert ("t12", 3, 1) in places(findings[0])


def test_projects_whose_table_does_not_add_up_are_a_skip(audited: Audit) -> None:
    rows = [list(row) for row in PROJECTS]
    rows[5][1] = "180000.00"
    table = make_table("t12", "2031年项目支出预算表（本年预算）", rows)
    _, skips = said(audited, "TX009", "十、绩效管理情况", GOALS.format("9", "50.00", "18.00"), tables=(table,))
    assert any("无法确认项目个数" in reason for reason in skips)


CARS = "截至2030年12月31日，虚构市天文馆公务用车编制3辆，实有{}辆，其中：机要通信用车1辆，其他公务用车1辆。"


def test_vehicles(audited: Audit) -> None:
    (finding,), _ = said(audited, "TX011", "十一、国有资产占有使用情况", CARS.format(3))
    assert (finding.observed, finding.expected) == ("3辆", "2辆")
    assert said(audited, "TX011", "十一、国有资产占有使用情况", CARS.format(2)) == ([], [])
    assert said(audited, "TX011", "十一、国有资产占有使用情况", "本馆实有车辆3辆。") == ([], [])


def test_equipment(audited: Audit) -> None:
    text = "单价50万元（含）以上通用设备2台（套），其中单价100万元（含）以上设备{}台（套）。"
    assert len(said(audited, "TX011", "十一、国有资产占有使用情况", text.format(5))[0]) == 1
    assert said(audited, "TX011", "十一、国有资产占有使用情况", text.format(2))[0] == []
    other = "单价50万元以上通用设备0台（套），单价100万元以上专用设备3台（套）。"
    assert said(audited, "TX011", "十一、国有资产占有使用情况", other)[0] == []


def test_a_reason_that_points_the_other_way(audited: Audit) -> None:
    text = "观测费6.51万元，较上年增加1.49万元（29.68%），减少的主要原因是压缩开支。"
    (finding,), _ = said(audited, "TX012", "六、观测经费情况", text)
    assert (finding.severity, finding.observed, finding.evidence[0].text) == ("warning", "减少", text)
    assert said(audited, "TX012", "六、观测经费情况", text.replace("减少的", "增加的"))[0] == []
    assert said(audited, "TX012", "六、观测经费情况", text.replace("减少的主要", "主要"))[0] == []


PUBLIC = (
    "2031年“三公”经费预算4.80万元，比上年减少{}万元。其中：因公出国（境）费0万元，与上年预算数持平；公务接待费1.20万元，"
    "比上年减少1.40万元；公务用车购置费0万元，与上年预算数持平；公务用车运行维护费3.60万元，比上年增加0.20万元。"
)
PUBLIC_ROWS = (
    ("项目", "2031年预算数", ">", ">", ">"),
    ("^", "合计", "一般公共预算", "政府性基金预算", "国有资本经营预算"),
    ("因公出国（境）费", "", "", "", ""),
    ("公务接待费", "1.20", "1.20", "", ""),
    ("公务用车购置及运行费", "3.60", "3.60", "", ""),
    ("①公务用车购置费", "", "", "", ""),
    ("②公务用车运行维护费", "3.60", "3.60", "", ""),
    ("合计", "4.80", "4.80", "", ""),
)


def test_changes_of_three_public_expenses(audited: Audit) -> None:
    table = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", PUBLIC_ROWS)
    title = "七、“三公”经费增减变动原因说明"
    (finding,), _ = said(audited, "TX013", title, PUBLIC.format("2.20"), tables=(table,))
    assert (finding.observed, finding.expected) == ("2.20万元", "1.20万元")
    assert said(audited, "TX013", title, PUBLIC.format("1.20"), tables=(table,)) == ([], [])
    silent = PUBLIC.format("2.20").replace("，比上年增加0.20万元", "")
    assert said(audited, "TX013", title, silent, tables=(table,))[1]


@pytest.mark.parametrize(("cars", "number"), [("0辆", 1), ("1辆", 0)])
def test_running_costs_without_a_vehicle(audited: Audit, cars: str, number: int) -> None:
    table = make_table("t10", "2031年财政拨款安排“三公”经费支出预算表", PUBLIC_ROWS)
    title = "十一、国有资产占有使用情况"
    findings, _ = said(audited, "TX015", title, f"本馆车辆账面数量{cars}，账面原值0万元。", tables=(table,))
    assert [(finding.observed, places(finding)[1]) for finding in findings] == [("3.60万元", ("t10", 6, 1))] * number
    assert said(audited, "TX015", title, "本馆没有其他资产。", tables=(table,))[1]


def test_three_public_expenses_are_the_sum_of_their_items_without_a_table(audited: Audit) -> None:
    title = "七、“三公”经费增减变动原因说明"
    (finding,) = said(audited, "TX013", title, PUBLIC.format("1.20").replace("4.80", "8.40"))[0]
    assert (finding.observed, finding.expected) == ("8.40万元", "4.80万元")
    assert said(audited, "TX013", title, PUBLIC.format("1.20")) == ([], [])


def test_basic_expenditure_is_personnel_and_operation(audited: Audit) -> None:
    title = "六、财政拨款基本支出预算情况说明"
    texts = (
        "天文馆基本支出预算80.00万元，其中：",
        "（一）人员经费{}万元。主要包括：基本工资。",
        "（二）公用经费10.00万元。",
    )
    wrong = [text.format("77.00") for text in texts]
    (finding,) = said(audited, "TX016", title, *wrong)[0]
    assert "80.00" in finding.message
    assert "77.00" in finding.message
    assert said(audited, "TX016", title, *[text.format("70.00") for text in texts]) == ([], [])
    assert said(audited, "TX016", title, wrong[0], wrong[1]) == ([], [])


def test_one_amount_that_two_sections_state(audited: Audit) -> None:
    first: list[tuple[BlockRole, str]] = [
        ("heading", "一、预算收支变动情况"),
        ("paragraph", "天文馆收入总计130.00万元。"),
        ("heading", "二、收入预算情况说明"),
    ]
    for stated, number in (("130.00", 0), ("103.00", 1)):
        report = audited([], [*first, ("paragraph", f"天文馆收入预算{stated}万元。")])
        findings = [item for item in report.findings if item.rule == "TX016"]
        assert len(findings) == number
        assert all({item.text for item in finding.evidence} >= {"天文馆收入总计130.00万元。"} for finding in findings)


def test_the_income_of_a_budget_is_that_of_the_year_and_what_is_carried_over(audited: Audit) -> None:
    title = "四、财政拨款收支预算总体情况说明"
    text = "财政拨款收支总预算{}万元。收入包括当年拨款收入130.00万元和上年结转5.00万元。"
    (finding,) = said(audited, "TX016", title, text.format("153.00"))[0]
    assert (finding.severity, finding.evidence[0].table) == ("error", None)
    assert said(audited, "TX016", title, text.format("135.00")) == ([], [])
    assert said(audited, "TX016", title, "财政拨款收支总预算153.00万元。收入包括当年拨款收入130.00万元。") == ([], [])
