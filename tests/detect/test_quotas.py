"""Staff against posts and vehicles against their quota: violation, near miss and skip."""

from collections.abc import Callable

import pytest

from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import Rows, make_table, of_rule, places, with_text

Audit = Callable[..., Report]

OVERALL: Rows = (
    ("部门基本信息", "部门名称", "901-虚构市天文馆", ">", ">"),
    ("^", "核定的人员编制数", "40人", "实际在职人员总数", "45人"),
    ("^", "^", "^", "其中：在编人员数", "38人"),
    ("^", "^", "^", "其他人员数", "7人"),
)


def overall(*cells: tuple[int, int, str]) -> Table:
    table = make_table("g0", "虚构市部门整体支出绩效目标申报表", OVERALL, unit="")
    for row, col, text in cells:
        table = with_text(table, row, col, text)
    return table


def test_staff_within_posts(audited: Audit) -> None:
    assert audited([overall()]).findings == ()


def test_staff_beyond_posts_is_one_finding_with_the_sentence(audited: Audit) -> None:
    text: list[tuple[BlockRole, str]] = [("paragraph", "本馆核定编制40名，实有在编人员43名，下设一个站。")]
    (finding,) = audited([overall((2, 4, "43人"), (1, 4, "50人"))], text).findings
    assert (finding.rule, finding.severity, finding.difference) == ("QT001", "error", "3人")
    assert places(finding) == [("g0", 2, 4), ("g0", 1, 2), ("g0", 1, 4), (None, None, None)]


def test_staff_that_does_not_add_up(audited: Audit) -> None:
    (finding,) = of_rule(audited([overall((1, 4, "38人"))]), "QT001")[0]
    assert (places(finding)[0], finding.expected) == (("g0", 1, 4), "45人")


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("核定编制40名，实有在编人员43名。", 1),
        ("核定编制40名，实有在编人员40名。", 0),
        ("核定编制40名，在职人员43名（含聘用）。", 0),
        ("行政编制10名，事业编制30名，在编人员40名。", 0),
    ],
)
def test_sentences_about_posts(audited: Audit, sentence: str, count: int) -> None:
    assert len(of_rule(audited([], [("paragraph", sentence)]), "QT001")[0]) == count


@pytest.mark.parametrize(
    ("staff", "observed"),
    [
        ("实有人员48人，其中行政13人，事业35人", ["13人", "35人"]),
        ("实有人员38人，其中行政10人，事业28人", []),
        ("实有人员48人", []),
        ("实有人员48人，其中局机关行政13人、乙站行政5人，事业30人", []),
    ],
)
def test_staff_and_posts_by_kind(audited: Audit, staff: str, observed: list[str]) -> None:
    text = f"截至上年底，本部门人员编制40人，其中行政编制10人，事业编制30人；{staff}。"
    findings, _ = of_rule(audited([], [("paragraph", text)]), "QT001")
    assert sorted((finding.severity, finding.observed) for finding in findings) == [("hint", one) for one in observed]


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("本馆公务用车编制2辆，实有3辆，其中应急保障用车3辆。", 1),
        ("本馆公务用车编制3辆，实有3辆。", 0),
        ("本馆车辆账面数量3辆。", 0),
        ("本馆公务用车编制2辆，下属站公务用车编制1辆，实有3辆。", 0),
        ("本馆公务用车编制2辆，实有5辆，其中：应急保障用车3辆、其他公务用车2辆。", 1),
    ],
)
def test_vehicles_within_their_quota(audited: Audit, sentence: str, count: int) -> None:
    findings, _ = of_rule(audited([], [("paragraph", sentence)]), "QT002")
    assert len(findings) == count
    assert all(finding.difference in ("1辆", "3辆") and finding.evidence[0].text == sentence for finding in findings)


def test_a_number_that_its_kinds_refute_is_one_finding(audited: Audit) -> None:
    text: list[tuple[BlockRole, str]] = [
        ("heading", "十一、国有资产占有使用情况"),
        ("paragraph", "本馆公务用车编制2辆，实有3辆，其中：应急保障用车1辆、其他公务用车1辆。"),
    ]
    report = audited([], text)
    assert [finding.rule for finding in report.findings] == ["TX011"]
    assert of_rule(report, "QT002")[1]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("截至上年底，办公用房建筑面积5,200平方米。", 1),
        ("截至上年底，办公用房建筑面积1600平方米。", 0),
        ("截至上年底，办公用房面积3150平方米。", 0),  # 45 people, 70 square metres each
        ("截至上年底，业务用房面积5200平方米。", 0),
    ],
)
def test_office_space_for_posts_and_staff(audited: Audit, text: str, count: int) -> None:
    report = audited([overall()], [("paragraph", text)])
    assert len(of_rule(report, "QT004")[0]) == count


def test_office_space_is_not_judged_without_posts_or_with_two_areas(audited: Audit) -> None:
    space = "办公用房建筑面积5200平方米。"
    for tables, text in (([], space), ([overall()], f"本部办公用房面积4000平方米，下属单位{space}")):
        findings, skips = of_rule(audited(tables, [("paragraph", text)]), "QT004")
        assert (findings, len(skips)) == ([], 1)


INCREASE = "2031年财政拨款安排“三公”经费4.80万元，比2030年增加0.90万元。"


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        ((INCREASE,), 1),
        ((INCREASE, "公务用车运行维护费3.60万元，比上年增加0.90万元，主要原因是车辆老化。"), 0),
        ((INCREASE.replace("增加", "减少"),), 0),
        (("2031年财政拨款安排“三公”经费4.80万元，与上年持平。", "公务接待费1.20万元，比上年增加0.30万元。"), 0),
    ],
)
def test_an_increase_is_explained(audited: Audit, texts: tuple[str, ...], count: int) -> None:
    blocks: list[tuple[BlockRole, str]] = [("heading", "七、“三公”经费增减变动原因说明")]
    blocks += [("paragraph", text) for text in texts]
    blocks += [
        ("heading", "八、机关运行经费增减变动原因说明"),
        ("paragraph", "没有机关运行经费，主要原因是没有行政单位。"),
    ]
    assert len(of_rule(audited([], blocks), "QT005")[0]) == count


FINAL: Rows = (
    ("合计", ">", "因公出国（境）费", ">", "公务用车购置及运行费", ">", ">", ">", ">", ">", "公务接待费", ">"),
    ("^", "^", "^", "^", "小计", ">", "公务用车购置费", ">", "公务用车运行费", ">", "^", "^"),
    ("预算数", "决算数") * 6,
    ("4.80", "6.30", "0.00", "0.00", "3.60", "3.60", "0.00", "0.00", "3.60", "3.60", "1.20", "2.70"),
)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("“三公”经费支出决算6.30万元。", "warning"),
        ("“三公”经费支出决算6.30万元，超出预算的主要原因是年中追加。", "hint"),
    ],
)
def test_more_spent_than_planned(audited: Audit, text: str, severity: str) -> None:
    tables = [make_table("f9", "2031年财政拨款“三公”经费支出决算表", FINAL)]
    (finding,) = of_rule(audited(tables, [("heading", "九、“三公”经费"), ("paragraph", text)]), "QT006")[0]
    assert (finding.severity, finding.difference) == (severity, "1.50万元")
    assert places(finding)[:2] == [("f9", 3, 1), ("f9", 3, 0)]


UNITS: Rows = (
    ("单位名称", "2031预算数", ">", ">", ">"),
    ("^", "合计", "一般公共预算", "政府性基金预算", "国有资本经营预算"),
    ("部门合计", "15.00", "15.00", "", ""),
    ("虚构市天文馆", "10.00", "10.00", "", ""),
    ("虚构市星图编制中心", "5.00", "5.00", "", ""),
    ("虚构市陨石馆", "0.00", "0.00", "", ""),
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("2031年本部门3家行政、参公单位机关运行经费财政拨款预算15.00万元。", 1),
        ("2031年本部门2家行政、参公单位机关运行经费财政拨款预算15.00万元。", 0),
        ("2031年本部门1家行政单位和1家参公单位机关运行经费财政拨款预算15.00万元。", 0),
    ],
)
def test_as_many_units_as_the_table_lists(audited: Audit, text: str, count: int) -> None:
    tables = [make_table("t11", "2031年财政拨款安排机关运行经费预算表", UNITS)]
    findings, _ = of_rule(audited(tables, [("heading", "八、机关运行经费"), ("paragraph", text)]), "TX018")
    assert len(findings) == count
    assert all({("t11", 3, 0), ("t11", 4, 0)} <= set(places(finding)) for finding in findings)
