"""Text around tables: who names a table, what is its unit, what is only furniture."""

import pytest

from models.geometry import Box
from models.page import Page, Word
from ocr.layout import Line, is_page_number, join_words, lines_of, prose_blocks, read_surroundings

PAGE = Page(0, 595.0, 842.0)
TABLE = Box(60, 200, 535, 600)


def word(text: str, x0: float, y0: float, size: float = 10.0) -> Word:
    width = sum(size if ord(mark) > 255 else size * 0.55 for mark in text)
    return Word(text, Box(x0, y0, x0 + width, y0 + size))


def centred(text: str, y0: float, size: float = 10.0) -> Word:
    wide = word(text, 0, y0, size)
    return word(text, 297.5 - wide.box.width / 2, y0, size)


def lines(*words: Word) -> list[Line]:
    return lines_of(words)


def test_title_caption_unit_and_notes_belong_to_their_table() -> None:
    found, blocks, left = read_surroundings(
        lines(
            word("一、部门职责如下所述，负责全市水利工作。", 60, 60),
            word("预算公开表3", 60, 130),
            centred("2026年预算支出总表", 150, 15),
            word("部门名称：云汀市水务局", 60, 182),
            word("单位：万元", 480, 182),
            word("注：本表无数据", 60, 606),
            word("二、收入预算说明", 60, 660),
        ),
        [TABLE],
        PAGE,
    )
    (around,) = found
    assert (around.title, around.caption, around.unit) == ("2026年预算支出总表", "预算公开表3", "万元")
    assert around.meta == ("部门名称：云汀市水务局", "单位：万元")
    assert around.notes == ("注：本表无数据",)
    assert [line.text for line in left] == ["一、部门职责如下所述，负责全市水利工作。", "二、收入预算说明"]
    assert {block.role for block in blocks} == {"caption", "title", "unit", "note"}


def test_the_part_of_the_document_is_not_the_title_of_its_first_table() -> None:
    found, _, _ = read_surroundings(
        lines(
            centred("第二部分 2026年部门决算表", 120, 18),
            centred("收入支出决算总表", 150, 15),
            word("金额单位：元", 470, 182),
        ),
        [TABLE],
        PAGE,
    )
    assert (found[0].title, found[0].unit) == ("收入支出决算总表", "元")


def test_a_title_over_two_lines_is_whole_and_a_continued_one_is_known() -> None:
    found, _, _ = read_surroundings(
        lines(centred("2026年一般公共预算安排基本支出", 140, 14), centred("分经济科目表（续）", 158, 14)), [TABLE], PAGE
    )
    assert found[0].title == "2026年一般公共预算安排基本支出分经济科目表（续）"
    assert found[0].is_continued


@pytest.mark.parametrize("text", ["- 3 -", "3", "—12—", "第7页，共45页", "第3页 共8页", "第 6 页", "iv"])
def test_page_numbers_at_the_foot_are_furniture(text: str) -> None:
    (line,) = lines(centred(text, 800))
    assert is_page_number(line, PAGE)


def test_a_number_in_the_middle_of_a_page_is_not_a_page_number() -> None:
    (line,) = lines(centred("3", 400))
    assert not is_page_number(line, PAGE)


def test_lines_become_paragraphs_by_indent_and_margin() -> None:
    full = "云汀市水务局二〇二六年收入预算总计一千二百三十四万元，全部为一般公共预算"
    blocks = prose_blocks(
        lines(
            word("三、支出预算情况说明", 80, 100),
            word(full[:33], 80, 120),
            word(full[33:] + "拨款收入。", 60, 138),
            word("比上年增加十二万元。", 80, 156),
        ),
        PAGE,
    )
    assert [(block.role, block.text) for block in blocks] == [
        ("heading", "三、支出预算情况说明"),
        ("paragraph", full + "拨款收入。"),
        ("paragraph", "比上年增加十二万元。"),
    ]


def test_words_of_a_line_get_a_space_only_between_latin_words() -> None:
    assert join_words([word("PPP", 60, 10), word("2026", 90, 10), word("年", 120, 10)]) == "PPP 2026年"
