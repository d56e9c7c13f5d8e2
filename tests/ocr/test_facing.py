"""Two pages on one picture are parted at the gutter; a page that is merely wide is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import capture
from examples.degrade import Damage, Scan, degrade, scans_to_pdf
from examples.items import PageStyle, TableSpec, Text
from examples.typeset import typeset
from ocr.clean.facing import find_gutter
from ocr.clean.light import even_out
from ocr.pipeline import read_document

DPI = 100
SMALL = PageStyle(width_pt=360.0, height_pt=500.0, margin_pt=40.0)
WIDE = PageStyle(width_pt=720.0, height_pt=500.0, margin_pt=40.0)
ROWS = tuple((f"第{n}项水利工程", f"{n * 321.5:.2f}") for n in range(1, 17))


def table(title: str, rules: str, first: int = 1) -> TableSpec:
    body = ROWS[first - 1 :]
    return TableSpec((("项目", "预算数"), *body), (3, 2), title=title, rules=rules, align="lr")  # type: ignore[arg-type]


def page(spec: TableSpec | Text, style: PageStyle) -> Scan:
    return degrade(typeset((spec,), style).pdf, Damage(dpi=DPI, noise=2.0), seed=4)[0]


def gutter_of(scan: Scan) -> int | None:
    return find_gutter(even_out(scan.image, DPI), scan.image, DPI)


@pytest.mark.parametrize("fold", [0.0, 0.4])
def test_two_pages_are_parted_between_them(fold: float) -> None:
    left, right = page(table("收入", "ruled"), SMALL), page(Text("水利工程建设与管理。" * 40), SMALL)
    both, _ = capture.side_by_side(left, right, fold)
    gutter = gutter_of(both)
    assert gutter is not None
    assert abs(gutter - 500) < 15


@pytest.mark.parametrize("rules", ["ruled", "three-line", "borderless"])
@pytest.mark.parametrize("title", ["2026年预算收支总表", ""])
def test_a_wide_table_is_never_cut(rules: str, title: str) -> None:
    wide = page(table(title, rules), WIDE)
    assert gutter_of(wide) is None
    assert gutter_of(capture.shaded(wide, 0.4, seed=1)) is None


def test_a_page_beside_a_blank_one_is_one_page() -> None:
    filled = page(table("收入", "ruled"), SMALL)
    blank = page(Text(""), SMALL)
    assert gutter_of(capture.side_by_side(filled, blank, 0.0)[0]) is None


def test_facing_pages_are_read_left_then_right_and_stay_one_page_of_the_file(tmp_path: Path) -> None:
    style = PageStyle(width_pt=360.0, height_pt=500.0, margin_pt=40.0, page_number="- {n} -")
    made = typeset((Text("一、" + "甲方水利工程。" * 20), table("支出", "ruled", 10)), style)
    other = typeset((Text("二、" + "乙方水利工程。" * 20), table("收入", "ruled", 12)), style)
    scans = [degrade(one.pdf, Damage(dpi=150, noise=2.0), seed=6)[0] for one in (made, other)]
    path = tmp_path / "open-book.pdf"
    path.write_bytes(scans_to_pdf([capture.side_by_side(*scans, gutter=0.3)[0]]))
    read = read_document(path)
    assert [item.index for item in read.pages] == [0]
    assert [found.title for found in read.tables] == ["支出", "收入"]
    assert [found.pages for found in read.tables] == [(0,), (0,)]
    for found, true, shift in zip(read.tables, (made, other), (0.0, 360.0), strict=True):
        for cell, wanted in zip(found.cells, true.document.tables[0].cells, strict=True):
            assert cell.text == wanted.text
            assert cell.box.center_x == pytest.approx(wanted.box.center_x + shift, abs=3)
            assert cell.box.center_y == pytest.approx(wanted.box.center_y, abs=3)
    texts = [block.text for block in read.blocks if block.role == "paragraph"]
    assert [text[:4] for text in texts] == ["一、甲方", "二、乙方"]
