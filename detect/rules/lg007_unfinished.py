"""LG007: fields and titles are written to their end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from detect.checks import Passed
from detect.conclude import conclude
from detect.prose import half_width, passages
from detect.registry import Outcome, rule
from detect.sentences import conclude_sentence
from models.citation import Citation
from models.report import Report

_NUMBER = re.compile(r"(?:^|[。；，])[（(]?\d{1,2}[)）]?[、.．]$")
_COMMA = re.compile(r"[，、]$")
_CUT_TITLE = re.compile(r"《(?=[^《》]*关于)[^《》]{4,60}(?:(?<![\d年])\d|的|和|与|及|、|，)》")
_NEEDS_MORE = re.compile(r"(?:大于|小于|等于|不超过|或者?|以及|和|与|及|按照|根据|其中|通过|对于|，|、)$")
PROSE_LENGTH = 12
"""Characters from which a field is prose; a shorter one that ends in a comma is a list entry."""

PARAGRAPH_LENGTH = 40
"""Characters from which a paragraph is no list entry and no caption."""


@rule(
    id="LG007",
    name="文字未写完",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def unfinished(report: Report) -> Iterator[Outcome]:
    """Paragraphs and the fields of forms end where a sentence ends, and cited titles are whole.

    ## What it checks
    Paragraphs before a heading that end in a word that needs another; fields that end in a bare number (`14、`) or in
    a comma; titles in 《》 that end in a single digit or in a word that needs another.

    ## Why it matters
    What the money is for, or what it rests on, is not said.

    ## What it leaves alone
    Fields without a full stop at their end; short entries; titles that end in a year or a version. In lists of projects
    a cell may go on on the next page: there it is a hint.
    """
    count = 0
    for form in report.project_forms:
        for field in form.texts:
            text = half_width(field.text)
            reason = ""
            if _NUMBER.search(text) and len(text) >= PROSE_LENGTH:
                reason = "以序号结尾，其后没有内容"
            elif _COMMA.search(text) and len(text) >= PROSE_LENGTH:
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
        if passage.is_heading or not after.is_heading or len(passage.text) < PARAGRAPH_LENGTH:
            continue
        if not _NEEDS_MORE.search(passage.text):
            continue
        count += 1
        yield conclude_sentence(
            unfinished,
            report.document,
            passage,
            len(passage.text) - 1,
            key=f"text:{passage.section or passage.part}:{passage.text[:12]}",
            message=f"段落到“…{passage.printed[-24:]}”为止，其后即为“{after.printed[:20]}”，句子没有写完，内容不完整。",
            observed=passage.printed[-24:],
        )
    if (report.project_forms or own) and not count:
        yield Passed("文字是否写完")
