"""AR001: across a row, the total equals its parts."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, check_of
from detect.facts import Ledger, Place, is_torn
from detect.headers import Grid
from detect.registry import Example, Outcome, rule
from detect.vocabulary import Identity, vocabulary
from models.citation import Citation
from models.finding import Skip
from models.report import FormTable, Report


@rule(
    id="AR001",
    name="表内横向合计",
    severity="error",
    category="arithmetic",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年预算支出总表》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 131.00 | 80.00 | 50.00
            """,
        near_miss={"131.00": "130.01"},
        because="三个数各按两位小数四舍五入，合计差 0.01 属于尾差",
    ),
)
def row_sums(report: Report) -> Iterator[Outcome]:
    """The total of every row equals the sum of its parts (合计 = 基本支出 + 项目支出, 合计 = Σ资金来源).

    ## 查什么
    已识别报表的每一行，按该表的栏间关系（合计=基本支出+项目支出、合计=各资金来源之和等）逐行核算。

    ## 为什么要查
    一行加不起来，说明表做成之后有一个数被单独改过。

    ## 不报的情形
    四舍五入的尾差；整行空白；表中还有未识别的金额栏的（它可能也是组成部分，列入“未检查”）；
    金额在格内换行的行（列入“未检查”）。
    """
    ledger = Ledger(report)
    for form in report.forms:
        if not form.form:
            continue
        for identity in vocabulary().by_id[form.form].identities:
            if identity.kind == "columns":
                yield from _rows(report, ledger, form, identity)


def _rows(report: Report, ledger: Ledger, form: FormTable, identity: Identity) -> Iterator[Check | Skip]:
    present = {column.id for column in form.columns}
    wanted = {term.removeprefix("-") for term in identity.terms}
    scope = f"《{form.name}》{identity.name}"
    if identity.total not in present or not wanted & present:
        if form.lines:
            yield Skip("AR001", scope, "该表没有合计列或分项列，未作横向核对")
        return
    if form.unknown_columns:
        yield Skip("AR001", scope, "该表有未识别的金额列，可能也是合计的组成部分，未作横向核对")
        return
    missing = wanted - present
    if not present & set(identity.together):
        missing -= set(identity.together)
    if missing and any(page.index in form.table.pages and page.source == "ocr" for page in report.document.pages):
        yield Skip("AR001", scope, "扫描件中缺少部分分项列，可能漏识，未作横向核对")
        return
    places = _by_row(ledger, form)
    grid = Grid(form.table)
    for (_, row), columns in places.items():
        if is_torn(grid, form, row) or is_torn(grid, form, row - 1):
            yield Skip("AR001", f"{scope}（第{row + 1}行）", "金额在格内换行，被分成两行，未作横向核对")
            continue
        total = columns.get(identity.total)
        terms = [
            (-1 if term.startswith("-") else 1, columns[term.removeprefix("-")])
            for term in identity.terms
            if term.removeprefix("-") in columns
        ]
        if total is not None and terms:
            yield check_of(identity.name, total, terms, report.document)


def _by_row(ledger: Ledger, form: FormTable) -> dict[tuple[str, int], dict[str, Place]]:
    rows: dict[tuple[str, int], dict[str, Place]] = {}
    for place in ledger.of_table(form.table.id):
        rows.setdefault((place.line.block, place.line.row), {})[place.column.id] = place
    return rows
