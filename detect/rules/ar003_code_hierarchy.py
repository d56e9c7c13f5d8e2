"""AR003: 类, 款 and 项 add up along the codes, and the total row is the sum of the classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detect.checks import Check, check_of
from detect.facts import Ledger
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Column, FormTable, Line, Report

LEVEL_NAMES = {3: "类", 5: "款", 7: "项"}


@rule(
    id="AR003",
    name="类款项逐级汇总",
    severity="error",
    category="arithmetic",
    basis=Citation("《中华人民共和国预算法》", "第三十二条"),
    example=Example(
        """
            《2031年预算支出总表》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            20607 | 科学技术普及 | 130.00 | 80.00 | 50.00
            2060701 | 机构运行 | 80.00 | 80.00 |
            2060702 | 科普活动 | 53.00 | | 53.00
            """,
        near_miss={"53.00": "50.00"},
        because="两个项级之和等于款级",
    ),
)
def code_hierarchy(report: Report) -> Iterator[Outcome]:
    """Each 类 equals the sum of its 款, each 款 the sum of its 项, and 合计 the sum of the 类, in every column.

    ## 查什么
    凡有科目编码的表（不论是否法定报表），每一栏中类等于所属款之和，款等于所属项之和，合计等于各类之和。

    ## 为什么要查
    各级数字是逐级汇总出来的，某一级对不上，就是被手工改过。

    ## 不报的情形
    四舍五入的尾差；表中没有列出下级的科目；还列有无编码的行、或有几个合计的表（组成不明，列入“未检查”）。
    """
    ledger = Ledger(report)
    for form in report.forms:
        coded = [line for line in form.lines if line.code]
        if len(coded) < 2 or not form.columns or form.form in ("b01", "b04", "b06", "f01", "f04"):
            continue
        if form.is_part:
            yield Skip("AR003", f"《{form.name}》", "该表分页后未能合并为一张表，未作纵向核对")
            continue
        blocks = list(dict.fromkeys(line.block for line in form.lines))
        shared = form.form == "f06"
        groups = [blocks] if shared else [[block] for block in blocks]
        for group in groups:
            yield from _tree(report, ledger, form, [line for line in form.lines if line.block in group])


def _tree(report: Report, ledger: Ledger, form: FormTable, lines: Sequence[Line]) -> Iterator[Check | Skip]:
    children: dict[int, list[Line]] = {}
    loose: dict[int, Line] = {}
    tops: list[Line] = []
    stack: list[int] = []
    for index, line in enumerate(lines):
        if not line.code:
            if not _is_sum(line) and _has_amount(ledger, form, line):
                loose.update(dict.fromkeys(stack, line))
            continue
        while stack and not _is_below(line.code, lines[stack[-1]].code):
            stack.pop()
        if stack:
            children.setdefault(stack[-1], []).append(line)
        else:
            tops.append(line)
        stack.append(index)
    for index, parts in children.items():
        parent = lines[index]
        scope = f"《{form.name}》{parent.code} {parent.name}"
        levels = {len(part.code) for part in parts}
        if index in loose:
            yield Skip("AR003", scope, f"其下有没有识别出科目编码的金额行（{loose[index].name[:20]}），未作汇总核对")
            continue
        if len(levels) > 1:
            yield Skip("AR003", scope, "下级科目级次不齐，未作汇总核对")
            continue
        name = f"{LEVEL_NAMES[len(parent.code)]}级科目等于所属{LEVEL_NAMES[levels.pop()]}级科目之和"
        yield from _sums(report, ledger, form, name, parent, parts)
    yield from _total(report, ledger, form, lines, tops)


def _is_below(code: str, other: str) -> bool:
    return code.startswith(other) and len(code) > len(other)


def _is_sum(line: Line) -> bool:
    return line.is_total or line.id in ("personnel", "operating")


def _has_amount(ledger: Ledger, form: FormTable, line: Line) -> bool:
    return any(not place.fact.is_blank for column in form.columns for place in ledger.at(form, line, column))


def _total(
    report: Report, ledger: Ledger, form: FormTable, lines: Sequence[Line], tops: Sequence[Line]
) -> Iterator[Check | Skip]:
    totals = [line for line in lines if line.is_total]
    if not totals or not tops:
        return
    scope = f"《{form.name}》合计等于各类之和"
    others = [line for line in lines if not line.code and not _is_sum(line) and _has_amount(ledger, form, line)]
    if len(totals) > 1:
        yield Skip("AR003", scope, "该表有多个合计行，未作合计核对")
    elif len({line.code for line in tops}) < len(tops) or len({len(line.code) for line in tops}) > 1:
        yield Skip("AR003", scope, "该表顶级科目重复或级次不齐，未作合计核对")
    elif others:
        yield Skip("AR003", scope, f"该表有不带科目编码的金额行（{others[0].name[:20]}），未作合计核对")
    else:
        yield from _sums(report, ledger, form, "合计等于各类科目之和", totals[0], tops)


def _sums(
    report: Report, ledger: Ledger, form: FormTable, name: str, parent: Line, parts: Sequence[Line]
) -> Iterator[Check]:
    for column in form.columns:
        if column.block != parent.block:
            continue
        total = ledger.at(form, parent, column)
        terms = [(1, place) for part in parts for place in ledger.at(form, part, _same(form, column, part))]
        if total and terms:
            yield check_of(name, total[0], terms, report.document)


def _same(form: FormTable, column: Column, line: Line) -> Column:
    """The column of the line's block that holds the same thing (side-by-side blocks repeat their columns)."""
    if line.block == column.block:
        return column
    suffix = column.id.rpartition(".")[2]
    return next(
        (other for other in form.columns if other.block == line.block and other.id.rpartition(".")[2] == suffix), column
    )
