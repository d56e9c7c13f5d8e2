"""PF009: the value of an indicator is one that its name can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from detect.conclude import conclude, or_passed
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

_RATE = re.compile(r"(?:率|满意度|比例|占比|完成度|知晓度)(?:[(（].*)?$")
_UNLIMITED = re.compile(
    r"增长|增幅|增加|提高|提升|上升|床位使用|床位利用|产能利用|负荷|周转|杠杆|拨备|偿债|抚养|同比|环比|产销|投入产出|拉动|放大|"
    r"超额|收益|回报|利润|负债|倍"
)
"""Rates that may exceed one hundred per cent."""
_PERCENT = re.compile(r"^(?P<mark>≥|>|=|不低于|达到|大于)?(?P<number>\d+(?:\.\d+)?)%(?:以上)?(?:/年)?$")
_AT_MOST = re.compile(r"^(?:≤|<|<=|不超过|不高于|低于)(?P<number>\d+(?:\.\d+)?)%$")
_FAILURES = re.compile(r"(?:差错|错误|故障|投诉|事故|违规|不合格|失误|退件)率$")
_REVERSED = re.compile(r"^[≤≥<>=约]?\d[\d,.]*(?:[^\d元/%]{1,4}/)+[万千]?元$")
_PRICE = re.compile(r"^[≤≥<>=约]?\d[\d,.]*[万千]?元/")
_COUNT = re.compile(r"(?:条数|数量|人数|次数|个数|份数|户数|套数|台数|场次|批次|面积|天数)$")
_SLIP = re.compile(r"^[≥≤><=]?\d+此(?:/年)?$")
_GRADES = set("优良中差好是否有无高低强弱全零一二三四五六七八九十新升降增减达")
HUNDRED = Decimal(100)


@rule(
    id="PF009",
    name="绩效指标值不可能成立",
    severity="warning",
    category="project",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 穹幕清洗费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 质量指标 | 验收合格率 | 120%
            """,
        near_miss={"验收合格率": "观众人次增长率"},
        because="增长率可以超过100%",
    ),
)
def impossible_values(report: Report) -> Iterator[Outcome]:
    """Rates stay within one hundred per cent, counts are no prices, values are more than a part of their name.

    ## 查什么
    率和满意度超过100%；单位颠倒（“380人/天/元”）；数量指标的值是单价；值与名称相同、只有一个没有意义的字或明显写错字（“1此”）。
    “≥100%”每份文件合为一项提示。

    ## 为什么要查
    这样的目标要么永远达不到，要么永远不会完不成。

    ## 不报的情形
    增长率、负荷率、杠杆率；一个字的等级（优、是、无）。
    """
    for form in report.project_forms:
        if form.indicators:
            yield from or_passed(_form(report, form), f"项目“{form.project}”的指标值")
    yield from _at_least_all(report)


def _form(report: Report, form: ProjectForm) -> Iterator[Outcome]:
    done: set[tuple[str, str]] = set()
    for item in form.indicators:
        fault = _fault(item)
        if fault is None or (item.name, fault[0]) in done:
            continue
        done.add((item.name, fault[0]))
        same = [other for other in form.indicators if other.name == item.name and _fault(other) is not None]
        yield _finding(report, form, item, same, fault)


def _fault(item: Indicator) -> tuple[str, str] | None:
    """The kind of fault and what should stand there; None when the value is possible."""
    name, value = item.name, item.value
    if not name or not value:
        return None
    percent = _PERCENT.match(value)
    if percent and _RATE.search(name) and not _UNLIMITED.search(name) and Decimal(percent.group("number")) > HUNDRED:
        return "超过100%", "不超过100%"
    bound = _AT_MOST.match(value)
    if bound and _FAILURES.search(name) and Decimal(bound.group("number")) > HUNDRED:
        return "超过100%", "远小于100%的上限"
    if _REVERSED.match(value):
        return "计量单位颠倒", "金额单位在前，如“元/人/天”"
    if _COUNT.search(name) and _PRICE.match(value):
        return "指标名称是数量，指标值是单价", "数量"
    if not re.search(r"\d", value) and (value == name or (name.endswith(value) and re.search(r"[性率度]$", value))):
        return "与指标名称相同", "可衡量的指标值"
    if _SLIP.match(value):
        return "“此”疑为“次”之误", f"“{value.replace('此', '次')}”"
    if "及时" in name and value == "及格":
        return "与指标名称不符", "“及时”或完成的期限"
    if len(value) == 1 and value not in _GRADES and not value.isdigit():
        return "只有一个字，填写残缺", "可衡量的指标值"
    return None


def _finding(
    report: Report, form: ProjectForm, item: Indicator, same: Sequence[Indicator], fault: tuple[str, str]
) -> Outcome:
    level = f"{item.level2}“{item.name}”" if item.level2 else f"指标“{item.name}”"
    subject = f"项目“{form.project}”" if form.kind != "overall" else f"“{form.project}”"
    return conclude(
        impossible_values,
        report.document,
        key=f"project:{form.project}:{item.name}:{fault[0]}",
        message=f"《{form.title}》{subject}的{level}指标值为“{item.value}”，{fault[0]}，应为{fault[1]}。",
        places=[(form.table, other.value_cell) for other in same],
        others=[(form.table, item.name_cell)],
        expected=fault[1],
        observed=item.value,
    )


def _at_least_all(report: Report) -> Iterator[Outcome]:
    found = [
        (form, item)
        for form in report.project_forms
        for item in form.indicators
        if (percent := _PERCENT.match(item.value))
        and percent.group("mark") in ("≥", ">", "不低于", "大于")
        and Decimal(percent.group("number")) == HUNDRED
        and _RATE.search(item.name)
        and not _UNLIMITED.search(item.name)
    ]
    if found:
        names = "、".join(
            dict.fromkeys(f"“{item.name}”{f'（{form.project}）' if form.project else ''}" for form, item in found[:6])
        )
        rows = len({(form.table.id, item.value_cell.row) for form, item in found})
        yield conclude(
            impossible_values,
            report.document,
            key="project:document:≥100%",
            severity="hint",
            message=f"{names}等{rows}个指标的指标值写为“≥100%”，该类指标不可能超过100%，应写为“100%”。",
            places=[(form.table, item.value_cell) for form, item in found],
            expected="100%",
            observed="≥100%",
        )
