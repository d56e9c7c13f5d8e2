"""QT003: hired staff is paid at least the minimum wage of its place and year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.standards import Priced, priced_things, standards_for
from detect.vocabulary.standards import Standard
from models.citation import Citation
from models.finding import Severity
from models.report import Report

_CLASS = re.compile(r"一类(\d{3,5})元")


@rule(
    id="QT003",
    name="聘用人员工资与最低工资标准",
    severity="warning",
    category="quota",
    basis=Citation("《最低工资规定》"),
    example=Example(
        """
            《2031年预算支出总表》万元 单位名称：山西省虚构市天文馆
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 讲解员聘用经费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 成本指标 | 讲解员工资 | 1500元/人/月
            """,
        near_miss={"1500元": "2150元"},
        because="不低于最低工资标准",
    ),
)
def minimum_wage(report: Report) -> Iterator[Outcome]:
    """A monthly wage of hired staff is not below the minimum wage.

    ## 查什么
    聘用人员的月工资是否低于项目所在省当年的最低工资标准；低于最低一类为警告，低于最高一类为提示。

    ## 为什么要查
    不是工资违法，就是数字有误。

    ## 不报的情形
    见习、补助、保险；没有收录标准的省份和年度。
    """
    done: set[tuple[str, Decimal]] = set()
    for thing in priced_things(report):
        words = thing.name if re.search(r"工资|劳务|报酬", thing.name) else f"{thing.form.project}{thing.name}"
        for standard in standards_for(report, thing, words):
            if standard.low is None or (thing.form.project, thing.price.yuan) in done:
                continue
            found = _CLASS.search(standard.note)
            highest = Decimal(found.group(1)) if found else standard.low
            if thing.price.yuan >= highest:
                yield Passed(f"项目“{thing.form.project}”“{thing.name}”")
            else:
                done.add((thing.form.project, thing.price.yuan))
                yield _finding(report, thing, standard)


def _finding(report: Report, thing: Priced, standard: Standard) -> Outcome:
    assert standard.low is not None
    severity: Severity = "warning" if thing.price.yuan < standard.low else "hint"
    finding = conclude(
        minimum_wage,
        report.document,
        key=f"project:{thing.form.project}:{thing.name}",
        severity=severity,
        message=(
            f"《{thing.form.title}》项目“{thing.form.project}”“{thing.name}”为{thing.price.text}，{standard.region}"
            f"{report.year}年月最低工资标准为{standard.note}，依据{standard.basis}，请核实所在地区类别和工资标准。"
        ),
        places=[(thing.form.table, thing.cell)],
        expected=f"不低于{standard.low:,f}元",
        observed=thing.price.text,
    )
    return replace(finding, basis=standard.basis)
