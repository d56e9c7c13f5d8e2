"""LG001 to LG009 and TX014: what is left of other years, other places and templates, and slips of the pen."""

from collections.abc import Callable, Sequence

import pytest

from models.finding import Finding
from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import EXPENDITURE, make_table, of_rule, places

Audit = Callable[..., Report]
Texts = Sequence[tuple[BlockRole, str]]
META = ("部门名称：虚构市天文馆",)


@pytest.fixture
def own() -> Table:
    return make_table("t3", "2031年预算支出总表", EXPENDITURE, meta=META)


def form(**fields: str) -> Table:
    """A target form with some of its fields filled in."""
    rows = [
        ("项目名称", "望远镜镜片养护费"),
        ("项目概况", fields.get("overview", "更换望远镜镜片十二组。")),
        ("立项依据", fields.get("basis", "《虚构市天文观测条例》。")),
        ("项目设立必要性", fields.get("need", "镜片老化，观测精度下降。")),
        ("项目实施计划", fields.get("plan", "上半年采购，下半年安装。")),
        ("年度目标", fields.get("goal", "2031年完成镜片更换，验收合格率达到100%。")),
    ]
    return make_table("g1", "虚构市市级预算部门（单位）项目支出绩效目标表", rows, unit="")


def found(audited: Audit, rule: str, tables: Sequence[Table], texts: Texts = ()) -> list[Finding]:
    return of_rule(audited(tables, texts), rule)[0]


def test_stale_years_in_contents_and_titles(audited: Audit, own: Table) -> None:
    texts: Texts = [
        ("toc", "表三2030年预算支出总表………4"),
        ("toc", "表四2030年财政拨款收支总表………5"),
        ("heading", "第二部分 2029年部门预算报表"),
    ]
    contents, heading = sorted(found(audited, "LG001", [own], texts), key=lambda finding: finding.evidence[0].box.y0)
    assert [item.text for item in contents.evidence] == [text for _, text in texts[:2]]
    assert (contents.observed, contents.expected, heading.observed) == ("2030年", "2031年", "2029年")


@pytest.mark.parametrize(
    "text",
    [
        ("toc", "表三2031年预算支出总表………4"),
        ("heading", "三、2029—2031年规划执行情况说明"),
        ("title", "本馆无2030年结转的支出。"),
        ("paragraph", "与2030年预算相比增加3.00万元。"),
        ("title", "关于《2030年预算支出总表》"),
        ("paragraph", "2030年观测器材采购目录"),
    ],
)
def test_other_years_that_belong_there(audited: Audit, own: Table, text: tuple[BlockRole, str]) -> None:
    assert found(audited, "LG001", [own], [text]) == []


def test_an_attachment_of_an_earlier_year(audited: Audit, own: Table) -> None:
    (finding,) = found(audited, "LG001", [own], [("paragraph", "2028年观测器材采购目录")])
    assert (finding.observed, finding.evidence[0].text) == ("2028年", "2028年观测器材采购目录")


def test_a_goal_of_another_year(audited: Audit, own: Table) -> None:
    (finding,) = found(audited, "LG002", [own, form(goal="2029年完成镜片更换。")])
    assert (finding.observed, places(finding)) == ("2029年", [("g1", 5, 1)])
    for goal in (
        "2031年完成镜片更换。",
        "按照〔2029〕5号文完成。",
        "在2029年工作基础上完成更换。",
        "2029年以来镜片老化。",
    ):
        assert found(audited, "LG002", [own, form(goal=goal)]) == []


def test_a_basis_of_another_year(audited: Audit, own: Table) -> None:
    old = "《关于编制市级部门2030年预算的通知》（虚财〔2029〕9号）。"
    (finding,) = found(audited, "LG003", [own, form(basis=old)])
    assert (finding.severity, finding.observed, places(finding)) == ("warning", "2030年", [("g1", 2, 1)])
    plan = "《关于编报2030-2032年中长期财政规划的通知》"
    assert [item.severity for item in found(audited, "LG003", [own, form(basis=plan)])] == ["hint"]
    for basis in (
        "《关于编制市级部门2031年预算的通知》",
        "《虚构市天文观测条例（2019年）》",
        "《关于开展2030年观测工作的通知》",
    ):
        assert found(audited, "LG003", [own, form(basis=basis)]) == []


def test_an_organisation_of_another_city(audited: Audit, own: Table) -> None:
    copied = "甲乙市灯塔管理局承担航标职责，结合本局实际设立该项目。"
    (finding,) = found(audited, "LG004", [own, form(need=copied)])
    assert (finding.severity, finding.observed, places(finding)) == ("warning", "甲乙市灯塔管理局", [("g1", 3, 1)])
    for need in (
        "虚构市灯塔管理局承担航标职责，结合本局实际设立该项目。",
        "根据市财政局要求，结合本局实际设立该项目。",
        "与甲乙市灯塔管理局开展交流，结合本局实际设立该项目。",
        "会同市粮食局承担观测职责。",
        "由甲乙县灯塔管理局报送数据。",
        "开发区管理委员会承担职责，结合本区实际设立该项目。",
        "根据甲乙市灯塔管理局关于巡检的通知，设立本项目。",
    ):
        assert found(audited, "LG004", [own, form(need=need)]) == []


@pytest.mark.parametrize(
    ("need", "severity"),
    [
        ("甲乙县灯塔管理局承担航标职责，结合本局实际设立该项目。", "warning"),
        ("丙丁区灯塔管理局为履行航标职能，申请设立本项目。", "warning"),
        ("按照甲乙市灯塔管理局年度安排，需要添置航标。", "hint"),
    ],
)
def test_other_ways_to_speak_as_another(audited: Audit, own: Table, need: str, severity: str) -> None:
    assert [finding.severity for finding in found(audited, "LG004", [own, form(need=need)])] == [severity]


def test_a_place_that_is_not_known_is_a_skip(audited: Audit) -> None:
    report = audited([make_table("t3", "2031年预算支出总表", EXPENDITURE, meta=("部门名称：天文馆总馆",))])
    assert of_rule(report, "LG004")[1]


def test_the_level_of_government(audited: Audit, own: Table) -> None:
    text = "三、“三公”经费：指省直部门用财政拨款安排的支出。"
    (finding,) = found(audited, "LG005", [own], [("paragraph", text)])
    assert finding.evidence[0].text == text
    assert found(audited, "LG005", [own], [("paragraph", text.replace("省直", "市直"))]) == []
    assert found(audited, "LG005", [own], [("paragraph", "与省直部门协同观测。")]) == []


def test_units_of_a_department_in_the_text_of_a_unit(audited: Audit, own: Table) -> None:
    text: Texts = [
        ("heading", "第三部分 2031年度单位预算情况说明"),
        ("paragraph", "部门各单位政府采购预算总额3.00万元。"),
    ]
    assert len(found(audited, "LG005", [own], text)) == 1
    assert found(audited, "LG005", [own], [("heading", "第三部分 2031年度部门预算情况说明"), text[1]]) == []


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("20××年望远镜养护费为XX万元。", "warning"),
        ("{单位名称}负责天文观测。", "warning"),
        ("观测计划（请填写观测计划）如下。", "warning"),
        ("委托第三方机构实施（如有）。", "hint"),
        ("采购XXL号工作服和AXX型镜片。", ""),
        ("镜片规格为10×12厘米。", ""),
    ],
)
def test_what_is_left_of_a_template(audited: Audit, own: Table, text: str, severity: str) -> None:
    assert [item.severity for item in found(audited, "LG006", [own], [("paragraph", text)])] == (
        [severity] if severity else []
    )


def test_a_field_that_was_not_finished(audited: Audit, own: Table) -> None:
    for overview in (
        "1、更换望远镜镜片。2、校准赤道仪。3、",
        "更换望远镜镜片并且提升观测业务能力,",
        "根据《虚构部关于编报2》，更换望远镜镜片",
    ):
        (finding,) = found(audited, "LG007", [own, form(overview=overview)])
        assert places(finding) == [("g1", 1, 1)]
    for overview in ("更换望远镜镜片，校准赤道仪", "镜片、目镜、", "根据《虚构部关于编报方案的通知2031年》更换镜片。"):
        assert found(audited, "LG007", [own, form(overview=overview)]) == []


def test_a_paragraph_that_was_not_finished(audited: Audit, own: Table) -> None:
    start = "凡列入目录的观测器材按规定委托集中采购机构采购，其中小额零星器材在电子卖场采购；"
    for end, number in (("大于或等于", 1), ("其余器材自行采购", 0), ("其余器材自行采购。", 0)):
        texts: Texts = [("paragraph", start + end), ("heading", "第四部分 名词解释")]
        assert len(found(audited, "LG007", [own], texts)) == number


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("更换镜片等项目。；本年支出10.00万元。", True),
        ("更换镜片、、校准赤道仪。", True),
        ("其中基本支28.42万元。", True),
        ("公务接待费费6.51万元。", True),
        ("镜片费8.00万元，占76.23，目镜费2.00万元。", True),
        ("更换镜片……校准赤道仪。", False),
        ("其中基本支出28.42万元，占76.23%。", False),
        ("免费费用说明。", False),
    ],
)
def test_slips_of_the_pen(audited: Audit, own: Table, text: str, slip: bool) -> None:
    assert len(found(audited, "LG008", [own], [("paragraph", text)])) == slip
    report = audited([own], [("paragraph", text)], source="ocr")
    assert [item.severity for item in of_rule(report, "LG008")[0]] == (["hint"] if slip else [])


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("观测员身份证号11010519491231002X。", "warning"),
        ("观测车牌照为京A12345。", "warning"),
        ("联系电话：13800000000", "hint"),
        ("观测员身份证号110105194912310021。", ""),
        ("联系电话：010-88880000，填报日期20310118172157", ""),
    ],
)
def test_private_data(audited: Audit, own: Table, text: str, severity: str) -> None:
    items = found(audited, "LG009", [own], [("paragraph", text)])
    assert [item.severity for item in items] == ([severity] if severity else [])


def test_two_numbers_for_one_thing(audited: Audit, own: Table) -> None:
    served: Texts = [("paragraph", "本馆为近400家预算单位提供观测数据。")]
    (finding,) = found(audited, "TX014", [own, form(plan="为250家预算单位安装终端。")], served)
    assert places(finding) == [(None, None, None), ("g1", 4, 1)]
    assert found(audited, "TX014", [own, form(plan="为398家预算单位安装终端，下设2个预算单位。")], served) == []
    forms_only = form(overview="为近400家预算单位提供观测数据。", plan="为250家预算单位安装终端。")
    assert found(audited, "TX014", [own, forms_only]) == []


def labelled(*labels: str) -> Texts:
    return [("caption", label) for label in labels]


def test_a_label_in_other_words_than_those_around_it(audited: Audit) -> None:
    labels = labelled("预算公开表1", "预算公开表2", "预算公开表3", "预算公开表4", "部门公开表5", "预算公开表6")
    (finding,) = found(audited, "LG012", [], labels)
    assert (finding.severity, finding.observed, finding.expected) == ("hint", "部门公开表5", "预算公开表5")
    for others in (
        labelled(*(f"预算公开表{k}" for k in range(1, 8))),
        labelled(*(f"表{k}" for k in range(1, 7)), "附表7", "附表8"),  # an appendix goes on with the numbers
        labelled("预算公开表1", "部门公开表2", "预算公开表3"),
        labelled(*(f"公开0{k}表" for k in range(1, 7)), "附件1", "附件1"),
    ):
        assert found(audited, "LG012", [], others) == []
