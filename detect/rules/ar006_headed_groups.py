"""AR006: in a table that is no known form, 合计 equals the columns beside it, where the table shows so."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, check_of
from detect.facts import Ledger, Place
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.finding import Skip
from models.report import Column, FormTable, Report

_TOTALS = ("合计", "小计", "总计")

Path = tuple[str, ...]


@rule(
    id="AR006",
    name="其他表格横向合计",
    severity="error",
    category="arithmetic",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年观测站经费表》万元
            站名 | 经费 | > | >
            ^ | 合计 | 人员 | 设备
            东山站 | 30.00 | 10.00 | 20.00
            西山站 | 25.00 | 12.00 | 13.00
            南山站 | 18.00 | 9.00 | 9.00
            北山站 | 47.00 | 20.00 | 24.00
            湖心站 | 16.00 | 6.00 | 10.00
            江口站 | 21.00 | 11.00 | 10.00
            """,
        near_miss={"47.00": "44.00"},
        because="每一行的合计都等于两项之和",
    ),
    thresholds=(
        Threshold(
            "fewest_rows",
            "行",
            "至少有这么多行能看出合计关系，才逐行核对",
            "少于五行的规律可能是巧合",
            low=2,
            high=1000,
        ),
        Threshold(
            "most_rows",
            "比例",
            "这些行中成立的达到此比例，才认定是合计关系",
            "“其中”各列在多数行都不成立，笔误只在个别行",
            low=0.5,
            high=1,
        ),
    ),
)
def headed_groups(report: Report, *, fewest_rows: int = 5, most_rows: float = 0.8) -> Iterator[Outcome]:
    """In tables that are no known form, 合计 under a common heading equals the columns beside it.

    ## 查什么
    不是已知法定报表的表：一组栏目下有“合计”“小计”或“总计”，并且表中多数行都能证明它等于旁边各栏之和的，找出加
    不起来的那一行。

    ## 为什么要查
    各地自行公开的表没有统一格式，违背该表自身规律的那一行就是笔误。

    ## 不报的情形
    四舍五入的尾差；表格自身不能证明是合计关系的栏目。
    """
    ledger = Ledger(report)
    for form in report.forms:
        if not form.form and len(form.columns) > 2 and form.lines:
            yield from _groups(report, ledger, form, fewest_rows, most_rows)


def _groups(
    report: Report, ledger: Ledger, form: FormTable, fewest_rows: int, most_rows: float
) -> Iterator[Check | Skip]:
    by_path = {_path(column): column for column in form.columns}
    for prefix in sorted({path[:depth] for path in by_path for depth in range(len(path))}):
        total = next((by_path[(*prefix, word)] for word in _TOTALS if (*prefix, word) in by_path), None)
        if total is None:
            continue
        parts = _parts(by_path, prefix, total)
        scope = f"《{form.name}》“{total.name}”"
        if parts is None:
            yield Skip("AR006", scope, "同组各列不能都确定为合计的组成部分，未作横向核对")
            continue
        checks = []
        for line in form.lines:
            places: list[Place] = [place for part in parts for place in ledger.at(form, line, part)]
            if total_place := ledger.at(form, line, total):
                name = "合计等于同组各列之和"
                checks.append(check_of(name, total_place[0], [(1, place) for place in places], report.document))
        telling = [check for check in checks if sum(term.state == "number" for term in check.terms) >= 2]
        holding = sum(check.holds() for check in telling)
        if len(telling) < fewest_rows or holding < most_rows * len(telling):
            yield Skip("AR006", scope, "该表的数据不足以表明该列是同组各列之和，未作横向核对")
            continue
        yield from checks


def _path(column: Column) -> Path:
    return tuple(column.id.removeprefix("col:").split(">"))


def _parts(by_path: dict[Path, Column], prefix: Path, total: Column) -> list[Column] | None:
    """The columns beside the total: single ones, and the total of each group of columns; None when one has none."""
    parts: list[Column] = []
    for child in sorted(
        {path[len(prefix)] for path in by_path if path[: len(prefix)] == prefix and len(path) > len(prefix)}
    ):
        path = (*prefix, child)
        if by_path.get(path) is total:
            continue
        if child.startswith("其中"):
            return None
        if path in by_path:
            parts.append(by_path[path])
            continue
        own = next((by_path[(*path, word)] for word in _TOTALS if (*path, word) in by_path), None)
        if own is None:
            return None
        parts.append(own)
    return parts or None
