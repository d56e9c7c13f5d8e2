"""What does not belong there: foreign codes, daily expenses as projects, words of enterprises, unsaid receptions."""

from collections.abc import Callable

import pytest

from models.report import Report
from models.table import BlockRole, Table
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


GENERAL: Rows = (
    ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
    ("合计", ">", "92.00", "92.00", ""),
    ("206", "科学技术支出", "80.00", "80.00", ""),
    ("20601", "科学技术管理事务", "80.00", "80.00", ""),
    ("2060101", "{function}", "80.00", "80.00", ""),
    ("208", "社会保障和就业支出", "12.00", "12.00", ""),
    ("20805", "行政事业单位养老支出", "12.00", "12.00", ""),
    ("{code}", "养老科目", "12.00", "12.00", ""),
)
ECONOMIC: Rows = (
    ("部门预算支出经济科目名称", "政府预算支出经济科目名称", "2031年预算数", ">", ">"),
    ("^", "^", "合计", "人员经费", "公用经费"),
    ("合计", ">", "92.00", "84.00", "8.00"),
    ("工资福利支出", "", "72.00", "72.00", ""),
    ("基本工资", "{subject}", "72.00", "72.00", ""),
    ("商品和服务支出", "", "8.00", "", "8.00"),
    ("物业管理费", "办公经费", "8.00", "", "8.00"),
    ("对个人和家庭的补助", "", "12.00", "12.00", ""),
    ("退休费", "离退休费", "{retired}", "12.00", ""),
)


def general(function: str = "行政运行", code: str = "2080501") -> Table:
    rows = [[cell.format(function=function, code=code) for cell in row] for row in GENERAL]
    return make_table("t5", "2031年一般公共预算支出预算表（不含上年结转）", rows)


def economic(subject: str = "工资奖金津补贴", retired: str = "12.00") -> Table:
    rows = [[cell.format(subject=subject, retired=retired) for cell in row] for row in ECONOMIC]
    return make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", rows)


@pytest.mark.parametrize(
    ("code", "retired", "found"), [("2080505", "12.00", 1), ("2080502", "12.00", 0), ("2080505", "", 0)]
)
def test_the_retired_have_a_function(audited: Audit, code: str, retired: str, found: int) -> None:
    findings, _ = of_rule(audited([general(code=code), economic(retired=retired)]), "XT004")
    assert [places(finding) for finding in findings] == [[("t6", 8, 2), ("t5", 7, 2)]] * found


@pytest.mark.parametrize(
    ("function", "subject", "found"),
    [("行政运行", "工资福利支出", 1), ("事业运行", "工资福利支出", 0), ("机关服务", "工资福利支出", 0)],
)
def test_functions_and_subjects_of_one_kind_of_unit(audited: Audit, function: str, subject: str, found: int) -> None:
    findings, _ = of_rule(audited([general(function), economic(subject)]), "XT005")
    assert [(item.severity, places(item)) for item in findings] == [("hint", [("t6", 4, 2), ("t5", 4, 2)])] * found


@pytest.mark.parametrize(("plan", "found"), [("支付讲解员劳务费、物业费。", 1), ("支付讲解员劳务费。", 0)])
def test_an_expense_that_is_paid_twice(audited: Audit, plan: str, found: int) -> None:
    form = make_table("g1", "虚构市项目支出绩效目标表", [("项目名称", "天文馆运行"), ("项目概况", plan)], unit="")
    findings, _ = of_rule(audited([economic(), form]), "PF017")
    assert [places(finding) for finding in findings] == [[("g1", 1, 1), ("t6", 6, 2)]] * found


@pytest.mark.parametrize(
    ("attached", "found"), [("2031年集中采购目录及限额标准", 1), ("2031年政府购买服务指导性目录", 0), ("附表如下。", 0)]
)
def test_another_attachment_than_announced(audited: Audit, attached: str, found: int) -> None:
    texts: Texts = [
        ("heading", "十二、其他说明"),
        ("heading", "（一）政府购买服务指导性目录"),
        ("paragraph", "具体详见附件。"),
        ("title", attached),
    ]
    findings, _ = of_rule(audited([], texts), "CP005")
    assert [finding.expected for finding in findings] == ["政府购买服务指导性目录"] * found


@pytest.mark.parametrize(
    ("number", "names", "found"),
    [
        (4, ("差旅费", "馆员培训费", "网络租赁费"), ["缺1张"]),
        (3, ("差旅费", "馆员培训费", "网络租赁费"), []),
        (4, ("差旅费", "馆员培训费", "网络租赁费", "天象仪运维"), []),
    ],
)
def test_a_listed_project_without_its_form(
    audited: Audit, number: int, names: tuple[str, ...], found: list[str]
) -> None:
    listed = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    forms = [
        make_table(
            f"g{k}", "虚构市项目支出绩效目标表", [("项目名称", name), ("项目概况", f"{name}用于天文馆。")], unit=""
        )
        for k, name in enumerate(names)
    ]
    texts: Texts = [("heading", "十、绩效管理情况"), ("paragraph", f"公开项目绩效目标{number}个，金额45.00万元。")]
    findings, _ = of_rule(audited([listed, *forms], texts), "PF018")
    assert [item.observed for item in findings] == found
    assert all(("t12", 6, 1) in places(item) for item in findings)


def test_names_that_differ_are_a_skip(audited: Audit) -> None:
    listed = make_table("t12", "2031年项目支出预算表（本年预算）", PROJECTS)
    form = make_table("g1", "虚构市项目支出绩效目标表", [("项目名称", "流星雨观测"), ("项目概况", "观测。")], unit="")
    texts: Texts = [("heading", "十、绩效管理情况"), ("paragraph", "公开项目绩效目标4个，金额45.00万元。")]
    assert of_rule(audited([listed, form], texts), "PF018")[1]
