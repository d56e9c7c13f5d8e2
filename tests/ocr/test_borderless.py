"""Tables without any rule: what lines up under headings is a table, prose and lists stay prose."""

import pytest

from models.page import Word
from ocr.borderless import find_borderless_tables
from tests.ocr.placed_words import HEADER, centred, entry, right, rows, word

BODY = [
    *entry(145, "213", "农林水支出", "1,512.50", "12.50"),
    *entry(163, "21303", "水利", "1,512.50", "12.50"),
    *entry(181, "2130301", "行政运行", "500.00"),
    *entry(199, "2130305", "水利工程建设", "1,012.50", "12.50"),
]


def test_columns_rows_and_header_spans_are_inferred() -> None:
    title = [centred("支出预算表", 50, 530, 70), word("单位：万元", 470, 88)]
    words = [*title, *HEADER, *BODY]
    (grid,) = find_borderless_tables(words)
    assert not grid.ruled
    assert rows(grid, words) == [
        ["项目", "2026年预算数"],
        ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
        ["213", "农林水支出", "1,512.50", "12.50", ""],
        ["21303", "水利", "1,512.50", "12.50", ""],
        ["2130301", "行政运行", "500.00", "", ""],
        ["2130305", "水利工程建设", "1,012.50", "12.50", ""],
    ]
    assert {(s.row, s.col, s.rowspan, s.colspan) for s in grid.spans if s.colspan > 1} == {(0, 0, 1, 2), (0, 2, 1, 3)}


def test_a_wrapped_name_stays_in_its_row() -> None:
    wrapped = [word("机关事业单位基本养老", 153, 211), word("保险缴费", 153, 223), word("2080505", 53, 217)]
    words = [*HEADER, *BODY, *wrapped, right("9.10", 370, 217), *entry(241, "221", "住房保障支出", "8.00")]
    (grid,) = find_borderless_tables(words)
    assert rows(grid, words)[-2:] == [
        ["2080505", "机关事业单位基本养老保险缴费", "9.10", "", ""],
        ["221", "住房保障支出", "8.00", "", ""],
    ]


def test_a_part_without_headings_takes_over_the_columns_of_the_page_before() -> None:
    (before,) = find_borderless_tables([*HEADER, *BODY])
    overleaf = [
        *entry(60, "221", "住房保障支出", "3.00"),
        *entry(78, "22102", "住房改革支出", "3.00"),
        *entry(96, "2210201", "住房公积金", "3.00", "3.00"),
    ]
    (grid,) = find_borderless_tables(overleaf, before)
    assert grid.xs == before.xs
    assert rows(grid, overleaf)[2] == ["2210201", "住房公积金", "3.00", "3.00", ""]
    assert find_borderless_tables(overleaf) == []


def test_the_paragraph_below_is_not_part_of_the_table() -> None:
    below = [
        word("二、收入预算情况说明", 74, 240),
        word("2026年收入预算1512.50万元，比上年增加12.50万元，主要是水利工程建设支出增加。", 74, 262),
    ]
    (grid,) = find_borderless_tables([*HEADER, *BODY, *below])
    assert grid.ys[-1] < 220


NAMES = ("一、教育支出", "二、科学技术支出", "三、卫生健康支出", "四、节能环保支出")


def hanging(name: str, size: float = 10.0) -> int:
    """How many rows the table has below its headings, with a row that only has this name at its foot."""
    words = [*HEADER, *(piece for n, one in enumerate(NAMES) for piece in entry(145 + 18 * n, "213", one, "12.50"))]
    (grid,) = find_borderless_tables([*words, word(name, 153, 145 + 18 * len(NAMES), size)])
    return grid.n_rows - 2


def test_a_name_longer_than_all_above_it_ends_the_table_where_no_amount_follows() -> None:
    assert hanging("五、文化旅游体育与传媒支出") == len(NAMES) + 1


def test_a_line_that_reaches_into_the_amounts_or_is_larger_stands_below_the_table() -> None:
    assert hanging("五、文化旅游体育与传媒支出等预算安排情况的有关说明") == len(NAMES)
    assert hanging("五、支出说明", 14.0) == len(NAMES)


def spread(*pieces: tuple[str, float], y: float) -> list[Word]:
    return [word(text, x0, y) for text, x0 in pieces]


def contents(leader: str) -> list[Word]:
    names = ("一、部门职责", "二、机构设置", "三、收支总表", "四、收入总表", "五、支出总表")
    return [
        piece
        for n, name in enumerate(names)
        for piece in spread((name + leader, 60), (f"{3 * n + 1}", 500), y=100 + 20 * n)
    ]


PROSE = {
    "contents with leaders": contents("……………………"),
    "contents without leaders": [centred("目录", 50, 530, 70), *contents("")],
    "numbered list with amounts": [
        piece
        for n in range(6)
        for piece in spread((f"{n + 1}.", 60), (f"水利工程第{n}期预算{n}2.50万元，增长{n}.5%。", 80), y=100 + 18 * n)
    ],
    "signatures": [
        piece
        for n, row in enumerate((("负责人：", "财务：", "填表："), ("张某", "李某", "王某"), ("2026", "1", "15")))
        for piece in spread(*zip(row, (60, 220, 400), strict=True), y=700 + 18 * n)
    ],
    "text in two columns": [
        piece
        for n in range(12)
        for piece in spread(("认真落实各项决策部署", 60), (f"结转{n}00.00万元用于项目", 310), y=100 + 16 * n)
    ],
    "axis of a chart": [
        *(word(f"{n}00.00", 60, 400 - 30 * n) for n in range(8)),
        *spread(("2024年", 120), ("2025年", 240), ("2026年", 360), y=420),
        *spread(("1,200.00", 120), ("1,350.00", 240), ("1,512.50", 360), y=300),
    ],
    "prose with numbers set apart": [
        piece
        for n in range(8)
        for piece in spread(
            ("收入", 60 + 7 * n), (f"{n}12.50", 112 + 11 * n), ("万元", 180 + 5 * n), (f"{n}0.00", 330 + 9 * n),
            y=100 + 18 * n,
        )
    ],
    "meta lines": [
        piece
        for n, row in enumerate((("单位名称：水务局", "单位：万元"), ("填报日期：", "2026"), ("联系电话：", "0000")))
        for piece in spread(*zip(row, (60, 400), strict=True), y=100 + 18 * n)
    ],
    "phone numbers": [
        piece
        for n, name in enumerate(("办公室", "财务科", "人事科", "监察室"))
        for piece in spread((name, 60), (f"8888{n}", 300), y=100 + 18 * n)
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", PROSE)
def test_prose_stays_prose(kind: str) -> None:
    assert find_borderless_tables(PROSE[kind]) == []
