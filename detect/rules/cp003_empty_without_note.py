"""CP003: a form without amounts says that there is nothing to disclose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Outcome, rule
from detect.vocabulary import forms_by_id
from detect.wording import plain
from models.citation import Citation
from models.finding import Evidence, Finding, Skip
from models.geometry import bounding_box
from models.report import FormTable, Report

BASIS = Citation("《地方预决算公开操作规程》（财预〔2016〕143号）")
_NOTE = re.compile(r"无数据|空表|为空|没有|未安排|未发生|无此项|不涉及|无.{0,12}(?:收入|支出|收支|预算|安排|拨款)")


@rule(id="CP003", name="空表注明无数据", severity="warning", category="completeness", basis=BASIS)
def empty_without_note(report: Report) -> Iterator[Outcome]:
    """An empty form carries a note such as `本表无数据`.

    ## What it checks
    The forms for government funds, state capital and carried-over projects, in disclosures that put such a note under
    another empty form: there the missing note is a slip, not the custom of the place.

    ## Why it matters
    Without it nobody knows whether there is nothing or something was forgotten.

    ## What it leaves alone
    Forms with amounts; scanned pages, where a missing note is rather a missed one (a skip says so).
    """
    words = forms_by_id()
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
