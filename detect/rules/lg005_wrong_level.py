"""LG005: the text speaks of its own level of government and of its own kind of organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.texts import Words, texts
from models.citation import Citation
from models.report import Report

_PROVINCE = re.compile(r"指省[直级](?:各)?(?:部门|单位)")
_LOCAL = re.compile(r"[市县区州盟旗]")
_UNITS_OF = re.compile(r"部门各单位")
_UNIT_TITLE = re.compile(r"20\d\d年(?:度)?单位(?:预算|决算)")


@rule(
    id="LG005",
    name="行政层级和主体用语",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年预算支出总表》万元 部门名称：虚构市天文馆
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            “三公”经费：指省直部门用财政拨款安排的支出。
            """,
        near_miss={"指省直部门": "指市直部门"},
        because="与单位的层级一致",
    ),
)
def wrong_level(report: Report) -> Iterator[Outcome]:
    """A city's text does not define terms for provincial departments, nor a unit's text speak of its units.

    ## 查什么
    市县文件的名词解释写成“省直部门”；单个单位的公开文件写成“部门各单位”。

    ## 为什么要查
    定义的是另一层级，按字面所公开的就是别人的钱。

    ## 不报的情形
    省级文件；因其他原因提到省直部门；同一处笔误出现多次只报一项。
    """
    found: dict[str, list[Words]] = {}
    is_local = bool(_LOCAL.search(report.entity)) and "省" not in report.entity
    is_unit = any(_UNIT_TITLE.search(block.text) for block in report.document.blocks)
    for text in texts(report.document):
        if is_local and (match := _PROVINCE.search(text.text)):
            found.setdefault(match.group().removeprefix("指"), []).append(Words(text, match.start()))
        if is_unit and text.passage is not None and (match := _UNITS_OF.search(text.text)):
            found.setdefault(match.group(), []).append(Words(text, match.start()))
    if not found and report.entity:
        yield Passed("行政层级和主体用语")
    for words, places in found.items():
        first, offset = places[0]
        why = "本文件是单位的公开文件" if words == "部门各单位" else f"本文件单位为{report.entity}"
        yield conclude(
            wrong_level,
            report.document,
            places=places,
            key=words,
            message=f"“{first.sentence(offset)[:50]}”中的“{words}”与{why}不符，疑似模板未改。",
            observed=words,
        )
