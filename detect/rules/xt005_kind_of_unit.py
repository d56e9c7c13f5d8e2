"""XT005: functions and economic subjects speak of the same kind of unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.facts import Ledger
from detect.registry import Example, Outcome, rule
from detect.wording import row_name
from models.citation import Citation
from models.report import Report

_SUBJECT = re.compile(r"（(?P<subject>[^（）]+)）$")
_SUBJECTS = {"工资奖金津补贴": "机关", "工资福利支出": "事业单位"}
_FUNCTIONS = {"行政运行": "机关", "行政单位医疗": "机关", "事业运行": "事业单位", "事业单位医疗": "事业单位"}


@rule(
    id="XT005",
    name="功能科目与政府经济科目的单位性质",
    severity="hint",
    category="cross_table",
    basis=Citation("《政府收支分类科目》"),
    example=Example(
        """
            《2031年一般公共预算支出预算表（不含上年结转）》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 70.00 | 70.00 |
            206 | 科学技术支出 | 70.00 | 70.00 |
            20601 | 科学技术管理事务 | 70.00 | 70.00 |
            2060101 | 行政运行 | 70.00 | 70.00 |
            《2031年一般公共预算安排基本支出分经济科目表（不含上年结转）》万元
            部门预算支出经济科目名称 | 政府预算支出经济科目名称 | 2031年预算数 | > | >
            ^ | ^ | 合计 | 人员经费 | 公用经费
            合计 | > | 70.00 | 70.00 |
            工资福利支出 | | 70.00 | 70.00 |
            基本工资 | 工资福利支出 | 70.00 | 70.00 |
            """,
        near_miss={"基本工资 | 工资福利支出": "基本工资 | 工资奖金津补贴"},
        because="都是机关的科目",
    ),
)
def kind_of_unit(report: Report) -> Iterator[Outcome]:
    """A document of one kind of unit does not pay basic salaries under the subjects of the other kind.

    ## 查什么
    基本工资的政府经济科目全部是机关的（工资奖金津补贴）或全部是事业单位的（工资福利支出），功能科目却全部是另一种单位的
    （行政运行、行政单位医疗；事业运行、事业单位医疗）。只作提示。

    ## 为什么要查
    单位性质决定能否列机关运行经费、津补贴还是绩效工资，科目混用就分不清。

    ## 不报的情形
    机关和事业单位都有的部门；没有列到项级的支出表。
    """
    ledger = Ledger(report)
    salaries = [
        place
        for line in ledger.lines_of("b06")
        if line.id == "item:基本工资"
        for place in ledger.all_of("b06", line.id, "total")
        if place.line is line
    ]
    paid = {
        _SUBJECTS.get(found.group("subject"), "") for place in salaries if (found := _SUBJECT.search(place.line.name))
    }
    functions = [
        (line, kind)
        for line in ledger.lines_of("b05")
        if len(line.code) == 7 and (kind := _FUNCTIONS.get(row_name(line.name)))
    ]
    meant = {kind for _, kind in functions}
    if len(paid) != 1 or len(meant) != 1 or "" in paid:
        return
    if paid == meant:
        yield Passed("单位性质")
        return
    first = ledger.one("b05", functions[0][0].id, "total")
    if first is None:
        return
    named = "、".join(f"{line.code} {line.name.strip()}" for line, _ in functions)
    yield conclude(
        kind_of_unit,
        report.document,
        key="b06:item:基本工资:kind",
        message=(
            f"功能科目（{named}）属于{meant.pop()}，基本工资的政府经济科目“{salaries[0].line.name.strip()}”却属于"
            f"{paid.pop()}，请核实单位性质和科目。"
        ),
        places=[(salaries[0].form.table, salaries[0].fact.cell)],
        others=[(first.form.table, first.fact.cell)],
    )
