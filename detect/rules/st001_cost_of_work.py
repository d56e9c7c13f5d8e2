"""ST001: a project costs about as much per unit of its work as projects of the same kind."""

from __future__ import annotations

from collections.abc import Iterator

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.observations import seen_projects
from detect.peers import ENTITIES, PEERS, TIMES, YEARS, Least, Peers, against, money, standing
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="ST001",
    name="项目单位成本与同类项目",
    severity="hint",
    category="statistics",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        "档案中十二个单位的培训项目每期2万至6万元，本文件培训项目年度资金120万元，数量指标为举办培训3期。",
        near_miss="数量指标为举办培训24期。",
        because="每期5万元，在同类范围之内",
        runs=False,
    ),
    thresholds=(PEERS, ENTITIES, YEARS, TIMES),
)
def cost_of_work(
    report: Report, archive: Archive, *, peers: int = 8, entities: int = 3, years: int = 3, times: float = 3
) -> Iterator[Outcome]:
    """The money of a project by the quantity of its work is within what projects of the same kind cost elsewhere.

    ## 查什么
    按名称归类的项目（培训、会议、物业、运维、购置等），年度资金除以数量指标中该类工作的数量，与档案中同类项目比较。在对数
    尺度上超出按偏度调整的箱线图界限，并且达到中位数的若干倍或几分之一的，列出同类数量和中位数。

    ## 为什么要查
    每单位工作的钱多出几倍，不是数量少填，就是资金多列，或者项目里含有别的事。

    ## 不报的情形
    名称归不了类或同时属于几类的项目；该类工作的数量没有填列或填了几个的项目；同类不足的。统计只作提示。
    """
    peer_groups = Peers(report, archive, Least(peers, entities, years))
    for seen, group in peer_groups.groups(seen for seen in seen_projects(report) if seen.observation.unit):
        one = seen.observation
        if standing(one, group, times) == "usual":
            yield Passed(one.label)
            continue
        stated = money(one.value, one.unit)
        yield conclude(
            cost_of_work,
            report.document,
            key=f"project:{seen.project}:{one.unit}",
            message=(
                f"{one.label}为{stated}（{one.text}），在“{one.item}”类项目中{against(seen, group)}。请核实资金和数量。"
            ),
            places=seen.places,
            expected=f"约{money(group.usual.median, one.unit)}",
            observed=stated,
        )
    yield from peer_groups.skips("ST001", "项目单位成本与同类项目")
