"""Performance forms to records: labels left or above, two halves side by side, lists of projects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.amounts import parse_number, unit_in
from detect.headers import Grid
from detect.indicators import find_heading, heading_of_list, read_indicators, rows_of_list
from detect.marks import read_execution, read_marks
from detect.wording import plain, row_name
from models.document import Document
from models.form import FormKind, FormText, Funding, ProjectForm, Scores
from models.table import Cell, Table

_TOTAL = re.compile(r"资金总额|项目(?:年初)?预算金额|实际到位金额|实际执行金额")
_SOURCE = re.compile(
    r"^(?:中央|中央财政|省级?|省市|市级?|市县|县|区|乡|本级|上级|中央、省|中央省)[^\d]{0,12}(?:资金|财政|补助)$"
    r"|^(?:单位)?自筹(?:资金)?$|^其(?:他|它)(?:资金)?$|^社会资金$|^单位资金$"
    r"|^(?:当年|本年|年度)?(?:财政拨款|一般公共预算(?:财政)?(?:拨款)?)(?:资金)?$|^上年结转(?:结余)?(?:资金)?$"
    r"|^政府性基金(?:预算)?(?:拨款|资金)?$|^国有资本经营预算(?:拨款|资金)?$|^财政专户管理资金$"
)
_FISCAL = re.compile(r"^(?:当年|本年|年度)?财政拨款")
_PART_OF_FISCAL = re.compile(r"^(?:中央|省|市|县|区|乡|上级|本级|一般公共预算|政府性基金|国有资本)")
_PART = re.compile(r"执行情况|预算执行|产出|效益|满意度")
_GRADE = re.compile(r"等级(?:为|是|：|:)?[“\"‘]?(优|良|中|差)")
_PROJECT_CODE = re.compile(r"^\d[0-9A-Z]{7,}[-—_]")

_LABELS: tuple[tuple[str, str], ...] = (
    ("overview", r"项目(?:基本)?(?:概况|情况|内容|简介)(?:描述)?"),
    ("basis", r"(?:项目)?立项(?:的)?依据"),
    ("need", r"(?:项目)?(?:设立|立项|实施)(?:的)?必要性"),
    ("measures", r"保证项目实施的?制度、?措施|(?:项目)?(?:保障|组织)?(?:制度|措施)(?:及|和|、)?(?:制度|措施)?"),
    ("plan", r"(?:项目)?实施(?:进度)?计划"),
    ("goal_period", r"(?:项目)?(?:实施期|中期)(?:绩效)?(?:总体?)?目标"),
    ("goal_year", r"(?:本)?年度(?:总体)?(?:绩效)?目标|绩效目标"),
    ("attribute", r"项目属性"),
    ("duration", r"项目期限?"),
    ("dates", r"(?:项目)?(?:起止时间|实施期限|起止年限)"),
    ("owner", r"(?:项目)?(?:实施|承担)单位|项目单位"),
    ("authority", r"主管部门(?:及代码)?"),
    ("posts", r"核定的?人员编制数"),
    ("staff", r"实际在职人员总数"),
    ("on_post", r"(?:其中)?在编人员数"),
    ("off_post", r"其他人员数"),
    ("duties", r"部门职责"),
    ("strategy", r"部门战略目标"),
    ("execution", r"(?:项目|预算)执行情况(?:10分)?|预算执行率(?:10分)?"),
    ("conclusion", r"自评结论(?:及结果分析)?"),
    ("experience", r"主要经验做法"),
    ("problems", r"存在(?:的)?问题(?:与|及|和)?(?:整改|改进)?措施?"),
)
_FIELDS = tuple((name, re.compile(rf"(?:{pattern.replace('、?', '')})")) for name, pattern in _LABELS)
LONGEST_LABEL = 16
"""Characters of the longest label (保证项目实施的制度、措施) and a few for brackets."""


def is_target_form(table: Table) -> bool:
    """Whether the table sets performance targets of one project."""
    return "绩效目标" in plain(table.title) and "整体" not in plain(table.title)


def is_self_evaluation(table: Table) -> bool:
    """Whether the table evaluates one project after the year."""
    return "自评表" in plain(table.title) and "整体" not in plain(table.title)


def project_name(table: Table) -> str:
    """What stands beside 项目名称; empty when the form has no such cell."""
    cell = _beside(Grid(table), "项目名称")
    return plain(cell.text) if cell is not None else ""


def _beside(grid: Grid, label: str) -> Cell | None:
    for cell in grid.table.cells:
        if row_name(cell.text) == label and cell.col + cell.colspan < grid.table.n_cols:
            return grid.cell(cell.row, cell.col + cell.colspan)
    return None


def read_project_forms(document: Document) -> tuple[ProjectForm, ...]:
    """Every performance form of the document, in reading order; tables that are none give nothing."""
    return tuple(form for table in document.tables for form in _forms_of(table))


def _forms_of(table: Table) -> Iterator[ProjectForm]:
    grid = Grid(table)
    title = plain(table.title)
    columns = heading_of_list(grid)
    if columns is not None:
        yield from _list_forms(grid, columns)
        return
    kind: FormKind
    if is_self_evaluation(table):
        kind = "self_evaluation"
    elif "绩效目标" in title:
        kind = "overall" if "整体" in title else "target"
    elif find_heading(grid) is not None and _beside(grid, "项目名称") is not None:
        kind = "target"
    else:
        return
    indicators = tuple(read_indicators(grid))
    if kind == "target" and any(item.done is not None for item in indicators):
        kind = "self_evaluation"
    name = _beside(grid, "部门名称" if kind == "overall" else "项目名称")
    marks, total = read_marks(grid) if kind == "self_evaluation" else ((), None)
    yield ProjectForm(
        kind=kind,
        table=table,
        title=table.title.strip() or "项目绩效表",
        project=_PROJECT_CODE.sub("", plain(name.text)) if name is not None else "",
        project_cell=name,
        texts=tuple(_texts(grid)),
        fundings=tuple(fundings(table)),
        indicators=indicators,
        scores=scores(table) if kind == "self_evaluation" else None,
        marks=marks,
        total_mark=total,
        execution=read_execution(grid) if kind == "self_evaluation" else None,
    )


def _list_forms(grid: Grid, columns: dict[str, int]) -> Iterator[ProjectForm]:
    """One record for every entry of a table of projects."""
    table = grid.table
    for rows in rows_of_list(grid, columns):
        name = grid.cell(rows[0], columns["project"])
        goal = grid.cell(rows[0], columns["goal"])
        money = grid.cell(rows[0], columns["money"]) if "money" in columns else None
        funds: tuple[Funding, ...] = ()
        if money is not None and parse_number(money.text):
            funds = (Funding("年度金额", table.unit, money, ()),)
        yield ProjectForm(
            kind="target",
            table=table,
            title=table.title.strip() or "项目绩效表",
            project=_PROJECT_CODE.sub("", plain(name.text)),
            project_cell=name,
            texts=(FormText("goal_year", "绩效目标", plain(goal.text), goal),),
            fundings=funds,
            indicators=tuple(read_indicators(grid, columns, rows)),
            is_list=True,
        )


def _label_id(text: str) -> str:
    words = row_name(text)
    if not words or len(words) > LONGEST_LABEL:
        return ""
    return next((name for name, pattern in _FIELDS if pattern.fullmatch(words)), "")


def _texts(grid: Grid) -> Iterator[FormText]:
    """The labelled fields: the text stands to the right of its label, or below it where that is another label."""
    table = grid.table
    for cell in table.cells:
        name = _label_id(cell.text)
        if not name:
            continue
        value = grid.cell(cell.row, cell.col + cell.colspan) if cell.col + cell.colspan < table.n_cols else None
        if value is None or _label_id(value.text):
            below = cell.row + cell.rowspan
            value = grid.cell(below, cell.col) if below < table.n_rows else None
            if value is None or value.col != cell.col or _label_id(value.text):
                continue
        yield FormText(name, plain(cell.text), plain(value.text), value)


def fundings(table: Table) -> Iterator[Funding]:
    """The totals of money in a form with their sources; totals without sources below them are left out."""
    grid = Grid(table)
    for cell in table.cells:
        words = plain(cell.text)
        if not _TOTAL.search(words) or len(words) > 20 or cell.col + cell.colspan >= table.n_cols:
            continue
        value = grid.cell(cell.row, cell.col + cell.colspan)
        if value.row != cell.row or not (parse_number(value.text) or not value.text.strip()):
            continue
        sources: list[tuple[str, Cell]] = []
        is_nested = False
        for row in range(cell.row + cell.rowspan, table.n_rows):
            label = grid.cell(row, cell.col)
            name = re.sub(r"^其中[:：]?", "", plain(label.text))
            if label.col != cell.col or not _SOURCE.match(name):
                break
            is_nested |= bool(sources) and name != plain(label.text)
            sources.append((name, grid.cell(row, label.col + label.colspan)))
        if is_nested or _divides_again([name for name, _ in sources]):
            continue
        if sources:
            side = grid.text(cell.row, 0)
            yield Funding(words.rstrip(":："), unit_in(words) or unit_in(side) or table.unit, value, tuple(sources))


def scores(table: Table) -> Scores | None:
    """The scores of a self-evaluation; None when the form has no 总分 or scores nothing above it in that column."""
    grid = Grid(table)
    label = next((cell for cell in table.cells if row_name(cell.text) in ("总分", "总得分", "合计得分")), None)
    if label is None:
        return None
    numbered = [cell for cell in grid.row(label.row) if cell.col > label.col and _score(cell.text)]
    if not numbered:
        return None
    total = numbered[-1]
    parts: list[tuple[str, Cell]] = []
    for row in range(label.row):
        cell = grid.cell(row, total.col)
        if cell.row == row and cell.colspan == total.colspan and _score(cell.text):
            parts.append((_label_of(grid, cell), cell))
    conclusion = next(
        (cell for cell in table.cells if _GRADE.search(plain(cell.text)) and "划分" not in cell.text), None
    )
    grade = found.group(1) if conclusion is not None and (found := _GRADE.search(plain(conclusion.text))) else ""
    return Scores(total, tuple(parts), grade, conclusion)


def _divides_again(names: list[str]) -> bool:
    """Whether `财政拨款` stands beside parts of it: then the lines are no sources side by side."""
    return any(_FISCAL.match(name) for name in names) and any(_PART_OF_FISCAL.match(name) for name in names)


def _label_of(grid: Grid, score: Cell) -> str:
    words = [plain(cell.text) for cell in grid.row(score.row) if cell.col < score.col and plain(cell.text)]
    return next((word for word in words if _PART.search(word)), words[0] if words else "")


def _score(text: str) -> bool:
    bare = plain(text)
    return bare.endswith("分") and parse_number(bare.removesuffix("分")) is not None
