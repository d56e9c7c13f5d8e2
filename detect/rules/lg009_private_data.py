"""LG009: no private data is published."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.prose import half_width, passages, squeezed
from detect.registry import Example, Outcome, rule
from detect.texts import Text, Words
from models.citation import Citation
from models.report import Report

_MOBILE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?![\d.])")
_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-Z][·•]?(?=[A-Z0-9]*\d)[A-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


@rule(
    id="LG009",
    name="个人信息",
    severity="warning",
    category="language",
    basis=Citation("《中华人民共和国个人信息保护法》", "第五条"),
    example=Example(
        "观测车牌照为京A12345。",
        near_miss={"京A12345": "三辆"},
        because="没有号牌",
    ),
)
def private_data(report: Report) -> Iterator[Outcome]:
    """Mobile telephone numbers, identity numbers and number plates are not published.

    ## 查什么
    公民身份号码（按 GB 11643 校验）、车辆号牌、手机号码。手机号可能是办公联系方式，只作提示。

    ## 为什么要查
    公开了就收不回来；表格要的是联系方式，不是个人号码。

    ## 不报的情形
    固定电话；不是身份号码的长数字（填报时间、项目编码）。
    """
    found: dict[str, list[Words]] = defaultdict(list)
    for text in _all(report):
        for name, pattern in (("手机号码", _MOBILE), ("身份证号码", _IDENTITY), ("车牌号码", _PLATE)):
            for match in pattern.finditer(text.text):
                if name != "身份证号码" or _is_identity(match.group()):
                    found[name].append(Words(text, match.start()))
    if not found:
        yield Passed("个人信息")
    for name, places in found.items():
        first, offset = places[0]
        count = f"等{len(places)}处" if len(places) > 1 else ""
        yield conclude(
            private_data,
            report.document,
            places=places,
            key=name,
            severity="hint" if name == "手机号码" else "warning",
            message=(
                f"公开了{name}“{_masked(first.printed[offset : offset + 18])}”{count}，"
                "公开前应作脱敏处理，联系方式宜用办公电话。"
            ),
            observed=name,
        )


def _all(report: Report) -> Iterator[Text]:
    """Paragraphs and every cell, however short."""
    for passage in passages(report.document):
        yield Text(passage.text, passage.printed, passage)
    for table in report.document.tables:
        for cell in table.cells:
            printed = squeezed(cell.text)
            if len(printed) >= 7:
                yield Text(half_width(printed), printed, None, table, cell)


def _is_identity(number: str) -> bool:
    weighted = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[weighted % 11] == number[17].upper()


def _masked(number: str) -> str:
    """The beginning of a number: a report must not repeat what it objects to."""
    return f"{number[:3]}…"
