"""SE005: a part of the score is not full where one of its targets was missed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.amounts import parse_number
from detect.conclude import conclude, or_passed
from detect.registry import Example, Outcome, rule
from detect.targets import is_missed
from detect.wording import plain
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

_FULL = re.compile(r"(\d{1,3})分")


@rule(
    id="SE005",
    name="未完成指标与得分",
    severity="warning",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | 流星雨观测活动经费 | > | > | > | >
            项目年初预算金额（万元） | 20.00 | 实际到位金额（万元） | 20.00 | 实际执行金额（万元） | 18.00 | >
            市财政 | 20.00 | 市财政 | 20.00 | 市财政 | 18.00 | >
            项目执行情况（10分） | > | 预算执行率=18.00/20.00×100%=90.00% | > | > | > | 9分
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 全年完成值 | 自评得分
            ^ | 产出指标（50分） | 数量指标 | 观测场次 | ≥12场 | 9场 | 50分
            ^ | 效益指标（30分） | 社会效益指标 | 参加人数 | ≥800人 | 900人 | 30分
            ^ | 满意度指标（10分） | 服务对象满意度 | 参加者满意度 | ≥90% | 95% | 10分
            总分 | > | > | > | > | > | 99分
            自评结论 | > | 得分99分，等级为优。 | > | > | > | >
            """,
        near_miss={"9场 | 50分": "9场 | 45分"},
        because="已经扣分",
    ),
)
def unmet_targets(report: Report) -> Iterator[Outcome]:
    """产出, 效益 and 满意度 have full marks only where every number reached its target.

    ## 查什么
    有数字目标没有完成的，产出、效益、满意度所在部分是否仍得满分。

    ## 为什么要查
    没有完成也不扣分，得分对来年的资金就没有意义。

    ## 不报的情形
    越少越好的目标（成本、差错、时间）；文字结果；没有印满分的部分。
    """
    for form in report.project_forms:
        if form.kind != "self_evaluation" or form.scores is None:
            continue
        yield from or_passed(_form(report, form), f"项目“{form.project}”未完成指标")


def _form(report: Report, form: ProjectForm) -> Iterator[Outcome]:
    missed: dict[str, list[Indicator]] = {}
    for item in form.indicators:
        if is_missed(item):
            missed.setdefault(item.level1, []).append(item)
    for level1, items in missed.items():
        yield from _part(report, form, level1, items)


def _part(report: Report, form: ProjectForm, level1: str, items: list[Indicator]) -> Iterator[Outcome]:
    full = _FULL.search(level1)
    assert form.scores is not None
    cells = [cell for label, cell in form.scores.parts if label == level1]
    points = [number[0] for cell in cells if (number := parse_number(plain(cell.text).removesuffix("分")))]
    if not full or not points or len(points) != len(cells) or sum(points) < int(full.group(1)):
        return
    rows = "；".join(
        f"“{item.name}”目标{item.value}、完成{plain(item.done.text)}" for item in items if item.done is not None
    )
    yield conclude(
        unmet_targets,
        report.document,
        key=f"selfeval:{form.project}:{level1}",
        message=(
            f"《{form.title}》项目“{form.project}”{rows}，没有达到目标值，{level1}仍得满分{full.group(1)}分，应按完成"
            "程度扣分。"
        ),
        places=[(form.table, item.done) for item in items if item.done is not None],
        others=[(form.table, cell) for cell in cells],
        expected=f"低于{full.group(1)}分",
        observed=f"{full.group(1)}分",
    )
