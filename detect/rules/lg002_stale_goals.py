"""LG002: the goal of the year speaks of the document's year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.periods import read_period
from detect.prose import half_width
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report

_BEGUN = re.compile(r"开工|开始|启动|起始|立项|批复|招标|采购(?!完成)|签订|开业|成立|上年|往年")
"""Work that may lie before the year although the money is spent in it."""
_QUOTED = re.compile(r"《[^》]*》|〔[^〕]*〕|\[\d{4}\]|【\d{4}】|“[^”]*”")
_BEGINNING = re.compile(r"(?:^|[。；]|^(?:目标)?[一二三四五\d]{1,2}[.、：])(?P<year>20\d\d)年(?:度)?(?P<after>.?)")
_HISTORY = "底末以起至前初"


@rule(
    id="LG002",
    name="年度目标的年度",
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
            年度目标 | 2029年完成镜片更换。
            """,
        near_miss={"2029年完成": "2029年以来镜片老化，今年完成"},
        because="说的是沿革，不是目标的年度",
    ),
)
def stale_goals(report: Report) -> Iterator[Outcome]:
    """A sentence of 年度目标 that begins with a year begins with the year of the document.

    ## 查什么
    预算绩效目标表的年度目标中，以年度开头的句子所写的年度是否为本文件的年度；年度指标的完成时间是否在本年度以前。

    ## 为什么要查
    照搬了以前年度的目标，今年的钱没有承诺任何结果。

    ## 不报的情形
    文件名称和文号中的年度；句子中间的年度（沿革、合同、比较）；以后年度；实施期目标；已经开始的工作的开始时间。
    """
    year = report.year
    if year is None or report.kind == "决算公开":
        return
    for form in report.project_forms:
        if form.kind == "self_evaluation":
            continue
        yield from _indicators(report, form, year)
        for field in form.texts:
            if field.id != "goal_year":
                continue
            text = _QUOTED.sub(lambda found: "※" * len(found.group()), half_width(field.text))
            stale = [
                found
                for found in _BEGINNING.finditer(text)
                if int(found.group("year")) < year and found.group("after") not in _HISTORY
            ]
            if not stale:
                yield Passed(f"项目“{form.project}”的年度目标")
                continue
            printed = f"{stale[0].group('year')}年"
            yield conclude(
                stale_goals,
                report.document,
                key=f"{form.project}:goal_year",
                message=(
                    f"《{form.title}》项目“{form.project}”的{field.label or '年度目标'}写为“{field.text[:40]}”，"
                    f"所述年度为{printed}，本文件为{year}年度，疑似沿用以前年度文本。"
                ),
                places=[(form.table, field.cell)],
                expected=f"{year}年",
                observed=printed,
            )


def _indicators(report: Report, form: ProjectForm, year: int) -> Iterator[Outcome]:
    """An indicator of the year whose work ended before it."""
    for item in form.indicators:
        when = read_period(item.value) if item.side == "year" and item.name else None
        if when is None or not when.has_year or _BEGUN.search(item.name):
            continue
        if when.end // 12 >= year:
            yield Passed(f"项目“{form.project}”的“{item.name}”")
            continue
        yield conclude(
            stale_goals,
            report.document,
            key=f"{form.project}:{item.name}",
            message=(
                f"《{form.title}》项目“{form.project}”的年度指标“{item.name}”写为“{item.value}”，在{year}年度以前，"
                "疑似沿用以前年度文本。"
            ),
            places=[(form.table, item.value_cell)],
            expected=f"{year}年",
            observed=f"{when.end // 12}年",
        )
