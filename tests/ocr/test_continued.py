"""Tables over several pages: further columns, rows cut by the break, and what only looks like either."""

from collections.abc import Sequence

from models.geometry import Box
from models.table import Cell, Table
from ocr.grid import Grid, Span
from ocr.layout import Surroundings
from ocr.sideways import build_wide, pair_sideways
from ocr.tables import PageTable, join_parts

Rows = Sequence[Sequence[str]]
NAMES = ("工资福利支出", "商品和服务支出", "对个人和家庭的补助", "资本性支出", "其他支出")
LEFT = (("科目编码", "科目名称", "合计"), *((f"30{n}", name, f"{n}12.50") for n, name in enumerate(NAMES, 1)))
RIGHT = (("基本支出", "项目支出"), *((f"{n}00.00", f"{n}2.50") for n in range(1, 6)))


def part(page: int, rows: Rows, widths: Sequence[float], top: float = 100.0, **around: str) -> PageTable:
    """A ruled table of rows of 20 pt; a line feed in a text is a wrapped line."""
    xs = [50.0]
    for width in widths:
        xs.append(xs[-1] + width)
    ys = [top + 20.0 * n for n in range(len(rows) + 1)]
    grid = Grid(tuple(xs), tuple(ys), tuple(Span(r, c, 1, 1) for r in range(len(rows)) for c in range(len(widths))))
    cells = tuple(
        Cell(r, c, text.replace("\n", ""), page, Box(xs[c], ys[r], xs[c + 1], ys[r + 1]), raw=text)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return PageTable(page, grid, cells, Surroundings(**around))


def read(*parts: PageTable) -> list[Table]:
    groups = join_parts([[one] for one in parts], [True] * len(parts))
    return [build_wide(halves, number) for number, halves in enumerate(pair_sideways(groups), 1)]


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in table.cells if cell.row == row] for row in range(table.n_rows)]


# Further columns


def test_columns_on_the_next_page_at_the_same_heights_are_joined() -> None:
    (table,) = read(part(0, LEFT, (80, 200, 100), title="支出表"), part(1, RIGHT, (120, 90)))
    assert texts(table) == [[*a, *b] for a, b in zip(LEFT, RIGHT, strict=True)]
    assert (table.title, table.pages, table.n_header) == ("支出表", (0, 1), 1)
    assert {cell.page for cell in table.cells if cell.col >= 3} == {1}


def test_names_that_are_printed_again_stand_once_and_may_stand_higher() -> None:
    again = tuple((*a[:2], *b) for a, b in zip(LEFT, RIGHT, strict=True))
    (table,) = read(part(0, LEFT, (80, 200, 100), title="支出表"), part(1, again, (80, 200, 100, 100), top=60))
    assert texts(table) == [[*a, *b] for a, b in zip(LEFT, RIGHT, strict=True)]


def test_further_columns_of_the_same_widths_are_not_put_below() -> None:
    (table,) = read(part(0, LEFT, (80, 100, 100), title="支出表"), part(1, [(*r, "") for r in RIGHT], (80, 100, 100)))
    assert (table.n_rows, table.n_cols) == (6, 6)


def test_a_page_of_tables_that_goes_down_and_then_over() -> None:
    low_left = tuple((f"31{n}", name, f"{n}.00") for n, name in enumerate(NAMES))
    low_right = tuple((f"{n}.00", "0.00") for n in range(5))
    header_left, header_right = LEFT[:1], RIGHT[:1]
    (table,) = read(
        part(0, LEFT, (80, 200, 100), title="支出表"),
        part(1, [*header_left, *low_left], (80, 200, 100)),
        part(2, RIGHT, (120, 90)),
        part(3, [*header_right, *low_right], (120, 90)),
    )
    assert texts(table)[6] == ["310", "工资福利支出", "0.00", "0.00", "0.00"]
    assert (table.n_rows, table.n_cols, table.pages) == (11, 5, (0, 1, 2, 3))


def test_a_table_with_a_title_of_its_own_stays_alone() -> None:
    assert len(read(part(0, LEFT, (80, 200, 100), title="支出表"), part(1, RIGHT, (120, 90), title="项目表"))) == 2


def test_rows_at_other_heights_without_names_stay_alone() -> None:
    assert len(read(part(0, LEFT, (80, 200, 100), title="支出表"), part(1, RIGHT, (120, 90), top=130))) == 2


def test_the_same_headings_are_no_further_columns() -> None:
    other = tuple((a, b, c.replace("2.50", "3.75")) for a, b, c in LEFT)
    tables = read(part(0, LEFT, (80, 200, 100), title="支出表"), part(1, other, (80, 190, 120), unit="万元"))
    assert all(table.n_cols == 3 for table in tables)


# Rows cut by the break

LONG = "机关事业单位基本养\n老保险和职业年金缴"
HEAD = ("科目编码", "科目名称", "合计")
UPPER = (HEAD, ("201", "一般公共服务支出的\n全部", "1.00"), ("20805", LONG, "9.10"))
LOWER = (("", "费支出", ""), ("210", "卫生健康支出", "3.00"))


def test_a_row_cut_by_the_break_is_one_row() -> None:
    (table,) = read(part(0, UPPER, (80, 200, 100), title="支出表"), part(1, LOWER, (80, 200, 100)))
    assert texts(table)[2:] == [
        ["20805", "机关事业单位基本养老保险和职业年金缴费支出", "9.10"],
        ["210", "卫生健康支出", "3.00"],
    ]


def test_a_cut_row_is_found_below_a_repeated_header() -> None:
    (table,) = read(part(0, UPPER, (80, 200, 100), title="支出表"), part(1, (HEAD, *LOWER), (80, 200, 100)))
    assert table.n_rows == 4


def test_what_has_a_code_an_amount_or_a_beginning_of_its_own_is_a_row() -> None:
    for first in (("208", "费支出", ""), ("", "费支出", "1.00"), ("", "其中：费支出", ""), ("", "", "")):
        (table,) = read(part(0, UPPER, (80, 200, 100), title="支出表"), part(1, (first, *LOWER[1:]), (80, 200, 100)))
        assert table.n_rows == 5, first


def test_a_text_that_ended_is_not_gone_on_with() -> None:
    ended = (*UPPER[:2], ("20805", "机关养老支出", "9.10"))
    (table,) = read(part(0, ended, (80, 200, 100), title="支出表"), part(1, LOWER, (80, 200, 100)))
    assert table.n_rows == 5
    stopped = (*UPPER[:2], ("20805", LONG[:-1] + "。", "9.10"))
    (table,) = read(part(0, stopped, (80, 200, 100), title="支出表"), part(1, LOWER, (80, 200, 100)))
    assert table.n_rows == 5


def test_tables_with_blank_heads_keep_their_rows() -> None:
    rows = [*UPPER, *(("", "指标名称", "") for _ in range(3)), ("20805", LONG, "9.10")]
    (table,) = read(part(0, rows, (80, 200, 100), title="支出表"), part(1, LOWER, (80, 200, 100)))
    assert table.n_rows == len(rows) + 2


def test_empty_rows_and_columns_are_kept() -> None:
    rows = [HEAD, ("201", "一般公共服务支出", ""), ("", "", ""), ("204", "公共安全支出", "")]
    (table,) = read(part(0, rows, (80, 200, 100), title="支出表"))
    assert texts(table) == [list(row) for row in rows]
