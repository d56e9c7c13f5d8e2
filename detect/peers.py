"""A number to the same number in other documents: which of them are its peers, and what is usual among them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from detect.archive import Archive, Peer
from detect.observations import Seen
from detect.reconcile import SURE
from detect.registry import Threshold
from detect.remember import source_of
from detect.robust import Usual, usual
from models.archive import Observation, Source
from models.finding import Skip
from models.money import yuan_text
from models.report import Report

SLIP = 4
"""Powers of ten between 元 and 万元."""
NEAR_SLIP = 0.5
"""Powers of ten by which a slip may miss the fourth: review practice calls 3.5 and more a slip of the unit."""
NARROW = 10
"""Largest of the peers by the smallest up to which a value four powers of ten away cannot be one of them: more than
twice that far beyond any."""


SHOWN = 2
"""Peers that a message names."""
PEERS = Threshold("peers", "个", "同类数据达到此数才比较", "样本过少时四分位数没有意义", low=5, high=10_000)
ENTITIES = Threshold("entities", "个", "同类来自这么多个单位才比较", "避免把一个单位的习惯当作常情", low=2, high=1000)
YEARS = Threshold("years", "年", "同类文件与本文件年度相差不超过此数", "价格和定额变动较慢，三年内可比", low=0, high=50)
TIMES = Threshold(
    "times", "倍", "至少为中位数的这么多倍（或几分之一）才提示", "审核经验：可比数据多在0.6至2倍之间", low=1, high=1000
)


@dataclass(frozen=True, slots=True)
class Least:
    """What a group must have before anything is said about one of its members.

    Attributes:
        peers: numbers in other documents.
        entities: organisations that they come from; those without a name count as one.
        years: by how many years a peer may be older or newer.
    """

    peers: int
    entities: int
    years: int


@dataclass(frozen=True, slots=True)
class Group:
    """The peers of a number.

    Attributes:
        peers: ordered by value.
        entities: how many organisations they come from.
        usual: what is usual among them.
        region: that all of them belong to; empty when they come from everywhere.
    """

    peers: tuple[Peer, ...]
    entities: int
    usual: Usual
    region: str

    def words(self, unit: str) -> str:
        """What the group is and what is usual in it, for messages."""
        years = sorted(peer.source.year for peer in self.peers if peer.source.year is not None)
        span = f"{years[0]}年" if years[0] == years[-1] else f"{years[0]}—{years[-1]}年"
        found = f"档案中{self.region or '各地'}{self.entities}个单位{span}的{len(self.peers)}个同类数据"
        least, most = money(self.usual.least, unit), money(self.usual.most, unit)
        return f"{found}，中位数{money(self.usual.median, unit)}，最低{least}，最高{most}"


def money(value: float | Decimal, unit: str) -> str:
    """An amount in yuan with its unit (`元/台`), in 万元 where it is a whole amount that large."""
    if unit in ("", "元"):
        return yuan_text(Decimal(str(round(value, 2))), "万元" if value >= 10_000 else "元")
    return f"{round(value, 2):,.2f}".rstrip("0").rstrip(".") + unit


def group_of(archive: Archive, source: Source, one: Observation, least: Least) -> Group | int:
    """The peers of a number; how many there are where they are too few.

    Args:
        archive: to be searched.
        source: the document of the number; only documents of its kind are peers.
        one: the number.
        least: what the group must have. Peers of the own region are a group of their own where they are enough.
    """
    year = source.year
    years = None if year is None else (year - least.years, year + least.years)
    peers = [
        peer
        for peer in archive.peers(one.kind, one.item, one.unit, besides=source, years=years)
        if peer.observation.sure >= SURE and peer.observation.value > 0 and peer.source.kind == source.kind
    ]
    peers = _distinct(peers)
    near = [peer for peer in peers if source.region and peer.source.region == source.region]
    for found, region in ((near, source.region), (peers, "")):
        entities = count_entities(found)
        if len(found) >= least.peers and entities >= least.entities:
            values = [float(peer.observation.value) for peer in found]
            return Group(tuple(found), entities, usual(values), region)
    return len(peers)


def count_entities(peers: Iterable[Peer]) -> int:
    """How many organisations the peers come from; those without a name count as one."""
    return len({peer.source.entity for peer in peers})


def _distinct(peers: Sequence[Peer]) -> list[Peer]:
    """One of several equal numbers of one organisation and year: a price is repeated wherever it is explained."""
    kept = {(peer.source.entity, peer.source.year, peer.observation.value): peer for peer in reversed(peers)}
    return sorted(kept.values(), key=lambda peer: (peer.observation.value, peer.source.key))


Standing = Literal["usual", "unusual", "slip"]


def standing(one: Observation, group: Group, times: float) -> Standing:
    """Whether a number is usual among its peers, beyond their fences, or four powers of ten away.

    Args:
        one: the number.
        group: its peers.
        times: how many times the median (or a how many-th of it) it must be to be unusual.
    """
    value = float(one.value)
    away = abs(math.log10(value / group.usual.median))
    if abs(away - SLIP) <= NEAR_SLIP and group.usual.most <= NARROW * group.usual.least:
        return "slip"
    return "unusual" if group.usual.is_outside(value, times) else "usual"


@dataclass
class Peers:
    """The numbers of one document with their groups, and a count of those that have none."""

    report: Report
    archive: Archive
    least: Least
    missing: int = 0
    most: int = 0

    def groups(self, numbers: Iterable[Seen]) -> Iterator[tuple[Seen, Group]]:
        """The numbers that have enough peers; the others are counted."""
        source = source_of(self.report)
        for seen in numbers:
            group = group_of(self.archive, source, seen.observation, self.least)
            if isinstance(group, Group):
                yield seen, group
            else:
                self.missing += 1
                self.most = max(self.most, group)

    def skips(self, rule: str, name: str) -> Iterator[Skip]:
        """That some numbers could not be assessed, and why."""
        if self.missing:
            wanted = f"来自{self.least.entities}个单位的{self.least.peers}个"
            yield Skip(
                rule,
                name,
                f"{self.missing}项数据在档案中的同类不足（最多{self.most}个，至少需要{wanted}），未作比较；"
                "档案积累更多文件后可重新审核",
            )


def against(seen: Seen, group: Group) -> str:
    """How a number stands to its peers, for messages."""
    one = seen.observation
    value, middle = float(one.value), group.usual.median
    word = "高于" if value > middle else "低于"
    nearest = sorted(group.peers, key=lambda peer: abs(math.log(float(peer.observation.value) / value)))[:SHOWN]
    named = "；".join(_named(peer) for peer in nearest)
    times = f"{group.usual.times(value):.3g}"
    ratio = f"中位数的{times}倍" if value > middle else f"中位数的{times}分之一"
    return f"{word}同类：{group.words(one.unit)}，本文件为{ratio}。最接近的同类：{named}"


def _named(peer: Peer) -> str:
    source, one = peer.source, peer.observation
    year = f"{source.year}年" if source.year else ""
    return f"{source.entity or source.name}{year}{one.label}{one.text}（第{one.page + 1}页）"
