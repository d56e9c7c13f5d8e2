"""ST002: money per head of the staff and per vehicle is about what it is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.observations import seen_ratios
from detect.peers import ENTITIES, PEERS, TIMES, YEARS, Least, Peers, against, money, standing
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="ST002",
    name="人均、车均支出与同类单位",
    severity="hint",
    category="statistics",
    basis=Citation("《中华人民共和国预算法》", "第三十二条"),
    example=Example(
        "档案中二十个单位的人均公用经费在1.2万至4万元之间，本文件公用经费180万元，实有人员12名。",
        near_miss="实有人员58名。",
        because="人均3.1万元，在同类范围之内",
        runs=False,
    ),
    thresholds=(PEERS, ENTITIES, YEARS, TIMES),
)
def cost_per_head(
    report: Report, archive: Archive, *, peers: int = 8, entities: int = 5, years: int = 3, times: float = 2
) -> Iterator[Outcome]:
    """Personnel and running costs per head, and the running of a vehicle, are within what they are elsewhere.

    ## 查什么
    基本支出的人员经费、公用经费除以实有（在职）人员数，公务用车运行维护费除以实有车辆数，与档案中同类文件比较。超出按偏度
    调整的箱线图界限，并且达到中位数的若干倍或几分之一的，列出同类数量和中位数。

    ## 为什么要查
    人员、车辆数与经费由不同的人填报，人均畸高畸低常是其中一个填错。

    ## 不报的情形
    没有填列人数、车辆数，或文中出现几个不同人数的；预算与决算不互相比较；同类不足的。统计只作提示。
    """
    peer_groups = Peers(report, archive, Least(peers, entities, years))
    for seen, group in peer_groups.groups(seen_ratios(report)):
        one = seen.observation
        if standing(one, group, times) == "usual":
            yield Passed(one.item)
            continue
        stated = money(one.value, one.unit)
        yield conclude(
            cost_per_head,
            report.document,
            key=f"ratio:{one.item}",
            message=f"{one.item}为{stated}（{one.text}），{against(seen, group)}。请核实人数、车辆数和经费口径。",
            places=seen.places,
            expected=f"约{money(group.usual.median, one.unit)}",
            observed=stated,
        )
    yield from peer_groups.skips("ST002", "人均、车均支出与同类单位")
