"""CP004: an empty form does not carry the codes of another budget."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.facts import Ledger
from detect.registry import Example, Outcome, rule
from detect.vocabulary import vocabulary
from models.citation import Citation
from models.report import FormTable, Report
from models.table import Cell

_OWN_CLASSES = {"b09": ("103", "223", "230", "231"), "f08": ("223", "230")}
"""Classes that the budget of state capital uses: its income, its expenditure, transfers and debts."""


@rule(
    id="CP004",
    name="空表填列其他预算的科目",
    severity="warning",
    category="completeness",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《国有资本经营预算财政拨款支出决算表》万元
            科目代码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 0.00 | 0.00 | 0.00
            201 | 一般公共服务支出 | 0.00 | 0.00 | 0.00
            20106 | 财政事务 | 0.00 | 0.00 | 0.00
            注：本表无数据
            """,
        near_miss={
            "201 | 一般公共服务支出": "223 | 国有资本经营预算支出",
            "20106 | 财政事务": "22301 | 解决历史遗留问题",
        },
        because="是国有资本经营预算的科目",
    ),
)
def foreign_codes(report: Report) -> Iterator[Outcome]:
    """The empty form for state capital has no lines of the general budget.

    ## 查什么
    国有资本经营预算表没有金额，却列有一般公共预算等其他预算的科目。

    ## 为什么要查
    空表应当只有合计行和说明；填入别的科目，看不出是误填还是漏填。

    ## 不报的情形
    有金额的表；只列国有资本经营预算科目的表。
    """
    ledger = Ledger(report)
    for form in report.forms:
        own = _OWN_CLASSES.get(form.form)
        if own is None or any(
            place.fact.amount and place.fact.amount.value for place in ledger.of_table(form.table.id)
        ):
            continue
        foreign = {line.row: line for line in form.lines if line.code and not line.code.startswith(own)}
        if not foreign:
            yield Passed(f"《{form.name}》的科目")
            continue
        named = "、".join(f"{line.code} {line.name.strip()}" for line in list(foreign.values())[:3])
        yield conclude(
            foreign_codes,
            report.document,
            key=f"{form.form}:foreign:",
            message=(
                f"《{form.name}》没有金额，却列有{len(foreign)}行其他预算的科目（{named}等），"
                f"应为空表并注明“本表无数据”，或填列{vocabulary().by_id[form.form].name}的科目。"
            ),
            places=[(form.table, cell) for cell in _cells(form, set(foreign))],
            expected="空表",
            observed=named,
        )


def _cells(form: FormTable, rows: set[int]) -> Iterator[Cell]:
    seen: set[int] = set()
    for cell in form.table.cells:
        if cell.row in rows and cell.row not in seen and cell.text.strip():
            seen.add(cell.row)
            yield cell
