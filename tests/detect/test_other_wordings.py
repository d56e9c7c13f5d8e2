"""Explanations worded as in other provinces: what is right but looks wrong stays silent, what is wrong is found."""

import pytest

from detect.examples import document_of
from detect.runner import audit

FUNDS = """
# 二、收入决算情况说明
2031年度本年收入合计1,200.00万元，其中：一般公共预算财政拨款收入1,100.00万元，占91.67%；政府性基金预算财政拨款收入80.00万元，占6.67%；其他收入20.00万元，占1.66%。
"""
SPENDING = """
# 二、支出决算情况说明
虚构自治县天文馆2031年度支出合计64,100,000.00元。其中：基本支出41,665,000.00元，占总支出的65.00%；项目支出22,435,000.00元，占总支出的35.00%。
（二）项目支出情况
2031年度用于专项业务工作的经费支出22,435,000.00元。其中：基本建设类项目支出0.00元。
"""
ECONOMIC = """
# 三、一般公共预算支出安排情况
（一）基本支出2,800.00万元，其中：
1.工资福利支出2,400.00万元，主要用于：基本工资500.00万元等。
2.商品和服务支出400.00万元，其中：公用经费250.00万元、交通补贴120.00万元、其他支出30.00万元。
（二）项目支出728.46万元，主要包括：观测业务经费350.00万元，聘用人员经费120.00万元等。
"""
REMARK = """
# 一、收入决算情况说明
虚构自治县天文馆2031年度收入合计64,257,318.55元。其中：财政拨款收入62,107,318.55元，占总收入的96.65%；事业收入1,950,000.00元（含门票收入0.00元），占总收入的3.03%；其他收入200,000.00元，占总收入的0.31%。
"""
PARAGRAPHS = """
# 二、2031年虚构市天文馆部门预算安排情况说明
2031年收入预算5,876.68万元，比上年执行数增加48.92万元，增长0.8%，与上年基本持平。
其中：一般公共预算拨款收入5,753.07万元，占97.9%；其他收入123.61万元，占2.1%。
支出按用途分类，包括人员支出2,906.80万元，占49.5%；日常公用支出838.27万元，占14.3%；项目支出2,131.61万元，占36.3%。
"""


def found(text: str) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.observed) for finding in audit(document_of(text)).findings]


@pytest.mark.parametrize("text", [FUNDS, SPENDING, ECONOMIC, REMARK, PARAGRAPHS])
def test_right_statements_stay_silent(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (FUNDS, "占6.67%", "占8.67%"),
        (SPENDING, "占总支出的65.00%", "占总支出的56.00%"),
        (REMARK, "占总收入的3.03%", "占总收入的3.33%"),
        # 838.27 is 43.2 per cent of nothing that the list is of; the other items say what it is of
        (PARAGRAPHS, "占14.3%", "占43.2%"),
        (PARAGRAPHS, "占97.9%", "占99.7%"),
    ],
)
def test_a_share_that_the_rest_of_its_list_contradicts(text: str, right: str, wrong: str) -> None:
    assert right in text
    assert found(text.replace(right, wrong)) == [("TX007", wrong.lstrip("占总收支出入的"))]


def test_an_amount_of_a_list_whose_shares_are_complete() -> None:
    assert [rule for rule, _ in found(PARAGRAPHS.replace("其他收入123.61", "其他收入323.61"))] == ["TX007"]


SUBSECTIONS = """
《收支总表》万元
收入 | > | 支出 | >
项目 | 2031年预算数 | 项目 | 2031年预算数
一、一般公共预算拨款收入 | 980.15 | 一、社会保障和就业支出 | 120.15
二、政府性基金预算拨款收入 | 20.00 | 二、农林水支出 | 920.00
本年收入合计 | 1,000.15 | 本年支出合计 | 1,040.15
上年结转 | 40.00 | 结转下年 |
收入总计 | 1,040.15 | 支出总计 | 1,040.15
《支出总表》万元
科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
 | 合计 | 1,040.15 | 640.15 | 400.00
208 | 社会保障和就业支出 | 120.15 | 120.15 |
213 | 农林水支出 | 920.00 | 520.00 | 400.00
# 一、收支预算情况说明
虚构县天文馆2031年收支预算总数1,040.15万元，比上年增加40.15万元。
# （一）收入预算情况
虚构县天文馆2031年收入预算1,040.15万元，其中：本年收入1,000.15万元，上年结转40.00万元。
# （二）支出预算情况
虚构县天文馆2031年支出预算1,040.15万元，其中：基本支出640.15万元；项目支出400.00万元。
# （三）财政拨款收支情况
财政拨款收入总计960.00万元，支出总计960.00万元，其中：基本支出600.00万元。
"""


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("2031年支出预算1,040.15", "2031年支出预算1,004.15", "TX003"),
        ("本年收入1,000.15", "本年收入1,010.15", "TX016"),
        ("其中：基本支出640.15", "其中：基本支出604.15", "TX005"),
    ],
)
def test_a_subsection_says_what_its_amounts_are(right: str, wrong: str, rule: str) -> None:
    assert found(SUBSECTIONS) == []
    assert [item for item, _ in found(SUBSECTIONS.replace(right, wrong))] == [rule]


ITEMS = """
《一般公共预算“三公”经费支出预算表》万元
单位编码 | 单位名称 | 合计 | 因公出国（境）费 | 公务用车购置及运行费 | > | > | 公务接待费
^ | ^ | ^ | ^ | 小计 | 公务用车购置费 | 公务用车运行费 | ^
 | 合计 | 9.20 | | 8.00 | | 8.00 | 1.20
301001 | 虚构县天文馆 | 9.20 | | 8.00 | | 8.00 | 1.20
# 九、一般公共预算“三公”经费支出预算情况说明
虚构县天文馆2031年“三公”经费支出预算9.20万元，其中，公务用车购置及运行费支出8.00万元；公务接待费支出1.20万元。具体情况如下：
1.公务接待费预算支出1.20万元，比上年预算减少0.80万元，主要原因是压减开支。
"""


def test_an_item_stated_twice_and_once_wrongly() -> None:
    assert found(ITEMS) == []
    assert found(ITEMS.replace("1.公务接待费预算支出1.20", "1.公务接待费预算支出2.10")) == [("TX001", "2.10万元")]


@pytest.mark.parametrize("part", ["局机关公务接待费1.00万元", "国内公务接待费1.00万元"])
def test_a_part_of_an_item_is_not_the_item(part: str) -> None:
    assert found(ITEMS + f"公务接待费中，{part}，主要用于业务往来。") == []


FORM = """
《项目支出绩效目标表》
项目名称 | 星空科普经费 | >
项目资金（万元） | 年度资金总额 | 85.6
^ | 其中：财政拨款 | 80.6
^ | 其他资金 | 5
"""
NESTED = """
《项目支出绩效目标表》
项目名称 | 星空科普经费 | >
项目资金（万元） | 年度资金总额 | 85.6
^ | 其中：财政拨款 | 80.6
^ | 省级资金 | 30.6
^ | 县级资金 | 50
^ | 其他资金 | 5
"""


def test_sources_of_the_national_form() -> None:
    assert found(FORM) == found(NESTED) == []
    assert [rule for rule, _ in found(FORM.replace("财政拨款 | 80.6", "财政拨款 | 70.6"))] == ["PF001"]


BRACKETS = """
# 一、收支预算总体情况
2031年收支总预算8,000.00万元，比上年减少2,000.00万元（其中人员减少500.00万元，项目减少1,500.00万元），降幅20.00%。
2031年培训费9.00万元，较上年增加1.00万元（增长12.50%），主要原因是新增1期。
"""


@pytest.mark.parametrize(("right", "wrong"), [("降幅20.00%", "降幅25.00%"), ("增长12.50%", "增长11.11%")])
def test_the_rate_of_a_change_stands_behind_a_remark_or_in_one(right: str, wrong: str) -> None:
    assert found(BRACKETS) == []
    assert found(BRACKETS.replace(right, wrong)) == [("TX006", wrong[2:])]


DATED = """
# 虚构市天文馆2031年部门预算公开
《项目支出绩效目标表（2031年度）》
项目名称 | 镜片养护费 | > | >
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 养护镜片 | ≥12片
^ | 质量指标 | 验收合格率 | 100%
^ | 时效指标 | 工程开工时间 | 2030年11月
^ | ^ | 工程完成时间 | 2031年6月底前
^ | 成本指标 | 养护费 | ≤10万元
效益指标 | 社会效益指标 | 观众人次 | ≥3万人次
满意度指标 | 服务对象满意度指标 | 观众满意度 | ≥90%
"""


def test_work_of_the_year_that_ended_before_it() -> None:
    assert found(DATED) == []
    assert found(DATED.replace("工程完成时间 | 2031年", "资料移交时间 | 2029年")) == [("LG002", "2029年")]


SPENT = """
《2031年预算支出总表》万元 部门名称：虚构市天文馆
科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
合计 | > | 1,230.00 | 980.00 | 250.00
206 | 科学技术支出 | 1,230.00 | 980.00 | 250.00
# 三、支出预算情况说明
"""
YEAR = "2031年支出预算1,230.00万元，"
PARTS = "支出预算1,230.00万元，其中：基本支出980.00万元、项目支出250.00万元，"
FINAL = "# 五、支出决算情况说明\n科普活动年初预算为1,500.00万元，支出决算为1,230.00万元，"


@pytest.mark.parametrize(
    ("text", "right", "wrong", "rule"),
    [
        (f"{YEAR}同比增加205.00万元，增幅20.00%。", "20.00%", "26.00%", "TX006"),
        (f"{YEAR}较上年度1,435.00万元下降14.29%。", "14.29%", "24.29%", "TX006"),
        (f"{YEAR}较上年度1,435.00万元下降14.29%。", "下降", "增长", "TX006"),
        (f"{YEAR}2030年支出预算1,025.00万元，同比增长20.00%。", "20.00%", "26.00%", "TX006"),
        (f"{YEAR}比上年调减205.00万元，减少14.29%。", "14.29%", "16.67%", "TX006"),
        (f"{YEAR}比上年压减205.00万元，压减比例14.29%。", "14.29%", "16.67%", "TX006"),
        (f"{YEAR}比上年少205.00万元，下降14.29%。", "14.29%", "16.67%", "TX006"),
        (f"{YEAR}比上年多205.00万元，增长率达20.00%。", "20.00%", "26.00%", "TX006"),
        ("支出预算1,230.00万元，其中：基本支出980.00万元，比重79.67%；项目支出250.00万元，比重20.33%。",
         "79.67%", "76.97%", "TX007"),
        (f"{PARTS}分别占79.67%和20.33%。",
         "79.67%", "76.97%", "TX007"),
        (f"{PARTS}占比分别为79.67%、20.33%。",
         "20.33%", "23.03%", "TX007"),
        ("虚构市天文馆预算总支出为1,230.00万元，其中，基本支出为980.00万元。", "1,230.00", "1,320.00", "TX003"),
        ("预算1,230.00万元。按性质分：基本支出安排980.00万元；项目支出安排250.00万元。", "250.00", "205.00", "TX005"),
    ],
)  # fmt: skip
def test_other_words_for_changes_shares_and_totals(text: str, right: str, wrong: str, rule: str) -> None:
    assert found(SPENT + text) == []
    assert [name for name, _ in found(SPENT + text.replace(right, wrong))] == [rule]


def test_the_share_of_an_amount_that_was_misread_is_not_that_of_the_amount_before_it() -> None:
    text = "支出预算1,230.00万元，其中：基本支出980.00万元，占79.67%，项目支出250.00万元，占20.33%。"
    assert found(SPENT + text.replace("250.00", "250,00")) == []
    assert [name for name, _ in found(SPENT + text.replace("20.33%", "23.03%"))] == ["TX007"]


@pytest.mark.parametrize(
    ("text", "right", "wrong", "rule"),
    [
        ("为年初预算的82.00%。", "82.00%", "92.00%", "TX010"),
        ("完成年初预算的82%。决算数小于年初预算数的主要原因是压减支出。", "小于", "大于", "TX019"),
        ("支出决算低于预算。", "低于预算", "与预算持平", "TX019"),
        ("决算数比预算数减少270.00万元。", "270.00", "207.00", "TX019"),
    ],
)
def test_final_accounts_against_the_budget(text: str, right: str, wrong: str, rule: str) -> None:
    assert found(FINAL + text) == []
    assert [name for name, _ in found(FINAL + text.replace(right, wrong))] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        # two budgets: which of them is meant cannot be told
        "# 五、支出决算情况说明\n年初预算1,500.00万元，调整预算1,200.00万元，支出决算1,230.00万元，决算数大于预算数。",
        "# 五、支出决算情况说明\n年初预算为1,500.00万元，支出决算为1,500.00万元，决算数与预算数持平。",
        "# 五、支出决算情况说明\n年初预算为1,500.00万元，支出决算为1,500.00万元。其他支出决算数大于预算数。",
    ],
)
def test_differences_that_cannot_be_told_or_are_right(text: str) -> None:
    assert found(text) == []


THREE_PUBLIC = """
《2031年一般公共预算“三公”经费支出预算表》万元 部门名称：虚构市天文馆
项目 | 合计 | 一般公共预算 | 政府性基金 | 国有资本经营预算
合计 | 12.60 | 12.60 | |
1、因公出国（境）费 | 0.00 | 0.00 | |
2、公务接待费 | 1.80 | 1.80 | |
3、公务用车购置及运行维护费 | 10.80 | 10.80 | |
（1）公务用车购置费 | 0.00 | 0.00 | |
（2）公务用车运行维护费 | 10.80 | 10.80 | |
# 七、“三公”经费预算情况说明
（一）因公出国（境）费用：2031年预算安排0万元，与2030年预算持平。
（二）公务接待费：1.80万元，与2030年预算持平。
（三）公务用车购置及运行维护费：2031年预算安排10.80万元，其中公务用车购置费0万元，公务用车运行维护费10.80万元。
"""


@pytest.mark.parametrize(
    ("right", "wrong"), [("安排10.80万元", "安排18.00万元"), ("接待费：1.80万元", "接待费：8.10万元")]
)
def test_an_amount_behind_the_colon_of_its_name(right: str, wrong: str) -> None:
    assert found(THREE_PUBLIC) == []
    assert [rule for rule, _ in found(THREE_PUBLIC.replace(right, wrong))] == ["TX001"]


def test_parts_of_basic_expenditure_whatever_the_heading_calls_it() -> None:
    text = (
        "# 六、基本支出决算情况说明\n一般公共预算财政拨款基本支出980.00万元，其中：人员经费支出800.00万元，"
        "主要包括基本工资；公用经费支出{}万元，主要包括办公费。"
    )
    assert found(text.format("180.00")) == []
    assert [rule for rule, _ in found(text.format("108.00"))] == ["TX016"]


BALANCE = """
# 四、财政拨款收支预算情况说明
2031年财政拨款收支总预算130.00万元。收入包括：一般公共预算收入126.00万元、上年结转结余收入4.00万元。支出包括：科学技术支出100.00万元、卫生健康支出12.00万元和住房保障支出18.00万元。
"""
INCOMES = """
# 一、收支预算情况说明
2031年，天文馆收入预算180万元，其中：财政拨款收入160万元，比2030年预算增加15万元；事业收入12万元；事业单位经营收入0万元；其他收入8万元。
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (BALANCE, "住房保障支出18.00", "住房保障支出81.00"),
        (BALANCE, "一般公共预算收入126.00", "一般公共预算收入162.00"),
        (INCOMES, "事业收入12万元", "事业收入21万元"),
        (INCOMES, "收入预算180万元", "收入预算108万元"),
    ],
)
def test_lists_that_are_complete_add_up(text: str, right: str, wrong: str) -> None:
    assert found(text) == []
    assert [rule for rule, _ in found(text.replace(right, wrong))] == ["TX020"]


@pytest.mark.parametrize(
    "text",
    [
        BALANCE.replace("支出包括", "支出主要包括").replace("18.00", "17.00"),
        BALANCE.replace("住房保障支出18.00万元。", "住房保障支出17.00万元等。"),
        INCOMES.replace("；其他收入8万元", ""),
    ],
)
def test_lists_that_may_be_incomplete_say_nothing(text: str) -> None:
    assert found(text) == []


def test_a_rate_between_two_years_in_the_order_of_time() -> None:
    text = "# 五、支出决算情况说明\n2030年决算数为57.43万元，2031年支出决算为56.12万元，比2030年决算数减少{}。"
    assert found(text.format("2.28%")) == []
    assert found(text.format("1.10%")) == [("TX006", "减少1.10%")]


@pytest.mark.parametrize(
    "text",
    [
        # the shares of last year are not those of this year's amounts
        SPENT + "支出预算1,230.00万元，其中：基本支出980.00万元（占79.67%，上年占75%）。",
        # the units of a department have basic expenditure each
        SPENT
        + "部门支出预算1,230.00万元，其中本级900.00万元，基本支出700.00万元；下属单位330.00万元，基本支出280.00万元。",
        # a part of a listed amount is no further item of the list
        BALANCE.replace("住房保障支出18.00万元。", "住房保障支出18.00万元，其中购房补贴6.00万元。"),
        # the table prints another year
        THREE_PUBLIC.replace("1.80万元，与2030年预算持平", "2030年预算安排2.40万元，2031年预算安排1.80万元"),
    ],
)
def test_what_belongs_to_other_years_units_or_parts_says_nothing(text: str) -> None:
    assert found(text) == []
