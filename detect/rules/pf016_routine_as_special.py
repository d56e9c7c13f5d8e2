"""PF016: daily expenses are no projects with a target of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import Place, conclude
from detect.facts import Ledger
from detect.prose import passages
from detect.registry import Example, Outcome, Threshold, rule
from detect.texts import Words
from detect.wording import row_name
from models.citation import Citation
from models.report import Report

_SPECIAL = re.compile(r"特定目标类(?:二级)?项目(?P<number>\d{1,4})个")
_ORDINARY = re.compile(r"运转类(?:二级)?项目(?P<number>\d{1,4})个")
_DAILY = re.compile(r"(?:办公费|水电费|邮电费|取暖费|差旅费|培训费|会议费|租赁费|印刷费|公务接待费|交通费)$")


@rule(
    id="PF016",
    name="日常公用支出列为特定目标类项目",
    severity="warning",
    category="project",
    basis=Citation("《预算管理一体化规范（2.0版）》（财办〔2023〕12号）"),
    thresholds=(
        Threshold("fewest", "个", "日常公用项目比运转类项目多出此数起报", "多出一个可能是归类不同", low=1, high=1000),
    ),
    example=Example(
        """
            《2031年项目支出预算表（本年预算）》万元
            项目名称 | 合计 | 2031年财政拨款 | > | > | 财政专户管理资金 | 单位资金
            ^ | ^ | 一般公共预算 | 政府性基金预算 | 国有资本经营预算 | ^ | ^
            虚构市天文馆 | 35.00 | 35.00 | | | |
            差旅费 | 5.00 | 5.00 | | | |
            培训费 | 10.00 | 10.00 | | | |
            网络租赁费 | 20.00 | 20.00 | | | |
            # 十、绩效管理情况
            纳入绩效目标管理的项目3个，其中：其他运转类项目1个；特定目标类项目2个，涉及金额30.00万元。
            """,
        near_miss={"其他运转类项目1个；特定目标类项目2个": "其他运转类项目2个；特定目标类项目1个"},
        because="日常公用项目只比运转类项目多一个",
    ),
)
def routine_as_special(report: Report, *, fewest: int = 2) -> Iterator[Outcome]:
    """Travel, training, rent and the like are not put among the projects of 特定目标类.

    ## 查什么
    文字说明写明特定目标类和运转类项目个数的，项目支出预算表中名称即为日常公用科目（差旅费、培训费、会议费、租赁费等）的
    项目，是否多于运转类项目，多出的只能列在特定目标类中。

    ## 为什么要查
    日常公用支出改列项目，公用经费定额就管不住，公用经费的数字也不真实。

    ## 不报的情形
    没有写明两类项目个数的文件；名称不是公用科目的项目（运维、聘用、专项业务等）。
    """
    ledger = Ledger(report)
    for passage in passages(report.document):
        special = _SPECIAL.search(passage.text)
        if special is None:
            continue
        ordinary = _ORDINARY.search(passage.text)
        daily = [
            place
            for line in ledger.lines_of("b12")
            if _DAILY.search(row_name(line.name)) and (place := ledger.one("b12", line.id, "total")) is not None
        ]
        over = len(daily) - (int(ordinary.group("number")) if ordinary else 0)
        if over < fewest or int(special.group("number")) < over:
            yield Passed("项目类别")
            return
        names = "、".join(f"“{place.line.name.strip()}”" for place in daily[:8])
        cells: list[Place] = [(place.form.table, place.fact.cell) for place in daily]
        operating = ledger.one("b06", "total", "operating")
        spent = f"，而公用经费只有{operating.fact.cell.text.strip()}{operating.form.unit}" if operating else ""
        yield conclude(
            routine_as_special,
            report.document,
            key="project:document:特定目标类",
            message=(
                f"特定目标类项目{special.group('number')}个，其中至少{over}个是日常公用支出（{names}）{spent}。日常公用支出应列"
                "公用经费或其他运转类项目。"
            ),
            places=[Words(passage, special.start())],
            others=[*cells, *([(operating.form.table, operating.fact.cell)] if operating else [])],
            observed=special.group(),
        )
        return
