"""LG001: titles, headings and the list of contents carry the year of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from detect.checks import Passed
from detect.prose import squeezed
from detect.reconcile import SURE
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.finding import Evidence, Finding
from models.geometry import bounding_box
from models.report import Report
from models.table import Block

_TITLE = re.compile(
    r"(?:表|情况说明|预算公开|决算公开|部门预算|部门决算|单位预算|单位决算|报表)(?:[（(][^）)]*[)）])?$"
)
_YEAR = re.compile(r"(?<![-—–~～至、\d])(20\d\d)年(?!以来|至|-|—)")
_CUT_YEAR = re.compile(r"(?<!\d)20\d(?=年)")
_ATTACHED = re.compile(r"^20\d\d年(?:度)?.{2,40}(?:目录|标准|办法|通知|方案|规定|细则)$")
WHOLE_YEAR = len("2031年")
_LEADERS = re.compile(r"[.…·．。\s]*\d*$")
_NAMES = {"toc": "目录", "title": "标题", "heading": "标题", "paragraph": "标题"}


@rule(
    id="LG001",
    name="目录和标题的年度",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年预算支出总表》万元 部门名称：虚构市天文馆
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            # 第二部分 2029年部门预算报表
            """,
        near_miss={"2029年部门": "2031年部门"},
        because="与报表的年度一致",
    ),
    thresholds=(
        Threshold(
            "attachment_age_years",
            "年",
            "附件目录比本文件早这么多年起报",
            "编制预算时上年的目录可能仍然有效",
            low=1,
            high=20,
        ),
    ),
)
def stale_titles(report: Report, *, attachment_age_years: int = 2) -> Iterator[Outcome]:
    """Every title of a table or a part, and every line of the contents, names the year that the document is about.

    ## 查什么
    目录各行、报表标题、各部分标题所写的年度，以及以年度开头的附件名称，是否为本文件的年度，年份是否写全。

    ## 为什么要查
    沿用了上年的文件作底稿；还有什么没改，是下一个问题。

    ## 不报的情形
    正文句子；栏目名称（用来比较各年）；不写年度的标题；文件年度不明的。
    """
    year = report.year
    if year is None:
        return
    stale: list[tuple[str, str, Evidence, float]] = [
        (
            "附件标题" if _ATTACHED.match(squeezed(block.text)) else _NAMES[block.role],
            found,
            Evidence(block.page, block.box, block.text),
            block.confidence,
        )
        for block in report.document.blocks
        if (found := _other_year(block, year, attachment_age_years)) is not None
    ]
    seen = {squeezed(item[2].text) for item in stale}
    for form in report.forms:
        words = squeezed(form.table.title)
        years = [int(found) for found in _YEAR.findall(words)]
        if form.form and years and year not in years and words not in seen:
            page = form.table.pages[0]
            box = bounding_box(cell.box for cell in form.table.cells if cell.page == page)
            stale.append(("标题", f"{years[0]}年", Evidence(page, box, form.table.title, form.table.id), 1.0))
    if not stale:
        yield Passed("目录和标题的年度")
    for (name, printed), group in groupby(sorted(stale, key=lambda item: item[:2]), key=lambda item: item[:2]):
        items = list(group)
        sure = min(item[3] for item in items)
        first = items[0][2]
        count = f"等{len(items)}处" if len(items) > 1 else ""
        yield Finding(
            key=f"LG001:{name}:{printed}",
            rule="LG001",
            category="language",
            severity="warning" if sure >= SURE else "hint",
            confidence=round(min(0.99, sure), 3),
            reading="real" if sure >= SURE else "undecided",
            message=(
                f"第{first.page + 1}页{name}“{_LEADERS.sub('', first.text.strip())}”{count}写为{printed}，"
                f"本文件为{year}年度，{'年份没有写全' if len(printed) < WHOLE_YEAR else '疑似沿用其他年度的文件'}。"
            ),
            evidence=tuple(item[2] for item in items),
            basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
            expected=f"{year}年",
            observed=printed,
        )


def _other_year(block: Block, year: int, attachment_age_years: int) -> str | None:
    """The year of a title that is not the document's; None for a title that has it, has none, or is no title."""
    if block.role not in _NAMES:
        return None
    words = _LEADERS.sub("", squeezed(block.text))
    if len(words) > 60 or re.search(r"[，；《]", words) or not (_TITLE.search(words) or _ATTACHED.match(words)):
        return None
    if cut := _CUT_YEAR.search(words):
        return f"{cut.group()}年"
    years = [int(found) for found in _YEAR.findall(words)]
    if not years or year in years or (_ATTACHED.match(words) and year - max(years) < attachment_age_years):
        return None
    return f"{years[0]}年"
