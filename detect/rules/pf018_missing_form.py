"""PF018: where all projects are said to be disclosed with their targets, every listed one has a form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import CellPlace, conclude
from detect.pairing import pair
from detect.prose import passages
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from detect.wording import row_name
from models.citation import Citation
from models.finding import Skip
from models.report import Report

_DISCLOSED = re.compile(r"公开(?:的)?(?:二级)?项目绩效目标(?:表)?(?P<number>\d{1,4})个")


@rule(
    id="PF018",
    name="列入预算而没有绩效目标表的项目",
    severity="warning",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《2031年项目支出预算表（本年预算）》万元
            项目名称 | 合计 | 2031年财政拨款 | > | > | 财政专户管理资金 | 单位资金
            ^ | ^ | 一般公共预算 | 政府性基金预算 | 国有资本经营预算 | ^ | ^
            虚构市天文馆 | 38.00 | 38.00 | | | |
            望远镜镜片养护费 | 18.00 | 18.00 | | | |
            星图印制费 | 20.00 | 20.00 | | | |
            # 十、绩效管理情况
            公开项目绩效目标2个，涉及项目金额38.00万元。
            《虚构市项目支出绩效目标表》
            项目名称 | 望远镜镜片养护费
            项目概况 | 更换镜片十二组。
            """,
        near_miss={"公开项目绩效目标2个，涉及项目金额38.00万元": "公开项目绩效目标1个，涉及项目金额18.00万元"},
        because="只公开一个项目的绩效目标",
    ),
)
def missing_form(report: Report) -> Iterator[Outcome]:
    """No listed project lacks a target form where as many targets are said to be disclosed as projects are listed.

    ## 查什么
    文字说明所写公开项目绩效目标的个数与项目支出预算表（表十二）的项目个数相同时，是否每个项目都有绩效目标表。

    ## 为什么要查
    有钱没有目标，就是没有人对结果负责。

    ## 不报的情形
    只公开一部分绩效目标的；项目名称两处写法不同的（由 PF004 核对）；没有印出绩效目标表的文件。
    有扫描或未能读取的页面时只作提示。
    """
    found = pair(report)
    listed = {row_name(place.line.name): place for place in found.listed if place.form.form == "b12"}
    shown = {row_name(form.project) for form in report.project_forms if form.kind == "target"}
    stated = [(passage, match) for passage in passages(report.document) for match in _DISCLOSED.finditer(passage.text)]
    if not listed or not shown or len({match.group("number") for _, match in stated}) != 1:
        return
    passage, match = stated[0]
    if int(match.group("number")) != len(listed):
        return
    if not found.is_reliable or found.renamed or found.unlisted:
        yield Skip("PF018", "项目的绩效目标表", "绩效目标表与项目支出预算表的项目名称不完全一致，未核对是否缺表")
        return
    missing = [place for name, place in listed.items() if name not in shown]
    if not missing:
        yield Passed("项目的绩效目标表")
        return
    is_doubtful = any(page.source == "ocr" or page.problem for page in report.document.pages)
    cells: list[CellPlace] = [(place.form.table, place.fact.cell) for place in missing]
    named = "、".join(
        f"“{place.line.name.strip()}”{place.fact.cell.text.strip()}{place.form.unit}" for place in missing[:8]
    )
    yield conclude(
        missing_form,
        report.document,
        key="project:document:缺表",
        severity="hint" if is_doubtful else None,
        message=(
            f"写明公开项目绩效目标{match.group('number')}个，与《{missing[0].form.name}》的项目个数相同，其中{len(missing)}个没有"
            f"绩效目标表（{named}）。"
        ),
        places=[Words(passage, match.start())],
        others=cells,
        expected=f"{match.group('number')}张绩效目标表",
        observed=f"缺{len(missing)}张",
    )
