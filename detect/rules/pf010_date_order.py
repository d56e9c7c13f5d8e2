"""PF010: what must come first in a project is planned first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from detect.checks import Passed
from detect.conclude import conclude
from detect.periods import Period, read_period
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

_STAGES = (
    ("立项", "可研", "批复"),
    ("设计",),
    ("采购", "招标", "招投标"),
    ("签订",),
    ("开工", "进场", "启动", "开始"),
    ("完工", "竣工", "结束", "完成"),
    ("验收",),
    ("结算", "决算"),
)
_PAIRS = (
    ("考试", "证书"),
    ("编纂", "印刷"),
    ("编印", "发放"),
    ("验收", "尾款"),
    ("培训", "培训总结"),
    ("征集", "评选"),
)
_FILLER = re.compile(r"时间|日期|时限|期限|及时性|工作|项目|工程|的|及|和")


@rule(
    id="PF010",
    name="时效指标先后顺序",
    severity="warning",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 星图馆穹幕修缮费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 时效指标 | 修缮开工时间 | 2031年9月
            ^ | ^ | ^ | 修缮竣工时间 | 2031年3月
            """,
        near_miss={"开工时间 | 2031年9月": "开工时间 | 2031年3月"},
        because="同月开工竣工，不能断定颠倒",
    ),
)
def date_order(report: Report) -> Iterator[Outcome]:
    """A later stage of the same work does not end before an earlier stage begins.

    ## 查什么
    同一工作的各阶段（立项、设计、采购、签订、开工、竣工、验收、结算，考试与发证）所写年月先后是否颠倒；项目起止时间
    是否颠倒。

    ## 为什么要查
    按自身次序都执行不了的计划，没有想清楚。

    ## 不报的情形
    同一个月的各阶段；不是年月的值（每季度、按进度）；名称不同的工作。
    """
    for form in report.project_forms:
        sides = {item.side for item in form.indicators}
        pairs: dict[tuple[str, str], list[tuple[Indicator, Indicator]]] = {}
        for side in sorted(sides):
            dated = [
                (item, when)
                for item in form.indicators
                if item.side == side and item.name and (when := read_period(item.value)) is not None
            ]
            for one, other in combinations(dated, 2):
                found = _disordered(one, other)
                if found is not None:
                    pairs.setdefault((found[0].name, found[1].name), []).append(found)
        for found_pairs in pairs.values():
            yield _finding(report, form, found_pairs)
        if not pairs and any(read_period(item.value) is not None for item in form.indicators):
            yield Passed(f"项目“{form.project}”的时效指标")
        yield from _span(report, form)


def _disordered(one: tuple[Indicator, Period], other: tuple[Indicator, Period]) -> tuple[Indicator, Indicator] | None:
    """The earlier and the later stage when the later one ends before the earlier one begins."""
    for (first, early), (second, late) in ((one, other), (other, one)):
        if _precedes(first.name, second.name) and late.end < early.begin and late.has_year == early.has_year:
            return first, second
    return None


def _precedes(first: str, second: str) -> bool:
    for before, after in _PAIRS:
        if before in first and after not in first and after in second and before not in second:
            return True
    stages = [
        next(((rank, word) for rank, words in enumerate(_STAGES) for word in words if word in name), None)
        for name in (first, second)
    ]
    one, other = stages
    if one is None or other is None or one[0] >= other[0]:
        return False
    return _FILLER.sub("", first.replace(one[1], "")) == _FILLER.sub("", second.replace(other[1], ""))


def _finding(report: Report, form: ProjectForm, pairs: list[tuple[Indicator, Indicator]]) -> Outcome:
    first, second = pairs[-1]
    return conclude(
        date_order,
        report.document,
        key=f"project:{form.project}:{first.name}:{second.name}",
        message=(
            f"《{form.title}》项目“{form.project}”的时效指标先后颠倒：“{second.name}”为{second.value}，"
            f"早于“{first.name}”（{first.value}）。"
        ),
        places=[(form.table, second.value_cell) for _, second in pairs],
        others=[(form.table, first.value_cell) for first, _ in pairs],
        expected=f"不早于{first.value}",
        observed=second.value,
    )


def _span(report: Report, form: ProjectForm) -> Iterator[Outcome]:
    text = form.text("dates")
    if text is None:
        return
    parts = [read_period(part) for part in re.split(r"[—–~～至]+|(?<=[\d日])-+(?=\d{4})", text.text) if part]
    if len(parts) == 2 and parts[0] is not None and parts[1] is not None and parts[1].end < parts[0].begin:
        yield conclude(
            date_order,
            report.document,
            key=f"project:{form.project}:起止时间",
            message=f"《{form.title}》项目“{form.project}”的起止时间为“{text.text}”，结束早于开始。",
            places=[(form.table, text.cell)],
            observed=text.text,
        )
