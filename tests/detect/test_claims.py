"""Prose to claims: numbers, units, bounds, roles, and paragraphs that a page break cuts."""

from decimal import Decimal

import pytest

from detect.claims import claims_of, mentions
from detect.prose import half_width, passages
from models.claim import Claim
from models.document import Document
from models.geometry import Box
from models.page import Page
from models.table import Block, BlockRole


def prose(*texts: tuple[int, BlockRole, str]) -> Document:
    """A document of blocks: page index, role and text."""
    blocks = tuple(
        Block(page, Box(40, 40 + 20 * row, 500, 54 + 20 * row), role, text)
        for row, (page, role, text) in enumerate(texts)
    )
    return Document("0" * 64, "虚构市灯塔管理处.pdf", tuple(Page(k, 595, 842) for k in range(3)), (), blocks)


def claims(text: str) -> list[Claim]:
    return [mention.claim for mention in mentions(prose((0, "paragraph", text)))]


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("灯塔维护费１２．５０万元", "amount", "125000", "万元"),
        ("灯塔维护费1,234.56元", "amount", "1234.56", "元"),
        ("灯塔维护费0.3亿元", "amount", "30000000", "亿元"),
        ("合同价款叁拾万元整", "amount", "300000", "元"),
        ("合同价款壹万贰仟叁佰元整", "amount", "12300", "元"),
        ("值守三百二十人", "staff", "320", "人"),
        ("保有巡查车辆两辆", "vehicles", "2", "辆"),
        ("占灯塔总数的12.5％", "percentage", "12.5", "%"),
        ("塔基占地4216.29平方米", "area", "4216.29", "平方米"),
        ("日值守补助380元/人/天", "price", "380", "元/人/天"),
        ("灯塔12座、检修灯具40台", "count", "40", "台"),
    ],
)
def test_a_quantity(text: str, kind: str, value: str, unit: str) -> None:
    found = claims(text)[-1]
    assert (found.kind, found.value, found.unit) == (kind, Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "bound", "upper"),
    [
        ("检修灯具≥40台", "≥", None),
        ("灯具更换费不超过12万元", "≤", None),
        ("灯具更换费约12万元", "≈", None),
        ("灯具更换费12万元左右", "≈", None),
        ("灯具更换费10-12万元", "range", "120000"),
        ("灯具更换费10万元至12万元", "range", "120000"),
        ("灯具更换费12万元", "=", None),
    ],
)
def test_a_bound(text: str, bound: str, upper: str | None) -> None:
    (found,) = claims(text)
    assert (found.bound, found.upper) == (bound, Decimal(upper) if upper else None)


def test_a_word_that_is_no_number_is_left_alone() -> None:
    assert claims("金额单位为万元，第三批灯具，几百人。") == []


def test_state_change_growth_share_and_last_year() -> None:
    text = "灯塔维护费126.09万元，占总支出的12.40%，上年为111.84万元，增加14.25万元，增长12.74%，完成预算的98.00%。"
    found = [(claim.role, claim.direction) for claim in claims(text)]
    assert found == [("stated", 0), ("share", 0), ("previous", 0), ("change", 1), ("growth", 1), ("completion", 0)]
    bracket = claims("灯塔维护费6.51万元，较上年减少1.49万元（18.63%）。")
    assert [(claim.role, claim.direction) for claim in bracket] == [("stated", 0), ("change", -1), ("growth", -1)]
    assert claims("单价50万元（含）以上设备2台")[0].role == "limit"


def test_the_thing_that_a_number_speaks_of() -> None:
    (found,) = claims("虚构市灯塔管理处2031年灯塔维护费126.09万元。")
    assert found.subject == "虚构市灯塔管理处2031年灯塔维护费"
    assert found.sentence == "虚构市灯塔管理处2031年灯塔维护费126.09万元。"
    assert (found.page, found.box) == (0, Box(40, 40, 500, 54))


def test_dates_are_claims() -> None:
    (found,) = [
        claim for claim in claims_of(prose((0, "paragraph", "截至2031年2月底，灯塔12座。"))) if claim.kind == "date"
    ]
    assert found.value == 20310200


def test_a_paragraph_goes_on_over_a_page_break_whatever_the_role_of_its_rest() -> None:
    document = prose(
        (0, "heading", "三、灯塔支出情况说明"),
        (0, "paragraph", "灯塔支出100.00万元，其中：值守支出93.00万元，占"),
        (0, "page_number", "3"),
        (1, "title", "93.00%。"),
        (1, "heading", "四、其他"),
    )
    heading, text, other = passages(document)
    assert (heading.is_heading, other.is_heading) == (True, True)
    assert text.text == "灯塔支出100.00万元，其中：值守支出93.00万元，占93.00%。"
    assert text.section == "三、灯塔支出情况说明"
    share = mentions(document)[-1]
    assert (share.claim.role, share.claim.page) == ("share", 1)
    assert share.claim.box == Box(40, 100, 500, 114)


def test_a_numbered_paragraph_begins_a_new_passage() -> None:
    document = prose(
        (0, "paragraph", "1.值守费10万元"), (0, "paragraph", "2.检修费20万元"), (0, "paragraph", "31.5万元")
    )
    assert [passage.text for passage in passages(document)] == ["1.值守费10万元", "2.检修费20万元31.5万元"]


def test_commas_of_thousands_stay_and_others_part_clauses() -> None:
    assert half_width("合计1,234.56万元,占５％;其中:(一)") == "合计1,234.56万元，占5%；其中：（一）"
    assert half_width("1，234.56万元") == "1,234.56万元"


def test_a_number_with_a_misread_point_is_no_number_at_all() -> None:
    found = claims("财政专户管理资金收入8,23万元，占0.59%。")
    assert [(claim.kind, claim.value) for claim in found] == [("percentage", Decimal("0.59"))]
