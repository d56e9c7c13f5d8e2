"""Tables without vertical rules: columns from centred headings, rows from rules or from lines of text."""

from ocr.gaps import find_open_tables
from ocr.grid import Grid
from ocr.pages import Rule
from tests.ocr.placed_words import HEADER, centred, entry, right, rows, word


def line(y: float, x0: float = 50, x1: float = 530) -> Rule:
    return Rule(x0, y, x1, y, 0.6)


def spans(grid: Grid) -> set[tuple[int, int, int, int]]:
    return {(s.row, s.col, s.rowspan, s.colspan) for s in grid.spans if s.rowspan > 1 or s.colspan > 1}


def test_a_three_line_table_with_an_empty_column_has_all_its_columns() -> None:
    words = [
        *HEADER,
        *entry(145, "213", "农林水支出", "12.50", "12.50"),
        *entry(163, "21303", "水利", "12.50", "12.50"),
    ]
    (grid,) = find_open_tables([line(100), line(136), line(172)], words)
    assert [round(x) for x in grid.xs] == [50, 150, 290, 370, 450, 530]
    assert rows(grid, words) == [
        ["项目", "2026年预算数"],
        ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
        ["213", "农林水支出", "12.50", "12.50", ""],
        ["21303", "水利", "12.50", "12.50", ""],
    ]
    assert spans(grid) == {(0, 0, 1, 2), (0, 2, 1, 3)}


def test_rules_between_rows_make_the_rows_and_blank_rows_are_kept() -> None:
    words = [
        *HEADER,
        *entry(145, "", "因公出国费"),
        *entry(163, "", "公务接待费"),
        *entry(181, "21303", "水利", "1.00", "1.00"),
    ]
    rules = [line(100), line(118), line(136), line(154), line(172), line(190)]
    (grid,) = find_open_tables(rules, words)
    assert rows(grid, words)[2:] == [
        ["", "因公出国费", "", "", ""],
        ["", "公务接待费", "", "", ""],
        ["21303", "水利", "1.00", "1.00", ""],
    ]


def test_wrapped_names_stay_one_row() -> None:
    words = [
        *HEADER,
        word("2080505", 53, 152),
        word("机关事业单位基本养老", 153, 146),
        word("保险缴费", 153, 158),
        right("9.10", 370, 152),
        *entry(178, "2080506", "职业年金", "4.55"),
        *entry(196, "2101101", "行政医疗", "2.00"),
    ]
    (grid,) = find_open_tables([line(100), line(136), line(206)], words)
    assert rows(grid, words)[2] == ["2080505", "机关事业单位基本养老保险缴费", "9.10", "", ""]
    assert grid.n_rows == 5


def test_a_part_without_header_takes_over_the_columns_of_the_page_before() -> None:
    words = [
        *HEADER,
        *entry(145, "213", "农林水支出", "12.50", "12.50"),
        *entry(163, "21303", "水利", "12.50", "12.50"),
    ]
    (before,) = find_open_tables([line(100), line(136), line(172)], words)
    overleaf = [*entry(70, "221", "住房保障支出", "3.00"), *entry(88, "22102", "住房改革支出", "3.00")]
    (grid,) = find_open_tables([line(60), line(98)], overleaf, before)
    assert grid.xs == before.xs
    assert rows(grid, overleaf) == [["221", "住房保障支出", "3.00", "", ""], ["22102", "住房改革支出", "3.00", "", ""]]


def test_two_tables_below_each_other_are_parted_by_the_unit_line() -> None:
    upper = [*HEADER, *entry(145, "213", "农林水支出", "1.00")]
    lower = [*(word(w.text, w.box.x0, w.box.center_y + 150) for w in HEADER), *entry(295, "221", "住房保障", "2.00")]
    words = [*upper, word("单位：万元", 470, 200), *lower]
    grids = find_open_tables([line(100), line(136), line(154), line(250), line(286), line(304)], words)
    assert [round(grid.ys[0]) for grid in grids] == [100, 250]


def test_lines_around_prose_are_no_table() -> None:
    prose = [word("本部门全面贯彻落实上级决策部署，扎实推进各项重点工作任务。", 60, 150)]
    assert find_open_tables([line(100), line(700)], prose) == []


def test_a_name_right_behind_an_amount_stands_in_the_next_column() -> None:
    header = [
        centred(t, *c, 109)
        for t, c in (("收入", (50, 150)), ("金额", (150, 230)), ("支出", (230, 430)), ("金额", (430, 530)))
    ]
    words = [*header]
    for n in range(4):
        y = 130 + 18 * n
        words += [word("一般公共预算", 53, y), word("1580.81本年支出合计", 230 - 7 * 5.5, y), right("12.50", 530, y)]
    (grid,) = find_open_tables([line(100), line(118), line(194)], words)
    assert rows(grid, words)[1] == ["一般公共预算", "1580.81", "本年支出合计", "12.50"]
