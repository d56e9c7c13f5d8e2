"""Formulas in prose: amounts, products, totals and parts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.breakdowns import breakdowns
from detect.expressions import formulas, prepared, prices, products, stated_amounts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30人×1500元/人", 45_000),
        ("5人 × 1980元/人/月 ×12个月", 118_800),
        ("6,100平方米＊35元/平方米/年", 213_500),
        ("0.3万元/套×4套", 12_000),
        ("3人×1年×2000元/人/月", 72_000),
        ("60%×1980元/人/月×2人×3个月", 7_128),
    ],
)
def test_products_are_exact(text: str, value: int) -> None:
    (product,) = products(prepared(text))
    assert product.value == Decimal(value)
    assert not product.is_open


@pytest.mark.parametrize("text", ["系统7*24小时不间断运行", "采购合同NO.10-352", "比例为3×4", "1000元×200元"])
def test_what_is_no_product_of_a_price(text: str) -> None:
    assert products(prepared(text)) == []


def test_a_price_per_month_without_months_is_open() -> None:
    (product,) = products("4条×600元/月/条")
    assert product.is_open


def test_marks_are_bounds() -> None:
    about, most, least = stated_amounts("约10万元，不超过20万元，至少30万元")
    assert (about.low, about.high) == (Decimal(90_000), Decimal(110_000))
    assert (most.low, most.high) == (Decimal(0), Decimal(200_000))
    assert (least.low, least.high) == (Decimal(300_000), None)


def test_amounts_that_dropped_their_zeros_keep_the_step_of_their_text() -> None:
    whole, part = stated_amounts("经费4万元，其中印刷1.25万元")
    assert whole.high == 40_050
    assert part.low == 12_450


def test_prices_are_no_amounts() -> None:
    assert stated_amounts("标准为380元/人/天") == []
    (price,) = prices("标准为380元/人/天")
    assert (price.yuan, price.per) == (Decimal(380), ("人", "天"))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("镜片4.5万元（30片×1500元/片）", True),
        ("镜片4.8万元（30片×1500元/片）", False),
        ("镜片5万元（30片×1500元/片）", True),
        ("观测补贴6.87万元（22场×3000元+3台×900元）", True),
        ("22场×3000元/场=6.6万元", True),
        ("22场×3000元/场，共7.6万元", False),
        ("差旅约5万元（10人次×4800元/人次）", True),
        ("差旅9万元（其中10人次×4800元/人次）", True),
        ("差旅3万元（其中10人次×4800元/人次）", False),
        ("镀膜21万元（6000㎡×35元/㎡·年）", True),
        ("120万元×8%=9.6万元", True),
        ("（5名×2000元/月×12月）13万元", False),
    ],
)
def test_formulas_hold_as_printed(text: str, holds: bool) -> None:
    (formula,) = formulas(prepared(text))
    assert formula.holds() is holds


def test_a_bracket_with_other_numbers_explains_nothing() -> None:
    assert list(formulas("镜片4.8万元（2031年30片×1500元/片，上年8片）")) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("共需6.5万元，其中：镜片4万元、印刷2.5万元。", 2),
        ("由镜片4万元（含1.2万元运费）、印刷2.5万元构成。", 0),
        ("预算6.5万元，由镜片4万元（含1.2万元运费）、印刷2.5万元构成。", 2),
        ("共需6.5万元，其中镜片4万元，比上年增加1万元。", 0),
        ("共需6.5万元：1.镜片4万元。2.印刷2.5万元。", 2),
        ("1.镜片4万元。2.印刷2.5万元。3.讲座0.3万元。", 3),
        ("共需6.5万元，其中镜片4万元（其中运费1万元），其中印刷2.5万元。", 0),
        ("共6.5万元（镜片4万元，印刷2.5万元）。", 2),
        ("共6.5万元，包括镜片（4万元）、印刷（2.5万元）。", 2),
        ("经费6.5万元（65000元），其中镜片4万元，印刷2.5万元。", 2),
        ("镜片8片，单价5000元，共4万元；印刷费2.5万元。合计6.5万元。", 2),
        ("镜片：8片×5000元/片=4万元；印刷：500册×50元/册=2.5万元。", 0),
    ],
)
def test_breakdowns_are_found_where_the_text_introduces_parts(text: str, parts: int) -> None:
    found = list(breakdowns(prepared(text)))
    assert [len(item.parts) for item in found] == ([parts] if parts else [])


def test_a_total_that_is_divided_twice_has_two_breakdowns() -> None:
    found = breakdowns("经费6.5万元，其中市级4万元、县级2.5万元；用于镜片3万元、印刷3.5万元。")
    assert [[part.text for part in item.parts] for item in found] == [["4万元", "2.5万元"], ["3万元", "3.5万元"]]


@given(
    st.lists(st.integers(1, 99_999), min_size=2, max_size=6),
    st.integers(50, 999),
)
def test_a_consistent_breakdown_adds_up_and_a_changed_one_does_not(hundreds: list[int], change: int) -> None:
    parts = [Decimal(number) / 100 for number in hundreds]
    listed = "、".join(f"第{'甲乙丙丁戊己'[k]}类{part:f}万元" for k, part in enumerate(parts))
    (good,) = breakdowns(prepared(f"共需{sum(parts):f}万元，其中：{listed}。"))
    assert good.total is not None
    assert good.sum == good.total.value
    (bad,) = breakdowns(prepared(f"共需{sum(parts) + Decimal(change) / 10:f}万元，其中：{listed}。"))
    assert bad.total is not None
    assert abs(bad.sum - bad.total.value) > bad.slack + (bad.total.value - bad.total.low)
