"""QT004: no more office space per established post than the most that the building standard comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import CellPlace, Place, conclude
from detect.registry import Example, Outcome, Threshold, rule
from detect.wording import plain
from models.citation import Citation
from models.finding import Skip
from models.report import Report
from models.table import Block

_AREA = re.compile(
    r"办公用房(?:的)?(?:建筑)?(?:总|账面)?面积(?:总计|合计|共计|共|为|是)*(\d[\d,]*(?:\.\d+)?)(?:平方米|㎡|m2|m²)"
)
_COUNT = re.compile(r"^(\d{1,6})[人名个]?$")
_OTHER_LEVEL = re.compile(r"^(?:中央|国家|.{2,4}省(?!会)|.{2,6}自治区)(?!.*[市县区旗])")
_COUNTY = re.compile(r"[县旗]|(?<![发新理治])区(?![域划块])")
_CITY_STATE = re.compile(r"^(?:北京|上海|天津|重庆)")
_NAME = "办公用房面积与编制"


@rule(
    id="QT004",
    name="办公用房面积与核定编制",
    severity="hint",
    category="quota",
    basis=Citation("《党政机关办公用房建设标准》（发改投资〔2014〕2674号）"),
    example=Example(
        """
            《虚构市部门整体支出绩效目标申报表》
            部门名称 | 901-虚构市天文馆 | 核定的人员编制数 | 40人
            实际在职人员总数 | 38人 | 其中：在编人员数 | 38人
            截至上年底，办公用房建筑面积5200平方米。
            """,
        near_miss={"5200平方米": "1600平方米"},
        because="每个编制40平方米",
    ),
    thresholds=(
        Threshold(
            "city",
            "平方米/人",
            "市级单位每个编制的建筑面积超过此数才提示",
            "该标准的上限：办公室24（正处级）加服务用房8，加设备用房9%，除以使用面积系数0.6，加食堂3.7、汽车库8（每五人一车）",
            low=9,
            high=1000,
        ),
        Threshold(
            "county",
            "平方米/人",
            "县级单位每个编制的建筑面积超过此数才提示",
            "该标准的上限：办公室18（正科级）加服务用房8，其余同上",
            low=9,
            high=1000,
        ),
    ),
)
def office_space(report: Report, *, city: float = 70, county: float = 59) -> Iterator[Outcome]:
    """The building area of the offices, per established post, is not above the most that the standard can come to.

    ## 查什么
    文字说明写明的办公用房建筑面积，除以整体绩效目标表的核定编制数（在职人员更多的，按在职人员数），是否超过按职级上限测算的
    人均建筑面积。只作提示。

    ## 为什么要查
    超面积的办公用房应当腾退，物业、取暖、维修费用也是按面积安排的。

    ## 不报的情形
    没有整体绩效目标表的文件（文字中的编制往往只是本级的，面积却是整个部门的）；写有几个面积的；省级和中央单位（职级上限不同）。
    标准按各职级人数测算，业务用房另计，文件没有公开这些，因此超过上限也只提示核实。
    """
    areas = list(_areas(report))
    if not areas:
        return
    heads = _heads(report)
    if heads is None or len(areas) > 1:
        reason = "文中写有几个面积，不能确定是哪一部分" if heads else "没有识别出整体绩效目标表中的编制数或在职人数"
        yield Skip("QT004", _NAME, f"{reason}，未作核对")
        return
    if _OTHER_LEVEL.search(report.entity):
        yield Skip("QT004", _NAME, "没有收录省级和中央单位的面积上限，未作核对")
        return
    (block, area), (number, cells) = areas[0], heads
    is_county = bool(_COUNTY.search(report.entity)) and not _CITY_STATE.search(report.entity)
    most = Decimal(str(county if is_county else city))
    if area <= most * number:
        yield Passed(_NAME)
        return
    level = "县级" if is_county else "市级"
    others: list[Place] = list(cells)
    yield conclude(
        office_space,
        report.document,
        key="text:办公用房",
        message=(
            f"办公用房建筑面积{area:,f}平方米，按{number}人计人均{area / number:.1f}平方米，超过{level}单位"
            f"按职级上限测算的{most:f}平方米。业务用房可另计，请核实各类用房面积和编制定员。"
        ),
        places=[block],
        others=others,
        expected=f"不超过{most * number:,f}平方米",
        observed=f"{area:,f}平方米",
    )


def _areas(report: Report) -> Iterator[tuple[Block, Decimal]]:
    for block in report.document.blocks:
        for found in _AREA.finditer(plain(block.text)):
            yield block, Decimal(found.group(1).replace(",", ""))


def _heads(report: Report) -> tuple[int, list[CellPlace]] | None:
    """The larger of posts and staff of the whole department, with its cells; None when there is not just one form."""
    forms = [form for form in report.project_forms if form.kind == "overall"]
    if len(forms) != 1:
        return None
    found = []
    for field in ("posts", "staff"):
        text = forms[0].text(field)
        number = _COUNT.match(plain(text.text)) if text is not None else None
        if text is not None and number and int(number.group(1)):
            found.append((int(number.group(1)), (forms[0].table, text.cell)))
    return (max(number for number, _ in found), [cell for _, cell in found]) if found else None
