"""CP001: a disclosure of the statutory set of forms contains all of them."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Example, Outcome, Threshold, rule
from detect.vocabulary import FormWords, shipped_forms
from detect.wording import heading
from models.citation import Citation
from models.finding import Evidence, Finding, Skip
from models.report import Report

BASIS = Citation("《地方预决算公开操作规程》（财预〔2016〕143号）")


@rule(
    id="CP001",
    name="法定报表齐全",
    severity="error",
    category="completeness",
    basis=BASIS,
    example=Example(
        "决算公开印有收入支出决算总表等九张报表，没有国有资本经营预算财政拨款支出决算表，也没有说明。",
        near_miss="十张报表齐全，其中国有资本经营预算财政拨款支出决算表为空表，注明“本表无数据”。",
        because="空表也是公开",
        runs=False,
    ),
    thresholds=(
        Threshold(
            "enough",
            "比例",
            "印有法定报表的比例达到此数，才核对是否缺表",
            "各地报表体系有九至十五张不等",
            low=0.5,
            high=1,
        ),
    ),
)
def missing_form(report: Report, *, enough: float = 0.75) -> Iterator[Outcome]:
    """None of the thirteen budget forms, or ten final-accounts forms, is missing.

    ## 查什么
    法定预算报表（十三张）或决算报表（十张）是否有缺失。只查至少印有其中大部分的公开文件。

    ## 为什么要查
    没有收支的，也应公开空表并注明，不能不列。

    ## 不报的情形
    采用其他报表体系的地方、节选的文件；标题在而表格没有识别出来的（列入“未检查”）。
    """
    kind = {"预算公开": "budget", "决算公开": "final"}.get(report.kind)
    wanted = [form for form in shipped_forms() if form.document == kind and form.is_statutory]
    present = {form.form for form in report.forms}
    found = [form for form in wanted if form.id in present]
    if not wanted or len(found) < enough * len(wanted):
        yield Skip("CP001", "法定报表齐全", "文件公开的报表不是完整的法定报表体系，未核对是否齐全")
        return
    body = [block for block in report.document.blocks if block.role != "toc"]
    for form in wanted:
        if form.id in present:
            yield Passed(form.name)
        elif any(words in heading(block.text) for block in body for words in form.title_words):
            yield Skip("CP001", form.name, "文件中有该表的标题，但没有识别出表格，请核对原件")
        elif any(page.problem for page in report.document.pages):
            yield Skip("CP001", form.name, "文件有未能识别的页面，无法确认该表是否缺失")
        else:
            yield _finding(report, form)


def _finding(report: Report, form: FormWords) -> Finding:
    first = next(item for item in report.forms if item.form)
    page = first.table.pages[0] if first.table.pages else 0
    scanned = any(item.source == "ocr" for item in report.document.pages)
    return Finding(
        key=f"CP001:{form.id}:missing:",
        rule="CP001",
        category="completeness",
        severity="hint" if scanned else "error",
        confidence=0.5 if scanned else 0.9,
        reading="undecided" if scanned else "real",
        message=f"未公开{form.label}《{form.name}》；没有相关收支的，也应公开空表并注明“本表无数据”。",
        evidence=(Evidence(page, None, first.name),),
        basis=BASIS,
        expected=f"公开{form.label}",
        observed="未见",
    )
