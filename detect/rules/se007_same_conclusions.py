"""SE007: the self-evaluations of different projects do not all say and score the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from detect.amounts import parse_number
from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.similar import SAME, bare, likeness
from detect.wording import plain, row_name, similarity
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report
from models.table import Cell

_NUMBERS = re.compile(r"[\d.%]+")
FULL = Decimal(100)
"""Points of a self-evaluation that lost none. Source: 财预〔2020〕10号."""


@rule(
    id="SE007",
    name="自评结论雷同、得分全满",
    severity="hint",
    category="selfeval",
    basis=Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）"),
    thresholds=(
        Threshold("fewest", "个", "结论相同或全部满分的项目达到此数起提示", "两三个项目可能碰巧相同", low=2, high=1000),
        Threshold("min_length", "字", "结论除数字和项目名称外达到此长度才比较", "更短的是统一的套话", low=1, high=1000),
        Threshold(
            "related", "比例", "项目名称相似达到此数的视为同一工作", "名称过半相同的多为同一工作的各部分", low=0, high=1
        ),
    ),
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | 星图印制费 | >
            绩效指标 | 产出指标（50分） | 完成数量 | 47分
            总分 | > | > | 97分
            自评结论 | > | 按计划完成全部任务，资金使用规范，社会效益显著，得分97分，等级为优。 | >
            《虚构市项目支出绩效自评表》
            项目名称 | > | 陨石标本征集 | >
            绩效指标 | 产出指标（50分） | 完成数量 | 48分
            总分 | > | > | 98分
            自评结论 | > | 按计划完成全部任务，资金使用规范，社会效益显著，得分98分，等级为优。 | >
            《虚构市项目支出绩效自评表》
            项目名称 | > | 穹幕清洗 | >
            绩效指标 | 产出指标（50分） | 完成数量 | 46分
            总分 | > | > | 96分
            自评结论 | > | 按计划完成全部任务，资金使用规范，社会效益显著，得分96分，等级为优。 | >
            """,
        near_miss={"穹幕清洗": "星图印制费（二期）"},
        because="两个项目是同一工作的两期",
    ),
)
def same_conclusions(
    report: Report, *, fewest: int = 3, min_length: int = 15, related: float = 0.6
) -> Iterator[Outcome]:
    """Several unrelated projects do not share one conclusion, nor do all of them score full marks.

    ## 查什么
    不同项目的自评结论除数字和项目名称外是否相同；全部自评项目是否都得满分。各合为一项。

    ## 为什么要查
    放在哪个项目上都合适的结论没有评价任何项目；没有一个项目扣过一分，说明自评没有对照目标。

    ## 不报的情形
    名称相近的项目；很短的结论；自评项目很少的文件。
    """
    forms = [form for form in report.project_forms if form.kind == "self_evaluation"]
    if len(forms) < fewest:
        return
    yield _conclusions(report, forms, fewest, min_length, related)
    yield _full_marks(report, forms)


def _conclusions(report: Report, forms: Sequence[ProjectForm], fewest: int, min_length: int, related: float) -> Outcome:
    stated = [(form, cell, words) for form in forms if (found := _conclusion(form)) for cell, words in [found]]
    stated = [item for item in stated if len(item[2]) >= min_length]
    largest: list[tuple[ProjectForm, Cell, str]] = []
    for _, _, words in stated:
        group: list[tuple[ProjectForm, Cell, str]] = []
        for other in stated:
            if likeness(words, other[2]) >= SAME and not _is_related(other[0], [form for form, _, _ in group], related):
                group.append(other)
        if len(group) > len(largest):
            largest = group
    if len(largest) < fewest:
        return Passed("自评结论")
    named = "、".join(f"“{form.project}”" for form, _, _ in largest[:8])
    return conclude(
        same_conclusions,
        report.document,
        key="selfeval:document:结论",
        message=(
            f"{len(largest)}个项目的自评结论除数字外相同（{named}等），均为“{largest[0][1].text.strip()[:60]}”，"
            "应按各项目实际评价。"
        ),
        places=[(form.table, cell) for form, cell, _ in largest],
        observed="结论相同",
    )


def _conclusion(form: ProjectForm) -> tuple[Cell, str] | None:
    """The cell of the conclusion and its words without numbers and the project's name."""
    text = form.text("conclusion")
    cell = text.cell if text is not None else form.scores.conclusion if form.scores is not None else None
    if cell is None:
        return None
    return cell, bare(_NUMBERS.sub("", plain(cell.text).replace(plain(form.project), "")))


def _is_related(form: ProjectForm, others: Sequence[ProjectForm], related: float) -> bool:
    return any(similarity(row_name(form.project), row_name(other.project)) >= related for other in others)


def _full_marks(report: Report, forms: Sequence[ProjectForm]) -> Outcome:
    totals: list[CellPlace] = []
    for form in forms:
        cell = form.scores.total if form.scores is not None else form.total_mark.points if form.total_mark else None
        number = parse_number(plain(cell.text).removesuffix("分")) if cell is not None else None
        if cell is None or number is None or number[0] != FULL:
            return Passed("自评得分")
        totals.append((form.table, cell))
    return conclude(
        same_conclusions,
        report.document,
        key="selfeval:document:满分",
        message=f"{len(forms)}个项目自评全部为满分100分，没有一个指标扣分，请对照目标和完成情况核实。",
        places=totals,
        observed="全部满分",
    )
