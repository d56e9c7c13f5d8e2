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
_OTHER = re.compile(r"(?P<place>[一-龥]{2,3}[市县区])(?P<body>[一-龥]{2,10}?(?:局|委员会|办公室|人民法院|人民检察院))")
_ZONE = re.compile(
    r"(?:高新|开发|示范|保护|风景|景|园|社|校|灌|林|牧|库|辖|新|老|革命|功能|合作|综保|保税|自治|山|湖|小|片|市|该|各)区$|[该各本邻外]县$"
)
_NO_NAME = set("与和及由对从向于设年月全各本我其他等级上下县区省的照到将成经为在给个跨属辖指因度")
_VERBS = re.compile(
    r"^(?:会同|根据|占用|做好|按照|依据|依照|协助|配合|协同|报送|送至|推送|上报|参照|遵照|贯彻|落实|完成|接受|服从|通过|经过|位于|围绕|结合|针对"
    r"|关于|提请|报请|联合|商请|借用|使用|租用|隶属|归口|代管|属于|服务|保障|支持|承办|参加|组织|开展|加强|推进|执行|履行|承担|负责|促进|提升|纳入)"
)
_BEFORE_NAME = "，。；：、“（）由为与和及是"
_FOLLOWS = re.compile(r"(?:按照|根据|依据|依照|结合|围绕|落实|贯彻)$")
_DOCUMENT = re.compile(r"^(?:印发|发布|下发|转发|出台|制定)?的?(?:《|文件|通知|要求|批复|意见|关于|规定)")
_WITH = re.compile(
    r"对口|帮扶|支援|援|合作|交流|学习|考察|调研|联合|委托|协议|签订|借调|划转|移交|合并|来函|接待|上级|垂直|《[^》]*$"
)
_OWN_VOICE = re.compile(
    r"本局|本委|本单位|本部门|我局|我委|我单位|(?:承担|履行).{0,20}职[责能]|结合.{0,6}实际|设立[本该]项目"
)


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
    其他为提示；县区的单位只查以第一人称或写职责的句子。

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
        for name, offset, is_city in _names(text.text, place):
            # counties and districts may be those of the own city: only what speaks as "we" is of somebody else
            if not is_city and not _is_own_voice(text.sentence(offset), name):
                continue
            if not _WITH.search(text.text[max(0, offset - 20) : offset]) and not _WITH.search(
                text.text[offset + len(name) : offset + len(name) + 12]
            ):
                found[name].append(Words(text, offset))
    if not found:
        yield Passed("其他地区单位名称")
    for name, places in found.items():
        first, offset = places[0]
        sentence = first.sentence(offset)
        # what is done by another's plan may be done by that of an upper level
        is_own_voice = _is_own_voice(sentence, name) and not _FOLLOWS.search(first.text[:offset])
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


def _is_own_voice(sentence: str, name: str) -> bool:
    return bool(_OWN_VOICE.search(sentence.replace(name, "")))


def _names(text: str, own: str) -> Iterator[tuple[str, int, bool]]:
    """Organisations of other places in a text with their offsets, and whether the place is a city."""
    for found in _OTHER.finditer(text):
        place = found.group("place")
        is_city = place.endswith("市")
        for short in (place[-3:], place):
            letters = short[:-1]
            if len(letters) < 2 or own.endswith(short) or short.endswith(own) or _NO_NAME & set(letters):
                continue
            begins = found.start() + len(place) - len(short)
            if _VERBS.match(short) or _ZONE.search(short) or not _begins_a_name(text, begins, found.end(), own):
                continue
            if own[:-1] in place or own[:2] in place:
                break
            yield short + found.group("body"), begins, is_city
            break


def _begins_a_name(text: str, begins: int, ends: int, own: str) -> bool:
    """Whether a name can begin there: after a break, or after `按照` where no document of an upper level follows."""
    if not begins or text[begins - 1] in _BEFORE_NAME:
        return True
    return own.endswith("市") and bool(_FOLLOWS.search(text[:begins])) and not _DOCUMENT.match(text[ends:])
