"""LG003: a project does not rest on the budget notice of another year."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.texts import Words, cell_texts
from models.citation import Citation
from models.finding import Severity
from models.report import Report

_TITLE = re.compile(r"《(?P<title>[^《》]{6,80})》")
_BUDGET = re.compile(r"(?:编制|编报)[^》]{0,16}?(?P<year>20\d\d)年(?:度)?[^》]{0,8}预算")
_WORK = re.compile(r"(?:开展|做好)(?P<year>20\d\d)年度?[^》]{0,40}(?:工作|编报|编制|申报)[^》]{0,6}通知")
_PLAN = re.compile(r"(?P<year>20\d\d)[-—–~～至]20\d\d年(?:中长期|中期)?财政规划")


@rule(
    id="LG003",
    name="立项依据的年度",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《2031年预算支出总表》万元 部门名称：虚构市天文馆
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            《虚构市项目支出绩效目标表》
            项目名称 | 望远镜镜片养护费
            立项依据 | 《关于编制市级部门2030年预算的通知》（虚财〔2029〕9号）。
            """,
        near_miss={"2030年预算": "2031年预算"},
        because="依据是编制本年度预算的通知",
    ),
    thresholds=(
        Threshold(
            "work_age_years",
            "年",
            "开展某项工作的通知比本文件早这么多年起报",
            "预算年度开始时上年的工作可能尚未结束",
            low=1,
            high=20,
        ),
    ),
)
def stale_basis(report: Report, *, work_age_years: int = 2) -> Iterator[Outcome]:
    """The notices that a target form names as its basis are those of its year.

    ## 查什么
    立项依据中《》内的文件：编制其他年度预算的通知、两年及更早以前开展某项工作的通知；中期规划起始年度不同的只作提示。

    ## 为什么要查
    依据是从以前的申报照抄的，今年的工作有没有依据不得而知。

    ## 不报的情形
    法律法规和规划；只写文号的文件；决算。
    """
    year = report.year
    tables = {form.table.id for form in report.project_forms if form.kind == "target"}
    if year is None or report.kind == "决算公开" or not tables:
        return
    found: dict[tuple[str, int, Severity], list[Words]] = defaultdict(list)
    for text in cell_texts(report.document):
        if text.table is None or text.table.id not in tables:
            continue
        for cited in _TITLE.finditer(text.text):
            stated = _stale(cited.group("title"), year, work_age_years)
            if stated is not None:
                found[cited.group("title"), *stated].append(Words(text, cited.start()))
    if not found:
        yield Passed("立项依据的年度")
    for (title, stated_year, severity), places in found.items():
        count = f"等{len(places)}处" if len(places) > 1 else ""
        yield conclude(
            stale_basis,
            report.document,
            places=places,
            key=f"{title[:30]}",
            severity=severity,
            message=f"以《{title}》{count}为依据，该文件针对{stated_year}年，本文件为{year}年度，疑似沿用以前年度的依据，请核实。",
            expected=f"{year}年",
            observed=f"{stated_year}年",
        )


def _stale(title: str, year: int, work_age_years: int) -> tuple[int, Severity] | None:
    if (budget := _BUDGET.search(title)) and int(budget.group("year")) != year:
        return int(budget.group("year")), "warning"
    if (work := _WORK.search(title)) and year - int(work.group("year")) >= work_age_years:
        return int(work.group("year")), "warning"
    if (plan := _PLAN.search(title)) and int(plan.group("year")) < year:
        return int(plan.group("year")), "hint"
    return None
