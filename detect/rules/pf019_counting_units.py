"""PF019: a count is stated in a unit that counts what its name says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import Indicator, ProjectForm
from models.report import Report

_VALUE = re.compile(r"^[≥≤>=<约]?\d[\d,.]*万?(?P<unit>[^\d/%.,，]{1,3})(?:/年)?$")
_UNITS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(r"(?:人数|人员数量?)$"),
        frozenset(("家", "次", "场", "份", "个单位", "平方米", "台", "套", "辆", "册")),
    ),
    (re.compile(r"(?:次数|场次|场数)$"), frozenset(("人", "名", "家", "份", "辆", "台", "套", "平方米", "亩", "册"))),
    (re.compile(r"面积$"), frozenset(("人", "名", "家", "次", "份", "个", "台", "套", "辆"))),
    (
        re.compile(
            r"(?:报告|报表|简报|手册|年鉴|刊物|文件|资料|折页|证书)(?:数量?|份数|印刷数量?|印制数量?|编制数量?)$"
        ),
        frozenset(("家", "户", "人", "名", "人次", "辆", "平方米", "亩")),
    ),
    (re.compile(r"(?:车辆|用车)(?:数量?)$"), frozenset(("人", "名", "家", "份", "平方米"))),
)
"""Names with the units that cannot count them: what is uncommon but possible is left out."""
MOST_SHOWN = 6


@rule(
    id="PF019",
    name="数量指标的计量单位",
    severity="hint",
    category="project",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 星图印制费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 数量指标 | 观测报告数量 | ≥40家
            """,
        near_miss={"≥40家": "≥40份"},
        because="报告以份计",
    ),
)
def counting_units(report: Report) -> Iterator[Outcome]:
    """People are not counted in times, times not in people, and reports not in households.

    ## 查什么
    人数、次数、面积、报告份数、车辆数一类指标，指标值的计量单位是否不可能用来计量它（“报告数量≥40家”）。合为一项提示。

    ## 为什么要查
    单位不对，到年底就说不清完成了什么。

    ## 不报的情形
    少见但说得通的单位；单价和比率（由 PF009、PF014 核对）；名称看不出计量什么的指标。
    """
    found: list[tuple[ProjectForm, Indicator, str]] = []
    counted = False
    for form in report.project_forms:
        seen: set[tuple[str, str]] = set()
        for item in form.indicators:
            value = _VALUE.match(item.value)
            units = next((units for name, units in _UNITS if name.search(item.name)), None)
            if value is None or units is None:
                continue
            counted = True
            if value.group("unit") in units and (item.name, item.value) not in seen:
                seen.add((item.name, item.value))
                found.append((form, item, value.group("unit")))
    if counted and not found:
        yield Passed("数量指标的计量单位")
    if found:
        named = "；".join(
            f"项目“{form.project}”的“{item.name}”填“{item.value}”" for form, item, _ in found[:MOST_SHOWN]
        )
        more = f"等{len(found)}处" if len(found) > MOST_SHOWN else ""
        yield conclude(
            counting_units,
            report.document,
            key="project:document:计量单位",
            message=f"指标值的计量单位与指标名称不符：{named}{more}，请核实。",
            places=[(form.table, item.value_cell) for form, item, _ in found],
            others=[(form.table, item.name_cell) for form, item, _ in found],
        )
