"""Forms of single projects: violation, near miss and skip."""

from collections.abc import Callable

from models.report import Report
from tests.detect.conftest import (
    Rows,
    make_table,
    of_rule,
    places,
    run_of,
    with_text,
)

Audit = Callable[..., Report]


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
