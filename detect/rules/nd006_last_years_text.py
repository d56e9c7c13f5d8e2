"""ND006: the text of last year's document is not taken over with last year's year or money in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.excerpts import Written, written
from detect.observations import money_of
from detect.pairing import year_amount
from detect.prose import half_width
from detect.registry import Example, Outcome, Threshold, rule
from detect.remember import source_of
from detect.skeletons import numbers
from detect.years import Earlier, earlier
from models.archive import Excerpt
from models.citation import Citation
from models.finding import Skip
from models.money import yuan_text
from models.report import Report

_NAME: Final = "沿用上年文件的文字"
_QUOTED: Final = re.compile(r"《[^》]*》|〔[^〕]*〕|\[\d{4}\]|【\d{4}】|[（(]\d{4}[)）]|“[^”]*”")
_YEAR: Final = re.compile(r"(?<![\d比较与同和自截从至—～~-])(20\d\d)年(?!底|末|以|起|至|前|初|来|之)")
_BEGINS_WITH_YEAR: Final = re.compile(r"^(?:[一二三四五\d]{1,2}[.、：])?20\d\d年")
_MONEY: Final = re.compile(r"\d元|\d[万亿千]元")
_GOALS: Final = ("goal_period", "goal_year", "indicators")


@rule(
    id="ND006",
    name=_NAME,
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        "2031年绩效目标表的实施计划写“2030年三月招标，六月完工”，与2030年文件同一项目逐字相同。",
        near_miss="2031年写“2031年三月招标，六月完工”。",
        because="年度已经更新，沿用的计划不是差错",
        runs=False,
    ),
    thresholds=(
        Threshold(
            "forms", "个", "目标、指标原样沿用的项目达到此数才提示", "个别项目任务不变是正常的", low=1, high=1000
        ),
        Threshold("share", "比例", "并且占可比项目的比例达到此数", "多数项目都不变时才像是整体沿用", low=0, high=1),
    ),
)
def last_years_text(report: Report, archive: Archive, *, forms: int = 3, share: float = 0.6) -> Iterator[Outcome]:
    """No field of a form repeats last year's word for word with its year, or with its amounts where the money changed.

    ## 查什么
    绩效目标表各栏与档案中该单位上年同类文件的同一栏：逐字相同、仍写上年年度的；逐字相同、列有金额，而该项目年度资金已经变动的。
    目标和指标原样沿用的项目占多数时，合为一项提示。

    ## 为什么要查
    文字沿用上年，说明目标和测算没有按本年重新编制。

    ## 不报的情形
    年度已更新、金额已更新的；立项依据和书名号、文号中的年度；“比2030年”“2030年底”一类的叙述；年度目标开头的年度（由
    LG002 报出）；资金没有变动的项目沿用原测算；档案中没有该单位上年同类文件。
    """
    found = earlier(report, archive, "ND006", _NAME)
    if isinstance(found, Skip):
        yield found
        return
    before: dict[tuple[str, str], Excerpt] = {}
    for excerpt in archive.excerpts(found.source):
        before.setdefault((excerpt.field, excerpt.skeleton), excerpt)
    own = [one for one in written(report, source_of(report)) if one.form is not None and one.form.kind != "overall"]
    same: list[tuple[Written, Excerpt]] = []
    for one in own:
        last = before.get((one.excerpt.field, one.excerpt.skeleton))
        if last is None:
            continue
        wrong = [*_stale_year(report, found, one, last), *_stale_money(report, archive, found, one, last)]
        yield from wrong or [Passed(one.excerpt.label)]
        if _without_years(one.excerpt.text) == _without_years(last.text):
            same.append((one, last))
    yield from _unchanged(report, found, own, same, forms, share)


def _stale_year(report: Report, before: Earlier, one: Written, last: Excerpt) -> Iterator[Outcome]:
    text, field = half_width(one.excerpt.text), one.excerpt.field
    if field == "basis" or (field == "goal_year" and _BEGINS_WITH_YEAR.match(text)):
        return
    if numbers(one.excerpt.text) != numbers(last.text):
        return
    years = {int(year) for year in _YEAR.findall(_QUOTED.sub("", text))}
    stale = before.source.year
    if stale in years and report.year not in years:
        yield conclude(
            last_years_text,
            report.document,
            key=f"{one.excerpt.label}:年度",
            message=(
                f"{one.excerpt.label}与上年文件逐字相同，仍写为{stale}年：“{one.excerpt.text[:80]}”；上年文件“"
                f"{before.source.name}”第{last.page + 1}页“{last.text[:80]}”。请按{report.year}年的任务重新填写。"
            ),
            places=one.cells,
            expected=f"{report.year}年",
            observed=f"{stale}年",
        )


def _stale_money(report: Report, archive: Archive, before: Earlier, one: Written, last: Excerpt) -> Iterator[Outcome]:
    form = one.form
    if form is None or one.excerpt.field not in ("overview", "plan") or not _MONEY.search(one.excerpt.text):
        return
    money, funding = year_amount(form), form.funding("year")
    former = [item for item in archive.observations(before.source, "project") if item.label == money_of(form.project)]
    if money is None or funding is None or len(former) != 1 or former[0].value == money.value:
        return
    if _without_years(one.excerpt.text) != _without_years(last.text):
        return
    yield conclude(
        last_years_text,
        report.document,
        key=f"{one.excerpt.label}:金额",
        message=(
            f"{one.excerpt.label}所列数量和金额与上年文件完全相同（“{one.excerpt.text[:80]}”，"
            f"上年文件“{before.source.name}”第{last.page + 1}页），而项目年度资金由"
            f"{yuan_text(former[0].value, '万元')}变为{yuan_text(money.value, '万元')}，请按本年资金重新测算。"
        ),
        places=one.cells,
        others=[(form.table, funding.total)],
        expected=yuan_text(money.value, "万元"),
        observed="与上年相同",
    )


def _unchanged(
    report: Report,
    before: Earlier,
    own: list[Written],
    same: list[tuple[Written, Excerpt]],
    forms: int,
    share: float,
) -> Iterator[Outcome]:
    """One hint for a document whose projects mostly kept last year's goals and indicators to the last number."""
    with_goals = {one.form.project for one in own if one.form and one.excerpt.field in _GOALS}
    kept = [(one, last) for one, last in same if one.excerpt.field in _GOALS]
    projects = list(dict.fromkeys(one.form.project for one, _ in kept if one.form))
    if len(projects) < forms or len(projects) < share * len(with_goals):
        return
    one, last = kept[0]
    named = "、".join(f"“{project}”" for project in projects[:8])
    yield conclude(
        last_years_text,
        report.document,
        key="project:document:目标沿用",
        severity="hint",
        message=(
            f"{len(with_goals)}个项目中有{len(projects)}个的目标或指标与上年文件“{before.source.name}”相同（年度除外）："
            f"{named}。如{one.excerpt.label}“{one.excerpt.text[:60]}”，上年第{last.page + 1}页“{last.text[:60]}”。"
            "请核实是否按本年任务编制。"
        ),
        places=[place for item, _ in kept for place in item.cells[:1]],
    )


def _without_years(text: str) -> list[str]:
    """The numbers of a text that are no years of this century."""
    return [number for number in numbers(text) if not re.fullmatch(r"20\d\d", number)]
