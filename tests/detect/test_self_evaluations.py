"""Self-evaluations of projects: violation, near miss and skip."""

from collections.abc import Callable

from models.report import Report
from models.table import Table
from tests.detect.conftest import Rows, make_table, of_rule, places, with_text

Audit = Callable[..., Report]

FORM: Rows = (
    ("项目名称", ">", "流星雨观测活动经费", ">", ">", ">", ">"),
    ("项目起止时间", ">", "2031.01.01—2031.12.31", ">", "评价年度", "2031年", ">"),
    ("项目年初预算金额（万元）", "20.00", "实际到位金额（万元）", "20.00", "实际执行金额（万元）", "18.00", ">"),
    ("市财政", "20.00", "市财政", "20.00", "市财政", "18.00", ">"),
    (
        "项目执行情况（10分）",
        ">",
        "预算执行率=实际执行金额/实际到位金额×100%=18.00/20.00×100%=90.00%",
        ">",
        ">",
        ">",
        "9分",
    ),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "全年完成值", "自评得分"),
    ("^", "产出指标（50分）", "数量指标", "观测场次", "≥12场", "12场", "50分"),
    ("^", "^", "质量指标", "活动取消率", "≤5%", "2%", "^"),
    ("^", "效益指标（30分）", "社会效益指标", "参加人数", "≥800人", "900人", "30分"),
    ("^", "满意度指标（10分）", "服务对象满意度", "参加者满意度", "≥90%", "95%", "10分"),
    ("总分", ">", ">", ">", ">", ">", "99分"),
    ("自评结论", ">", "得分99分，等级为优。", ">", ">", ">", ">"),
)


def form(*cells: tuple[int, int, str]) -> Table:
    table = make_table("s1", "虚构市项目支出绩效自评表", FORM, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return table


SPENT_NOTHING = (
    (2, 5, "0"),
    (3, 5, "0"),
    (4, 2, "预算执行率=0/20.00×100%=0.00%"),
    (4, 6, "0分"),
    (10, 6, "90分"),
    (11, 2, "得分90分，等级为优。"),
)


def test_a_consistent_evaluation_says_nothing(audited: Audit) -> None:
    assert audited([form()]).findings == ()


def test_nothing_spent_and_everything_reached(audited: Audit) -> None:
    (finding,) = of_rule(audited([form(*SPENT_NOTHING)]), "SE003")[0]
    assert places(finding)[:3] == [("s1", 6, 6), ("s1", 8, 6), ("s1", 2, 5)]
    deducted = ((6, 6, "10分"), (8, 6, "5分"), (10, 6, "25分"), (11, 2, "得分25分，等级为差。"))
    assert of_rule(audited([form(*SPENT_NOTHING, *deducted)]), "SE003") == ([], [])


def test_an_evaluation_without_amounts_is_a_skip(audited: Audit) -> None:
    assert of_rule(audited([form((2, 5, "未支付"))]), "SE003")[1]


def test_the_rate_is_the_quotient_of_its_amounts(audited: Audit) -> None:
    (finding,) = of_rule(audited([form((4, 2, "18.00/20.00×100%=92.00%"))]), "SE004")[0]
    assert places(finding) == [("s1", 4, 2)]
    assert "90.00%" in finding.message
    (finding,) = of_rule(
        audited([form((4, 2, "17.00/20.00×100%=85.00%"), (4, 6, "8.5分"), (10, 6, "98.5分"))]), "SE004"
    )[0]
    assert places(finding) == [("s1", 4, 2), ("s1", 2, 5)]
    (finding,) = of_rule(audited([form((4, 6, "10分"), (10, 6, "100分"))]), "SE004")[0]
    assert places(finding) == [("s1", 4, 2), ("s1", 4, 6)]
    assert of_rule(audited([form((4, 2, "18.00/20.00×100%=90%"))]), "SE004") == ([], [])
    assert of_rule(audited([form((4, 2, "已全部执行"))]), "SE004")[1]


def test_a_missed_target_costs_points(audited: Audit) -> None:
    (finding,) = of_rule(audited([form((6, 5, "9场"))]), "SE005")[0]
    assert places(finding) == [("s1", 6, 5), ("s1", 6, 6)]
    assert of_rule(audited([form((6, 5, "9场"), (6, 6, "45分"), (10, 6, "94分"))]), "SE005") == ([], [])
    assert of_rule(audited([form((7, 5, "1%"))]), "SE005") == ([], [])


def test_the_end_of_a_project_is_not_before_its_beginning(audited: Audit) -> None:
    (finding,) = of_rule(audited([form((1, 2, "2031.05.01—2031.03.31"))]), "PF010")[0]
    assert places(finding) == [("s1", 1, 2)]


ROWS: Rows = (
    ("项目名称", ">", ">", "流星雨观测活动经费", ">", ">", ">", ">"),
    ("项目资金（万元）", "", "", "年初预算数", "全年预算数", "全年执行数", "分值", "得分"),
    ("^", "年度资金总额", ">", "20.00", "20.00", "18.00", "10", "9"),
    ("^", "其中：当年财政拨款", ">", "20.00", "20.00", "18.00", "-", "-"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
    ("^", "产出指标", "数量指标", "观测场次", "≥12场", "12场", "25", "25"),
    ("^", "^", "质量指标", "到场率", "≥90%", "95%", "25", "25"),
    ("^", "效益指标", "社会效益指标", "参加人数", "≥800人", "900人", "30", "28"),
    ("^", "满意度指标", "服务对象满意度指标", "参加者满意度", "≥90%", "95%", "10", "10"),
    ("总分", ">", ">", ">", ">", ">", "100", "97"),
)


def rows(*cells: tuple[int, int, str]) -> Table:
    table = make_table("s2", "虚构市项目支出绩效自评表", ROWS, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return table


def test_marks_row_by_row_that_agree(audited: Audit) -> None:
    assert audited([rows()]).findings == ()


def test_points_beyond_their_marks(audited: Audit) -> None:
    (finding,) = of_rule(audited([rows((7, 7, "33"), (9, 7, "102"))]), "SE006")[0]
    assert places(finding) == [("s2", 7, 7), ("s2", 7, 6)]


def test_points_and_marks_add_up(audited: Audit) -> None:
    (finding,) = of_rule(audited([rows((9, 7, "99"))]), "SE006")[0]
    assert (places(finding)[0], finding.expected[:2]) == (("s2", 9, 7), "97")
    (finding,) = of_rule(audited([rows((5, 6, "35"))]), "SE006")[0]
    assert ("s2", 5, 6) in places(finding)


def test_full_points_for_a_missed_target(audited: Audit) -> None:
    (finding,) = of_rule(audited([rows((5, 5, "9场"))]), "SE006")[0]
    assert places(finding) == [("s2", 5, 7), ("s2", 5, 6), ("s2", 5, 5)]


def test_points_for_the_rate(audited: Audit) -> None:
    (finding,) = of_rule(audited([rows((2, 7, "10"), (9, 7, "98"))]), "SE006")[0]
    assert places(finding) == [("s2", 2, 7), ("s2", 2, 5), ("s2", 2, 4)]


def test_full_points_without_spending(audited: Audit) -> None:
    (finding,) = of_rule(audited([rows((2, 5, "0"), (3, 5, "0"), (2, 7, "0"), (9, 7, "88"))]), "SE006")[0]
    assert places(finding)[:2] == [("s2", 5, 7), ("s2", 6, 7)]
    assert "全年执行数为0" in finding.message
