"""Copied text in performance forms: violation, near miss and what is left alone."""

from collections.abc import Callable

from detect.similar import likeness, longest_run, without_citations
from models.report import Report
from models.table import Table
from tests.detect.conftest import Rows, make_table, of_rule, places, with_text

Audit = Callable[..., Report]
TITLE = "虚构市项目支出绩效目标表"

FORM: Rows = (
    ("项目名称", ">", "穹幕清洗费", ">", ">", ">"),
    ("项目属性", ">", "经常性项目（长期开展）", "项目期", "3年", ">"),
    ("项目概况", ">", "穹幕每季度清洗一次，更换老化的灯带。", ">", ">", ">"),
    ("立项依据", ">", "《虚构市场馆设备养护规程》。", ">", ">", ">"),
    ("项目设立必要性", ">", "积灰会降低放映的亮度，观众看不清暗星。", ">", ">", ">"),
    ("项目实施计划", ">", "三月招标，四月起按季度清洗。", ">", ">", ">"),
    ("总体目标", "实施期目标", ">", ">", "年度目标", ">"),
    ("^", "三年内穹幕亮度保持在新装时的九成以上。", ">", ">", "2031年清洗四次并更换六十米灯带。", ">"),
)
OTHER = (
    (0, 2, "陨石标本征集费"),
    (2, 2, "向民间藏家征集陨石标本二十件。"),
    (4, 2, "馆藏陨石只有三件，不能成展。"),
    (5, 2, "六月公告，九月鉴定并付款。"),
    (7, 1, "三年建成本地区第一个陨石展厅。"),
    (7, 4, "2031年征集二十件并完成鉴定。"),
)


def form(*cells: tuple[int, int, str], name: str = "g1") -> Table:
    table = make_table(name, TITLE, FORM, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return table


def test_forms_in_their_own_words(audited: Audit) -> None:
    assert audited([form(), form(*OTHER, name="g2")]).findings == ()


def test_one_text_in_three_fields(audited: Audit) -> None:
    text = "穹幕每季度清洗一次，更换老化的灯带"
    (finding,) = of_rule(audited([form((4, 2, text), (5, 2, text))]), "ND001")[0]
    assert places(finding) == [("g1", 2, 2), ("g1", 4, 2), ("g1", 5, 2)]
    assert of_rule(audited([form((4, 2, text))]), "ND001")[0] == []


def test_three_forms_with_one_text_are_one_finding(audited: Audit) -> None:
    tables = []
    for k, word in enumerate(("穹幕清洗", "陨石征集", "望远镜租用")):
        text = f"为保障{word}工作顺利开展提供经费。"
        tables.append(form((0, 2, word), *[(row, 2, text) for row in (2, 4, 5)], name=f"g{k}"))
    (finding,) = of_rule(audited(tables), "ND001")[0]
    assert finding.key == "ND001:project:document:雷同"
    assert ("g2", 5, 2) in places(finding)


def test_a_goal_of_three_years_is_not_the_goal_of_one(audited: Audit) -> None:
    text = "2031年三年内穹幕亮度保持在新装时的九成以上。"
    (finding,) = of_rule(audited([form((7, 4, text))]), "ND002")[0]
    assert places(finding) == [("g1", 7, 4), ("g1", 7, 1)]
    once = ((1, 2, "一次性项目（1年结束）"), (1, 4, "1年"))
    (hint,) = of_rule(audited([form((7, 4, text), *once)]), "ND002")[0]
    assert (hint.severity, "“三年内”" in hint.message) == ("hint", True)
    within = "穹幕亮度保持在新装时的九成以上。"
    assert of_rule(audited([form((7, 1, within), (7, 4, within), *once)]), "ND002")[0] == []


def test_a_passage_of_another_project(audited: Audit) -> None:
    copied = (5, 2, "三月招标，四月起按季度清洗")
    (finding,) = of_rule(audited([form(), form(*OTHER, copied, name="g2")]), "ND003")[0]
    assert places(finding) == [("g1", 5, 2), ("g2", 5, 2)]
    assert "陨石标本征集费" in finding.message


def test_what_projects_may_share(audited: Audit) -> None:
    measures = [(4, 2, "按照《虚构市专项资金管理办法》和《虚构市采购规程》执行。")]
    assert of_rule(audited([form(*measures), form(*OTHER, *measures, name="g2")]), "ND003")[0] == []
    same = [(5, 2, "三月招标，四月起按季度清洗。"), (0, 2, "穹幕清洗费（二期）")]
    assert of_rule(audited([form(), form(*OTHER, *same, name="g2")]), "ND003")[0] == []
    usual = (5, 2, "按照年初计划逐月组织实施并按进度付款。")
    tables = [form((0, 2, f"{'甲乙丙'[k] * 4}费"), usual, name=f"g{k}") for k in range(3)]
    assert [item for item in of_rule(audited(tables), "ND003")[0] if "逐月" in item.message] == []


INDICATORS: Rows = (
    ("项目名称", ">", "穹幕清洗费", ">", ">"),
    ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值"),
    ("^", "产出指标", "数量指标", "服务单位数", "≥37家"),
    ("^", "^", "质量指标", "成果合格率", "100%"),
    ("^", "^", "时效指标", "支出及时性", "12月"),
    ("^", "^", "成本指标", "成本控制", "≤5万元"),
    ("^", "满意度指标", "服务对象满意度", "观众满意度", "≥90%"),
)


def test_one_set_of_indicators_for_two_projects(audited: Audit) -> None:
    one = make_table("g1", TITLE, INDICATORS, unit="")
    other = with_text(make_table("g2", TITLE, INDICATORS, unit=""), 0, 2, "陨石标本征集")
    (finding,) = of_rule(audited([one, other]), "ND004")[0]
    assert places(finding) == [(name, row, 4) for name in ("g1", "g2") for row in range(2, 7)]
    for row, value in ((2, "≥20件"), (5, "≤8万元")):
        other = with_text(other, row, 4, value)
    assert of_rule(audited([one, other]), "ND004") == ([], [])
    part = with_text(make_table("g2", TITLE, INDICATORS, unit=""), 0, 2, "穹幕清洗费（二期）")
    assert of_rule(audited([one, part]), "ND004") == ([], [])


def test_a_passage_that_stayed_from_another_project(audited: Audit) -> None:
    passage = "每季度由两名技师登高清洗穹幕并逐一测量亮度后记入台账"
    one = form((5, 2, f"三月招标，{passage}。"))
    other = form(*OTHER, (5, 2, f"六月公告并鉴定，{passage}，九月付款。"), name="g2")
    (finding,) = of_rule(audited([one, other]), "ND005")[0]
    assert (finding.severity, places(finding)) == ("hint", [("g1", 5, 2), ("g2", 5, 2)])
    assert passage in finding.message
    short = form(*OTHER, (5, 2, f"六月公告并鉴定，{passage[:15]}，九月付款。"), name="g2")
    assert of_rule(audited([one, short]), "ND005") == ([], [])
    third = form((0, 2, "星图印制"), (5, 2, f"{passage}，五月印制。"), name="g3")
    assert of_rule(audited([one, other, third]), "ND005") == ([], [])


def test_likeness_and_shared_runs() -> None:
    assert likeness("三月招标，四月清洗。", "三月招标四月清洗") == 1.0
    assert likeness("三月招标，四月清洗。", "三月招标") == 0.0
    assert longest_run("甲三月招标，四月清洗乙", "丙三月招标四月清洗丁") == "三月招标四月清洗"
    assert without_citations("按照《虚构市办法》执行。") == "按照执行"
