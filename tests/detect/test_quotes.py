from __future__ import annotations

import pytest

from detect.quotes import nested_quotes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("应为“4.80万元”，另见“合计”。", "应为“4.80万元”，另见“合计”。"),
        ("按““三公”经费合计等于各项之和”应为4.80万元", "按“‘三公’经费合计等于各项之和”应为4.80万元"),
        ("“所称““三公”经费”见下”", "“所称‘“三公”经费’见下”"),
        ("写为“执行“两个维护”", "写为“执行“两个维护”"),
        ("”倒置“", "”倒置“"),
        ("“所谓‘三公’按“合计””", "“所谓‘三公’按“合计””"),
    ],
)
def test_marks_inside_marks_are_single(text: str, expected: str) -> None:
    assert nested_quotes(text) == expected
