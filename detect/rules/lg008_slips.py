"""LG008: punctuation and wording are free of slips that typing and pasting leave behind."""

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

_SLIPS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "标点重复或连用错误",
        re.compile(r"。；|；。|，，|(?<!。)。。(?!。)|、、|，。|、。|；；|：：|，；|。，|、，|，、|：，"),
    ),
    ("漏字", re.compile(r"(?:基本支|项目支|一般公共预(?!算))(?=\d|预算\d|为\d)")),
    ("重复用字", re.compile(r"费费(?=\d|预算|支出)|元元|万万元|年年度|经费经费(?=\d)|其中[：，]?其中|支出支出(?=\d)")),
    ("百分数缺少百分号", re.compile(r"占(?:比)?\d{1,3}\.\d{1,2}(?=[，。；])")),
)


@rule(
    id="LG008",
    name="标点和用字",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        "其中基本支28.42万元。",
        near_miss={"基本支": "基本支出"},
        because="名称完整",
    ),
)
def slips(report: Report) -> Iterator[Outcome]:
    """No clashing punctuation, no lost or doubled character before an amount, no percentage without its sign.

    ## 查什么
    相互冲突的标点（“。；”“、、”）、金额前多字漏字（“基本支28.42万元”“公务接待费费”）、缺百分号的占比。

    ## 为什么要查
    文字是仓促拼成的，漏一个字就可能改变款项的名称。

    ## 不报的情形
    省略号；括号和引号；识别不确定的页面只作提示。同类笔误合为一项。
    """
    found: dict[str, list[Words]] = defaultdict(list)
    for text in texts(report.document):
        for name, pattern in _SLIPS:
            for match in pattern.finditer(text.text):
                found[name].append(Words(text, match.start()))
    if not found:
        yield Passed("标点和用字")
    scanned = {page.index for page in report.document.pages if page.source == "ocr"}
    for name, places in found.items():
        first, offset = places[0]
        around = first.printed[max(0, offset - 12) : offset + 14]
        count = f"等{len(places)}处" if len(places) > 1 else ""
        is_scan = any(text.evidence(report.document, at).page in scanned for text, at in places)
        yield conclude(
            slips,
            report.document,
            places=places,
            key=name,
            severity="hint" if is_scan else "warning",
            message=f"“…{around}…”{count}{name}。",
            observed=first.printed[offset : offset + 6],
        )
