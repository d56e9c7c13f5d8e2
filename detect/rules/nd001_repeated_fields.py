"""ND001: the fields of a performance form say different things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.similar import SAME, bare, likeness
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report

_FIELDS = ("overview", "basis", "need", "measures", "plan", "goal_period", "goal_year")
_GOALS = {"goal_period": "goal", "goal_year": "goal"}


@rule(
    id="ND001",
    name="绩效目标表各栏内容雷同",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | 穹幕清洗费
            项目概况 | 穹幕每季度清洗一次，更换老化的灯带。
            立项依据 | 《虚构市场馆设备养护规程》。
            项目设立必要性 | 穹幕每季度清洗一次，更换老化的灯带
            项目实施计划 | 穹幕每季度清洗一次，更换老化的灯带。
            """,
        near_miss={
            "项目实施计划 | 穹幕每季度清洗一次，更换老化的灯带。": "项目实施计划 | 三月招标，四月起按季度清洗。"
        },
        because="只有两栏相同",
    ),
    thresholds=(
        Threshold("min_fields", "栏", "内容相同的栏数达到此数起报", "绩效目标完整性审核惯例", low=2, high=7),
        Threshold("min_length", "字", "文字达到此长度才比较", "更短的可能偶然相同", low=1, high=1000),
        Threshold("many", "张", "有这种情形的表达到此数时合为一项", "同类问题合并，便于处理", low=2, high=1000),
    ),
)
def repeated_fields(report: Report, *, min_fields: int = 3, min_length: int = 8, many: int = 3) -> Iterator[Outcome]:
    """概况, 依据, 必要性, 措施, 计划 and 目标 are not three times the same text.

    ## 查什么
    一张绩效目标表的概况、依据、必要性、措施、计划、目标各栏中，有几栏文字相同（不计标点，允许二十分之一的字不同；两
    个目标算一栏）。

    ## 为什么要查
    把概况抄作计划，等于没有计划。

    ## 不报的情形
    只有两栏相同；只有几个字的栏；整体绩效目标表。
    """
    found: list[tuple[ProjectForm, Sequence[FormText]]] = []
    for form in report.project_forms:
        if form.kind != "target" or not form.texts:
            continue
        group = _largest(form, min_fields, min_length)
        if group:
            found.append((form, group))
        else:
            yield Passed(f"项目“{form.project}”各栏")
    if len(found) >= many:
        named = "；".join(f"“{form.project}”{'、'.join(text.label for text in group)}" for form, group in found[:12])
        more = f"；等{len(found)}张表" if len(found) > 12 else ""
        yield conclude(
            repeated_fields,
            report.document,
            key="project:document:雷同",
            message=f"{len(found)}张绩效目标表有三栏以上填写同一段文字：{named}{more}。各栏应分别填写。",
            places=[(form.table, text.cell) for form, group in found for text in group],
        )
        return
    for form, group in found:
        labels = "、".join(text.label for text in group)
        yield conclude(
            repeated_fields,
            report.document,
            key=f"project:{form.project}:雷同",
            message=(
                f"《{form.title}》项目“{form.project}”的{labels}{len(group)}栏内容相同，均为“{group[0].text[:60]}”，"
                "各栏应分别填写。"
            ),
            places=[(form.table, text.cell) for text in group],
            expected="各栏分别填写",
            observed=f"{len(group)}栏相同",
        )


def _largest(form: ProjectForm, min_fields: int, min_length: int) -> Sequence[FormText]:
    """The largest group of fields with one text; empty when there are fewer than three of them."""
    texts = [text for text in form.texts if text.id in _FIELDS and len(bare(text.text)) >= min_length]
    best: list[FormText] = []
    for text in texts:
        group = [other for other in texts if likeness(text.text, other.text) >= SAME]
        if len(group) > len(best):
            best = group
    kinds = {_GOALS.get(text.id, text.id) for text in best}
    return best if len(kinds) >= min_fields else []
