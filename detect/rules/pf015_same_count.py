"""PF015: the number of bodies that several projects serve is the same in every form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.wording import plain
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

_BODIES = r"预算单位|行政事业单位|乡镇|县区|县\(区\)|街道|社区|行政村"
_COUNT = re.compile(
    rf"(?P<scope>市本级|县本级|区本级|省本级|全市|全县|全区|全省|市直|县直|区直|省直)?(?:近|约|共|各)?(?P<number>\d{{2,5}})"
    rf"(?:余|多)?[家个](?P<body>{_BODIES})"
)


@rule(
    id="PF015",
    name="项目表之间同一数量",
    severity="warning",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | 预算系统运维
            项目概况 | 为市本级280家预算单位提供系统运维。
            《虚构市项目支出绩效目标表》
            项目名称 | 财务人员培训
            项目概况 | 培训市本级400家预算单位的财务人员。
            """,
        near_miss={"市本级400家": "市本级近290家"},
        because="“近”字解释得了的差别",
    ),
    thresholds=(
        Threshold("apart", "倍", "最大数与最小数之比达到此数起提示", "“近”“约”解释不了一成以上的差别", low=1, high=100),
        Threshold(
            "wide", "倍", "最大数与最小数之比达到此数为警告", "口径相同时差一半以上，必有一个数有误", low=1, high=100
        ),
    ),
)
def same_count(report: Report, *, apart: Decimal = Decimal("1.1"), wide: Decimal = Decimal("1.5")) -> Iterator[Outcome]:
    """Forms of one department count the same bodies alike.

    ## 查什么
    各绩效目标表对同一范围（市本级、全市）的预算单位、乡镇、社区等的数量是否一致。相差不大的只作提示。

    ## 为什么要查
    测算资金的数量各表不同，至少有一张是错的。

    ## 不报的情形
    没有写明范围的数量（可能只指一个项目服务的对象）。
    """
    found: dict[tuple[str, str], list[tuple[Decimal, ProjectForm, FormText]]] = defaultdict(list)
    for form in report.project_forms:
        for text in form.texts if form.kind == "target" else ():
            for match in _COUNT.finditer(plain(text.text)):
                if match.group("scope"):
                    key = (match.group("scope"), match.group("body"))
                    found[key].append((Decimal(match.group("number")), form, text))
    for (scope, body), stated in found.items():
        numbers = sorted({number for number, _, _ in stated})
        if len({form.table.id for _, form, _ in stated}) < 2:
            continue
        if numbers[-1] < numbers[0] * apart:
            yield Passed(f"{scope}{body}数量")
            continue
        firsts = [next(entry for entry in stated if entry[0] == number) for number in numbers]
        named = "、".join(f"“{form.project}”{text.label}为{number}" for number, form, text in firsts)
        yield conclude(
            same_count,
            report.document,
            key=f"project:document:{scope}{body}",
            severity="warning" if numbers[-1] >= numbers[0] * wide else "hint",
            message=f"{scope}{body}的数量在不同绩效目标表中不一致：{named}，请核实口径。",
            places=[(form.table, text.cell) for _, form, text in firsts],
            observed="、".join(str(number) for number in numbers),
        )
