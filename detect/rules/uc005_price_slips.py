"""UC005: a price is not ten thousand times, or a ten-thousandth of, what others state for the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from detect.archive import Archive
from detect.checks import Passed
from detect.conclude import conclude
from detect.observations import seen_prices
from detect.peers import ENTITIES, PEERS, YEARS, Least, Peers, against, money, standing
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.report import Report


@rule(
    id="UC005",
    name="单价的元与万元",
    severity="error",
    category="unit_cost",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        "档案中十个单位的台式计算机单价在4600至5200元/台之间，本文件写为4800万元/台。",
        near_miss="本文件写为48000元/台。",
        because="不是一万倍，不能断定是单位写错（超出同类的由 UC004 提示）",
        runs=False,
    ),
    thresholds=(PEERS, ENTITIES, YEARS),
)
def price_slips(
    report: Report, archive: Archive, *, peers: int = 8, entities: int = 3, years: int = 10
) -> Iterator[Outcome]:
    """No price is about ten thousand times what all others state for the same thing and unit, or a ten-thousandth.

    ## 查什么
    绩效目标表中的单价与档案中同一事物、同一计量单位的单价相差约一万倍（三个半到四个半数量级），而同类之间相差不到十倍。

    ## 为什么要查
    元与万元写错，金额就差一万倍，按此考核没有意义。

    ## 不报的情形
    同类不足；同类之间本来就相差十倍以上；相差不是约一万倍的。
    """
    peer_groups = Peers(report, archive, Least(peers, entities, years))
    for seen, group in peer_groups.groups(seen_prices(report)):
        one = seen.observation
        if standing(one, group, times=1) != "slip":
            yield Passed(one.label)
            continue
        yield conclude(
            price_slips,
            report.document,
            key=f"project:{seen.project}:{one.item}:{one.unit}",
            message=f"{one.label}为{one.text}，与同类相差约一万倍，疑似元与万元写错。{against(seen, group)}。",
            places=seen.places,
            expected=f"约{money(group.usual.median, one.unit)}",
            observed=one.text,
        )
    yield from peer_groups.skips("UC005", "单价的元与万元")
