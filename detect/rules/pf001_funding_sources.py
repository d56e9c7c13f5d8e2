"""PF001: the money of a project equals the sum of its sources."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, Naming, cell_operand
from detect.projects import fundings, is_self_evaluation, is_target_form, project_name
from detect.registry import Example, Outcome, rule
from models.citation import Citation
from models.form import Funding
from models.report import Report
from models.table import Table


@rule(
    id="PF001",
    name="项目资金来源合计",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 流星雨观测活动经费 | > | > | >
            项目资金（元） | 实施期资金总额： | 360,000 | 年度资金总额： | > | 120,000
            ^ | 省级财政资金 | 60,000 | 省级财政资金 | > | 20,000
            ^ | 市县（区）财政资金 | 300,000 | 市县（区）财政资金 | > | 103,000
            """,
        near_miss={"103,000": "100,000"},
        because="各项来源之和等于总额",
    ),
)
def funding_sources(report: Report) -> Iterator[Outcome]:
    """In every project form the total equals 中央 + 省级 + 市县 + 自筹 + 其他, for the whole period and for the year.

    ## 查什么
    绩效目标表和自评表的每一个资金总额（实施期、年度、预算、到位、执行）是否等于中央、省级、市县、自筹、其他各项之和。

    ## 为什么要查
    资金是连同来源一起批复的，单独改动一项来源是这类表最常见的差错。

    ## 不报的情形
    没有列来源的表；各项来源全部空白。
    """
    for table in report.document.tables:
        if is_target_form(table) or is_self_evaluation(table):
            project = project_name(table)
            for funding in fundings(table):
                yield _check(report, table, project, funding)


def _check(report: Report, table: Table, project: str, funding: Funding) -> Check:
    def naming(label: str) -> Naming:
        name = f"《{table.title}》项目“{project}”的{label}"
        return Naming("project", project, f"{funding.name}/{label}", label, name, funding.unit)

    total = cell_operand(report.document, table.id, funding.total, naming(funding.name))
    terms = tuple(cell_operand(report.document, table.id, cell, naming(label)) for label, cell in funding.sources)
    return Check(f"{funding.name}等于各项资金来源之和", total, terms)
