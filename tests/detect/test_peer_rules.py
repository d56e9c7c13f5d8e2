"""Numbers against the same numbers of other bureaus: outliers, slips, near misses and too few peers."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from detect.archive import ArchiveInMemory
from detect.digits import first_digits, orders_of_magnitude
from detect.runner import audit
from models.document import Document
from models.table import Table
from tests.detect.bureaus import archive_of, bureau, compared, disclosure, training
from tests.detect.conftest import ECONOMIC, EXPENDITURE, Rows, make_table, of_rule, places, run_of

YEAR = 2031


def expenses(year: int = YEAR) -> Table:
    return make_table("t3", f"{year}年预算支出总表", EXPENDITURE)


def budget(number: int, year: int = YEAR, **training_form: str) -> Document:
    return disclosure(bureau(number), year, [expenses(year), training(year, **training_form)])


@pytest.fixture
def peers() -> ArchiveInMemory:
    """Ten bureaus whose training costs 20,000 to 38,000 yuan a term."""
    return archive_of(
        budget(number, price=str(20_000 + 2_000 * number), money=f"{40_000 + 4_000 * number}") for number in range(10)
    )


def test_a_price_far_above_its_peers_is_a_hint_that_names_them(peers: ArchiveInMemory) -> None:
    report = compared(budget(20, price="150000"), peers, "UC004", "UC005")
    (finding,) = report.findings
    assert (finding.rule, finding.severity) == ("UC004", "hint")
    assert places(finding) == [("g1", 6, 4)]
    assert "10个单位2031年的10个同类数据" in finding.message
    assert "中位数29,000元/期" in finding.message
    assert f"{bureau(9)}2031年项目“天文讲解员培训费”" in finding.message


def test_a_price_somewhat_above_its_peers_is_nothing(peers: ArchiveInMemory) -> None:
    report = compared(budget(20, price="52000"), peers, "UC004", "UC005")
    assert (report.findings, report.skips) == ((), ())


def test_a_price_of_ten_thousand_times_is_a_slip_and_of_five_hundred_times_is_none(peers: ArchiveInMemory) -> None:
    (slip,) = compared(budget(20, price="3"), peers, "UC004", "UC005").findings
    assert (slip.rule, slip.severity, places(slip)) == ("UC005", "error", [("g1", 6, 4)])
    (other,) = compared(budget(20, price="60"), peers, "UC004", "UC005").findings
    assert other.rule == "UC004"


def test_few_peers_or_few_bureaus_say_nothing_and_why(peers: ArchiveInMemory) -> None:
    few = archive_of(budget(number, price=str(20_000 + number)) for number in range(7))
    findings, skips = of_rule(compared(budget(20, price="150000"), few, "UC004"), "UC004")
    assert findings == []
    assert "最多7个，至少需要来自3个单位的8个" in skips[0].reason
    of_two = archive_of(
        disclosure(
            bureau(number),
            YEAR,
            [expenses(), *(training(YEAR, price=str(20_000 + k), name=f"g{k}") for k in range(number, 8, 2))],
        )
        for number in (0, 1)
    )
    findings, skips = of_rule(compared(budget(20, price="150000"), of_two, "UC004"), "UC004")
    assert findings == []
    assert "最多8个" in skips[0].reason
    old = archive_of(budget(number, 2025, price=str(20_000 + number)) for number in range(10))
    assert of_rule(compared(budget(20, price="150000"), old, "UC004"), "UC004")[0] == []


def test_work_that_costs_many_times_what_it_costs_elsewhere(peers: ArchiveInMemory) -> None:
    report = compared(budget(20, money="900,000", terms="3"), peers, "ST001")
    (finding,) = report.findings
    assert (finding.severity, places(finding)) == ("hint", [("g1", 1, 2), ("g1", 5, 4)])
    assert "300,000元/期" in finding.message
    assert compared(budget(20, money="900,000", terms="30"), peers, "ST001").findings == ()
    none = compared(budget(20, money="900,000", terms="若干"), peers, "ST001")
    assert (none.findings, none.skips) == ((), ())


def basic(number: int, staff: int) -> Document:
    table = make_table("t6", "2031年一般公共预算安排基本支出分经济科目表（不含上年结转）", ECONOMIC)
    return disclosure(bureau(number), YEAR, [table], [("paragraph", f"核定编制99名，实有在编人员{staff}名。")])


def test_money_per_head_against_other_bureaus() -> None:
    archive = archive_of(basic(number, 5 + number % 3) for number in range(10))
    report = compared(basic(20, 1), archive, "ST002")
    assert [finding.key for finding in report.findings] == ["ST002:ratio:人均人员经费", "ST002:ratio:人均公用经费"]
    assert places(report.findings[0]) == [("t6", 2, 3), (None, None, None)]
    assert compared(basic(20, 6), archive, "ST002").findings == ()


def test_a_project_unlike_all_others_of_its_kind_is_named_with_what_makes_it_so() -> None:
    source = random.Random(3)
    archive = archive_of(budget(number, money=f"{source.randint(30_000, 90_000)}") for number in range(40))
    (finding,) = compared(budget(41, money="45,000,000"), archive, "ST004").findings
    assert (finding.severity, places(finding)) == ("hint", [("g1", 1, 2)])
    assert "年度资金（万元）4500" in finding.message
    assert "绩效指标" not in finding.message
    assert compared(budget(41, money="61,000"), archive, "ST004").findings == ()
    few = archive_of(budget(number) for number in range(12))
    findings, skips = of_rule(compared(budget(41, money="45,000,000"), few, "ST004"), "ST004")
    assert findings == []
    assert "最多12个" in skips[0].reason


def codes(amounts: list[str]) -> Document:
    rows: Rows = (
        (
            "科目编码",
            "科目名称",
            "本年支出合计",
            "基本支出",
            "项目支出",
            "上缴上级支出",
            "经营支出",
            "对附属单位补助支出",
        ),
        *(
            (f"206{at // 99 + 10}{at % 99:02}", "科普活动", amount, amount, "", "", "", "")
            for at, amount in enumerate(amounts)
        ),
    )
    return disclosure(bureau(0), YEAR, [make_table("f3", "支出决算表", rows)], kind="决算")


def test_spending_in_whole_ten_thousands() -> None:
    archive = ArchiveInMemory()
    some = [f"{n}.{37 * n % 97 + 1:02}" for n in range(1, 31)]
    whole = [f"{n}.00" if n % 3 else f"{n}.37" for n in range(1, 31)]
    (finding,) = compared(codes(whole), archive, "ST003").findings
    assert (finding.severity, finding.key) == ("hint", "ST003:document:整万元")
    report = compared(codes(some), archive, "ST003")
    assert report.findings == ()
    assert "至少需要300个" in report.skips[0].reason
    assert [skip.scope for skip in compared(codes(whole[:9]), archive, "ST003").skips] == ["首位数字", "整万元的金额"]


def test_first_digits_of_a_large_sample() -> None:
    archive = ArchiveInMemory()
    natural = [f"{1.013**n:.2f}" for n in range(100, 900)]
    made_up = [f"{5 + n % 5}{n:03}.{n % 97:02}" if n % 9 else f"5.{n % 97:02}" for n in range(600)]
    assert first_digits([Decimal(text) for text in natural]).conforms
    assert orders_of_magnitude([Decimal(text) for text in natural]) > 3
    report = compared(codes(natural), archive, "ST003")
    assert report.findings == ()
    assert run_of(report, "ST003") == (2, 2, 0, 0)
    (finding,) = compared(codes(made_up), archive, "ST003").findings
    assert finding.key == "ST003:document:首位数字"
    assert compared(budget(0), archive, "ST003").skips == ()


def test_without_an_archive_the_rules_say_so() -> None:
    _, skips = of_rule(audit(budget(0)), "UC004")
    assert len(skips) == 1
    assert "--archive" in skips[0].reason
