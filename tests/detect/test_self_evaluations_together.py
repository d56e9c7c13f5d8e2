"""Self-evaluations of one document together, with each other and with the final accounts."""

from collections.abc import Callable

import pytest

from models.report import Report
from models.table import Table
from tests.detect.conftest import Rows, make_table, of_rule, places

Audit = Callable[..., Report]
SPENT: Rows = (
    ("科目代码", "科目名称", "本年支出合计", "基本支出", "项目支出", "上缴上级支出", "经营支出", "对附属单位补助支出"),
    ("合计", ">", "50.00", "10.00", "40.00", "", "", ""),
    ("206", "科学技术支出", "50.00", "10.00", "40.00", "", "", ""),
)
SAID = "按计划完成全部任务，资金使用规范，社会效益显著，得分{}分，等级为优。"


def form(name: str, project: str, points: str = "47", spent: str = "18.00", said: str = SAID) -> Table:
    total = str(int(points) + 50)
    rows: Rows = (
        ("项目名称", ">", project, ">", ">", ">", ">"),
        ("项目年初预算金额（万元）", "20.00", "实际到位金额（万元）", "20.00", "实际执行金额（万元）", spent, ">"),
        ("市财政", "20.00", "市财政", "20.00", "市财政", spent, ">"),
        ("绩效指标", "产出指标（50分）", ">", "完成数量", ">", ">", f"{points}分"),
        ("总分", ">", ">", ">", ">", ">", f"{total}分"),
        ("自评结论", ">", said.format(total), ">", ">", ">", ">"),
    )
    return make_table(name, "虚构市项目支出绩效自评表", rows, unit="")


def test_one_conclusion_for_three_projects(audited: Audit) -> None:
    forms = [form("s1", "星图印制费"), form("s2", "陨石标本征集", "48"), form("s3", "穹幕清洗", "46")]
    (finding,) = of_rule(audited(forms), "SE007")[0]
    assert (finding.severity, places(finding)) == ("hint", [("s1", 5, 2), ("s2", 5, 2), ("s3", 5, 2)])
    other = form("s3", "穹幕清洗", said="穹幕清洗四次，观众满意度提高，两条灯带延期更换，得分{}分，等级为优。")
    assert of_rule(audited([*forms[:2], other]), "SE007")[0] == []


def test_full_marks_for_everything(audited: Audit) -> None:
    names = ("星图印制费", "陨石标本征集", "穹幕清洗")
    own = [f"{name}按年度任务书逐项完成，由专家验收，得分{{}}分，等级为优。" for name in names]
    forms = [form(f"s{k}", name, "50", said=said) for k, (name, said) in enumerate(zip(names, own, strict=True))]
    found = {finding.key: finding for finding in of_rule(audited(forms), "SE007")[0]}
    assert places(found["SE007:selfeval:document:满分"]) == [("s0", 4, 6), ("s1", 4, 6), ("s2", 4, 6)]
    forms[1] = form("s1", names[1], "49", said=own[1])
    assert "SE007:selfeval:document:满分" not in {item.key for item in of_rule(audited(forms), "SE007")[0]}


@pytest.mark.parametrize(("project", "found"), [("陨石标本征集", 1), ("星图印制费", 0)])
def test_more_spent_than_all_projects(audited: Audit, project: str, found: int) -> None:
    spending = make_table("f3", "支出决算表", SPENT)
    forms = [form("s1", "星图印制费", spent="20.00"), form("s2", project, spent="20.50")]
    findings, _ = of_rule(audited([spending, *forms]), "SE008")
    assert [(item.difference, ("f3", 1, 4) in places(item)) for item in findings] == [("0.50万元", True)] * found


def test_an_amount_that_was_not_read_is_a_skip(audited: Audit) -> None:
    spending = make_table("f3", "支出决算表", SPENT)
    assert of_rule(audited([spending, form("s1", "星图印制费", spent="已付清")]), "SE008")[1]
