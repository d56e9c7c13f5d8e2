"""TX012: the reason for a change points the way of the change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.claims import mentions
from detect.conclude import conclude
from detect.prose import passages
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.texts import Words
from models.citation import Citation
from models.report import Report

_REASON = re.compile(
    r"^(?:（[^（）]{1,16}）)?[，。；](?:主要)?(?:(?P<up>增加|增长|上升|提高)|(?P<down>减少|下降|降低|压减))的?(?:主要)?原因"
)
_SAME = re.compile(r"^(?:（[^（）]{1,16}）)?[，。；](?:无变化|持平|不变)的?(?:主要)?原因")
_FLAT = re.compile(
    r"(?P<word>增加|增长|上升|提高|减少|下降|降低)(?P<to>为|到|至)?了?(?P<number>\d[\d,]*(?:\.\d+)?)(?:万元|元)，?"
    r"(?:与|和|同|较|比)(?:上年度?|去年|上一年度?|20\d\d年度?)(?:(?!基本|大致|大体|总体)[^，。；]){0,12}?(?:持平|相同|一致|无变化|没有变化|不变)"
)


@rule(
    id="TX012",
    name="增减方向与原因",
    severity="warning",
    category="narrative",
    basis=Citation("《中华人民共和国预算法》", "第十四条"),
    example=Example(
        """
            # 六、观测经费情况
            观测费6.51万元，较上年增加1.49万元，减少的主要原因是压缩开支。
            """,
        near_miss={"减少的主要原因": "主要原因"},
        because="没有说方向",
    ),
)
def direction(report: Report) -> Iterator[Outcome]:
    """The words before a reason say the same direction as the change that they explain.

    ## 查什么
    “较上年增加……，减少的主要原因是……”：原因之前的用语与所说明的增减方向是否相反；“减少为……，与上年持平”：同一句既说
    增减又说持平。

    ## 为什么要查
    增减和原因必有一个是错的，读者无从知道是哪个。

    ## 不报的情形
    没有说方向的原因；说的是另一件事的原因；“增加0万元，与上年持平”；“与上年基本持平”。
    """
    yield from _flat(report)
    for mention in mentions(report.document):
        if mention.claim.role not in ("change", "growth") or not mention.claim.direction or not mention.claim.value:
            continue
        rest = mention.passage.text[mention.end :]
        reason = _REASON.match(rest)
        told = 0 if reason is None else 1 if reason.group("up") else -1
        if _SAME.match(rest) is None and not told:
            continue
        if told == mention.claim.direction:
            yield Passed(f"“{mention.claim.sentence[:40]}”的增减原因")
            continue
        word = "增加" if mention.claim.direction > 0 else "减少"
        other = {1: "增加", -1: "减少", 0: "无变化"}[told]
        yield conclude(
            direction,
            report.document,
            places=[Words(mention.passage, mention.start)],
            key=f"text:{mention.passage.section[:2].rstrip('、')}:{thing(mention)}",
            message=f"数额写为{word}{mention.claim.text}，紧接着说明的却是“{other}”的原因，增减方向相反，数额与说明必有一处有误。",
            expected=word,
            observed=other,
        )


def _flat(report: Report) -> Iterator[Outcome]:
    """A change that is said to be none in the same breath."""
    for passage in passages(report.document):
        for found in _FLAT.finditer(passage.text):
            if not found.group("to") and not found.group("number").strip("0.,"):
                continue
            yield conclude(
                direction,
                report.document,
                places=[Words(passage, found.start())],
                key=f"text:{passage.section[:2].rstrip('、')}:持平:{found.group()[:12]}",
                message=f"写为“{found.group()}”，{found.group('word')}与持平矛盾，必有一处有误。",
                observed=found.group(),
            )
