"""Calculations in words: number, price of each, months, amount."""

import pytest

from detect.examples import document_of
from detect.expressions import prepared
from detect.runner import audit
from detect.spoken import spoken_formulas


@pytest.mark.parametrize(
    "text",
    [
        "聘用讲解员6名，每人每月2200元，全年共需15.84万元。",
        "租用观测台5处，每处每年2万元，共需10万元。",
        "护星员120名，每人每月补助800元，6个月共需57.6万元。",
        "培训3期，每期5万元，共计15万元。",
    ],
)
def test_calculations_that_hold(text: str) -> None:
    assert [formula.holds() for formula in spoken_formulas(prepared(text))] == [True]


@pytest.mark.parametrize(
    "text",
    [
        # something else may be in the amount
        "聘用讲解员10名，每人每月3000元，含社保，全年共需48万元。",
        "聘用讲解员10名，每人每月3000元，社保每人每月800元，全年共需45.6万元。",
        # how long is not said
        "聘用讲解员10名，每人每月3000元，共需18万元。",
        "聘用讲解员10名，每人3000元，全年共需36万元。",
        # not those who are paid
        "全馆50人，外聘讲解员每人3000元，共需6000元。",
        "第10名，每人3000元，共需6000元。",
        # another thing is priced
        "租用设备5台，每间1000元，共需2000元。",
    ],
)
def test_what_says_too_little_says_nothing(text: str) -> None:
    assert list(spoken_formulas(prepared(text))) == []


def test_a_number_that_does_not_give_the_amount() -> None:
    form = """
《虚构市项目支出绩效目标表》
项目名称 | 讲解员劳务费 | > | >
项目概况 | 聘用讲解员12名，每人每月3000元，全年共需36万元。 | > | >
"""
    findings = [item for item in audit(document_of(form)).findings if item.rule == "PF006"]
    assert [(item.expected, item.observed) for item in findings] == [("43.20万元", "36.00万元")]
    assert "12名×3000元×12个月" in findings[0].message
