"""PF002: both amounts of a project form are printed in the form's unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_amount, yuan_per
from detect.checks import Passed
from detect.conclude import conclude
from detect.projects import fundings, is_target_form, project_name
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.document import Document
from models.form import Funding
from models.money import yuan_text
from models.report import Report
from models.table import Table

FACTOR = Decimal(10_000)


@rule(
    id="PF002",
    name="绩效目标表金额单位",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 流星雨观测活动经费 | > | > | >
            项目资金（元） | 实施期资金总额： | 360,000 | 年度资金总额： | > | 12
            ^ | 市县（区）财政资金 | 360,000 | 市县（区）财政资金 | > | 12
            """,
        near_miss={"| > | 12": "| > | 120,000"},
        because="实施期为年度的三倍",
    ),
    thresholds=(
        Threshold(
            "longest_period", "年", "实施期资金最多为年度资金的这么多倍", "长期项目的项目期填99年", low=1, high=1000
        ),
    ),
)
def form_unit(report: Report, *, longest_period: Decimal = Decimal(99)) -> Iterator[Outcome]:
    """The year's money and the money of the whole period of a project are in the same unit.

    ## 查什么
    同一项目的年度资金与实施期资金，比值是否合理（1 至最长项目期之间），不合理而相差一万倍正好合理的，疑为单位填错。

    ## 为什么要查
    应按元填写的表按万元填写，项目金额就少了一万倍。

    ## 不报的情形
    乘除一万倍仍不合理的（如有差错，属于其他问题）。
    """
    for table in report.document.tables:
        if not is_target_form(table):
            continue
        found = {("year" if "年度" in funding.name else "period"): funding for funding in fundings(table)}
        if set(found) == {"year", "period"}:
            yield from _compare(report.document, table, found["year"], found["period"], longest_period)


def _compare(
    document: Document, table: Table, year: Funding, period: Funding, longest_period: Decimal
) -> Iterator[Outcome]:
    unit = yuan_per(year.unit)
    one, all_years = parse_amount(year.total.text, unit), parse_amount(period.total.text, unit)
    if one is None or all_years is None or not one.value or not all_years.value:
        return
    project = project_name(table)
    ratio = all_years.value / one.value
    if 1 <= ratio / FACTOR <= longest_period:
        wrong, right = year, one.value * FACTOR
    elif 1 <= ratio * FACTOR <= longest_period:
        wrong, right = period, all_years.value * FACTOR
    else:
        yield Passed(f"项目“{project}”金额单位")
        return
    other = period if wrong is year else year
    name = f"《{table.title}》项目“{project}”的{wrong.name}"
    printed = (one if wrong is year else all_years).value
    cells = [*(cell for _, cell in wrong.sources if cell.text.strip(" 0")), other.total]
    yield conclude(
        form_unit,
        document,
        key=f"project:{project}:{wrong.name}",
        message=(
            f"{name}填列{wrong.total.text}，表内金额单位为{year.unit or '元'}，而{other.name}为{other.total.text}，"
            f"两者相差一万倍以上，疑似以万元填列，应为{yuan_text(right, year.unit)}。"
        ),
        places=[(table, wrong.total)],
        others=[(table, cell) for cell in cells],
        expected=yuan_text(right, year.unit),
        observed=yuan_text(printed, year.unit),
        difference=yuan_text(right - printed, year.unit),
    )
