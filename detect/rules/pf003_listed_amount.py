"""PF003: the money of a project form equals what the list of projects gives the project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from detect.checks import Check, Naming, cell_operand, operand_of
from detect.facts import Place
from detect.localise import is_unit_slip
from detect.pairing import pair
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report


@rule(
    id="PF003",
    name="绩效目标表金额与项目支出预算表",
    severity="error",
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
            项目资金（元） | 实施期资金总额： | 210,000 | 年度资金总额： | > | 210,000
            ^ | 市县（区）财政资金 | 210,000 | 市县（区）财政资金 | > | 210,000
            """,
        near_miss={"210,000": "180,049"},
        because="折合 18.00 万元，属于尾差",
    ),
)
def listed_amount(report: Report) -> Iterator[Outcome]:
    """年度资金总额 of a project form equals 合计 of the project in 表十二 (or 表十三).

    ## 查什么
    绩效目标表的年度资金总额与项目支出预算表（表十二、表十三）同名项目的合计，换算成元后是否相等。

    ## 为什么要查
    目标是按金额批复的；金额不同，说明有一张表没有随预算更新。

    ## 不报的情形
    四舍五入的尾差；正好相差单位倍数的（由 PF002 报出）；几个单位同名的项目。
    """
    for form, place in pair(report).pairs:
        check = _check(report, form, place)
        if check is not None:
            yield check


def _check(report: Report, form: ProjectForm, place: Place) -> Check | None:
    funding = form.funding("year")
    if funding is None or not funding.unit:
        return None
    name = f"《{form.title}》项目“{form.project}”的{funding.name}"
    naming = Naming("project", form.project, f"{funding.name}/{funding.name}", funding.name, name, funding.unit)
    total = cell_operand(report.document, form.table.id, funding.total, naming)
    listed = replace(operand_of(place, report.document), sign=1)
    one, other = total.interval_source.value, listed.interval_source.value
    if one and other and is_unit_slip(one, other, total):
        return None
    return Check("绩效目标表年度资金总额等于项目支出预算表该项目合计", total, (listed,))
