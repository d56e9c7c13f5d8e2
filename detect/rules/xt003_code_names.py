"""XT003: one code has one name in all tables."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import CellPlace, conclude, trust
from detect.headers import Grid
from detect.reconcile import SURE
from detect.registry import Example, Outcome, rule
from detect.wording import fixed_name
from models.citation import Citation
from models.report import FormTable, Line, Report

_WORDS = re.compile(r"[一-龥]{2,}")


@rule(
    id="XT003",
    name="同一科目的名称",
    severity="warning",
    category="cross_table",
    basis=Citation("《政府收支分类科目》"),
    example=Example(
        """
            《2031年预算支出总表》万元
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            206 | 科学技术支出 | 10.00 | 10.00 |
            20607 | 科学技术普及 | 10.00 | 10.00 |
            《2031年一般公共预算支出预算表》万元
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            206 | 科学技术支出 | 10.00 | 10.00 |
            20607 | 科技条件服务 | 10.00 | 10.00 |
            """,
        near_miss={"科技条件服务": "科学技术普及"},
        because="两表名称一致",
    ),
)
def code_names(report: Report) -> Iterator[Outcome]:
    """A functional or economic code is called the same wherever the document prints it.

    ## 查什么
    已识别报表中同一科目编码的名称是否一致；只有少数几处不同的，指出不同的一处和多数的写法。

    ## 为什么要查
    编码或名称必有一个填错，金额就可能列错了科目。

    ## 不报的情形
    只差标点、空格、外文字母的；一个名称包含另一个（简写、换行未读全）；读得不确定的名称。
    """
    found: dict[str, dict[str, list[tuple[FormTable, Line, CellPlace]]]] = defaultdict(lambda: defaultdict(list))
    for form in report.forms:
        grid = Grid(form.table)
        for line in form.lines if form.form else ():
            place = _name_cell(grid, line)
            if line.code and place is not None and trust(report.document, [place]) >= SURE:
                found[line.code][fixed_name(line.name)].append((form, line, place))
    for code, names in sorted(found.items()):
        if sum(map(len, names.values())) < 2:
            continue
        counts = Counter({name: len(places) for name, places in names.items()})
        usual, _ = counts.most_common(1)[0]
        strange = [name for name in names if name not in usual and usual not in name]
        if not strange:
            yield Passed(f"科目{code}的名称")
            continue
        form, line, place = names[strange[0]][0]
        other, other_line, other_place = names[usual][0]
        yield conclude(
            code_names,
            report.document,
            key=f"{form.form}:c{code}",
            message=(
                f"《{form.name}》科目{code}的名称为“{line.name}”，《{other.name}》为“{other_line.name}”"
                f"（共{counts[usual]}处），请核实编码和名称。"
            ),
            places=[place],
            others=[other_place],
            expected=other_line.name,
            observed=line.name,
        )


def _name_cell(grid: Grid, line: Line) -> CellPlace | None:
    """The cell that prints the name of a line; None where it is no words, or stands in no cell of its own."""
    if not _WORDS.search(line.name):
        return None
    cells = [cell for cell in grid.row(line.row) if cell.text.strip() == line.name]
    return (grid.table, cells[0]) if cells else None
