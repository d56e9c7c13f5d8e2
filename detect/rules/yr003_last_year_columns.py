"""YR003: a column for last year prints what last year's document printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from detect.amounts import parse_amount
from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.facts import row_label
from detect.headers import Grid, printed_path
from detect.pairing import agree
from detect.reconcile import SURE
from detect.registry import Example, Outcome, Threshold, rule
from detect.years import Earlier, earlier
from models.archive import Observation
from models.citation import Citation
from models.finding import Skip
from models.money import Amount, yuan_text
from models.report import FormTable, Line, Report
from models.table import Cell

_NAME: Final = "报表中的上年数与上年文件"
_OTHER: Final = re.compile(r"结转|结余|增|减|比|率|%|％")


@rule(
    id="YR003",
    name=_NAME,
    severity="warning",
    category="cross_table",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        "本年《一般公共预算支出表》“上年预算数”栏“教育支出”120.00万元，上年预算公开该表“教育支出”合计为102.00万元。",
        near_miss="上年预算公开该表“教育支出”合计为120.00万元。",
        because="与上年文件一致",
        runs=False,
    ),
    thresholds=(
        Threshold(
            "many",
            "行",
            "不一致的行达到此数、且占多数时只报一项提示",
            "多数不一致是口径不同，不是填错",
            low=2,
            high=1000,
        ),
    ),
)
def last_year_columns(report: Report, archive: Archive, *, many: int = 3) -> Iterator[Outcome]:
    """The column for last year of a statutory form repeats the same form of last year's document, line by line.

    ## 查什么
    报表中“上年预算数”“2030年预算数”一类的栏目（决算为上年决算数），与档案中该单位上年同类文件同一表、同一科目的合计比较。

    ## 为什么要查
    上年栏填错，增减栏和增减说明随之全错。

    ## 不报的情形
    档案中没有该单位上年同类文件；上年结转、增减额、增减率的栏目；与本文件种类不同的上年数（预算表中的上年执行数、决算数）；
    上年文件没有该科目；多数行不一致的（视为口径不同，合并为一项提示）。
    """
    columns = [(form, col, name) for form in report.forms for col, name in _columns(report, form)]
    if not columns:
        return
    found = earlier(report, archive, "YR003", _NAME)
    if isinstance(found, Skip):
        yield found
        return
    for form, col, name in columns:
        yield from _compare(report, form, col, name, found, many)


def _columns(report: Report, form: FormTable) -> Iterator[tuple[int, str]]:
    """The columns of a known form that its vocabulary does not know and that are headed as last year's."""
    if not form.form or report.year is None or form.is_part or len({line.block for line in form.lines}) != 1:
        return
    grid = Grid(form.table)
    kind = "决算" if report.kind == "决算公开" else "预算"
    head = re.compile(rf"(?:上年|去年|{report.year - 1}年)(?:度)?.{{0,4}}{kind}|(?:上年|去年)数")
    for col in form.unknown_columns:
        name = printed_path(grid, col, form.header_rows)
        if head.search(name) and not _OTHER.search(name):
            yield col, name


def _compare(report: Report, form: FormTable, col: int, name: str, before: Earlier, many: int) -> Iterator[Outcome]:
    grid = Grid(form.table)
    wrong: list[tuple[Line, Cell, Amount, Observation]] = []
    checked = 0
    for line in form.lines:
        cell = grid.cell(line.row, col)
        amount = parse_amount(cell.text, form.unit_yuan, form.decimals)
        printed = before.total(form.form, line.id, "total")
        if amount is None or printed is None or printed.sure < SURE:
            continue
        checked += 1
        if agree(amount, Amount(printed.value, printed.step)):
            yield Passed(f"《{form.name}》“{row_label(line)}”“{name}”")
        else:
            wrong.append((line, cell, amount, printed))
    if not checked:
        yield Skip("YR003", f"《{form.name}》“{name}”", "上年文件中没有识别出同一表的同一科目，未作比较")
    if len(wrong) >= many and 2 * len(wrong) > checked:
        line, cell, amount, printed = wrong[0]
        yield conclude(
            last_year_columns,
            report.document,
            key=f"{form.form}:{name}",
            severity="hint",
            message=(
                f"《{form.name}》“{name}”栏{checked}行中有{len(wrong)}行与上年文件不同，如“{row_label(line)}”"
                f"{yuan_text(amount.value, form.unit)}，{before.words([printed])}，请核实两年口径是否一致。"
            ),
            places=[(form.table, item[1]) for item in wrong],
        )
        return
    for line, cell, amount, printed in wrong:
        yield conclude(
            last_year_columns,
            report.document,
            key=f"{form.form}:{line.id}:{name}",
            message=(
                f"《{form.name}》“{row_label(line)}”“{name}”为{yuan_text(amount.value, form.unit)}，"
                f"{before.words([printed])}，相差{yuan_text(abs(amount.value - printed.value), form.unit)}。"
            ),
            places=[(form.table, cell)],
            expected=yuan_text(printed.value, form.unit),
            observed=yuan_text(amount.value, form.unit),
            difference=yuan_text(amount.value - printed.value, form.unit),
        )
