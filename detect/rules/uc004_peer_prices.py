"""UC004: a price is about what others pay for the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.observations import seen_prices
from detect.peers import ENTITIES, PEERS, TIMES, YEARS, Least, Peers, against, money, standing
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="UC004",
    name="单价与同类单价",
    severity="hint",
    category="unit_cost",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        "档案中十个单位的台式计算机单价在4600至5200元/台之间，本文件为15000元/台。",
        near_miss="本文件为5900元/台。",
        because="高于多数单位，但不足中位数的两倍",
        runs=False,
    ),
    thresholds=(PEERS, ENTITIES, YEARS, TIMES),
)
def peer_prices(
    report: Report, archive: Archive, *, peers: int = 8, entities: int = 3, years: int = 3, times: float = 2
) -> Iterator[Outcome]:
    """The price of a thing lies within what other organisations of the archive state for the same thing and unit.

    ## 查什么
    绩效目标表中的单价（成本指标和测算），与档案中其他文件同一事物、同一计量单位的单价比较。在对数尺度上超出按偏度调整的
    箱线图界限，并且达到中位数的若干倍或几分之一的，列出同类数量、中位数和最接近的同类。同地区样本足够时只与同地区比较。

    ## 为什么要查
    同样的东西贵出几倍，不是标准用错，就是里面含有别的钱。

    ## 不报的情形
    同类不足；同一事物的名称写法不同（不硬配）；写“不低于”的单价；相差约一万倍的（由 UC005 报出）。统计只作提示。
    """
    peer_groups = Peers(report, archive, Least(peers, entities, years))
    for seen, group in peer_groups.groups(seen_prices(report)):
        one = seen.observation
        if standing(one, group, times) != "unusual":
            yield Passed(one.label)
            continue
        yield conclude(
            peer_prices,
            report.document,
            key=f"project:{seen.project}:{one.item}:{one.unit}",
            message=f"{one.label}为{one.text}，{against(seen, group)}。请核实标准和内容。",
            places=seen.places,
            expected=f"约{money(group.usual.median, one.unit)}",
            observed=one.text,
        )
    yield from peer_groups.skips("UC004", "单价与同类单价")
