"""TX008: stated government procurement is goods, works and services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.claims import mentions
from detect.listing import lead_matches, listings, sum_check
from detect.narrative import table_checks
from detect.registry import Example, Outcome, rule
from detect.wording import quoted
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_TOTAL = re.compile(r"政府采购(?!货物|工程|服务)[^，。；]{0,8}$")
_PART = re.compile(r"(货物|工程|服务)(?:类)?(?:采购)?(?:预算|支出)*(?:金额|总额)?(?:为|是)?$")
KINDS = {"货物", "工程", "服务"}


@rule(
    id="TX008",
    name="政府采购金额",
    severity="error",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            # 九、政府采购情况
            2031年政府采购预算总额99.43万元，其中：货物类3.20万元，工程类17.50万元，服务类75.73万元。
            """,
        near_miss={"99.43": "96.43"},
        because="总额等于三类之和",
    ),
)
def procurement(report: Report) -> Iterator[Outcome]:
    """Stated government procurement is the sum of goods, works and services, and what 公开10 prints.

    ## 查什么
    说明中政府采购总额是否等于货物、工程、服务之和；决算还与公开10比较。

    ## 为什么要查
    预算法要求说明采购；限额按类别确定。

    ## 不报的情形
    没有写全三类的句子（列入“未检查”）；四舍五入的尾差。
    """
    amounts = [mention for mention in mentions(report.document) if mention.claim.kind == "amount"]
    for listing in listings(
        amounts, lambda mention: lead_matches(mention, _TOTAL), lambda mention: lead_matches(mention, _PART)
    ):
        if "采购" not in quoted(listing.total.lead):
            continue
        kinds = [found.group(1) for part in listing.parts if (found := _PART.search(part.lead))]
        if sorted(kinds) == sorted(KINDS):
            yield sum_check(report, listing, "政府采购总额等于货物、工程、服务之和", "政府采购总额")
        elif kinds:
            yield Skip("TX008", "政府采购总额", "文字说明没有逐一列出货物、工程、服务的金额，未作核对")
    yield from table_checks(report, "TX008")
