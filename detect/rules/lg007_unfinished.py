"""LG007: fields and titles are written to their end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from detect.checks import Passed
from detect.conclude import conclude
from detect.prose import half_width, passages
from detect.registry import Example, Outcome, Threshold, rule
from detect.texts import Words
from models.citation import Citation
from models.report import Report

_NUMBER = re.compile(r"(?:^|[。；，])[（(]?\d{1,2}[)）]?[、.．]$")
_COMMA = re.compile(r"[，、]$")
_CUT_TITLE = re.compile(r"《(?=[^《》]*关于)[^《》]{4,60}(?:(?<![\d年])\d|的|和|与|及|、|，)》")
_NEEDS_MORE = re.compile(r"(?:大于|小于|等于|不超过|或者?|以及|和|与|及|按照|根据|其中|通过|对于|，|、)$")


@rule(
    id="LG007",
    name="文字未写完",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | 望远镜镜片养护费
            项目概况 | 更换望远镜镜片并且提升观测业务能力，
            """,
        near_miss={"能力，": "能力"},
        because="只缺句号",
    ),
    thresholds=(
        Threshold("prose_length", "字", "各栏文字达到此长度才查结尾", "更短的是条目，可以逗号结尾", low=1, high=1000),
        Threshold("paragraph_length", "字", "段落达到此长度才查结尾", "更短的是条目或标题", low=1, high=1000),
    ),
)
def unfinished(report: Report, *, prose_length: int = 12, paragraph_length: int = 40) -> Iterator[Outcome]:
    """Paragraphs and the fields of forms end where a sentence ends, and cited titles are whole.

    ## 查什么
    标题之前的段落是否停在话没说完的地方；绩效目标表的文字是否以孤零零的序号或逗号结尾；《》内的文件名称是否完整。

    ## 为什么要查
    钱用来做什么、依据是什么，没有写完。

    ## 不报的情形
    句末缺句号；很短的条目；以年份或版本结尾的文件名称。项目清单中的格子可能转到下页，只作提示。
    """
    count = 0
    for form in report.project_forms:
        for field in form.texts:
            text = half_width(field.text)
            reason = ""
            if _NUMBER.search(text) and len(text) >= prose_length:
                reason = "以序号结尾，其后没有内容"
            elif _COMMA.search(text) and len(text) >= prose_length:
                reason = "以逗号或顿号结尾，句子没有写完"
            elif cut := _CUT_TITLE.search(text):
                reason = f"所引文件名“{cut.group()}”不完整"
            if not reason:
                continue
            count += 1
            name = f"项目“{form.project}”的" if form.project else ""
            yield conclude(
                unfinished,
                report.document,
                key=f"{form.project}:{field.id}",
                message=f"《{form.title}》{name}“{field.label}”{reason}（“…{field.text[-24:]}”），内容不完整。",
                places=[(form.table, field.cell)],
                severity="hint" if form.is_list else None,
                observed=field.text[-24:],
            )
    own = list(passages(report.document))
    for passage, after in pairwise(own):
        if passage.is_heading or not after.is_heading or len(passage.text) < paragraph_length:
            continue
        if not _NEEDS_MORE.search(passage.text):
            continue
        count += 1
        yield conclude(
            unfinished,
            report.document,
            places=[Words(passage, len(passage.text) - 1)],
            key=f"text:{passage.section or passage.part}:{passage.text[:12]}",
            message=f"段落到“…{passage.printed[-24:]}”为止，其后即为“{after.printed[:20]}”，句子没有写完，内容不完整。",
            observed=passage.printed[-24:],
        )
    if (report.project_forms or own) and not count:
        yield Passed("文字是否写完")
