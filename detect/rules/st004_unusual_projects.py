"""ST004: a project is not unlike all others of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from detect.archive import Archive, Peer
from detect.checks import Passed
from detect.conclude import conclude
from detect.observations import Seen, seen_projects
from detect.peers import ENTITIES, PEERS, count_entities
from detect.reconcile import SURE
from detect.registry import Example, Outcome, Threshold, rule
from detect.remember import source_of
from detect.robust import Z, z_scores
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_NAME: Final = "项目特征与同类项目"
TREES = 100
"""Trees of the forest; their number where the scores converge. Source: Liu, Ting and Zhou, Isolation Forest (2008)."""
SEED = 20


@rule(
    id="ST004",
    name=_NAME,
    severity="hint",
    category="statistics",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        "档案中四十个培训项目年度资金3万至30万元、绩效指标8至16项，本文件培训项目年度资金600万元、绩效指标3项。",
        near_miss="年度资金28万元、绩效指标9项。",
        because="与同类项目相近",
        runs=False,
    ),
    thresholds=(
        PEERS,
        ENTITIES,
        Threshold(
            "score", "分", "孤立森林异常分达到此数才提示", "接近1为异常，0.5为正常（Liu等2008）", low=0.5, high=1
        ),
    ),
)
def unusual_projects(
    report: Report, archive: Archive, *, peers: int = 30, entities: int = 5, score: float = 0.6
) -> Iterator[Outcome]:
    """No project is isolated among the projects of its kind by its money, share, indicators and text together.

    ## 查什么
    按名称归类的项目，其年度资金、占项目支出的比重、绩效指标项数、文字说明字数，在档案中同类项目里用孤立森林打分；异常分高、
    并且至少一个特征的稳健分数达到3.5的，列出是哪几个特征。

    ## 为什么要查
    钱特别多而指标特别少的项目，最值得先看。

    ## 不报的情形
    名称归不了类的项目；同类不足的（写明数量）。统计只作提示，不是差错。
    """
    source = source_of(report)
    few: list[int] = []
    for seen in seen_projects(report):
        one = seen.observation
        if one.unit or not one.item:
            continue
        found = [
            peer
            for peer in archive.peers("project", one.item, "", besides=source)
            if peer.observation.sure >= SURE and peer.source.kind == source.kind
        ]
        names, mine, others = _table(seen, found)
        if len(others) < peers or count_entities(found) < entities or not names:
            few.append(len(found))
            continue
        scores = z_scores(others, mine)
        if np.abs(scores).max() < Z or isolation(others, mine) < score:
            yield Passed(one.label)
            continue
        told = "，".join(
            f"{name}{np.exp(own):.4g}（同类中位数{np.exp(middle):.4g}，稳健分数{z:+.1f}）"
            for name, own, middle, z in zip(names, mine, np.median(others, axis=0), scores, strict=True)
            if abs(z) >= Z
        )
        yield conclude(
            unusual_projects,
            report.document,
            key=f"project:{seen.project}",
            message=(
                f"项目“{seen.project}”与档案中{count_entities(found)}个单位的{len(others)}个“{one.item}”类项目差别较大：{told}。"
                "可先行查看。"
            ),
            places=seen.places,
        )
    if few:
        wanted = f"来自{entities}个单位的{peers}个"
        reason = f"{len(few)}个项目在档案中的同类不足（最多{max(few)}个，至少需要{wanted}），未作比较"
        yield Skip("ST004", _NAME, reason)


def _table(seen: Seen, found: Sequence[Peer]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Logarithms of the features that the project and nine in ten of its peers have; peers without one are left out."""
    own = {name: value for name, value in seen.observation.features if value > 0}
    rows = [dict(peer.observation.features) for peer in found]
    names = [name for name in own if sum(row.get(name, 0) > 0 for row in rows) >= 0.9 * len(rows)]
    whole = [[row[name] for name in names] for row in rows if all(row.get(name, 0) > 0 for name in names)]
    mine = np.log(np.array([own[name] for name in names]))
    return names, mine, np.log(np.array(whole)) if whole and names else np.empty((0, len(names)))


def isolation(others: np.ndarray, mine: np.ndarray) -> float:
    """Score of one thing in an isolation forest grown on the others: about 0.5 is usual, near 1 is isolated."""
    from sklearn.ensemble import IsolationForest  # a second to import, and most documents never come here

    forest = IsolationForest(n_estimators=TREES, random_state=SEED).fit(others)
    return float(-forest.score_samples(mine[None, :])[0])
