"""AR005: economic subjects add up to their groups, and the groups to the total."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import check_of
from detect.facts import Ledger
from detect.registry import Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Line, Report


@rule(
    id="AR005",
    name="经济科目汇总",
    severity="error",
    category="arithmetic",
    basis=Citation("《中华人民共和国预算法》", "第三十二条"),
)
def economic_groups(report: Report) -> Iterator[Outcome]:
    """In the table by economic subject each group (工资福利支出 …) equals its items and the total its groups.

    ## What it checks
    表六, in every column; the groups are recognised by their official names, for the table prints no codes.

    ## Why it matters
    It is the only table that shows what the basic expenditure is spent on.

    ## What it leaves alone
    Differences within rounding; items before the first group (a skip says so).
    """
    ledger = Ledger(report)
    for form in report.forms:
        if form.form != "b06":
            continue
        if form.is_part:
            yield Skip("AR005", f"《{form.name}》", "该表分页后未能合并为一张表，未作纵向核对")
            continue
        total = next((line for line in form.lines if line.is_total), None)
        groups: list[tuple[Line, list[Line]]] = []
        loose: list[Line] = []
        for line in form.lines:
            if line.id.startswith("g"):
                groups.append((line, []))
            elif not line.is_total:
                (groups[-1][1] if groups else loose).append(line)
        if loose or not groups:
            yield Skip("AR005", f"《{form.name}》", "没有识别出经济科目的类级行，未作汇总核对")
            continue
        for column in form.columns:
            for group, items in groups:
                places = ledger.at(form, group, column)
                terms = [(1, place) for item in items for place in ledger.at(form, item, column)]
                if places and terms:
                    yield check_of("类级科目等于所列款级科目之和", places[0], terms, report.document)
            if total is not None and (places := ledger.at(form, total, column)):
                terms = [(1, place) for group, _ in groups for place in ledger.at(form, group, column)]
                yield check_of("合计等于各类经济科目之和", places[0], terms, report.document)
