"""TX015: nobody pays for running vehicles that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed, operand_of
from detect.claims import mentions
from detect.conclude import conclude
from detect.facts import Ledger
from detect.listing import lead_matches
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from models.citation import Citation
from models.finding import Skip
from models.money import yuan_text
from models.report import Report

_HELD = re.compile(r"(?:实有|共有|现有|保有|账面)(?:公务)?(?:车辆|用车)?(?:数量?|总数|量)?(?:为|共|共计)?$")
_RUNNING = (("b10", "running", "total"), ("f09", "amount", "final.running"))


@rule(
    id="TX015",
    name="车辆与运行维护费",
    severity="warning",
    category="narrative",
    basis=Citation("《党政机关公务用车管理办法》"),
    example=Example(
        """
            《2031年财政拨款安排“三公”经费支出预算表》万元
            项目 | 2031年预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            公务接待费 | 1.20 | 1.20 | |
            公务用车购置及运行费 | 3.60 | 3.60 | |
            ②公务用车运行维护费 | 3.60 | 3.60 | |
            合计 | 4.80 | 4.80 | |
            # 十一、国有资产占有使用情况
            本馆车辆账面数量0辆，账面原值0万元。
            """,
        near_miss={"数量0辆": "数量1辆"},
        because="有一辆车",
    ),
)
def running_costs(report: Report) -> Iterator[Outcome]:
    """Where the explanation says that there is no vehicle, no expense for running one is planned.

    ## 查什么
    说明写明没有公务用车的，“三公”经费表是否还安排公务用车运行维护费。

    ## 为什么要查
    这笔钱养着别人的车，或者账外的车。

    ## 不报的情形
    有车而没有运行费的（可能由其他单位负担）；没有写车辆数的文件。
    """
    cars = (mention for mention in mentions(report.document) if mention.claim.kind == "vehicles")
    held = next((mention for mention in cars if lead_matches(mention, _HELD)), None)
    ledger = Ledger(report)
    place = next((found for where in _RUNNING if (found := ledger.one(*where)) is not None), None)
    if place is None:
        return
    if held is None:
        yield Skip("TX015", "车辆与运行维护费", "没有识别出文字说明中的车辆数，未作核对")
        return
    amount = place.fact.amount
    if held.claim.value or amount is None or not amount.value:
        yield Passed("车辆与运行维护费")
        return
    printed = yuan_text(amount.value, place.form.unit)
    yield conclude(
        running_costs,
        report.document,
        places=[Words(held.passage, held.start)],
        key="text:公务用车",
        message=(
            f"车辆数写为{held.claim.text}，《{place.form.name}》却列有公务用车运行维护费{printed}，"
            "没有车辆不应有运行维护费，请核实车辆归属。"
        ),
        others=[operand_of(place, report.document).evidence],
        expected=yuan_text(amount.value * 0, place.form.unit),
        observed=printed,
        difference=printed,
    )
