"""TX018: as many units share the operating expenses as the table lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.headers import Grid
from detect.prose import Passage, passages
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from models.citation import Citation
from models.finding import Skip
from models.report import FormTable, Report

_UNITS = re.compile(r"(?<![\d.])(?P<count>\d{1,3})[家个](?P<kind>行政(?:单位)?、?(?:和|及)?参公[^，。；\d]{0,6}单位)")
_NAME = "机关运行经费的单位个数"


@rule(
    id="TX018",
    name="机关运行经费的单位个数",
    severity="warning",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            《2031年财政拨款安排机关运行经费预算表》万元
            单位名称 | 2031预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            部门合计 | 15.00 | 15.00 | |
            虚构市天文馆 | 10.00 | 10.00 | |
            虚构市星图编制中心 | 5.00 | 5.00 | |
            # 八、机关运行经费增减变动原因说明
            2031年本部门3家行政、参公单位机关运行经费财政拨款预算15.00万元，与上年持平。
            """,
        near_miss={"3家": "2家"},
        because="与表中所列单位个数相同",
    ),
)
def operating_units(report: Report) -> Iterator[Outcome]:
    """The stated number of administrative units is that of the units which the table of operating expenses lists.

    ## 查什么
    说明写明“N家行政、参公单位”的，与机关运行经费预算表所列有金额的单位个数是否相同。

    ## 为什么要查
    多写或漏列一个单位，机关运行经费的合计就不是这几个单位的。

    ## 不报的情形
    没有写明个数的；表只有合计或没有识别出单位的；分别写行政单位和参公单位个数的；同一单位分几行列的（列入“未检查”）。
    """
    stated = [(one, found) for one in passages(report.document) for found in _UNITS.finditer(one.text)]
    forms = [form for form in report.forms if form.form == "b11"]
    if not stated or len(forms) != 1:
        return
    form, (passage, found) = forms[0], stated[0]
    listed = _listed(form)
    if len(stated) > 1 or form.is_part or not listed or len({name for name, _ in listed}) < len(listed):
        yield Skip("TX018", _NAME, "不能确定表中所列单位的个数，未作核对")
    elif len(listed) == int(found.group("count")):
        yield Passed(_NAME)
    else:
        yield _finding(report, form, passage, found, [cell for _, cell in listed])


def _listed(form: FormTable) -> list[tuple[str, CellPlace]]:
    """The units with an amount, each with the cell of its name; empty when a row is neither total nor unit."""
    rows = [line for line in form.lines if not line.is_total]
    if not all(line.id.startswith("unit:") for line in rows):
        return []
    grid = Grid(form.table)
    filled = [line for line in rows if any(grid.text(line.row, column.index).strip("0. ") for column in form.columns)]
    return [(line.name, (form.table, grid.cell(line.row, 0))) for line in filled]


def _finding(
    report: Report, form: FormTable, passage: Passage, found: re.Match[str], cells: list[CellPlace]
) -> Outcome:
    return conclude(
        operating_units,
        report.document,
        key="text:单位个数",
        message=(
            f"写为{found.group('count')}家{found.group('kind')}，《{form.name}》列有{len(cells)}个单位，个数不符，"
            "请核实是否漏列或多写。"
        ),
        places=[Words(passage, found.start("count")), *cells],
        expected=f"{len(cells)}家",
        observed=f"{found.group('count')}家",
    )
