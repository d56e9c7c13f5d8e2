"""ND004: different projects are measured by different indicators."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.similar import bare
from detect.wording import row_name, similarity
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

Row = tuple[str, str]


@rule(
    id="ND004",
    name="不同项目套用同一套指标",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 穹幕清洗费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 活动次数 | 4次
            ^ | ^ | 质量指标 | 完成质量 | ≥95%
            ^ | ^ | 时效指标 | 完成时间 | 2031年12月
            ^ | 效益指标 | 社会效益指标 | 受益人数 | ≥900人
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 陨石标本征集 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 活动次数 | 4次
            ^ | ^ | 质量指标 | 完成质量 | ≥95%
            ^ | ^ | 时效指标 | 完成时间 | 2031年12月
            ^ | 效益指标 | 社会效益指标 | 受益人数 | ≥900人
            """,
        near_miss={"陨石标本征集": "穹幕清洗费（二期）"},
        because="名称相近，是同一工作的两期",
    ),
    thresholds=(
        Threshold(
            "min_rows", "条", "相同指标达到此数起报", "通用指标（如验收合格率）可能有两三条相同", low=1, high=1000
        ),
        Threshold("share", "比例", "相同指标占较少一方达到此比例起报", "绩效目标完整性审核惯例", low=0, high=1),
        Threshold(
            "related", "比例", "项目名称相似达到此数的视为同一工作", "名称过半相同的多为同一工作的各部分", low=0, high=1
        ),
    ),
)
def shared_indicators(
    report: Report, *, min_rows: int = 4, share: float = 0.6, related: float = 0.6
) -> Iterator[Outcome]:
    """Two projects with different names do not share most of their indicators with the same values.

    ## 查什么
    不同项目的绩效指标，名称和指标值都相同的有几条、占较少一方的比例。全文件合为一项。

    ## 为什么要查
    放在哪个项目上都合适的指标，什么也衡量不了。

    ## 不报的情形
    名称相近的项目；几个单位的同一项目；没有类别的项目清单。
    """
    forms = [(form, rows) for form in report.project_forms if form.kind == "target" and (rows := _rows(form))]
    groups: list[list[ProjectForm]] = []
    common: list[set[Row]] = []
    for form, rows in forms:
        for index, group in enumerate(groups):
            both = set(rows) & common[index]
            smaller = min(len(rows), *(len(_rows(other)) for other in group))
            if len(both) >= min_rows and len(both) >= share * smaller and not _related(form, group, related):
                group.append(form)
                common[index] = both
                break
        else:
            groups.append([form])
            common.append(set(rows))
    copied = [(group, shared) for group, shared in zip(groups, common, strict=True) if len(group) > 1]
    if forms and not copied:
        yield Passed("不同项目的指标")
    if copied:
        named = "；".join(
            f"{'、'.join(f'“{form.project}”' for form in group)}共用{len(shared)}项指标（如"
            f"{'、'.join(f'“{name}”{value}' for name, value in sorted(shared)[:3])}）"
            for group, shared in copied
        )
        yield conclude(
            shared_indicators,
            report.document,
            key="project:document:指标套用",
            message=f"不同项目套用同一套绩效指标：{named}。",
            places=[
                (form.table, item.value_cell)
                for group, shared in copied
                for form in group
                for row, item in _rows(form).items()
                if row in shared
            ],
            expected="按项目分别设置",
            observed="相同",
        )


def _rows(form: ProjectForm) -> dict[Row, Indicator]:
    """The indicators by name and value, whatever their class; those of the period where the form has both halves."""
    sides = {item.side for item in form.indicators}
    side = "period" if "period" in sides else "year"
    return {
        (bare(item.name), item.value): item
        for item in form.indicators
        if item.side == side and item.name and item.value and item.level2
    }


def _related(form: ProjectForm, group: list[ProjectForm], related: float) -> bool:
    return any(similarity(row_name(form.project), row_name(other.project)) >= related for other in group)
