"""LG004: the text speaks of its own organisation, not of one of another city."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.texts import Words, texts
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_PLACE = re.compile(r"^(?:中共)?(?P<place>[^\d省]{2,4}?[市县])(?=[^\d])")
_OTHER = re.compile(r"(?P<place>[一-龥]{2,3}市)(?P<body>[一-龥]{2,10}?(?:局|委员会|办公室|人民法院|人民检察院))")
_NO_NAME = set("与和及由对从向于设年月全各本我其他等级上下县区省的照到将成经为在给个跨属辖指因度")
_VERBS = re.compile(
    r"^(?:会同|根据|占用|做好|按照|依据|依照|协助|配合|协同|报送|送至|推送|上报|参照|遵照|贯彻|落实|完成|接受|服从|通过|经过|位于|围绕|结合|针对"
    r"|关于|提请|报请|联合|商请|借用|使用|租用|隶属|归口|代管|属于|服务|保障|支持|承办|参加|组织|开展|加强|推进|执行|履行|承担|负责|促进|提升|纳入)"
)
_BEFORE_NAME = "，。；：、“（）由为与和及是"
_WITH = re.compile(
    r"对口|帮扶|支援|援|合作|交流|学习|考察|调研|联合|委托|协议|签订|借调|划转|移交|合并|来函|接待|上级|垂直|《[^》]*$"
)
_OWN_VOICE = re.compile(r"本局|本委|本单位|本部门|我局|我委|我单位|承担.{0,20}职责|结合.{0,6}实际")


@rule(
    id="LG004",
    name="其他地区单位名称",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《2031年预算支出总表》万元 部门名称：虚构市天文馆
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            《虚构市项目支出绩效目标表》
            项目名称 | 航标维护费
            项目设立必要性 | 甲乙市灯塔管理局承担航标职责，结合本局实际设立该项目。
            """,
        near_miss={"甲乙市灯塔管理局": "虚构市灯塔管理局"},
        because="是本市的单位",
    ),
)
def other_organisation(report: Report) -> Iterator[Outcome]:
    """No organisation of another city stands where the text speaks of its own.

    ## 查什么
    绩效目标表和文字说明里写到自己的地方，是否出现外地单位的名称（如“甲市乙局”）。以第一人称或写职责的句子为警告，
    其他为提示。

    ## 为什么要查
    文字抄自外地的公开文件，其理由和金额都是外地的。

    ## 不报的情形
    本市其他单位、省和中央单位；帮扶、交流、参观、签订合同的句子；文件名称。
    """
    own = _PLACE.match(report.entity)
    if own is None:
        if report.entity:
            yield Skip("LG004", "其他地区单位名称", "没有从单位名称中识别出所在地区，未作核对")
        return
    place = own.group("place")
    found: dict[str, list[Words]] = defaultdict(list)
    for text in texts(report.document):
        for name, offset in _names(text.text, place):
            if not _WITH.search(text.text[max(0, offset - 20) : offset]) and not _WITH.search(
                text.text[offset + len(name) : offset + len(name) + 12]
            ):
                found[name].append(Words(text, offset))
    if not found:
        yield Passed("其他地区单位名称")
    for name, places in found.items():
        first, offset = places[0]
        sentence = first.sentence(offset)
        is_own_voice = bool(_OWN_VOICE.search(sentence.replace(name, "")))
        yield conclude(
            other_organisation,
            report.document,
            places=places,
            key=name,
            severity="warning" if is_own_voice else "hint",
            message=f"出现其他地区单位名称“{name}”（本文件单位为{report.entity}）：“{sentence[:60]}”，疑似套用其他单位文本。",
            expected=report.entity,
            observed=name,
        )


def _names(text: str, own: str) -> Iterator[tuple[str, int]]:
    """Organisations of other cities in a text with their offsets."""
    for found in _OTHER.finditer(text):
        city = found.group("place")
        for short in (city[-3:], city):
            letters = short[:-1]
            if len(letters) < 2 or own.endswith(short) or short.endswith(own) or _NO_NAME & set(letters):
                continue
            begins = found.start() + len(city) - len(short)
            if _VERBS.match(short) or (begins and text[begins - 1] not in _BEFORE_NAME):
                continue
            if own[:-1] in city or own[:2] in city:
                break
            yield short + found.group("body"), begins
            break
