"""ND004: different projects are measured by different indicators."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.similar import bare
from detect.wording import row_name, similarity
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

MIN_ROWS = 4
"""Indicators that two projects must have in common before they are called copied."""
SHARE = 0.6
"""Share of the indicators of the smaller set."""
RELATED = 0.6
"""Similarity of two names from which the projects are parts of one work."""

Row = tuple[str, str, str]


@rule(
    id="ND004",
    name="不同项目套用同一套指标",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
)
def shared_indicators(report: Report) -> Iterator[Outcome]:
    """Two projects with different names do not share most of their indicators with the same values.

    ## What it checks
    Rows of target forms with the same class, name and value: at least four, and at least 60 % of the shorter list.
    All groups of a document are one finding.

    ## Why it matters
    Indicators that fit every project measure none.

    ## What it leaves alone
    Projects with similar names, the same project of several units, lists of projects without classes.
    """
    forms = [(form, rows) for form in report.project_forms if form.kind == "target" and (rows := _rows(form))]
    groups: list[list[ProjectForm]] = []
    common: list[set[Row]] = []
    for form, rows in forms:
        for index, group in enumerate(groups):
            both = set(rows) & common[index]
            smaller = min(len(rows), *(len(_rows(other)) for other in group))
            if len(both) >= MIN_ROWS and len(both) >= SHARE * smaller and not _related(form, group):
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
            f"{'、'.join(f'“{name}”{value}' for _, name, value in sorted(shared)[:3])}）"
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
    """The indicators by class, name and value; those of the whole period where the form has both halves."""
    sides = {item.side for item in form.indicators}
    side = "period" if "period" in sides else "year"
    return {
        (item.level2, bare(item.name), item.value): item
        for item in form.indicators
        if item.side == side and item.name and item.value and item.level2
    }


def _related(form: ProjectForm, group: list[ProjectForm]) -> bool:
    return any(similarity(row_name(form.project), row_name(other.project)) >= RELATED for other in group)
