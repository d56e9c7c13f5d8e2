"""PF001: the money of a project equals the sum of its sources."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, Naming, cell_operand
from detect.projects import fundings, is_self_evaluation, is_target_form, project_name
from detect.registry import Outcome, rule
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
)
def funding_sources(report: Report) -> Iterator[Outcome]:
    """In every project form the total equals 中央 + 省级 + 市县 + 自筹 + 其他, for the whole period and for the year.

    ## What it checks
    Forms of performance targets (实施期, 年度) and of self-evaluation (预算, 到位, 执行).

    ## Why it matters
    The form is approved with its sources; a source that was changed alone is the most usual slip in these forms.

    ## What it leaves alone
    Forms that name no sources, and sources that are all blank.
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
