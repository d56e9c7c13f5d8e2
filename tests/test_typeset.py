"""The typesetter tells the truth: what it says stands somewhere is what a PDF reader finds there."""

import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from models.geometry import Box
from tests.typeset import (
    Damage,
    Mark,
    PageBreak,
    PageStyle,
    Seal,
    Slot,
    TableSpec,
    Text,
    degrade,
    scans_to_pdf,
    scans_to_tiff,
    typeset,
    write_pngs,
)

HEADER = (
    (Slot("项目", colspan=2), None, Slot("2026年预算数", colspan=2), None),
    ("科目编码", "科目名称", "合计", "基本支出"),
)
BODY = tuple((f"21303{n:02d}", f"水利支出第{n}项以及一个很长的名称", f"{n * 1234.5:.2f}", "") for n in range(1, 60))
LONG = TableSpec((*HEADER, *BODY), (2, 3, 2, 2), title="长表", caption="预算公开表3", unit="单位：万元", n_header=2)


def text_in(pdf: bytes, page: int, box: Box) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        height = document[page].get_height()
        text = document[page].get_textpage().get_text_bounded(box.x0, height - box.y1, box.x1, height - box.y0)
    finally:
        document.close()
    return "".join(text.split())


def test_cells_stand_where_the_truth_says_over_page_breaks() -> None:
    made = typeset([Text("说明一段。"), LONG], PageStyle(page_number="- {n} -"))
    table = made.table("长表")
    assert table.pages == (0, 1)
    assert table.unit == "万元"
    assert len(made.header_repeats) == 1
    assert made.header_repeats[0][0] == 1
    for cell in table.cells:
        assert text_in(made.pdf, cell.page, cell.box) == cell.text, cell
    assert {cell.page for cell in table.cells} == {0, 1}


def test_wrapped_cells_keep_numbers_whole() -> None:
    spec = TableSpec((("项目名称", "金额"), ("城区排涝泵站及管网运行维护", "1234567.89")), (1, 1), width_share=0.2)
    cells = typeset([spec]).document.tables[0].cells
    assert cells[2].raw.replace("\n", "") == cells[2].text
    assert "\n" in cells[2].raw
    assert cells[3].raw == "1234567.89"


def test_a_cell_that_spans_a_page_break_is_told_once() -> None:
    rows = [("类别", "项目"), *((Slot("产出指标", rowspan=80) if n == 0 else None, f"指标{n}") for n in range(80))]
    table = typeset([TableSpec(tuple(rows), (1, 3), title="跨页")]).table("跨页")
    spanning = next(cell for cell in table.cells if cell.text == "产出指标")
    assert (spanning.page, spanning.rowspan) == (0, 80)
    assert table.pages == (0, 1)


def test_blocks_say_what_was_drawn() -> None:
    made = typeset(
        [
            Text("第一部分 概况", "heading", bold=True, align="center"),
            PageBreak(),
            Text("云汀市水务局负责水资源管理，" * 8),
        ],
        PageStyle(page_number="第 {n} 页", page_header="内部资料", family="serif"),
    )
    for block in made.document.blocks:
        grown = Box(block.box.x0 - 1, block.box.y0 - 2, block.box.x1 + 1, block.box.y1 + 2)
        assert text_in(made.pdf, block.page, grown) == "".join(block.text.split())
    assert {block.role for block in made.document.blocks} == {"heading", "paragraph", "page_header", "page_number"}


@pytest.mark.parametrize("rules", ["ruled", "open-sides", "horizontal", "three-line", "borderless"])
def test_rules_leave_the_cells_as_they_are(rules: str) -> None:
    plain = typeset([LONG]).table("长表").cells
    spec = TableSpec(LONG.rows, LONG.widths, title="长表", caption="表", unit="单位：万元", n_header=2, rules=rules)  # type: ignore[arg-type]
    assert typeset([spec]).table("长表").cells == plain


def test_a_grid_with_a_hole_is_refused() -> None:
    with pytest.raises(ValueError, match="without a cell"):
        typeset([TableSpec((("甲", None), ("乙", "丙")), (1, 1))])
    with pytest.raises(ValueError, match="entries for 2 columns"):
        typeset([TableSpec((("甲",),), (1, 1))])


def test_same_input_same_bytes() -> None:
    made = typeset([LONG]).pdf
    assert made == typeset([LONG]).pdf
    damage = Damage(dpi=60, mark=Mark("仅供演示"), noise=3.0, skew_deg=0.5, jpeg_quality=60)
    assert scans_to_pdf(degrade(made, damage, seed=4)) == scans_to_pdf(degrade(made, damage, seed=4))
    assert scans_to_pdf(degrade(made, damage, seed=4)) != scans_to_pdf(degrade(made, damage, seed=5))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, 3.0, -0.6])
def test_page_points_are_followed_through_turn_and_skew(turn: int, skew: float) -> None:
    page = TableSpec((("", ""), ("", "")), (1, 1), pad_pt=40.0, width_share=0.3)
    made = typeset([page], PageStyle(rule_pt=3.0))
    scan = degrade(made.pdf, Damage(dpi=100, turn_deg=turn, skew_deg=skew))[0]
    for cell in made.document.tables[0].cells:
        for x in (cell.box.x0, cell.box.x1):  # every corner of every cell is the crossing of two rules
            for y in (cell.box.y0, cell.box.y1):
                px, py, _ = scan.to_px @ (x, y, 1.0)
                assert scan.image[int(py), int(px)] < 128
        px, py, _ = scan.to_px @ (cell.box.center_x, cell.box.center_y, 1.0)
        assert scan.image[int(py), int(px)] > 240


def test_marks_only_darken_and_leave_print_darker() -> None:
    pdf = typeset([LONG]).pdf
    clean, marked = (degrade(pdf, Damage(dpi=72, mark=mark))[0].image for mark in (None, Mark("仅供演示", gray=190)))
    assert (marked.astype(int) <= clean.astype(int)).all()
    changed = (clean > 250) & (marked < 200)
    assert 0.01 < changed.mean() < 0.3
    sealed = degrade(pdf, Damage(dpi=72, seal=Seal("云汀市水务局", (300.0, 400.0))))[0].image
    red = (sealed[:, :, 0].astype(int) - sealed[:, :, 1]) > 60
    ys, xs = np.nonzero(red)
    assert abs(xs.mean() - 300) < 6
    assert abs(ys.mean() - 400) < 20


def test_pictures_as_pdf_tiff_and_png(tmp_path) -> None:
    scans = degrade(typeset([LONG]).pdf, [Damage(dpi=50, jpeg_quality=50), Damage(dpi=50)])
    document = pypdfium2.PdfDocument(scans_to_pdf(scans))
    assert len(document) == 2
    assert [document[index].get_textpage().count_chars() for index in range(2)] == [0, 0]
    assert document[0].get_width() == pytest.approx(595.28, abs=72 / 50)
    document.close()
    with Image.open(io.BytesIO(scans_to_tiff(scans))) as tiff:
        assert getattr(tiff, "n_frames", 1) == 2
        assert tiff.info["dpi"] == (50, 50)
    paths = write_pngs(scans, tmp_path)
    assert [path.name for path in paths] == ["page-001.png", "page-002.png"]
    with Image.open(paths[0]) as page:
        assert (np.asarray(page) == scans[0].image).all()


def test_damage_that_makes_no_sense_is_refused() -> None:
    pdf = typeset([LONG]).pdf
    with pytest.raises(ValueError, match="3 damages for 2 pages"):
        degrade(pdf, [Damage()] * 3)
    with pytest.raises(ValueError, match="not 45"):
        degrade(pdf, Damage(dpi=30, turn_deg=45))
