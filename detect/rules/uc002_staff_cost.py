"""UC002: hired staff of one document costs about the same a head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import conclude
from detect.pairing import year_amount
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.money import yuan_text
from models.report import Report

_STAFF = re.compile(r"聘用|见习|临时工|编外|公益性?岗位|辅助人员|工资|劳务派遣")
_OTHER_COST = re.compile(r"培训|设备|系统|物业|租赁|差旅|会议")
_HEADS = re.compile(r"^[≥≤=]?(\d{1,4})[人名](?:/年)?$")


@rule(
    id="UC002",
    name="聘用人员人均费用",
    severity="hint",
    category="unit_cost",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 讲解员聘用经费 | >
            项目资金（元） | 年度资金总额： | 200,000 | > | >
            ^ | 单位自筹 | 200,000 | > | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 聘用人数 | 5人
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 值守人员聘用经费 | >
            项目资金（元） | 年度资金总额： | 260,000 | > | >
            ^ | 单位自筹 | 260,000 | > | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 聘用人数 | 2人
            """,
        near_miss={"2人": "6人"},
        because="人均相近",
    ),
    thresholds=(
        Threshold(
            "times",
            "倍",
            "人均费用达到最低项目的这么多倍起提示",
            "审核经验：可比项目相互在0.6至2倍之间",
            low=1,
            high=100,
        ),
        Threshold("min_projects", "个", "有人数的聘用项目达到此数才比较", "只有一个无从比较", low=2, high=100),
    ),
)
def staff_cost(report: Report, *, times: int = 3, min_projects: int = 2) -> Iterator[Outcome]:
    """Money of the year by heads is not three times that of the cheapest other project for hired staff.

    ## 查什么
    名称为聘用人员的各项目，年度资金除以人数，是否达到本文件中最低一个的若干倍。只作提示。

    ## 为什么要查
    人均贵出几倍，不是含有别的钱，就是有一个数错了。

    ## 不报的情形
    只有一个这样的项目；名称含有其他费用的项目。样本很少，不能说明差错。
    """
    known = [
        (form, heads, cost) for form in report.project_forms if (found := _per_head(form)) for heads, cost in [found]
    ]
    if len(known) < min_projects:
        return
    cheapest = min(known, key=lambda entry: entry[2])
    for form, heads, cost in known:
        funding = form.funding("year")
        if cost < times * cheapest[2] or funding is None:
            yield Passed(f"项目“{form.project}”的人均费用")
            continue
        yield conclude(
            staff_cost,
            report.document,
            key=f"project:{form.project}:人均",
            message=(
                f"《{form.title}》项目“{form.project}”年度资金{yuan_text(cost * _count(heads), '万元')}，“{heads.name}”"
                f"{heads.value}，人均{yuan_text(cost, '万元')}（每月{cost / 12:.2f}元），是同一文件中"
                f"“{cheapest[0].project}”人均{yuan_text(cheapest[2], '万元')}的{cost / cheapest[2]:.1f}倍，"
                "请核实人数和标准。"
            ),
            places=[(form.table, heads.value_cell), (form.table, funding.total)],
            others=[(cheapest[0].table, cheapest[1].value_cell)],
            observed=yuan_text(cost, "万元"),
        )


def _count(item: Indicator) -> int:
    found = _HEADS.match(item.value)
    return int(found.group(1)) if found else 0


def _per_head(form: ProjectForm) -> tuple[Indicator, Decimal] | None:
    money = year_amount(form)
    if form.kind != "target" or money is None or not _STAFF.search(form.project) or _OTHER_COST.search(form.project):
        return None
    heads = [item for item in form.indicators if "数量" in item.level2 and _count(item)]
    if len({item.value_cell.row for item in heads}) != 1:
        return None
    return heads[-1], (money.value / _count(heads[-1])).quantize(Decimal("0.01"))
