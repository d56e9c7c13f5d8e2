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
