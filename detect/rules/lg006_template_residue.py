"""LG006: nothing of the template is left in the text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.texts import Words, texts
from models.citation import Citation
from models.report import Report

_BLANK = re.compile(
    r"(?<![A-Za-z0-9*×])(?:[×Xx]{2,6}|\*{2,6}|[○〇]{2,6}|_{2,})"
    r"(?=年|月|日|局|部门|单位|项目|万元|元|个|人|辆|%|市|县|区|科|处|平方米)"
)
_ORDER = re.compile(
    r"[（(【\[](?:此处|请)[^（）()【】]{0,12}填写?[^（）()【】]{0,12}[)）】\]]|此处填写|请在此|\{[^{}\d]{1,12}\}|【[^】]{0,10}填[^】]{0,6}】"
)
_IF_ANY = re.compile(r"[（(]如有[)）]|[（(]若有[)）]|[（(]可选[)）]")


@rule(
    id="LG006",
    name="模板残留",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        "20××年望远镜养护费为XX万元。",
        near_miss={"20××年": "2031年", "XX万元": "18万元"},
        because="已经填写",
    ),
)
def template_residue(report: Report) -> Iterator[Outcome]:
    """No blank to be filled in, and no order to fill it in, is left in the text.

    ## 查什么
    正文和表格中有没有未填的空白和填写要求：“××年”“XX局”“**万元”“此处填写”“{单位名称}”；“（如有）”只作
    提示。

    ## 为什么要查
    该写的内容没有写。

    ## 不报的情形
    编码、名称、数字中的字母和符号；单独占一格的脱敏金额。
    """
    found: dict[tuple[str, bool], list[Words]] = defaultdict(list)
    for text in texts(report.document):
        for pattern, sure in ((_BLANK, True), (_ORDER, True), (_IF_ANY, False)):
            for match in pattern.finditer(text.text):
                found[match.group() if not sure else "", sure].append(Words(text, match.start()))
    if not found:
        yield Passed("模板残留")
    for (_, sure), places in found.items():
        first, offset = places[0]
        count = f"等{len(places)}处" if len(places) > 1 else ""
        yield conclude(
            template_residue,
            report.document,
            places=places,
            key="residue" if sure else "optional",
            severity="warning" if sure else "hint",
            message=f"“{first.sentence(offset)[:50]}”{count}留有模板中待填写或待删除的字样，请核实。",
            observed=first.printed[offset : offset + 6],
        )
