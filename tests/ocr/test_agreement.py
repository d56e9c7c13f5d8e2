"""Embedded text that may be wrong: used where the picture proves it, refused where the picture says something else."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF
from fpdf.enums import TextMode
from PIL import Image

from ocr.pages import ImagePage, TextPage
from ocr.pipeline import read_page
from ocr.source import read_pages
from tests.typeset import Damage, PageStyle, TableSpec, Text, Typeset, degrade, font_path, typeset

PAGE = PageStyle(width_pt=420, height_pt=300, margin_pt=30)
ITEMS = tuple((name, f"{n}12.50", f"{n}3,456.78") for n, name in enumerate(("水利", "防汛", "行政运行"), 1))
TABLE = TableSpec((("科目名称", "合计", "基本支出"), *ITEMS), (3, 2, 2), title="收支预算表", unit="单位：万元")
MADE = typeset([Text("本部门预算按照收支平衡的原则编制。"), TABLE], PAGE)


def layered(folder: Path, damage: Damage, change: Callable[[str], str], made: Typeset = MADE) -> Path:
    """The page as a scan with its own lines, changed, as an unseen layer of text."""
    scan = degrade(made.pdf, damage)[0]
    pdf = FPDF(unit="pt", format=(PAGE.width_pt, PAGE.height_pt))
    pdf.set_auto_page_break(False)
    pdf.add_font("hidden", fname=str(font_path("sans")))
    pdf.add_page()
    pdf.image(Image.fromarray(scan.image), 0, 0, PAGE.width_pt, PAGE.height_pt)
    with pdf.local_context(text_mode=TextMode.INVISIBLE):
        for word in made.lines[0]:
            pdf.set_font("hidden", size=word.box.height)
            pdf.text(word.box.x0, word.box.y0 + 0.88 * word.box.height, change(word.text))
    for font in pdf.fonts.values():
        font.close()
    path = folder / "layered.pdf"
    path.write_bytes(bytes(pdf.output()))
    return path


def content(path: Path) -> ImagePage:
    (page,) = read_pages(path)
    assert isinstance(page, ImagePage)
    return page


@pytest.mark.parametrize("skew_deg", [0.0, 0.4])
def test_a_hidden_layer_that_is_right_is_used(tmp_path: Path, skew_deg: float) -> None:
    damage = Damage(dpi=200, paper=249, skew_deg=skew_deg, blur_px=0.8, noise=4.0)
    reading = read_page(content(layered(tmp_path, damage, str)))
    assert reading.page.source == "text"
    (table,) = reading.tables
    assert [cell.text for cell in table.cells] == [cell.text for cell in MADE.document.tables[0].cells]


def test_a_hidden_layer_with_other_digits_is_refused(tmp_path: Path) -> None:
    digits = str.maketrans("123456789", "234567891")
    reading = read_page(content(layered(tmp_path, Damage(dpi=200), lambda text: text.translate(digits))))
    assert reading.page.source == "ocr"
    assert "112.50" in [cell.text for table in reading.tables for cell in table.cells]


def test_a_hidden_layer_that_leaves_lines_out_is_refused(tmp_path: Path) -> None:
    reading = read_page(content(layered(tmp_path, Damage(dpi=200), lambda text: text if "预算" in text else "")))
    assert reading.page.source == "ocr"


def test_text_that_is_seen_is_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "plain.pdf"
    path.write_bytes(MADE.pdf)
    (page,) = read_pages(path)
    assert isinstance(page, TextPage)


def test_shifted_codes_are_told_by_their_rarity_and_refused(tmp_path: Path) -> None:
    """Visible text whose characters are drawn right and named wrong, all of them ordinary ones."""
    words = "根据上级要求全面落实各项重点任务，努力提升水利管理水平，切实保障城乡供水安全，持续改善河湖生态环境质量。"
    made = typeset([Text(words * 2)], PAGE)
    path = tmp_path / "shifted.pdf"
    path.write_bytes(shifted(made.pdf))
    (page,) = read_pages(path)
    assert isinstance(page, ImagePage)
    assert page.layer is not None
    reading = read_page(page)
    assert reading.page.source == "ocr"
    assert "城乡供水安全" in "".join(block.text for block in reading.blocks)


def shifted(pdf: bytes) -> bytes:
    """The file with every code of its ToUnicode map moved on by some ordinary characters."""
    ordinary = [bytes([a, b]).decode("gb2312") for a in range(176, 215) for b in range(161, 255)]
    place = {c: i for i, c in enumerate(ordinary)}

    def moved(found: re.Match[bytes]) -> bytes:
        mark = chr(int(found[2], 16))
        other = ordinary[(place[mark] + 997) % len(ordinary)] if mark in place else mark
        return found[1] + f"<{ord(other):04X}>".encode()

    with pikepdf.open(io.BytesIO(pdf)) as document:
        for font in document.objects:
            if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font:
                codes = font.ToUnicode.read_bytes()
                font.ToUnicode.write(re.sub(rb"(?m)^(<[0-9A-F]{4}> )<([0-9A-F]{4})>$", moved, codes))
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()
