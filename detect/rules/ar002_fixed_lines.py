"""AR002: down the fixed rows of a form, each total equals its parts, and income equals expenditure."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, check_of
from detect.facts import Ledger, Place
from detect.registry import Example, Outcome, rule
from detect.vocabulary import Identity, vocabulary
from models.citation import Citation
from models.finding import Skip
from models.report import FormTable, Report


@rule(
    id="AR002",
    name="表内固定行次合计与收支平衡",
    severity="error",
    category="arithmetic",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年财政拨款安排“三公”经费支出预算表》万元
            项目 | 2031年预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            因公出国（境）费 | | | |
            公务接待费 | 1.20 | 1.20 | |
            公务用车购置及运行费 | 3.60 | 3.60 | |
            ①公务用车购置费 | | | |
            ②公务用车运行维护费 | 3.60 | 3.60 | |
            合计 | 4.90 | 4.90 | |
            """,
        near_miss={"4.90": "4.80"},
        because="合计等于各项之和",
    ),
)
def fixed_lines(report: Report) -> Iterator[Outcome]:
    """The fixed rows of a form add up (本年收入合计, 收入总计, 三公合计 …) and income equals expenditure.

    ## 查什么
    报表固定行次的合计（本年收入合计、收入总计、“三公”合计等）在每一栏是否等于各项之和，以及收入总计是否等于支出总
    计。

    ## 为什么要查
    文字说明和其他报表引用的正是这些合计。

    ## 不报的情形
    四舍五入的尾差；合计行之上有表中固定项目以外的金额行的（列入“未检查”）。
    """
    ledger = Ledger(report)
    for form in report.forms:
        if not form.form:
            continue
        if form.is_part:
            yield Skip("AR002", f"《{form.name}》", "该表分页后未能合并为一张表，未作纵向核对")
            continue
        for identity in vocabulary().by_id[form.form].identities:
            if identity.kind == "lines":
                yield from _lines(report, ledger, form, identity)
            elif identity.kind == "cells":
                yield from _cells(report, ledger, form, identity)


def _lines(report: Report, ledger: Ledger, form: FormTable, identity: Identity) -> Iterator[Check | Skip]:
    scope = f"《{form.name}》{identity.name}"
    block = [line for line in form.lines if line.block == identity.block]
    total_line = next((line for line in block if line.id == identity.total), None)
    if total_line is None:
        yield Skip("AR002", scope, f"该表没有识别出合计行（{identity.total}），未作纵向核对")
        return
    named = {line.id for line in block}
    classes = "class:*" in identity.terms
    parts = {term.removeprefix("-"): -1 if term.startswith("-") else 1 for term in identity.terms}
    start = max(
        (line.row for line in block if line.row < total_line.row and line.id in _totals(form) and line.id not in parts),
        default=-1,
    )
    above = {line.id for line in block if start < line.row < total_line.row}
    stray = [line for line in block if line.id.startswith("row:") and line.row < total_line.row and line.row > start]
    for column in form.columns:
        if column.block != identity.block:
            continue
        if any(
            place.fact.amount is not None and place.fact.amount.value
            for line in stray
            for place in ledger.at(form, line, column)
        ):
            yield Skip(
                "AR002",
                f"{scope}（{column.name}）",
                f"“{stray[0].name}”等行不在该表的固定项目中，可能也是合计的组成部分",
            )
            continue
        if classes:
            terms = [
                (1, place)
                for line in block
                if line.row < total_line.row and line.id in above and _is_class(line.id)
                for place in ledger.at(form, line, column)
            ]
        else:
            terms = [
                (sign, place)
                for line in block
                for name, sign in parts.items()
                if line.id == name
                for place in ledger.at(form, line, column)
            ]
        totals = ledger.at(form, total_line, column)
        if totals and terms and (classes or named & set(parts)):
            yield check_of(identity.name, totals[0], terms, report.document)


def _is_class(line_id: str) -> bool:
    return line_id.startswith("class:") or (line_id.startswith("c") and line_id[1:].isdigit())


def _totals(form: FormTable) -> set[str]:
    return {identity.total for identity in vocabulary().by_id[form.form].identities if identity.kind == "lines"}


def _cells(report: Report, ledger: Ledger, form: FormTable, identity: Identity) -> Iterator[Check | Skip]:
    def place(address: str) -> Place | None:
        line, _, column = address.removeprefix("-").rpartition("@")
        found = [item for item in ledger.all_of(form.form, line, column) if item.form is form]
        return found[0] if len(found) == 1 else None

    total = place(identity.total)
    terms = [
        (-1 if term.startswith("-") else 1, found) for term in identity.terms if (found := place(term)) is not None
    ]
    if total is None or not terms:
        yield Skip("AR002", f"《{form.name}》{identity.name}", "该表没有识别出相关行，未作核对")
        return
    yield check_of(identity.name, total, terms, report.document)
