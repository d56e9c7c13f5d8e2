"""PF008: the indicators that a performance form must have are filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

_REQUIRED = re.compile(r"数量|质量|时效|成本|满意度")


@dataclass(frozen=True, slots=True)
class Gaps:
    """What one form lacks: a description of each gap, and the cells that are blank."""

    form: ProjectForm
    words: tuple[str, ...]
    places: tuple[CellPlace, ...]


@rule(
    id="PF008",
    name="绩效指标缺失",
    severity="warning",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 穹幕清洗费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 清洗次数 |
            ^ | ^ | 质量指标 | 验收合格率 | ≥95%
            ^ | 效益指标 | 社会效益指标 | 受益人数 | ≥900人
            """,
        near_miss={"清洗次数 |": "清洗次数 | 4次"},
        because="已填指标值",
    ),
    thresholds=(
        Threshold("many", "张", "有这种情形的表达到此数时合为一项", "同类问题合并，便于处理", low=2, high=1000),
    ),
)
def missing_indicators(report: Report, *, many: int = 4) -> Iterator[Outcome]:
    """Every indicator has a value, and the classes 数量, 质量, 时效, 成本 and 满意度 have an indicator where printed.

    ## 查什么
    印有数量、质量、时效、成本、满意度类别而没有指标的，有指标而没有指标值的，没有任何效益指标的。

    ## 为什么要查
    没有定的目标，不会完不成。

    ## 不报的情形
    不一定适用的效益类别（生态、可持续），只要有一个已填；没有类别的表；整张空白公开的表。
    """
    found: list[Gaps] = []
    for form in report.project_forms:
        if form.kind == "self_evaluation" or not any(item.name for item in form.indicators):
            continue
        gaps = _gaps(form)
        if gaps is None:
            yield Passed(f"{_called(form)}的绩效指标")
        else:
            found.append(gaps)
    if len(found) >= many:
        yield _together(report, found)
        return
    for gaps in found:
        yield conclude(
            missing_indicators,
            report.document,
            key=f"project:{gaps.form.project}:指标",
            message=f"《{gaps.form.title}》{_called(gaps.form)}的绩效指标不完整：{'；'.join(gaps.words)}。",
            places=gaps.places,
            expected="填列指标和指标值",
            observed="空白",
        )


def _called(form: ProjectForm) -> str:
    return f"项目“{form.project}”" if form.kind == "target" else f"“{form.project}”"


def _together(report: Report, found: list[Gaps]) -> Outcome:
    named = "；".join(f"“{gaps.form.project}”{'、'.join(gaps.words)}" for gaps in found[:12])
    more = f"；等{len(found)}张表" if len(found) > 12 else ""
    return conclude(
        missing_indicators,
        report.document,
        key="project:document:指标",
        message=f"{len(found)}张绩效目标表的绩效指标不完整：{named}{more}。",
        places=[place for gaps in found for place in gaps.places],
        expected="填列指标和指标值",
        observed="空白",
    )


def _gaps(form: ProjectForm) -> Gaps | None:
    words: list[str] = []
    places: list[CellPlace] = []
    for item in form.indicators:
        if item.name and not item.value:
            words.append(f"“{item.name}”没有指标值")
            places.append((form.table, item.value_cell))
    classes = dict.fromkeys(item.level2 for item in form.indicators if item.level2)
    for level2 in classes:
        own = [item for item in form.indicators if item.level2 == level2]
        if "成本" in level2 and any(item.name for item in form.indicators if "成本" in item.level1 + item.level2):
            continue
        if _REQUIRED.search(level2) and not any(item.name for item in own):
            words.append(f"没有{level2}")
            places += _blanks(form, own)
    benefits = [item for item in form.indicators if "效益" in item.level1]
    if benefits and not any(item.name for item in benefits):
        words.append("没有效益指标")
        places += _blanks(form, benefits)
    return Gaps(form, tuple(dict.fromkeys(words)), tuple(places)) if words else None


def _blanks(form: ProjectForm, items: list[Indicator]) -> list[CellPlace]:
    return [(form.table, cell) for item in items for cell in (item.value_cell, item.name_cell)]
