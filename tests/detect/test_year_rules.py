"""This year's document against last year's of the same bureau, and final accounts against the budget they carry out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.document import Document
from models.table import BlockRole, Table
from tests.detect.bureaus import archive_of, bureau, compared, disclosure
from tests.detect.conftest import THREE_PUBLIC, Rows, make_table, of_rule, places, with_text

OWN = bureau(0)
Text = tuple[BlockRole, str]


def final(year: int, carry: str, following: str) -> Document:
    rows: Rows = (
        ("收入", ">", ">", "支出", ">", ">"),
        ("项目", "行次", "金额", "项目", "行次", "金额"),
        ("一、一般公共预算财政拨款收入", "1", "125.00", "六、科学技术支出", "37", "120.00"),
        ("本年收入合计", "27", "125.00", "本年支出合计", "58", "120.00"),
        ("使用非财政拨款结余", "28", "", "结余分配", "59", ""),
        ("年初结转和结余", "29", carry, "年末结转和结余", "60", following),
        ("总计", "31", "", "总计", "62", ""),
    )
    return disclosure(OWN, year, [make_table("f1", f"{year}年度收入支出决算总表", rows)], kind="决算")


def test_a_year_begins_with_what_the_year_before_ended_with() -> None:
    archive = archive_of([final(2030, "7.00", "12.50")])
    assert compared(final(2031, "12.50", "3.00"), archive, "YR001").findings == ()
    (finding,) = compared(final(2031, "15.20", "3.00"), archive, "YR001").findings
    assert (finding.severity, places(finding)) == ("warning", [("f1", 5, 2)])
    assert (finding.expected, finding.observed, finding.difference) == ("12.50万元", "15.20万元", "2.70万元")
    assert f"{OWN}2030年决算.pdf" in finding.message


def test_the_year_before_may_be_missing_or_blank() -> None:
    _, (skip,) = of_rule(compared(final(2031, "15.20", ""), archive_of([]), "YR001"), "YR001")
    assert f"档案中没有{OWN}2030年的决算公开文件" in skip.reason
    report = compared(final(2031, "15.20", ""), archive_of([final(2030, "7.00", "")]), "YR001")
    assert report.findings == ()
    assert {item.scope for item in report.skips} >= {"年初结转和结余"}
    of_another = archive_of([disclosure(bureau(5), 2030, final(2030, "7.00", "12.50").tables, kind="决算")])
    assert compared(final(2031, "15.20", ""), of_another, "YR001").findings == ()


def three_public(year: int, reception: str = "1.20") -> Table:
    table = make_table("t10", f"{year}年财政拨款安排“三公”经费支出预算表", THREE_PUBLIC)
    return with_text(with_text(table, 3, 1, reception), 3, 2, reception)


def explained(sentence: str, year: int = 2031) -> Document:
    texts: Sequence[Text] = (
        ("heading", "第三部分情况说明"),
        ("heading", "七、“三公”经费增减变动原因说明"),
        ("paragraph", sentence),
    )
    return disclosure(OWN, year, [three_public(year)], texts)


@pytest.mark.parametrize(
    ("sentence", "said", "severity"),
    [
        ("公务接待费1.20万元，比上年预算数减少0.80万元，主要是厉行节约。", "2.00万元", "warning"),
        ("公务接待费1.20万元，上年为2.00万元，减少0.80万元。", "2.00万元", "warning"),
        ("公务接待费1.20万元，与上年预算数持平。", "1.20万元", "warning"),
        ("公务接待费1.20万元，比上年减少0.80万元。", "2.00万元", "hint"),
    ],
)
def test_last_years_amount_is_what_last_years_document_says(sentence: str, said: str, severity: str) -> None:
    archive = archive_of([disclosure(OWN, 2030, [three_public(2030, "1.50")])])
    (finding,) = compared(explained(sentence), archive, "YR002").findings
    assert (finding.severity, finding.observed, finding.expected) == (severity, said, "1.50万元")
    assert finding.evidence[0].text == sentence
    agreeing = archive_of([disclosure(OWN, 2030, [three_public(2030, said.removesuffix("万元"))])])
    assert compared(explained(sentence), agreeing, "YR002").findings == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "公务接待费1.20万元，比上年执行数减少0.80万元。",
        "公务接待费1.20万元，比2029年减少0.80万元。",
        "公务接待费1.20万元，主要用于接待来访，减少0.80万元。",
        "“三公”经费4.80万元，其中公务接待费1.20万元，比上年减少0.80万元。",
    ],
)
def test_what_is_no_statement_on_last_years_budget(sentence: str) -> None:
    archive = archive_of([disclosure(OWN, 2030, [three_public(2030, "1.50")])])
    assert compared(explained(sentence), archive, "YR002").findings == ()


def with_last_year(*amounts: str) -> Document:
    rows: Rows = (
        ("科目编码", "科目名称", "合计", "基本支出", "项目支出", "2030年预算数"),
        ("合计", ">", "130.00", "80.00", "50.00", amounts[0]),
        ("206", "科学技术支出", "100.00", "60.00", "40.00", amounts[1]),
        ("221", "住房保障支出", "30.00", "20.00", "10.00", amounts[2]),
    )
    return disclosure(OWN, 2031, [make_table("t5", "2031年一般公共预算支出预算表", rows)])


def test_the_column_for_last_year_repeats_last_years_form() -> None:
    rows: Rows = (
        ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
        ("合计", ">", "120.00", "80.00", "40.00"),
        ("206", "科学技术支出", "95.00", "60.00", "35.00"),
        ("221", "住房保障支出", "25.00", "20.00", "5.00"),
    )
    archive = archive_of([disclosure(OWN, 2030, [make_table("t5", "2030年一般公共预算支出预算表", rows)])])
    assert compared(with_last_year("120.00", "95.00", "25.00"), archive, "YR003").findings == ()
    (finding,) = compared(with_last_year("120.00", "59.00", "25.00"), archive, "YR003").findings
    assert (finding.severity, places(finding), finding.expected) == ("warning", [("t5", 2, 5)], "95.00万元")
    (finding,) = compared(with_last_year("240.00", "190.00", "50.00"), archive, "YR003").findings
    assert (finding.severity, len(places(finding))) == ("hint", 3)


def spending(number: int, year: int, total: str) -> Document:
    rows: Rows = (
        ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
        ("合计", ">", total, "", ""),
        ("206", "科学技术支出", total, "", ""),
    )
    return disclosure(bureau(number), year, [make_table("t3", f"{year}年预算支出总表", rows)])


def test_a_change_unlike_that_of_other_bureaus() -> None:
    pairs = [(number, f"{100 + number}.00", f"{103 + 2 * number}.00") for number in range(1, 11)]
    assert "没有" in compared(spending(0, 2031, "260.00"), archive_of([]), "YR004").skips[0].reason
    with_own = archive_of(
        [
            spending(0, 2030, "100.00"),
            *(spending(n, year, total) for n, b, a in pairs for year, total in ((2030, b), (2031, a))),
        ]
    )
    (finding,) = compared(spending(0, 2031, "260.00"), with_own, "YR004").findings
    assert (finding.severity, places(finding), finding.observed) == ("hint", [("t3", 1, 2)], "增长160.0%")
    assert "10个其他单位同期" in finding.message
    assert compared(spending(0, 2031, "112.00"), with_own, "YR004").findings == ()
    alone = archive_of([spending(0, 2030, "100.00")])
    assert "只有0个" in compared(spending(0, 2031, "260.00"), alone, "YR004").skips[0].reason


def budget_of_the_year(science: str) -> Document:
    rows: Rows = (
        ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
        ("合计", ">", "130.00", "80.00", "50.00"),
        ("206", "科学技术支出", science, "", ""),
    )
    return disclosure(OWN, 2031, [make_table("t5", "2031年一般公共预算支出预算表", rows)])


def accounts_of_the_year() -> Document:
    rows: Rows = (
        ("科目编码", "科目名称", "小计", "基本支出", "项目支出"),
        ("合计", ">", "120.00", "80.00", "40.00"),
        ("206", "科学技术支出", "120.00", "80.00", "40.00"),
    )
    texts: Sequence[Text] = (
        ("heading", "第三部分情况说明"),
        ("heading", "五、一般公共预算财政拨款支出决算情况说明"),
        ("paragraph", "科学技术支出年初预算100.00万元，支出决算120.00万元，完成年初预算的120.00%。"),
    )
    return disclosure(OWN, 2031, [make_table("f5", "2031年度一般公共预算财政拨款支出决算表", rows)], texts, kind="决算")


def test_the_original_budget_is_the_published_one() -> None:
    assert compared(accounts_of_the_year(), archive_of([budget_of_the_year("100.00")]), "YR005").findings == ()
    (finding,) = compared(accounts_of_the_year(), archive_of([budget_of_the_year("88.00")]), "YR005").findings
    assert (finding.severity, finding.expected, finding.observed) == ("warning", "88.00万元", "100.00万元")
    report = compared(accounts_of_the_year(), archive_of([]), "YR005")
    assert "2031年的预算公开文件" in report.skips[0].reason
