"""YR002: what the explanation says of last year is what last year's document said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.pairing import agree
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from detect.years import Earlier, Previous, earlier, previous_amounts
from models.citation import Citation
from models.finding import Skip
from models.money import yuan_text
from models.report import Report

_NAME: Final = "文字说明的上年数与上年文件"


@rule(
    id="YR002",
    name=_NAME,
    severity="warning",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        "本年预算说明：“公务接待费3.00万元，比上年预算数减少1.00万元”，即上年4.00万元；上年预算公开的公务接待费为5.00万元。",
        near_miss="上年预算公开的公务接待费为4.00万元。",
        because="与所述增减一致",
        runs=False,
    ),
)
def quoted_last_year(report: Report, archive: Archive) -> Iterator[Outcome]:
    """Last year's amount, stated or implied by the change, is the one that last year's document printed.

    ## 查什么
    文字说明中写出的上年数，或由本年数与增减额推出的上年数，或“与上年持平”，与档案中该单位上年同类文件报表的同一项目比较。
    写出上年数或指明上年预算（决算）数的为警告，只写“比上年”的为提示。

    ## 为什么要查
    增减变动是读者最看重的数字，上年数写错，增减额、增减率和变动原因就都不成立。

    ## 不报的情形
    档案中没有该单位上年同类文件；预算与上年执行数（决算数）比、决算与年初预算比的；增减额前还列有其他金额、不能确定比的是
    哪一项的；上年报表没有该项；四舍五入的尾差。
    """
    found = earlier(report, archive, "YR002", _NAME)
    if isinstance(found, Skip):
        yield found
        return
    for previous in previous_amounts(report):
        yield from _compare(report, found, previous)


def _compare(report: Report, before: Earlier, previous: Previous) -> Iterator[Outcome]:
    statement = previous.statement
    mention = statement.mention
    printed = before.sum(statement.quantity)
    amount, places = printed.amount, printed.terms
    if printed.has_forms and agree(previous.amount, amount):
        yield Passed(statement.name)
        return
    if not printed.is_whole:
        yield Skip("YR002", statement.name, f"上年文件“{before.source.name}”的报表中没有识别出该项金额，未作比较")
        return
    said, unit = previous.amount.value, mention.claim.unit
    yield conclude(
        quoted_last_year,
        report.document,
        places=[Words(mention.passage, mention.start)],
        key=f"text:{mention.passage.section[:2].rstrip('、')}:{statement.name}",
        severity="warning" if previous.is_explicit else "hint",
        message=(
            f"{statement.name}{mention.claim.text}，“{previous.said}”，即上年为{yuan_text(said, unit)}；"
            f"{before.words(places)}，相差{yuan_text(abs(said - amount.value), unit)}，请核实上年数和口径。"
        ),
        expected=yuan_text(amount.value, unit),
        observed=yuan_text(said, unit),
        difference=yuan_text(said - amount.value, unit),
    )
