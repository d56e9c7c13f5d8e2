"""UC003: prices stay within the public standards of their thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Example, Outcome, rule
from detect.standards import Priced, priced_things, standards_for
from detect.vocabulary.standards import Standard
from models.citation import Citation
from models.finding import Severity
from models.report import Report


@rule(
    id="UC003",
    name="单价与支出标准",
    severity="warning",
    category="unit_cost",
    basis=Citation("《中华人民共和国预算法》", "第三十二条"),
    example=Example(
        """
            《2031年预算支出总表》万元
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 天文馆设备更新 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 产出指标 | 成本指标 | 台式计算机单价 | ≤7600元/台
            """,
        near_miss={"≤7600元/台": "≤5000元/台"},
        because="没有超过标准",
    ),
)
def legal_standards(report: Report) -> Iterator[Outcome]:
    """A price of a project form does not exceed the standard for its thing, year and place.

    ## 查什么
    成本指标和文字中的单价，是否超过该事物、该年度、该地区的支出标准（设备、家具、会议、培训、差旅、车辆等）。

    ## 为什么要查
    预算法要求按标准编制，超标准的要有理由。

    ## 不报的情形
    没有标准的事物；标准不适用的年度和地区。中央标准对地方只作提示。
    """
    done: set[tuple[str, str, str]] = set()
    for thing in priced_things(report):
        for standard in standards_for(report, thing):
            key = (thing.form.project, standard.item, str(thing.price.yuan))
            if standard.high is None or key in done:
                continue
            if thing.price.yuan <= standard.high:
                yield Passed(f"项目“{thing.form.project}”“{thing.name}”")
                continue
            done.add(key)
            yield _finding(report, thing, standard)


def _finding(report: Report, thing: Priced, standard: Standard) -> Outcome:
    severity: Severity = "hint" if standard.region == "中央" else "warning"
    assert standard.high is not None
    where = "中央单位标准" if standard.region == "中央" else f"{standard.region}标准"
    note = f"（{standard.note}）" if standard.note else ""
    finding = conclude(
        legal_standards,
        report.document,
        key=f"project:{thing.form.project}:{standard.item}",
        severity=severity,
        message=(
            f"《{thing.form.title}》项目“{thing.form.project}”“{thing.name}”为{thing.price.text}，高于{standard.item}"
            f"{standard.high:,f}元的{where}，依据{standard.basis}，{standard.since}年起执行{note}，超出"
            f"{thing.price.yuan - standard.high:,f}元，请核实适用标准。"
        ),
        places=[(thing.form.table, thing.cell)],
        expected=f"不超过{standard.high:,f}元",
        observed=thing.price.text,
        difference=f"{thing.price.yuan - standard.high:,f}元",
    )
    return replace(finding, basis=standard.basis)
