"""Performance forms of different layouts as records."""

import pytest

from detect.projects import read_project_forms
from models.form import ProjectForm
from models.table import Table
from tests.detect.conftest import Rows, make_document, make_table

TWO_HALVES: Rows = (
    ("项目名称", ">", "星图印制费", ">", ">", ">", ">", ">"),
    ("主管部门及代码", ">", "901-虚构市科技局", ">", "实施单位", "虚构市天文馆", ">", ">"),
    ("项目资金（元）", "实施期资金总额：", ">", "600,000", "年度资金总额：", ">", "200,000", ">"),
    ("^", "单位自筹", ">", "600,000", "单位自筹", ">", "200,000", ">"),
    ("项目概况", ">", "印制四季 星图。", ">", ">", ">", ">", ">"),
    ("总体目标", "实施期目标", ">", ">", ">", "年度目标", ">", ">"),
    ("^", "三年印齐四季星图。", ">", ">", ">", "2031年印春季星图。", ">", ">"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值"),
    ("^", "产出指标", "数量指标", "印制数量", "9000份", "数量指标", "印制数量", "3000份"),
    ("^", "满意度指标", "服务对象满意度", "", "", "服务对象满意度", "", ""),
    ("负责人：甲", ">", "经办人：乙", ">", "联系电话：", ">", "填报日期：20310101", ">"),
)

ONE_HALF: Rows = (
    ("项目名称", "901-11000031T000000000001-星图印制费", ">", ">", ">"),
    ("实施期限", "2031年1月至2031年12月", ">", ">", ">"),
    ("年度目标", "印春季星图。", ">", ">", ">"),
    ("一级指标", "二级指标", "指标内容", "指标值", "备注"),
    ("产出指标", "数量指标", "印制数量", "3000份", ""),
    ("^", "质量指标", "合格率", "≥99%", ""),
)

LABELS_ABOVE: Rows = (
    ("项目名称", "星图印制费", ">", ">"),
    ("实施期目标", ">", "年度目标", ">"),
    ("三年印齐四季星图。", ">", "2031年印春季星图。", ">"),
    ("一级指标", "二级指标", "三级指标", "目标值"),
    ("产出指标", "数量指标", "印制数量", "3000份"),
)

LIST: Rows = (
    (
        "项目名称",
        "项目总额",
        "其中：",
        ">",
        "绩效目标",
        "一级指标",
        "二级指标",
        "三级指标",
        "绩效指标性质",
        "本年绩效指标值",
        "绩效度量单位",
    ),
    ("^", "^", "财政资金", "其他资金", "^", "^", "^", "^", "^", "^", "^"),
    (
        "11000031T000000000001-星图印制费",
        "20.00",
        "20.00",
        "",
        "印春季星图。",
        "产出指标",
        "数量指标",
        "印制数量",
        "≥",
        "3000",
        "份",
    ),
    ("^", "^", "^", "^", "^", "产出指标", "质量指标", "装帧", "定性", "优", ""),
    (
        "11000031T000000000002-穹幕清洗",
        "8.00",
        "8.00",
        "",
        "清洗四次。",
        "产出指标",
        "数量指标",
        "清洗次数",
        "＝",
        "4",
        "次",
    ),
)

EVALUATION: Rows = (
    ("项目名称", ">", ">", "星图印制费", ">", ">"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", ">", "年度指标值"),
    ("^", "产出指标（50分）", "数量指标", "指标1", "印制数量", "3000份"),
    ("总分", ">", ">", ">", ">", "99分"),
)


def read(rows: Rows, title: str = "虚构市项目支出绩效目标表") -> tuple[ProjectForm, ...]:
    return read_project_forms(make_document([make_table("g1", title, rows)]))


def values(form: ProjectForm) -> list[tuple[str, str, str, str]]:
    return [(item.side, item.level2, item.name, item.value) for item in form.indicators]


def test_two_halves_side_by_side() -> None:
    (form,) = read(TWO_HALVES)
    assert (form.kind, form.project, form.is_list) == ("target", "星图印制费", False)
    assert [(text.id, text.text) for text in form.texts] == [
        ("authority", "901-虚构市科技局"),
        ("owner", "虚构市天文馆"),
        ("overview", "印制四季星图。"),
        ("goal_period", "三年印齐四季星图。"),
        ("goal_year", "2031年印春季星图。"),
    ]
    assert [(item.name, item.unit, item.total.text) for item in form.fundings] == [
        ("实施期资金总额", "元", "600,000"),
        ("年度资金总额", "元", "200,000"),
    ]
    assert values(form) == [
        ("period", "数量指标", "印制数量", "9000份"),
        ("year", "数量指标", "印制数量", "3000份"),
        ("period", "服务对象满意度", "", ""),
        ("year", "服务对象满意度", "", ""),
    ]


def test_one_half_with_a_column_of_remarks() -> None:
    (form,) = read(ONE_HALF)
    assert next((text.id, text.text) for text in form.texts) == ("dates", "2031年1月至2031年12月")
    assert values(form) == [("year", "数量指标", "印制数量", "3000份"), ("year", "质量指标", "合格率", "≥99%")]


def test_labels_above_their_texts() -> None:
    (form,) = read(LABELS_ABOVE)
    assert [(text.id, text.text) for text in form.texts] == [
        ("goal_period", "三年印齐四季星图。"),
        ("goal_year", "2031年印春季星图。"),
    ]
    assert values(form) == [("year", "数量指标", "印制数量", "3000份")]


def test_a_list_of_projects_is_one_record_each() -> None:
    first, second = read(LIST)
    assert (first.project, second.project, first.is_list) == ("星图印制费", "穹幕清洗", True)
    assert values(first) == [("year", "数量指标", "印制数量", "≥3000份"), ("year", "质量指标", "装帧", "优")]
    assert values(second) == [("year", "数量指标", "清洗次数", "=4次")]
    assert [item.total.text for item in second.fundings] == ["8.00"]


def test_results_make_a_form_a_self_evaluation_whatever_its_title() -> None:
    rows = [(*row, "实际完成值" if "目标值" in row else "") for row in LABELS_ABOVE]
    (form,) = read(rows, "虚构市项目绩效目标完成情况表")
    assert form.kind == "self_evaluation"


def test_a_self_evaluation_numbers_its_indicators() -> None:
    (form,) = read(EVALUATION, "虚构市项目支出绩效自评表")
    assert form.kind == "self_evaluation"
    assert values(form) == [("year", "数量指标", "印制数量", "3000份")]


@pytest.mark.parametrize("table", [make_table("t1", "支出预算总表", (("项目", "金额"), ("合计", "1.00")))])
def test_other_tables_are_no_forms(table: Table) -> None:
    assert read_project_forms(make_document([table])) == ()
