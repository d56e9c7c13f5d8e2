"""LG011: a public body does not speak of itself as of an enterprise."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.prose import half_width, squeezed
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import ProjectForm
from models.report import Report

_OWN = r"(?:本单位|我单位|单位自身|自身|本局|我局|本部门|我部门|本委|我委|本中心|我中心)"
_ENTERPRISE = re.compile(
    rf"{_OWN}的?[^，。；、]{{0,6}}(?P<words>(?:市场|核心)?竞争(?:能力|力|优势)|市场份额|市场占有率|盈利能力|经营利润|股东利益)"
)
_OTHERS = re.compile(r"企业|公司|园区|产业|市场主体|商户|商家|农户|品牌")


@rule(
    id="LG011",
    name="企业用语",
    severity="warning",
    category="text",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | 内部控制评价费
            项目实施计划 | 为了增强单位自身的竞争能力，不断改善内部管理。
            """,
        near_miss={"增强单位自身的竞争能力": "增强企业自身的竞争能力"},
        because="说的是所服务的企业",
    ),
)
def enterprise_words(report: Report) -> Iterator[Outcome]:
    """A target form does not promise competitiveness, market share or profit of the public body itself.

    ## 查什么
    绩效目标表中以本单位为主语的句子，是否写有竞争能力、市场份额、盈利能力等企业用语。同一用语合为一项。

    ## 为什么要查
    文字抄自企业的材料，机关事业单位没有这样的目标，也无从考核。

    ## 不报的情形
    说企业、产业、市场主体的句子。
    """
    found: dict[str, list[tuple[ProjectForm, CellPlace]]] = defaultdict(list)
    forms = [form for form in report.project_forms if form.kind != "self_evaluation" and form.texts]
    for form in forms:
        for field in form.texts:
            for clause in re.split(r"[。；]", half_width(squeezed(field.text))):
                match = _ENTERPRISE.search(clause)
                if match and not _OTHERS.search(clause):
                    found[match.group("words")].append((form, (form.table, field.cell)))
    if forms and not found:
        yield Passed("企业用语")
    for words, places in found.items():
        projects = "、".join(dict.fromkeys(f"“{form.project}”" for form, _ in places))
        yield conclude(
            enterprise_words,
            report.document,
            key=f"project:document:{words}",
            message=(
                f"项目{projects}的绩效目标表{len(places)}处写有本单位的“{words}”，这是企业用语，与机关事业单位的职责不符，"
                "疑似照抄企业材料。"
            ),
            places=[place for _, place in places],
            observed=words,
        )
