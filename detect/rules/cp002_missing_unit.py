"""CP002: every form states the unit of its amounts."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.registry import Example, Outcome, rule
from detect.vocabulary import vocabulary
from models.citation import Citation
from models.finding import Evidence, Finding, Skip
from models.geometry import bounding_box
from models.report import Report

BASIS = Citation("《地方预决算公开操作规程》（财预〔2016〕143号）")


@rule(
    id="CP002",
    name="报表注明金额单位",
    severity="warning",
    category="completeness",
    basis=BASIS,
    example=Example(
        """
            《2031年预算支出总表》
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            《2031年财政拨款安排“三公”经费支出预算表》万元
            项目 | 2031年预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            公务接待费 | 1.20 | 1.20 | |
            合计 | 1.20 | 1.20 | |
            《2031年一般公共预算支出预算表（不含上年结转）》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            """,
        near_miss={"《2031年预算支出总表》": "《2031年预算支出总表》万元"},
        because="三张表都注明了单位",
    ),
)
def missing_unit(report: Report) -> Iterator[Outcome]:
    """A form that prints amounts says whether they are in 元 or 万元.

    ## 查什么
    印有金额的法定报表是否注明“元”或“万元”。只在同一文件其他报表都注明时核对。

    ## 为什么要查
    同样的数字，单位不同就差一万倍。

    ## 不报的情形
    统计数量的表；扫描页面（漏识的可能更大，列入“未检查”）。
    """
    counted = {form.id for form in vocabulary().by_id.values() if form.counts}
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
