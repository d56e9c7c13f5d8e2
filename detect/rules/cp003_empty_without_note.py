"""CP003: a form without amounts says that there is nothing to disclose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Example, Outcome, rule
from detect.vocabulary import vocabulary
from detect.wording import plain
from models.citation import Citation
from models.finding import Evidence, Finding, Skip
from models.geometry import bounding_box
from models.report import FormTable, Report

BASIS = Citation("《地方预决算公开操作规程》（财预〔2016〕143号）")
_NOTE = re.compile(r"无数据|空表|为空|没有|未安排|未发生|无此项|不涉及|无.{0,12}(?:收入|支出|收支|预算|安排|拨款)")


@rule(
    id="CP003",
    name="空表注明无数据",
    severity="warning",
    category="completeness",
    basis=BASIS,
    example=Example(
        """
            《政府性基金预算财政拨款收入支出决算表》万元
            科目代码 | 科目名称 | 年初结转和结余 | 本年收入 | 本年支出 | > | > | 年末结转和结余
            ^ | ^ | ^ | ^ | 小计 | 基本支出 | 项目支出 | ^
            合计 | > | | | | | |
            注：本表无数据
            《国有资本经营预算财政拨款支出决算表》万元
            科目代码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | | |
            """,
        near_miss={"注：本表无数据": "注：数据来自年终决算"},
        because="同一文件的空表都没有说明，是当地的做法",
    ),
)
def empty_without_note(report: Report) -> Iterator[Outcome]:
    """An empty form carries a note such as `本表无数据`.

    ## 查什么
    政府性基金、国有资本经营、上年结转项目等可以为空的表，空表之下有没有“本表无数据”之类的说明。只在同一文件其他空
    表有说明时核对。

    ## 为什么要查
    没有说明，看不出是确实没有，还是漏填。

    ## 不报的情形
    有金额的表；扫描页面（漏识的可能更大，列入“未检查”）。
    """
    words = vocabulary().by_id
    empty = [form for form in report.forms if form.form and words[form.form].may_be_empty and _is_empty(report, form)]
    noted = [form for form in empty if _has_note(report, form)]
    scanned = {page.index for page in report.document.pages if page.source == "ocr"}
    for form in empty:
        if form in noted:
            yield Passed(f"《{form.name}》空表说明")
        elif not noted or scanned & set(form.table.pages):
            yield Skip("CP003", f"《{form.name}》空表说明", "没有识别出“本表无数据”字样，请核对原件是否已注明")
        else:
            page = form.table.pages[-1]
            box = bounding_box(cell.box for cell in form.table.cells if cell.page == page)
            yield Finding(
                key=f"CP003:{form.form}:note:",
                rule="CP003",
                category="completeness",
                severity="warning",
                confidence=0.8,
                reading="real",
                message=f"《{form.name}》为空表，但未像其他空表一样注明“本表无数据”。",
                evidence=(Evidence(page, box, form.name, form.table.id),),
                basis=BASIS,
                expected="注：本表无数据",
                observed="未注明",
            )


def _is_empty(report: Report, form: FormTable) -> bool:
    return not any(fact.amount and fact.amount.value for fact in report.facts if fact.table == form.table.id)


def _has_note(report: Report, form: FormTable) -> bool:
    """Whether a note, a cell of the form, or a line on its last page says that there is nothing."""
    page = form.table.pages[-1]
    bottom = max((cell.box.y1 for cell in form.table.cells if cell.page == page), default=0.0)
    near = [block.text for block in report.document.blocks if block.page == page and -2 <= block.box.y0 - bottom <= 60]
    texts = [*form.table.notes, *near, *(cell.text for cell in form.table.cells)]
    return any(_NOTE.search(plain(text)) for text in texts)
