"""ND002: the goal of the year is not the goal of the whole period."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.amounts import parse_number
from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.similar import SAME, bare, likeness, without_leading_year
from models.citation import Citation
from models.finding import Severity
from models.form import FormText, ProjectForm
from models.report import Report

_ONE_YEAR = re.compile(r"^1年|一次性")
_LASTING = re.compile(r"[二两三四五六2-6]年(?:内|时间)|逐年|分年度|长期|连续[二两三四五六]?年|每年")


@rule(
    id="ND002",
    name="年度目标照抄实施期目标",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 穹幕清洗费 | > | > | >
            项目属性 | > | 经常性项目（长期开展） | 项目期 | 3年 | >
            总体目标 | 实施期目标 | > | > | 年度目标 | >
            ^ | 三年内穹幕亮度保持在新装时的九成以上。 | > | > | 三年内穹幕亮度保持在新装时的九成以上。 | >
            """,
        near_miss={"| > | > | 三年内穹幕亮度保持在新装时的九成以上。": "| > | > | 2031年清洗四次并更换六十米灯带。"},
        because="年度目标是实施期目标的一部分",
    ),
    thresholds=(
        Threshold("many", "张", "有这种情形的表达到此数时合为一项", "同类问题合并，便于处理", low=2, high=1000),
        Threshold("every", "张", "表达到此数且全部如此，才作为习惯提示", "更少的看不出习惯", low=2, high=1000),
        Threshold("min_length", "字", "目标达到此长度才比较", "更短的可能偶然相同", low=1, high=1000),
    ),
)
def copied_goal(report: Report, *, many: int = 3, every: int = 5, min_length: int = 10) -> Iterator[Outcome]:
    """In a project of several years the goal of the year is a part of the goal of the period.

    ## 查什么
    跨年度项目的年度目标是否与实施期目标相同（不计标点和句首的年度）。一份文件全部如此的合为一项提示；一年期项目只在
    相同的目标写有“三年内”“逐年”一类字样时提示。

    ## 为什么要查
    三年的目标不可能年年重新完成，否则就不是目标。

    ## 不报的情形
    一年期项目当年能够完成的目标；很短的目标。
    """
    equal: list[tuple[ProjectForm, FormText, FormText]] = []
    for form in report.project_forms:
        period, year = form.text("goal_period"), form.text("goal_year")
        if form.kind != "target" or period is None or year is None or len(bare(year.text)) < min_length:
            continue
        if likeness(without_leading_year(period.text), without_leading_year(year.text)) >= SAME:
            equal.append((form, period, year))
        else:
            yield Passed(f"项目“{form.project}”的年度目标")
    several = [item for item in equal if _is_longer(item[0])]
    if several:
        yield from _findings(report, several, "warning", many)
    elif len(equal) >= every and len(equal) == len([form for form in _all(report) if form.text("goal_period")]):
        yield from _findings(report, equal, "hint", many)
        return
    for form, period, year in equal:
        if not _is_longer(form) and (words := _LASTING.search(year.text)):
            yield conclude(
                copied_goal,
                report.document,
                key=f"project:{form.project}:年度目标",
                severity="hint",
                message=(
                    f"《{form.title}》项目“{form.project}”是一年期项目，年度目标与实施期目标相同，写的却是“{words.group()}”的"
                    f"目标（“{year.text[:60]}”），请核实项目期和年度目标。"
                ),
                places=[(form.table, year.cell), (form.table, period.cell)],
            )


def _all(report: Report) -> list[ProjectForm]:
    return [form for form in report.project_forms if form.kind == "target"]


def _is_longer(form: ProjectForm) -> bool:
    """Whether the project lasts more than a year: by 项目期, else by the money of the period."""
    duration, attribute = form.text("duration"), form.text("attribute")
    if duration is not None:
        return not _ONE_YEAR.match(duration.text)
    if attribute is not None:
        return not _ONE_YEAR.search(attribute.text)
    period, year = form.funding("period"), form.funding("year")
    numbers = [parse_number(item.total.text) for item in (period, year) if item is not None]
    return len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None and numbers[0][0] > numbers[1][0]


def _findings(
    report: Report, found: list[tuple[ProjectForm, FormText, FormText]], severity: Severity, many: int
) -> Iterator[Outcome]:
    if len(found) >= many:
        named = "、".join(f"“{form.project}”" for form, _, _ in found[:12])
        yield conclude(
            copied_goal,
            report.document,
            key="project:document:年度目标",
            severity=severity,
            message=f"{len(found)}张绩效目标表的年度目标与实施期目标相同：{named}等。年度目标应按当年任务分解。",
            places=[(form.table, text.cell) for form, period, year in found for text in (year, period)],
        )
        return
    for form, period, year in found:
        only = "只比实施期目标多出年份" if bare(period.text) != bare(year.text) else "与实施期目标相同"
        yield conclude(
            copied_goal,
            report.document,
            key=f"project:{form.project}:年度目标",
            severity=severity,
            message=(
                f"《{form.title}》项目“{form.project}”的年度目标{only}（“{year.text[:60]}”），项目期为多年，年度目标应"
                "分解到当年。"
            ),
            places=[(form.table, year.cell), (form.table, period.cell)],
            expected="当年的目标",
            observed="与实施期目标相同",
        )
