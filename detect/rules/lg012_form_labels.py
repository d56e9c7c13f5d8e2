"""LG012: the labels above the forms are worded alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.prose import half_width, squeezed
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report
from models.table import Block

FEWEST = 5
"""Labels of one wording that make it the wording of the document."""
_LABEL = re.compile(r"(?P<before>[一-龥]{0,8}?)(?P<number>\d{1,2})(?P<after>[一-龥]{0,2})")


@rule(
    id="LG012",
    name="表号用语",
    severity="hint",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        "各表上方的表号依次为预算公开表1至预算公开表8、部门公开表9、预算公开表10。",
        near_miss="各表上方的表号依次为预算公开表1至预算公开表10。",
        because="各表用语一致",
        runs=False,
    ),
)
def form_labels(report: Report) -> Iterator[Outcome]:
    """A label that counts on in other words than those before and after it was not taken from this document.

    ## 查什么
    报表上方的表号（“预算公开表8”“部门公开表9”“预算公开表10”）：序号接得上、用语与前后各表不同的。

    ## 为什么要查
    这张表可能是从另一份文件整张搬来的。

    ## 不报的情形
    表号很少的文件；不在同一序列中的附表、附件；没有表号的表。
    """
    labels = [
        (found, block)
        for block in report.document.blocks
        if block.role == "caption" and (found := _LABEL.fullmatch(half_width(squeezed(block.text))))
    ]
    words = Counter(_words(found) for found, _ in labels)
    if not words or (most := words.most_common(1)[0])[1] < FEWEST:
        return
    usual = most[0]
    numbers = {int(found.group("number")) for found, _ in labels if _words(found) == usual}
    strange: list[tuple[re.Match[str], Block]] = [
        (found, block)
        for found, block in labels
        if _words(found) != usual
        and int(found.group("number")) not in numbers
        and {int(found.group("number")) - 1, int(found.group("number")) + 1} <= numbers
    ]
    if not strange:
        yield Passed("表号用语")
    for found, block in strange:
        expected = f"{usual[0]}{found.group('number')}{usual[1]}"
        yield conclude(
            form_labels,
            report.document,
            places=[block],
            key=f"document:{found.group('number')}",
            message=(
                f"第{block.page + 1}页表号写为“{found.group()}”，其余各表为“{expected}”一类用语，"
                "请核实该表是否取自其他文件。"
            ),
            expected=expected,
            observed=found.group(),
        )


def _words(label: re.Match[str]) -> tuple[str, str]:
    return label.group("before"), label.group("after")
