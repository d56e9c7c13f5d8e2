from collections.abc import Sequence

import pytest

from detect.facts import extract
from detect.headers import is_numbering_row
from detect.vocabulary import accounts, shipped_forms, vocabulary
from models.geometry import Box
from models.table import Cell
from tests.detect.conftest import EXPENDITURE, PROJECTS, THREE_PUBLIC, make_document, make_table


def test_there_are_thirteen_budget_and_ten_final_forms() -> None:
    assert [form.id for form in shipped_forms() if form.is_statutory] == [f"b{k:02}" for k in range(1, 14)] + [
        f"f{k:02}" for k in range(1, 11)
    ]


@pytest.mark.parametrize("form", shipped_forms(), ids=lambda form: form.id)
def test_titles_distinguish_the_forms(form: object) -> None:
    titles = [title for other in shipped_forms() for title in set(other.title_words)]
    assert len(titles) == len(set(titles))


def test_codes_name_their_parents() -> None:
    codes = accounts()
    assert all(
        not item.parent or (item.parent in codes and item.code.startswith(item.parent)) for item in codes.values()
    )


def form_of(rows: Sequence[Sequence[str]], title: str) -> str:
    return extract(make_document([make_table("t1", title, rows)])).form_of("t1")


def test_a_form_is_known_by_title_and_heading() -> None:
    assert form_of(EXPENDITURE, "2031年预算支出总表") == "b03"
    assert form_of(EXPENDITURE, "虚构市天文馆2031年部门支出总表") == "b03"
    assert form_of(THREE_PUBLIC, "2031年财政拨款安排“三公”经费支出预算表") == "b10"
    assert form_of(PROJECTS, "2031年项目支出预算表（本年预算）") == "b12"


def test_a_slip_of_the_reading_in_title_and_heading_is_tolerated() -> None:
    rows = [list(row) for row in EXPENDITURE]
    rows[1][3] = "基木 支出"
    assert form_of(rows, "2031年一般公其预算支出预算表（不含上年结转）") == "b05"


def test_a_title_without_its_heading_is_no_form() -> None:
    rows = (("序号", "事项", "备注"), ("1", "镜片清洁", "每月"), ("2", "圆顶检修", "每年"))
    assert form_of(rows, "2031年预算支出总表") == ""


def test_another_title_is_no_form_whatever_its_number() -> None:
    assert form_of(EXPENDITURE, "预算公开表3 观测时间统计表") == ""


def test_codes_in_three_columns_are_joined() -> None:
    rows = (
        ("项目", ">", ">", ">", "一般公共预算支出", ">", ">"),
        ("功能分类科目编码", ">", ">", "功能分类科目名称", "合计", "基本支出", "项目支出"),
        ("类", "款", "项", "^", "^", "^", "^"),
        ("206", "", "", "科学技术支出", "900", "600", "300"),
        ("206", "07", "", "科学技术普及", "900", "600", "300"),
        ("206", "07", "01", "机构运行", "900", "600", "300"),
        ("合计", ">", ">", ">", "900", "600", "300"),
    )
    report = extract(make_document([make_table("t1", "2031年一般公共预算支出功能分类预算表", rows, unit="元")]))
    assert report.form_of("t1") == "b05"
    assert [line.id for line in report.forms[0].lines] == ["c206", "c20607", "c2060701", "total"]


def test_the_numbering_row_is_no_data() -> None:
    form = extract(make_document([make_table("t1", "2031年项目支出预算表（本年预算）", PROJECTS)])).forms[0]
    assert [line.row for line in form.lines] == [3, 4, 5, 6, 7, 8]
    assert form.decimals == 2


def test_the_report_knows_whose_and_when() -> None:
    table = make_table("t1", "2031年预算支出总表", EXPENDITURE, meta=("部门名称：虚构市天文馆",))
    report = extract(make_document([table]))
    assert (report.kind, report.year, report.entity) == ("预算公开", 2031, "虚构市天文馆")


def test_the_cover_may_say_whose_it_is() -> None:
    title = make_table("t1", "2031年预算支出总表", EXPENDITURE, meta=("单位：万",))
    report = extract(make_document([title], [("title", "部门名称：虚构市天文馆（汇总）")]))
    assert report.entity == "虚构市天文馆"


def test_facts_tell_blank_from_zero() -> None:
    report = extract(make_document([make_table("t1", "2031年预算支出总表", EXPENDITURE)]))
    fact = next(fact for fact in report.facts if (fact.line, fact.column) == ("c2060702", "basic"))
    assert fact.amount is None
    assert fact.is_blank


def test_every_form_can_be_named() -> None:
    assert all(form.name and form.label for form in vocabulary().by_id.values())


def test_a_row_of_column_numbers_is_known_with_one_number_lost() -> None:
    def row(*texts: str) -> list[Cell]:
        return [Cell(0, col, text, 0, Box(col * 10, 0, col * 10 + 10, 10)) for col, text in enumerate(texts)]

    assert is_numbering_row(row("1", "2", "3", "", "5", "6", "7"))
    assert is_numbering_row(row("栏次", "2", "3", "4", "8", "6"))
    assert not is_numbering_row(row("1", "20", "3", "", "15"))
    assert not is_numbering_row(row("路灯", "2", "3", "9", "8", "12"))
