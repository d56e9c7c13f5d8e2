"""TX014: the number of units that a document serves is stated once, or always the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.texts import Text, Words, texts
from models.citation import Citation
from models.report import Report

_POPULATION = re.compile(
    r"(?P<about>近|约|超过)?(?P<number>\d{2,5})(?P<more>余|多)?[家个](?:市级|市本级|县级|区级|全市|本级)?(?P<noun>预算单位|预算部门)"
)


@rule(
    id="TX014",
    name="同一数量前后一致",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            # 十、绩效管理情况
            为近400家预算单位提供系统运维。
            《虚构市项目支出绩效目标表》
            项目名称 | 预算系统运维
            项目概况 | 为250家预算单位提供系统运维。
            """,
        near_miss={"为250家": "为396家"},
        because="“近400家”与396家相符",
    ),
    thresholds=(
        Threshold("alike", "比例", "带“近”“约”的数与另一数相差在此比例以内视为一致", "概数的通常误差", low=0, high=1),
    ),
)
def two_statements(report: Report, *, alike: float = 0.1) -> Iterator[Outcome]:
    """The number of budget units that are served is the same wherever it is stated.

    ## 查什么
    文字说明与绩效目标表所写的服务对象（预算单位）数量前后是否一致。

    ## 为什么要查
    钱是按单位数要的，两个数必有一笔钱没有依据。

    ## 不报的情形
    十个以下（本部门下属单位）；“近”“约”而相差不到一成的；只在绩效目标表之间不同的（由 PF015 核对）。
    """
    found: dict[str, dict[int, list[Words]]] = defaultdict(dict)
    for text in texts(report.document):
        for match in _POPULATION.finditer(text.text):
            found[match.group("noun")].setdefault(int(match.group("number")), []).append(Words(text, match.start()))
    for noun, stated in found.items():
        values = sorted(stated)
        if all(isinstance(text, Text) and text.passage is None for places in stated.values() for text, _ in places):
            continue
        if values[-1] <= values[0] * (1 + alike):
            yield Passed(f"{noun}数量")
            continue
        told = "、".join(f"{value}家（{len(stated[value])}处）" for value in reversed(values))
        places = [place for value in reversed(values) for place in stated[value]]
        yield conclude(
            two_statements,
            report.document,
            places=places,
            key=noun,
            message=f"全文对{noun}数量的表述不一致：{told}，请核实口径，按数量测算的金额应随之核对。",
            observed="、".join(f"{value}家" for value in reversed(values)),
        )
