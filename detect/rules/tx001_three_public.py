"""TX001: the explanation of “三公” expenses states what the table prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from detect.checks import Check, operand_of
from detect.facts import Ledger
from detect.narrative import Section, amounts_after, sections
from detect.registry import Outcome, rule
from detect.wording import quoted
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_ITEMS = (
    ("total", r"[“\"「]?三公[”\"」]?经费(?:财政拨款)?(?:支出)?(?:预算|决算)?(?:总额|合计|总计)?", "“三公”经费总额"),
    ("abroad", r"因公出国[（(]境[)）](?:费用|费)?", "因公出国（境）费"),
    ("reception", r"公务接待费", "公务接待费"),
    ("vehicles", r"公务用车购置(?:及|和)运行(?:维护)?费", "公务用车购置及运行费"),
    ("purchase", r"公务用车购置费", "公务用车购置费"),
    ("running", r"公务用车运行(?:维护)?费", "公务用车运行维护费"),
)
_SPENT = r"[“\"「]?三公[”\"」]?经费[^。；;]{0,40}?(?:支出决算|决算支出)(?:数|总额)?(?:为)?"
"""In final accounts the section names the budget first: `“三公”经费全年预算…万元，支出决算…万元`."""
_TABLES = {"b10": "{item}@total", "f09": "amount@final.{item}"}


@rule(
    id="TX001",
    name="“三公”经费表与文字说明",
    severity="error",
    category="cross_table",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
)
def three_public(report: Report) -> Iterator[Outcome]:
    """The total and the items of “三公” expenses in the explanation equal the table.

    ## What it checks
    The section on “三公” expenses against 表十 or 公开09 (final figures): total, 出国, 接待, 用车, 购置, 运行.

    ## Why it matters
    The law asks for an explanation of exactly these amounts, and it is what citizens read.

    ## What it leaves alone
    Differences within rounding; last year's amounts and changes; amounts quoted for single groups or visits; an item
    that the section states twice with different amounts (a skip says so).
    """
    ledger = Ledger(report)
    form = next((form for form in _TABLES if ledger.is_unique(form)), None)
    section = next((part for part in sections(report.document) if "三公" in quoted(part.title)), None)
    if form is None or section is None:
        if form is not None or section is not None:
            yield Skip("TX001", "“三公”经费", "没有同时识别出“三公”经费表和文字说明，未作核对")
        return
    for item, words, name in _ITEMS:
        if form == "f09" and item == "total":
            words = f"{_SPENT}|{words}"
        yield from _item(report, ledger, section, form, item, words, name)


def _item(
    report: Report, ledger: Ledger, section: Section, form: str, item: str, words: str, name: str
) -> Iterator[Check | Skip]:
    line, _, column = _TABLES[form].format(item=item).partition("@")
    place = ledger.one(form, line, column)
    stated = amounts_after(report.document, section, words, name)
    if place is None or (not stated and not place.fact.amount):
        return
    if not stated:
        if item != "vehicles" and place.fact.amount and place.fact.amount.value:
            yield Skip("TX001", name, "文字说明中没有识别出该项目的金额，未作核对")
        return
    if len({operand.interval_source.value for operand in stated}) > 1 and item != "total":
        yield Skip("TX001", name, "文字说明中该项目出现多个不同金额，无法确定对应关系")
        return
    printed = operand_of(place, report.document)
    if printed.state == "blank" and not stated[0].interval_source.value:
        return
    yield Check(f"文字说明的{name}等于报表金额", stated[0], (replace(printed, sign=1),))
