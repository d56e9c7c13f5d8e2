"""CP002: every form states the unit of its amounts."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Outcome, rule
from detect.vocabulary import forms_by_id
from models.citation import Citation
from models.finding import Evidence, Finding, Skip
from models.geometry import bounding_box
from models.report import Report

BASIS = Citation("《地方预决算公开操作规程》（财预〔2016〕143号）")


@rule(id="CP002", name="报表注明金额单位", severity="warning", category="completeness", basis=BASIS)
def missing_unit(report: Report) -> Iterator[Outcome]:
    """A form that prints amounts says whether they are in 元 or 万元.

    ## What it checks
    Recognised forms with amounts, in disclosures whose other forms state their unit.

    ## Why it matters
    The same digits mean ten thousand times more or less.

    ## What it leaves alone
    Forms that count things; scanned pages, where a missing line is rather a missed one (a skip says so).
    """
    counted = {form.id for form in forms_by_id().values() if form.counts}
    printed = [form for form in report.forms if form.form and form.form not in counted]
    usual = sum(bool(form.unit) for form in printed) * 2 > len(printed)
    scanned = {page.index for page in report.document.pages if page.source == "ocr"}
    for form in printed:
        facts = [fact for fact in report.facts if fact.table == form.table.id and fact.amount and fact.amount.value]
        if not facts:
            continue
        if form.unit:
            yield Passed(f"《{form.name}》金额单位")
        elif not usual or scanned & set(form.table.pages):
            yield Skip("CP002", f"《{form.name}》金额单位", "没有识别出金额单位，可能漏识，按所印数字核对表内关系")
        else:
            page = form.table.pages[0]
            box = bounding_box(cell.box for cell in form.table.cells if cell.page == page)
            yield Finding(
                key=f"CP002:{form.form}:unit:",
                rule="CP002",
                category="completeness",
                severity="warning",
                confidence=0.9,
                reading="real",
                message=f"《{form.name}》未注明金额单位，无法判断所列金额为元还是万元。",
                evidence=(Evidence(page, box, form.name, form.table.id),),
                basis=BASIS,
                expected="注明“单位：万元”或“单位：元”",
                observed="未注明",
            )
