"""PF014: indicators stand in the class that they measure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
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
)
def wrong_class(report: Report) -> Iterator[Outcome]:
    """Cost indicators measure cost, and the other output classes what their name says.

    ## What it checks
    成本 with a name of timeliness, quality or satisfaction and no amount; 时效 with an amount of money; as a hint: 质量
    with a name of timeliness, 数量 with a percentage. All of a document are one finding.

    ## Why it matters
    A class that is filled with another one's indicator is not measured at all.

    ## What it leaves alone
    Benefit indicators; forms without classes; values that are blank.
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
