"""TX017: final accounts say how many groups and guests the domestic receptions had."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.prose import Passage, passages
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from detect.wording import quoted
from models.citation import Citation
from models.report import Report

_DOMESTIC = re.compile(r"国内公务接待(?:支出|费)")
_GROUPS = re.compile(r"\d+(?:个)?批")
_FOREIGN = re.compile(r"外宾|外事|来访团组|境外")


@rule(
    id="TX017",
    name="国内公务接待批次和人次",
    severity="warning",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《收入支出决算总表》万元
            项目 | 决算数 | 项目 | 决算数
            本年收入合计 | 10.00 | 本年支出合计 | 10.00
            # 九、“三公”经费支出决算情况说明
            国内公务接待支出1.20万元。其中：接待外宾0批次、0人次。
            """,
        near_miss={"接待外宾0批次、0人次": "国内接待3批次、20人次，接待外宾0批次、0人次"},
        because="写明了国内接待的批次和人次",
    ),
)
def reception_counts(report: Report) -> Iterator[Outcome]:
    """Where foreign guests are counted, the domestic receptions are counted too.

    ## 查什么
    决算公开的“三公”经费说明写有国内公务接待支出，并写明外宾接待批次的，是否也写明国内接待的批次和人次。

    ## 为什么要查
    公开规程要求说明国内公务接待的批次、人次；只写外宾的，国内接待多少次就看不到了。

    ## 不报的情形
    外宾批次也没有写的文件（不同地方写法不同）；预算公开。
    """
    if report.kind != "决算公开":
        return
    sections: dict[str, list[Passage]] = {}
    for passage in passages(report.document):
        sections.setdefault(passage.section or passage.part, []).append(passage)
    for own in sections.values():
        stated = [(passage, found) for passage in own if (found := _DOMESTIC.search(quoted(passage.text)))]
        counted = [
            (passage, found, bool(_FOREIGN.search(_clause(passage, found.start()))))
            for passage in own
            for found in _GROUPS.finditer(passage.text)
        ]
        if not stated or not counted:
            continue
        if not all(is_foreign for _, _, is_foreign in counted):
            yield Passed("国内公务接待批次和人次")
            continue
        passage, found = stated[0]
        yield conclude(
            reception_counts,
            report.document,
            places=[Words(passage, found.start())],
            key="text:国内公务接待",
            message="只写明外宾接待的批次和人次，没有写明国内公务接待的批次和人次（没有接待的也应写明0批次、0人次）。",
            expected="国内公务接待批次、人次",
            observed="未见",
        )


def _clause(passage: Passage, offset: int) -> str:
    """The words of the clause before `offset`."""
    begin = max(passage.text.rfind(mark, 0, offset) for mark in "，。；：（")
    return passage.text[begin + 1 : offset]
