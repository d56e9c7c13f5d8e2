"""Targets and results of self-evaluations: whether a number stayed below what was promised."""

from __future__ import annotations

import re
from decimal import Decimal

from detect.wording import plain
from models.form import Indicator

_VALUE = re.compile(r"^(?P<mark>[≥>=]?)(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>[^\d]*)$")
_LESS_IS_BETTER = re.compile(r"差错|故障|投诉|事故|违规|延误|成本|费用|单价|标准|下降|降低|减少|时间|时限|响应|天数")


def is_missed(item: Indicator) -> bool:
    """Whether the result is a smaller number in the unit of the target; never where less is better."""
    if item.done is None or _LESS_IS_BETTER.search(item.name) or "成本" in item.level2 or "时效" in item.level2:
        return False
    target, result = _VALUE.match(item.value), _VALUE.match(plain(item.done.text))
    if target is None or result is None or target.group("unit") != result.group("unit"):
        return False
    wanted, reached = (Decimal(found.group("number").replace(",", "")) for found in (target, result))
    return reached < wanted
