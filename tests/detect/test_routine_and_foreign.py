"""What does not belong there: foreign codes, daily expenses as projects, words of enterprises, unsaid receptions."""

from collections.abc import Callable

import pytest

from models.report import Report
from models.table import BlockRole
from tests.detect.conftest import Rows, make_table, of_rule, places

Audit = Callable[..., Report]
Texts = list[tuple[BlockRole, str]]
STATE: Rows = (
    ("科目代码", "科目名称", "合计", "基本支出", "项目支出"),
    ("合计", ">", "0.00", "", ""),
    ("{}", "科目", "{}", "", ""),
)
PROJECTS: Rows = (
    ("项目名称", "合计", "2031年财政拨款", ">", ">", "财政专户管理资金", "单位资金"),
    ("^", "^", "一般公共预算", "政府性基金预算", "国有资本经营预算", "^", "^"),
    ("虚构市天文馆", "45.00", "45.00", "", "", "", ""),
    ("差旅费", "5.00", "5.00", "", "", "", ""),
    ("馆员培训费", "10.00", "10.00", "", "", "", ""),
    ("网络租赁费", "20.00", "20.00", "", "", "", ""),
    ("天象仪运维", "10.00", "10.00", "", "", "", ""),
)


@pytest.mark.parametrize(("code", "amount", "found"), [("201", "0.00", 1), ("223", "0.00", 0), ("201", "3.00", 0)])
def test_codes_of_another_budget(audited: Audit, code: str, amount: str, found: int) -> None:
    rows = [[cell.format(code) if col == 0 else cell.format(amount) for col, cell in enumerate(row)] for row in STATE]
    table = make_table("f8", "国有资本经营预算财政拨款支出决算表", rows)
    findings, _ = of_rule(audited([table]), "CP004")
    assert [places(finding) for finding in findings] == [[("f8", 2, 0)]] * found


@pytest.mark.parametrize(("ordinary", "special", "found"), [(1, 3, 1), (2, 2, 0), (4, 0, 0)])
def test_daily_expenses_among_special_projects(audited: Audit, ordinary: int, special: int, found: int) -> None:
    table = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    texts: Texts = [
        ("heading", "十、绩效管理情况"),
        ("paragraph", f"纳入管理的项目4个，其他运转类项目{ordinary}个，特定目标类项目{special}个。"),
    ]
    findings, _ = of_rule(audited([table], texts), "PF016")
    assert [places(finding)[1:] for finding in findings] == [[("t12", 3, 1), ("t12", 4, 1), ("t12", 5, 1)]] * found


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        ("为增强单位自身的竞争能力，改善内部管理。", 1),
        ("提升我局的市场份额。", 1),
        ("帮助企业提升自身竞争力。", 0),
        ("举办技能竞争性选拔。", 0),
    ],
)
def test_words_of_enterprises(audited: Audit, plan: str, found: int) -> None:
    table = make_table("g1", "虚构市项目支出绩效目标表", [("项目名称", "内控评价费"), ("项目实施计划", plan)], unit="")
    findings, _ = of_rule(audited([table]), "LG011")
    assert [places(finding) for finding in findings] == [[("g1", 1, 1)]] * found


TOTALS: Rows = (("项目", "决算数", "项目", "决算数"), ("总计", "1.00", "总计", "1.00"))
ACCOUNTS = make_table("f1", "收入支出决算总表", TOTALS)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("国内公务接待支出0.00万元。其中：接待外宾0批次、0人次。", 1),
        ("国内公务接待支出0.00万元，国内接待0批次、0人次，接待外宾0批次、0人次。", 0),
        ("国内公务接待支出0.00万元。", 0),
    ],
)
def test_receptions_that_are_not_counted(audited: Audit, said: str, found: int) -> None:
    texts: Texts = [("heading", "九、“三公”经费支出决算情况说明"), ("paragraph", said)]
    findings, _ = of_rule(audited([ACCOUNTS], texts), "TX017")
    assert [finding.expected for finding in findings] == ["国内公务接待批次、人次"] * found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("公务接待费决算减少为0.00万元，与2030年持平。", 1),
        ("公务接待费增加2.00万元，与上年持平。", 1),
        ("公务接待费增加0.00万元，与上年持平。", 0),
        ("公务接待费增加0.02万元，与上年基本持平。", 0),
    ],
)
def test_a_change_that_is_none(audited: Audit, said: str, found: int) -> None:
    findings, _ = of_rule(audited([], [("heading", "七、经费情况"), ("paragraph", said)]), "TX012")
    assert [finding.evidence[0].text for finding in findings] == [said] * found


def test_a_year_without_its_last_digit(audited: Audit) -> None:
    texts: Texts = [("toc", "第三部分 虚构市天文馆203年度部门决算情况说明")]
    titled = make_table("f1", "2031年收入支出决算总表", TOTALS)
    (finding,) = of_rule(audited([titled], texts), "LG001")[0]
    assert (finding.observed, finding.expected) == ("203年", "2031年")
