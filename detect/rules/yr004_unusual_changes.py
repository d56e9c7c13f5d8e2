"""YR004: a main amount does not change far more than that of other organisations in the same year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.facts import Ledger
from detect.peers import ENTITIES
from detect.reconcile import SURE
from detect.registry import Example, Outcome, Threshold, rule
from detect.remember import source_of
from detect.robust import usual
from detect.years import earlier
from models.archive import Source
from models.citation import Citation
from models.finding import Skip
from models.money import yuan_text
from models.report import Report

_NAME: Final = "主要金额的增减幅度与同类单位"
_LINES: Final = (
    ("收入总计", "b01", "income.grand", "income.amount"),
    ("支出合计", "b03", "total", "total"),
    ("基本支出", "b03", "total", "basic"),
    ("项目支出", "b03", "total", "project"),
    ("人员经费", "b06", "total", "personnel"),
    ("公用经费", "b06", "total", "operating"),
    ("“三公”经费", "b10", "total", "total"),
    ("机关运行经费", "b11", "total", "total"),
    ("收入总计", "f01", "income.grand", "income.amount"),
    ("支出合计", "f03", "total", "total"),
    ("基本支出", "f03", "total", "basic"),
    ("项目支出", "f03", "total", "project"),
    ("人员经费", "f06", "personnel", "amount"),
    ("公用经费", "f06", "operating", "amount"),
    ("“三公”经费", "f09", "amount", "final.total"),
)


@rule(
    id="YR004",
    name=_NAME,
    severity="hint",
    category="statistics",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        "档案中十五个单位的公用经费比上年变动在-8%至+10%之间，本单位由120万元增至260万元。",
        near_miss="本单位由120万元增至132万元。",
        because="增长10%，与其他单位相近",
        runs=False,
    ),
    thresholds=(
        ENTITIES,
        Threshold(
            "times",
            "倍",
            "增减幅度与中位数至少相差这么多倍才提示",
            "一般增减在五成以内，幅度更大的才值得看",
            low=1,
            high=1000,
        ),
    ),
)
def unusual_changes(report: Report, archive: Archive, *, entities: int = 8, times: float = 1.5) -> Iterator[Outcome]:
    """The change of a total against last year lies within the changes of other organisations in the same year.

    ## 查什么
    收入、支出、基本与项目支出、人员与公用经费、“三公”经费等合计，本年与上年（取自档案中该单位上年同类文件）之比，与档案中其他
    单位同一年的比值比较，超出按偏度调整的箱线图界限并且达到一定幅度的。

    ## 为什么要查
    政策性增减各单位大体相同；独自大增大减的，应有说明，也可能是填错。

    ## 不报的情形
    档案中没有该单位上年同类文件；有两年数据的其他单位不足；任一年为零。统计只作提示。
    """
    source = source_of(report)
    before = earlier(report, archive, "YR004", _NAME)
    if isinstance(before, Skip):
        yield before
        return
    ledger, known = Ledger(report), 0
    for name, form, line, column in _LINES:
        place, last = ledger.one(form, line, column), before.total(form, line, column)
        if place is None or place.fact.amount is None or last is None or last.sure < SURE:
            continue
        if place.fact.amount.value <= 0 or last.value <= 0:
            continue
        # The column of a total may be one of several blocks: the item is what was remembered of last year's.
        ratios = _ratios(archive, source, last.item)
        known = max(known, len(ratios))
        if len(ratios) < entities:
            yield Skip(
                "YR004", name, f"档案中有两年{name}的其他单位只有{len(ratios)}个，至少需要{entities}个，未作比较"
            )
            continue
        group, own = usual(ratios), float(place.fact.amount.value / last.value)
        if not group.is_outside(own, times):
            yield Passed(name)
            continue
        yield conclude(
            unusual_changes,
            report.document,
            key=f"{form}:{line}:{column}",
            message=(
                f"《{place.form.name}》{name}{yuan_text(place.fact.amount.value, place.form.unit)}，"
                f"{before.words([last])}，{_change(own)}；档案中{len(ratios)}个其他单位同期中位数{_change(group.median)}，"
                f"在{_change(group.least)}与{_change(group.most)}之间，请核实并看是否有说明。"
            ),
            places=[(place.form.table, place.fact.cell)],
            expected=_change(group.median),
            observed=_change(own),
        )


def _change(ratio: float) -> str:
    word = "增长" if ratio >= 1 else "下降"
    return f"{word}{abs(ratio - 1):.1%}"


def _ratios(archive: Archive, source: Source, item: str) -> list[float]:
    """This year's amount by last year's of every other organisation that printed both, in the same pair of years."""
    return [
        float(now.observation.value) / float(then.observation.value)
        for now, then in archive.changes(item, "元", besides=source)
        if all(one.observation.value > 0 and one.observation.sure >= SURE for one in (now, then))
    ]
