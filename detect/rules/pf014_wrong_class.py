"""PF014: indicators stand in the class that they measure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Severity
from models.form import Indicator, ProjectForm
from models.report import Report

_MONEY = re.compile(r"\d[\d,.]*[万千亿]?元")
_PERCENT = re.compile(r"^[≥≤>=<]?\d[\d.]*%$")
_TIMELY = re.compile(r"(?:及时性|完成时间|时限)$")
_NO_COST = re.compile(r"(?:及时性|及时率|规范性|合格率|满意度|准确率|覆盖率|完成时间)$")


@rule(
    id="PF014",
    name="绩效指标类别错位",
    severity="warning",
    category="project",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 穹幕清洗费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 成本指标 | 清洗完成及时率 | ≥95%
            """,
        near_miss={"清洗完成及时率 | ≥95%": "单次清洗费 | ≤5000元"},
        because="成本指标是金额",
    ),
)
def wrong_class(report: Report) -> Iterator[Outcome]:
    """Cost indicators measure cost, and the other output classes what their name says.

    ## 查什么
    成本指标写成时效、质量、满意度而没有金额的；时效指标的值是金额的；质量指标写成时效、数量指标的值是百分比的只作提
    示。全文件合为一项。

    ## 为什么要查
    被别的类别占了位置，这一类就没有衡量。

    ## 不报的情形
    效益指标；没有类别的表；空白的值。
    """
    found: list[tuple[ProjectForm, Indicator, str]] = []
    severity: Severity = "hint"
    for form in report.project_forms:
        seen: set[int] = set()
        for item in form.indicators:
            fault = _fault(item)
            if fault is None or item.value_cell.row in seen or form.kind == "self_evaluation":
                continue
            seen.add(item.value_cell.row)
            found.append((form, item, fault[0]))
            severity = "warning" if fault[1] else severity
    if not found and any(item.level2 for form in report.project_forms for item in form.indicators):
        yield Passed("绩效指标类别")
    if found:
        named = "；".join(
            f"{_of(form)}{item.level2}“{item.name}”（{item.value}）{what}" for form, item, what in found[:6]
        )
        more = f"；等{len(found)}处" if len(found) > 6 else ""
        yield conclude(
            wrong_class,
            report.document,
            key="project:document:指标类别",
            severity=severity,
            message=f"绩效指标与所在类别不符：{named}{more}。",
            places=[(form.table, cell) for form, item, _ in found for cell in (item.name_cell, item.value_cell)],
        )


def _fault(item: Indicator) -> tuple[str, bool] | None:
    """What is wrong with the class, and whether it is beyond doubt; None for nothing."""
    if not item.name or not item.value:
        return None
    if "成本" in item.level2 and _NO_COST.search(item.name) and not _MONEY.search(item.value):
        return "不是成本", True
    if "时效" in item.level2 and _MONEY.search(item.value) and not _TIMELY.search(item.name):
        return "是金额，不是时效", True
    if "质量" in item.level2 and _TIMELY.search(item.name):
        return "属于时效", False
    if "数量" in item.level2 and _PERCENT.match(item.value):
        return "是比率，不是数量", False
    return None


def _of(form: ProjectForm) -> str:
    """Whose indicator it is; nothing where a page break parted the form from its head."""
    return f"“{form.project}”" if form.project else ""
