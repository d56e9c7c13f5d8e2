"""AR004: units add up to the department, and projects to their unit."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, check_of
from detect.facts import Ledger, is_torn
from detect.headers import Grid
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import FormTable, Line, Report

_BY_UNIT = ("b02", "b14", "b23", "b24")


@rule(
    id="AR004",
    name="单位与项目逐级汇总",
    severity="error",
    category="arithmetic",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年财政拨款安排机关运行经费预算表》万元
            单位名称 | 2031预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            部门合计 | 16.00 | 16.00 | |
            虚构市天文馆 | 10.00 | 10.00 | |
            虚构市星图编制中心 | 5.00 | 5.00 | |
            """,
        near_miss={"16.00": "15.00"},
        because="部门合计等于两个单位之和",
    ),
)
def units_and_projects(report: Report) -> Iterator[Outcome]:
    """The department's total equals the sum of its units, and each unit's amount the sum of its projects.

    ## 查什么
    表十一（各单位）、表十二和表十三（各单位、各项目）：部门合计等于各单位之和，单位等于所属项目之和，逐栏核算。按单位列示的收入总表、
    支出总表、“三公”经费表也核算（列有部门小计的，合计等于小计，小计等于各单位之和）。

    ## 为什么要查
    报表做成之后增加或改动一个项目，最先在这里露出来。

    ## 不报的情形
    四舍五入的尾差；没有合计行的清单；单位和项目的归属无法确定的清单（列入“未检查”）。
    """
    ledger = Ledger(report)
    for form in report.forms:
        if form.form in _BY_UNIT and not any(line.code for line in form.lines):
            yield from _by_unit(report, ledger, form)
        if form.form not in ("b11", "b12", "b13") or len(form.lines) < 2:
            continue
        if form.is_part:
            yield Skip("AR004", f"《{form.name}》", "该表分页后未能合并为一张表，未作纵向核对")
            continue
        yield from _list(report, ledger, form)


def _by_unit(report: Report, ledger: Ledger, form: FormTable) -> Iterator[Check | Skip]:
    """The units of a form that prints one in each row, with or without a subtotal of the department above them.

    Which of the two is told by the amounts: most columns must agree with one of them.
    """
    total = next((line for line in form.lines if line.is_total), None)
    rest = [line for line in form.lines if total is not None and line.row > total.row]
    if total is None or not rest:
        return
    scope, grid = f"《{form.name}》各单位合计", Grid(form.table)
    if form.is_part or any(is_torn(grid, form, line.row) for line in rest):
        yield Skip("AR004", scope, "该表分页未能合并，或金额在格内换行被分成两行，未作纵向核对")
        return
    flat = _sums(report, ledger, form, "合计等于所列各单位之和", total, rest)
    nested = _sums(report, ledger, form, "合计等于部门小计", total, rest[:1])
    nested += _sums(report, ledger, form, "部门小计等于所属单位之和", rest[0], rest[1:])
    best = max((flat, nested), key=_agreeing)
    known = [check for check in best if any(operand.state == "number" for operand in check.operands)]
    if _agreeing(best) < 2 or _agreeing(best) * 2 < len(known):
        yield Skip("AR004", scope, "无法从排列判断各行的从属关系，未作纵向核对")
        return
    yield from best


def _agreeing(checks: list[Check]) -> int:
    """How many of the checks that have amounts hold."""
    return sum(any(operand.state == "number" for operand in check.operands) and check.holds() for check in checks)


def _list(report: Report, ledger: Ledger, form: FormTable) -> Iterator[Check | Skip]:
    total = next((line for line in form.lines if line.is_total), None)
    rest = [line for line in form.lines if line is not total and line.row > (total.row if total else -1)]
    units = [line for line in rest if line.id.startswith("unit:")]
    flat = form.form == "b11" or not units
    checks: list[Check] = []
    if flat and total is not None and rest:
        checks += _sums(report, ledger, form, "合计等于所列各项之和", total, rest)
    elif not flat:
        if total is not None and rest[0] in units:
            checks += _sums(report, ledger, form, "部门合计等于所属单位之和", total, units)
        for unit, after in zip(units, [*units[1:], None], strict=True):
            projects = [line for line in rest if line.row > unit.row and (after is None or line.row < after.row)]
            if projects:
                checks += _sums(report, ledger, form, "单位小计等于所列项目之和", unit, projects)
    known = [check for check in checks if any(operand.state == "number" for operand in check.operands)]
    holds = sum(check.holds() for check in known)
    if known and holds * 2 < len(known) and len(known) > 2:
        yield Skip("AR004", f"《{form.name}》", "无法从排列判断单位与项目的从属关系，未作汇总核对")
        return
    yield from checks


def _sums(report: Report, ledger: Ledger, form: FormTable, name: str, parent: Line, parts: list[Line]) -> list[Check]:
    checks = []
    for column in form.columns:
        total = ledger.at(form, parent, column)
        terms = [(1, place) for part in parts for place in ledger.at(form, part, column)]
        if total and terms:
            checks.append(check_of(name, total[0], terms, report.document))
    return checks
