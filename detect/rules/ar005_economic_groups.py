"""AR005: economic subjects add up to their groups, and the groups to the total."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import check_of
from detect.facts import Ledger
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Line, Report


@rule(
    id="AR005",
    name="经济科目汇总",
    severity="error",
    category="arithmetic",
    basis=Citation("《中华人民共和国预算法》", "第三十二条"),
    example=Example(
        """
            《2031年一般公共预算安排基本支出分经济科目表（不含上年结转）》万元
            部门预算支出经济科目名称 | 政府预算支出经济科目名称 | 2031年预算数 | > | >
            ^ | ^ | 合计 | 人员经费 | 公用经费
            合计 | > | 70.00 | 70.00 |
            工资福利支出 | | 70.00 | 70.00 |
            基本工资 | 工资奖金津补贴 | 52.00 | 52.00 |
            住房公积金 | 住房公积金 | 20.00 | 20.00 |
            """,
        near_miss={"52.00": "50.00"},
        because="两款之和等于该组",
    ),
)
def economic_groups(report: Report) -> Iterator[Outcome]:
    """In the table by economic subject each group (工资福利支出 …) equals its items and the total its groups.

    ## 查什么
    表六每一栏：工资福利支出、商品和服务支出等各组等于其下各款之和，合计等于各组之和。该表不印编码，按规范名称识别各
    组。

    ## 为什么要查
    只有这张表写明基本支出花在哪里。

    ## 不报的情形
    四舍五入的尾差；第一组之前的项目（列入“未检查”）。
    """
    ledger = Ledger(report)
    for form in report.forms:
        if form.form != "b06":
            continue
        if form.is_part:
            yield Skip("AR005", f"《{form.name}》", "该表分页后未能合并为一张表，未作纵向核对")
            continue
        total = next((line for line in form.lines if line.is_total), None)
        groups: list[tuple[Line, list[Line]]] = []
        loose: list[Line] = []
        for line in form.lines:
            if line.id.startswith("g"):
                groups.append((line, []))
            elif not line.is_total:
                (groups[-1][1] if groups else loose).append(line)
        if loose or not groups:
            yield Skip("AR005", f"《{form.name}》", "没有识别出经济科目的类级行，未作汇总核对")
            continue
        for column in form.columns:
            for group, items in groups:
                places = ledger.at(form, group, column)
                terms = [(1, place) for item in items for place in ledger.at(form, item, column)]
                if places and terms:
                    yield check_of("类级科目等于所列款级科目之和", places[0], terms, report.document)
            if total is not None and (places := ledger.at(form, total, column)):
                terms = [(1, place) for group, _ in groups for place in ledger.at(form, group, column)]
                yield check_of("合计等于各类经济科目之和", places[0], terms, report.document)
