"""PF004: every performance form belongs to a listed project and calls it by its name."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.facts import Place
from detect.pairing import pair
from detect.registry import Example, Outcome, rule
from detect.wording import row_name
from models.citation import Citation
from models.finding import Skip
from models.form import ProjectForm
from models.report import Report


@rule(
    id="PF004",
    name="绩效目标表项目与项目支出预算表",
    severity="warning",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《2031年项目支出预算表（本年预算）》万元
            项目名称 | 合计 | 2031年财政拨款 | > | > | 财政专户管理资金 | 单位资金
            ^ | ^ | 一般公共预算 | 政府性基金预算 | 国有资本经营预算 | ^ | ^
            虚构市天文馆 | 38.00 | 38.00 | | | |
            望远镜镜片养护费 | 18.00 | 18.00 | | | |
            星图印制费 | 20.00 | 20.00 | | | |
            《虚构市项目支出绩效目标表》
            项目名称 | > | 望远镜镜片养护费 | > | > | >
            项目资金（元） | 实施期资金总额： | 180,000 | 年度资金总额： | > | 180,000
            ^ | 市县（区）财政资金 | 180,000 | 市县（区）财政资金 | > | 180,000
            《虚构市项目支出绩效目标表》
            项目名称 | > | 星图编印 | > | > | >
            项目资金（元） | 实施期资金总额： | 200,000 | 年度资金总额： | > | 200,000
            ^ | 市县（区）财政资金 | 200,000 | 市县（区）财政资金 | > | 200,000
            """,
        near_miss={"星图编印": "星图印制费"},
        because="名称与预算表一致",
    ),
)
def listed_project(report: Report) -> Iterator[Outcome]:
    """The project of every target form stands in 表十二 or 表十三, under the same name.

    ## 查什么
    每张绩效目标表的项目是否列在项目支出预算表中且名称一致（不计空格、括号、编号）；金额相同而名称相近的，指出两个名
    称。

    ## 为什么要查
    有钱没有目标，或者有目标没有钱，正是绩效目标审核要找的。

    ## 不报的情形
    列了而没有目标表的项目（并非都要公开）；多数表都按名称找不到的文件（写法不同，列入“未检查”）。
    """
    found = pair(report)
    if not found.listed and not found.unlisted:
        return
    if not found.listed or not found.is_reliable:
        if found.unlisted:
            reason = "没有识别出项目支出预算表"
            if found.listed:
                reason = "多数绩效目标表的项目名称不见于项目支出预算表，写法可能不同"
            yield Skip("PF004", "绩效目标表与项目支出预算表", f"{reason}，未作核对")
        return
    for form, _ in found.pairs:
        yield Passed(f"项目“{form.project}”列入项目支出预算表")
    for form, place in found.renamed:
        yield conclude(
            listed_project,
            report.document,
            key=f"project:{form.project}:项目名称",
            message=(
                f"《{form.title}》的项目名称为“{form.project}”，《{place.form.name}》中金额相同"
                f"（{place.fact.cell.text.strip()}{place.form.unit}）的项目写为“{place.line.name}”，两处名称不一致，"
                "应统一为同一名称。"
            ),
            places=[_name_of(place), *_cell_of(form)],
            expected=form.project,
            observed=place.line.name,
        )
    for form in found.unlisted:
        yield from _unlisted(report, form, found.listed)


def _unlisted(report: Report, form: ProjectForm, listed: tuple[Place, ...]) -> Iterator[Outcome]:
    tables = "、".join(sorted({f"《{place.form.name}》" for place in listed}))
    money = form.funding("year")
    amount = f"（{money.name}{money.total.text.strip()}{money.unit}）" if money is not None else ""
    names = {row_name(place.line.name) for place in listed}
    yield conclude(
        listed_project,
        report.document,
        key=f"project:{form.project}:未列入",
        message=(
            f"《{form.title}》列有项目“{form.project}”{amount}，{tables}所列{len(names)}个项目中没有该项目，"
            "应补列预算或撤下绩效目标表。"
        ),
        places=_cell_of(form),
        expected="项目支出预算表列有该项目",
        observed="未列",
    )


def _cell_of(form: ProjectForm) -> list[CellPlace]:
    return [(form.table, form.project_cell)] if form.project_cell is not None else []


def _name_of(place: Place) -> CellPlace:
    cell = next(
        cell
        for cell in place.form.table.cells
        if cell.row <= place.line.row < cell.row + cell.rowspan and cell.text.strip() == place.line.name
    )
    return place.form.table, cell
