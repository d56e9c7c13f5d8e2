"""Indicators of project forms: violation, near miss and skip."""

from collections.abc import Callable

import pytest

from detect.examples import document_of
from detect.periods import Period, read_period
from detect.runner import audit
from models.report import Report
from models.table import Table
from tests.detect.conftest import Rows, make_table, of_rule, places, run_of, with_text

Audit = Callable[..., Report]
TITLE = "虚构市项目支出绩效目标表"

FORM: Rows = (
    ("项目名称", ">", "星图馆穹幕修缮费", ">", ">", ">", ">", ">"),
    ("项目属性", ">", "一次性项目（1年结束）", ">", "项目期", "1年", ">", ">"),
    ("项目资金（元）", "实施期资金总额：", ">", "300,000", "年度资金总额：", ">", "300,000", ">"),
    ("^", "单位自筹", ">", "300,000", "单位自筹", ">", "300,000", ">"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值"),
    ("^", "产出指标", "数量指标", "修缮穹幕面积", "200平方米", "数量指标", "修缮穹幕面积", "200平方米"),
    ("^", "^", "质量指标", "验收合格率", "100%", "质量指标", "验收合格率", "100%"),
    ("^", "^", "时效指标", "修缮开工时间", "2031年3月", "时效指标", "修缮开工时间", "2031年3月"),
    ("^", "^", "^", "修缮竣工时间", "2031年9月底前", "^", "修缮竣工时间", "2031年9月底前"),
    ("^", "^", "成本指标", "穹幕修缮单价", "≤1500元/平方米", "成本指标", "穹幕修缮单价", "≤1500元/平方米"),
    ("^", "效益指标", "社会效益指标", "观众人次增长率", "≥120%", "社会效益指标", "观众人次增长率", "≥120%"),
    ("^", "^", "生态效益指标", "", "", "生态效益指标", "", ""),
    ("^", "满意度指标", "服务对象满意度指标", "观众满意度", "≥90%", "服务对象满意度指标", "观众满意度", "≥90%"),
)


def changed(*cells: tuple[int, int, str], name: str = "g1", project: str = "") -> Table:
    table = make_table(name, TITLE, FORM, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return with_text(table, 0, 2, project) if project else table


def test_a_good_form_passes_every_rule(audited: Audit) -> None:
    assert audited([changed()]).findings == ()


def test_a_project_of_one_year_costs_what_the_year_costs(audited: Audit) -> None:
    (finding,) = of_rule(audited([changed((2, 3, "500,000"), (3, 3, "500,000"))]), "PF007")[0]
    assert {("g1", 2, 3), ("g1", 2, 6)} <= set(places(finding))
    three = ((1, 2, "延续性项目（阶段开展）"), (1, 5, "3年"))
    assert of_rule(audited([changed((2, 3, "500,000"), (3, 3, "500,000"), *three)]), "PF007")[0] == []
    (finding,) = of_rule(audited([changed((2, 3, "200,000"), (3, 3, "200,000"), *three)]), "PF007")[0]
    assert finding.severity == "error"


def test_a_one_off_project_lasts_one_year(audited: Audit) -> None:
    (finding,) = of_rule(audited([changed((1, 5, "3年"))]), "PF007")[0]
    assert places(finding) == [("g1", 1, 5), ("g1", 1, 2)]


def test_a_document_of_nothing_but_one_off_projects(audited: Audit) -> None:
    names = ["穹幕物业管理费", "讲解员聘用费", "天象仪运维费", "网络租赁费", "星图馆改造"]
    (finding,) = of_rule(audited([changed(name=f"g{k}", project=name) for k, name in enumerate(names)]), "PF007")[0]
    assert "4个项目" in finding.message
    assert ("g0", 1, 2) in places(finding)
    assert of_rule(audited([changed(name=f"g{k}", project=name) for k, name in enumerate(names[:4])]), "PF007")[0] == []


def test_an_indicator_without_a_value(audited: Audit) -> None:
    (finding,) = of_rule(audited([changed((5, 4, ""), (5, 7, ""))]), "PF008")[0]
    assert places(finding) == [("g1", 5, 4), ("g1", 5, 7)]
    assert "修缮穹幕面积" in finding.message


def test_a_class_without_an_indicator(audited: Audit) -> None:
    blank = [(12, col, "") for col in (3, 4, 6, 7)]
    (finding,) = of_rule(audited([changed(*blank)]), "PF008")[0]
    assert set(places(finding)) == {("g1", 12, col) for col in (3, 4, 6, 7)}
    assert "没有服务对象满意度指标" in finding.message


def test_a_form_published_empty_has_no_missing_indicators(audited: Audit) -> None:
    blank = [(row, col, "") for row in range(5, 13) for col in (3, 4, 6, 7)]
    assert of_rule(audited([changed(*blank)]), "PF008")[0] == []


def test_many_gaps_are_one_finding(audited: Audit) -> None:
    tables = [
        changed((9, 3, ""), (9, 4, ""), (9, 6, ""), (9, 7, ""), name=f"g{k}", project=f"观测{k}") for k in range(4)
    ]
    (finding,) = of_rule(audited(tables), "PF008")[0]
    assert finding.key == "PF008:project:document:指标"


@pytest.mark.parametrize(
    ("row", "name", "value"),
    [
        (6, "验收合格率", "≥110%"),
        (12, "观众满意度", "130%"),
        (9, "讲解补贴标准", "≤200人/天/元"),
        (5, "租用线路条数", "600元/月/条"),
        (6, "穹幕完好性", "穹幕完好性"),
        (9, "成本控制程度", "性"),
    ],
)
def test_values_that_cannot_be(audited: Audit, row: int, name: str, value: str) -> None:
    table = changed((row, 3, name), (row, 4, value), (row, 6, name), (row, 7, value))
    (finding,) = of_rule(audited([table]), "PF009")[0]
    assert places(finding) == [("g1", row, 4), ("g1", row, 7), ("g1", row, 3)]
    assert finding.observed == value


@pytest.mark.parametrize("value", ["优", "≤200元/人/天", "100%", "98.5%", "全覆盖"])
def test_values_that_can_be(audited: Audit, value: str) -> None:
    assert of_rule(audited([changed((6, 4, value), (6, 7, value))]), "PF009")[0] == []


def test_at_least_all_is_one_hint_a_document(audited: Audit) -> None:
    tables = [changed((6, 4, "≥100%"), (6, 7, "≥100%"), name=f"g{k}", project=f"观测{k}") for k in range(2)]
    (finding,) = of_rule(audited(tables), "PF009")[0]
    assert finding.severity == "hint"
    assert ("g1", 6, 7) in places(finding)


def test_the_end_does_not_come_before_the_beginning(audited: Audit) -> None:
    (finding,) = of_rule(audited([changed((8, 4, "2031年2月底前"), (8, 7, "2031年2月底前"))]), "PF010")[0]
    assert places(finding) == [("g1", 8, 4), ("g1", 8, 7), ("g1", 7, 4), ("g1", 7, 7)]
    assert of_rule(audited([changed((8, 4, "2031年3月底前"), (8, 7, "2031年3月底前"))]), "PF010")[0] == []
    assert of_rule(audited([changed((8, 3, "座椅竣工时间"), (8, 4, "2031年2月"))]), "PF010")[0] == []


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2031年6月底前", Period(2031 * 12 + 5, 2031 * 12 + 5, has_year=True)),
        ("4-5月", Period(3, 4, has_year=False)),
        ("2031.01.15", Period(2031 * 12, 2031 * 12, has_year=True)),
        ("第三季度", Period(6, 8, has_year=False)),
        ("2031年底前", Period(2031 * 12, 2031 * 12 + 11, has_year=True)),
        ("每年10月底前", Period(9, 9, has_year=False)),
        ("每季度末", None),
        ("及时", None),
        ("≤5个工作日", None),
        ("12", None),
    ],
)
def test_printed_dates(text: str, period: Period | None) -> None:
    assert read_period(text) == period


def vague(count: int, *cells: tuple[int, int, str]) -> list[Table]:
    return [changed(*cells, name=f"g{k}", project=f"观测项目之{'甲乙丙丁戊'[k]}") for k in range(count)]


def test_cost_in_words_is_one_finding_a_document(audited: Audit) -> None:
    cells = [(9, col, "控制在年度预算内") for col in (4, 7)]
    (finding,) = of_rule(audited(vague(3, *cells)), "PF011")[0]
    assert finding.key == "PF011:project:document:成本未量化"
    assert ("g2", 9, 7) in places(finding)
    assert of_rule(audited(vague(2, *cells)), "PF011")[0] == []
    assert run_of(audited(vague(2, *cells)), "PF011") == (0, 0, 0, 0)


def test_satisfaction_in_words_is_one_finding_a_document(audited: Audit) -> None:
    (finding,) = of_rule(audited(vague(4, *[(12, col, "满意") for col in (4, 7)])), "PF011")[0]
    assert finding.key == "PF011:project:document:满意度未量化"


def test_rates_in_words_are_one_finding_a_document(audited: Audit) -> None:
    cells = [(6, col, "合格") for col in (4, 7)]
    (finding,) = of_rule(audited(vague(3, *cells)), "PF011")[0]
    assert finding.key == "PF011:project:document:比率"
    assert of_rule(audited(vague(2, *cells)), "PF011")[0] == []


@pytest.mark.parametrize(
    ("row", "name", "value", "severity"),
    [
        (9, "修缮完成及时性", "及时", "warning"),
        (8, "座椅更换", "≤20万元", "warning"),
        (5, "穹幕覆盖情况", "≥90%", "hint"),
        (6, "修缮完成及时性", "及时", "hint"),
    ],
)
def test_indicators_of_another_class(audited: Audit, row: int, name: str, value: str, severity: str) -> None:
    table = changed((row, 3, name), (row, 4, value), (row, 6, name), (row, 7, value))
    (finding,) = of_rule(audited([table]), "PF014")[0]
    assert places(finding) == [("g1", row, 3), ("g1", row, 4)]
    assert finding.severity == severity


def test_indicators_of_their_own_class(audited: Audit) -> None:
    assert of_rule(audited([changed((9, 4, "控制在预算内"), (9, 7, "控制在预算内"))]), "PF014") == ([], [])


def test_hired_staff_that_costs_several_times_as_much(audited: Audit) -> None:
    heads = [(5, 3, "聘用人数"), (5, 6, "聘用人数"), (5, 4, "10人"), (5, 7, "10人")]
    few = [(5, 3, "见习人数"), (5, 6, "见习人数"), (5, 4, "2人"), (5, 7, "2人")]
    one = changed(*heads, project="讲解员聘用经费")
    (finding,) = of_rule(audited([one, changed(*few, name="g2", project="见习生补贴")]), "UC002")[0]
    assert places(finding) == [("g2", 5, 7), ("g2", 2, 6), ("g1", 5, 7)]
    assert finding.severity == "hint"
    assert of_rule(audited([one]), "UC002") == ([], [])
    same = changed(*heads, name="g2", project="见习生补贴")
    assert of_rule(audited([one, same]), "UC002") == ([], [])


UNITS = """
《虚构市项目支出绩效目标表》
项目名称 | > | > | 星图印制费 | >
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 数量指标 | {} | {}
"""


@pytest.mark.parametrize(
    ("name", "value", "rules"),
    [
        ("观测报告数量", "≥40家", ["PF019"]),
        ("培训人数", "≥5次", ["PF019"]),
        ("巡检次数", "≥30人", ["PF019"]),
        ("培训人数", "≥500人次", []),
        ("开放活动场次", "≥12期", []),
        ("服务单位数量", "≥40家", []),
        ("星图更新次数", "≥1此", ["PF009"]),
        ("资料印发及时性", "及格", ["PF009"]),
        ("讲解员考核结果", "及格", []),
        ("星图编校差错率", "≤110%", ["PF009"]),
        ("星图编校差错率", "≤0.01%", []),
        ("预算执行偏差率", "≤110%", []),
    ],
)
def test_counts_in_units_that_can_count_them(name: str, value: str, rules: list[str]) -> None:
    found = audit(document_of(UNITS.format(name, value))).findings
    assert [finding.rule for finding in found if finding.rule in ("PF009", "PF019")] == rules


@pytest.mark.parametrize(
    ("name", "rules"), [("镜片采购完成时间", ["LG002"]), ("镜片采购时间", []), ("合同签订时间", [])]
)
def test_what_is_finished_within_the_year_was_not_finished_before_it(name: str, rules: list[str]) -> None:
    text = """
        《2031年预算支出总表》万元 部门名称：虚构市天文馆
        科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
        合计 | > | 130.00 | 80.00 | 50.00
        206 | 科学技术支出 | 130.00 | 80.00 | 50.00
        《虚构市项目支出绩效目标表》
        项目名称 | > | > | 穹幕清洗费 | >
        总体目标 | > | > | 年度目标 | >
        ^ | > | > | 清洗穹幕四次。 | >
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        ^ | 产出指标 | 时效指标 | {} | 2030年9月底前
        """
    found = audit(document_of(text.format(name))).findings
    assert [finding.rule for finding in found if finding.rule == "LG002"] == rules
