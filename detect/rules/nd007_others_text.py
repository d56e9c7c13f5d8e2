"""ND007: the text of another organisation's document is not taken over, least of all with its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from detect.archive import Archive, Resemblance
from detect.checks import Passed
from detect.conclude import Place, conclude
from detect.excerpts import Written, written
from detect.registry import Example, Outcome, Threshold, rule
from detect.remember import source_of
from detect.similar import longest_run, without_citations
from detect.texts import Words
from models.archive import Source
from models.citation import Citation
from models.finding import Finding, Severity, Skip
from models.report import Report

_NAME: Final = "套用其他单位文件的文字"
_OWN_WORDS: Final = frozenset(
    {"overview", "need", "measures", "plan", "goal_period", "goal_year", "experience", "problems"}
)
SHOWN = 6
"""Pairs that one message names."""


@rule(
    id="ND007",
    name=_NAME,
    severity="error",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        "虚构市天文馆的绩效目标写“完成甲乙市天文局本年度培训任务”，与甲乙市天文局的文件只差一个数字。",
        near_miss="写“完成虚构市天文馆本年度培训任务”。",
        because="没有留下其他单位的名称；雷同本身只作提示",
        runs=False,
    ),
    thresholds=(
        Threshold(
            "run",
            "字",
            "与其他单位连续相同达到此长度才提示",
            "审核惯例：连续二十字相同不会是偶然，两个文件之间另加余地",
            low=10,
            high=1000,
        ),
        Threshold(
            "entities", "个", "档案中其他单位达到此数才判断雷同", "单位太少，分不清雷同和通用写法", low=2, high=10_000
        ),
        Threshold(
            "usual",
            "个",
            "其他单位中有这么多个写有同一文字的视为通用写法",
            "两个以上单位各自写出的多是模板",
            low=2,
            high=1000,
        ),
    ),
)
def others_text(
    report: Report, archive: Archive, *, run: int = 30, entities: int = 8, usual: int = 2
) -> Iterator[Outcome]:
    """No passage is that of another organisation with its name left standing; what only two share is a hint.

    ## 查什么
    绩效目标表、自评表各栏和情况说明，与档案中其他单位文件的近似段落（八成以上相同）比较：其中留有对方单位名称、而对方段落写的
    也是自己的，为错误（同一地区的、还有第三个单位也写有该名称的降为提示，可能确有往来）。绩效目标表的文字只与一个其他单位雷同的，全文件合为一项提示。

    ## 为什么要查
    照抄别家的目标，钱和事对不上；留下别家的名称，是照抄的证据。

    ## 不报的情形
    多个单位都有的文字（法定用语、名词解释、统一模板）；立项依据和引用的文件；同地区其他单位不足、分不清模板的；档案中其他单位
    不足的（写明数量）。
    """
    source = source_of(report)
    passages = list(written(report, source))
    found = archive.resembling([one.excerpt.skeleton for one in passages], besides=source)
    if found.skipped:
        reason = f"{found.skipped}组文字在档案中的近似段落过多，是通用写法，未逐一比较"
        yield Skip("ND007", "通用写法", reason)
    others = archive.count_entities(besides=source, most=entities)
    is_enough = others >= entities
    if not is_enough:
        reason = f"档案中只有{others}个其他单位，至少需要{entities}个才能分清雷同和通用写法，只核对了遗留的单位名称"
        yield Skip("ND007", "雷同段落", reason)
    is_known = archive.count_entities(besides=source, most=entities, region=source.region) >= entities
    copied: list[tuple[Written, Resemblance]] = []
    for one, near in zip(passages, found.of, strict=True):
        strange = [item for item in near if item.source.entity != source.entity]
        left = next((item for item in strange if _left_standing(one, item, source)), None)
        if left is not None:
            by_third = any(_names(item.excerpt.text, left.source) for item in strange if item.source != left.source)
            is_far = bool(source.region) and left.source.region != source.region
            yield _named(report, one, left, None if is_far and not by_third else "hint")
            continue
        carriers = {item.source.entity for item in strange}
        if not is_enough or not 0 < len(carriers) < usual:
            continue
        if (is_known or strange[0].source.region != source.region) and _is_copied(one, strange[0], run):
            copied.append((one, strange[0]))
    if passages and not copied:
        yield Passed("与其他单位文件的雷同段落")
    if copied:
        yield _hint(report, copied)


def _left_standing(one: Written, other: Resemblance, own: Source) -> bool:
    """Whether the other organisation's name stands in both passages, and is none of the own one's or a part of it."""
    name = other.source.entity
    if not own.entity or name in own.entity or own.entity in name:
        return False
    return _names(one.excerpt.text, other.source) and _names(other.excerpt.text, other.source)


def _names(text: str, whom: Source) -> bool:
    """Whether a text names an organisation with its place, outside of cited documents: `财政局` alone is everywhere."""
    return bool(whom.region) and whom.entity in without_citations(text)


def _is_copied(one: Written, other: Resemblance, run: int) -> bool:
    if one.form is None or one.form.kind == "overall" or one.excerpt.field not in _OWN_WORDS:
        return False
    mine, theirs = (without_citations(text) for text in (one.excerpt.text, other.excerpt.text))
    return len(longest_run(mine, theirs)) >= run


def _named(report: Report, one: Written, other: Resemblance, severity: Severity | None) -> Finding:
    name, theirs = other.source.entity, other.source
    message = (
        f"{one.excerpt.label}与{name}的文件雷同，并留有该单位名称。本文件：“{one.excerpt.text[:120]}”；“{theirs.name}”第"
        f"{other.excerpt.page + 1}页{other.excerpt.label}：“{other.excerpt.text[:120]}”。相同文字“"
        f"{longest_run(one.excerpt.text, other.excerpt.text)[:60]}”。"
    )
    places: Sequence[Place] = one.cells
    if one.passage is not None:
        places = (Words(one.passage, max(one.passage.text.find(name), 0)),)
    return conclude(
        others_text,
        report.document,
        key=f"{one.excerpt.label}:{name}",
        severity=severity,
        message=message,
        places=places,
        expected=report.entity,
        observed=name,
    )


def _hint(report: Report, copied: Sequence[tuple[Written, Resemblance]]) -> Finding:
    named = "；".join(
        f"{one.excerpt.label}与{other.source.entity}“{other.source.name}”第{other.excerpt.page + 1}页"
        f"{other.excerpt.label}共有“{longest_run(one.excerpt.text, other.excerpt.text)[:50]}”"
        for one, other in copied[:SHOWN]
    )
    return conclude(
        others_text,
        report.document,
        key="project:document:雷同",
        severity="hint",
        message=f"{len(copied)}处文字与其他单位的文件雷同，而再无别家使用：{named}。请核对是否照抄。",
        places=[place for one, _ in copied for place in one.cells[:1]],
    )
