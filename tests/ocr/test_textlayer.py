"""The text layer: what is read, where it stands, what is dropped as a mark, and when it is not believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdf
import pytest

from models.geometry import Box, bounding_box
from ocr.decode import read_page, render_page
from ocr.pages import ImagePage, Limits, Rule, TextPage
from ocr.textlayer import TextLayer, read_text_layer

LIMITS = Limits()
BODY = "BT /F 10 Tf 50 {y} Td (Water bureau outlay and income of the year in all) Tj ET\n"


def write(
    path: Path,
    content: str,
    *,
    size: tuple[float, float] = (300, 400),
    rotate: int = 0,
    crop: tuple[float, float, float, float] | None = None,
    meaning: dict[str, int] | None = None,
    forms: dict[str, str] | None = None,
    picture: np.ndarray | None = None,
) -> Path:
    """A page from a content stream, with font /F, states /Pale (alpha 0.3), picture /Im and forms by name.

    `meaning` gives characters of the font another code point.
    """
    document = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica, FirstChar=0
    )
    if meaning:
        lines = "\n".join(f"<{ord(char):02x}> <{code:04x}>" for char, code in meaning.items())
        head = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
        font.ToUnicode = document.make_stream(
            f"{head}{len(meaning)} beginbfchar\n{lines}\nendbfchar endcmap end".encode()
        )
    fonts = pikepdf.Dictionary(F=document.make_indirect(font))
    resources = pikepdf.Dictionary(
        Font=fonts, ExtGState=pikepdf.Dictionary(Pale=pikepdf.Dictionary(ca=0.3)), XObject=pikepdf.Dictionary()
    )
    for name, inner in (forms or {}).items():
        resources.XObject[f"/{name}"] = document.make_stream(
            inner.encode(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 1000, 1000],
            Resources=pikepdf.Dictionary(Font=fonts),
        )
    if picture is not None:
        resources.XObject["/Im"] = document.make_stream(
            picture.tobytes(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=picture.shape[1],
            Height=picture.shape[0],
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
        )
    page = document.add_blank_page(page_size=size)
    page.obj.Resources = resources
    page.obj.Contents = document.make_stream(content.encode())
    if rotate:
        page.obj.Rotate = rotate
    if crop:
        page.obj.CropBox = list(crop)
    document.save(path)
    return path


def layer(path: Path) -> TextLayer:
    document = pdf.PdfDocument(path)
    try:
        page = document[0]
        try:
            return read_text_layer(page.raw)
        finally:
            page.close()
    finally:
        document.close()


def text(*lines: tuple[float, float, str], size: float = 10) -> str:
    return "".join(f"BT /F {size} Tf {x} {y} Td ({line}) Tj ET\n" for x, y, line in lines)


def texts(found: TextLayer) -> list[str]:
    return [word.text for word in sorted(found.words, key=lambda word: (round(word.box.y0), word.box.x0))]


def ink(picture: np.ndarray, dpi: float) -> Box:
    """The box around everything dark, in points."""
    grey = picture if picture.ndim == 2 else picture.min(axis=2)
    ys, xs = np.nonzero(grey < 128)
    scale = 72 / dpi
    return Box(xs.min() * scale, ys.min() * scale, (xs.max() + 1) * scale, (ys.max() + 1) * scale)


# Words


def test_a_word_has_its_text_its_place_and_the_edges_of_its_characters(tmp_path: Path) -> None:
    (word,) = layer(write(tmp_path / "a.pdf", text((50, 300, "1,234.50")))).words
    assert word.text == "1,234.50"
    assert word.confidence == 1.0
    assert word.box.x0 == pytest.approx(50)
    assert word.box.y1 == pytest.approx(400 - 300 + 1.2)
    assert word.box.height == pytest.approx(10)
    # Helvetica's figures are 0.556 em wide, its points and commas 0.278.
    assert word.char_x == pytest.approx((50, 55.56, 58.34, 63.9, 69.46, 75.02, 77.8, 83.36, 88.92), abs=0.01)


def test_gaps_part_words_and_written_spaces_join_them(tmp_path: Path) -> None:
    content = text((20, 300, "one two"), (20, 250, "left")) + text((20 + 17 + 6, 250, "right"))
    content += "BT /F 10 Tf 20 200 Td [(1) -3000 (2)] TJ ET\n" + text((20, 150, "wide      space"))
    found = layer(write(tmp_path / "a.pdf", content))
    assert texts(found) == ["one two", "left", "right", "1", "2", "wide", "space"]


def test_characters_written_one_by_one_and_out_of_order_become_one_word(tmp_path: Path) -> None:
    letters = [(20 + 5.56 * n, 300, char) for n, char in enumerate("20260017")]
    found = layer(write(tmp_path / "a.pdf", text(*letters[::2], *letters[1::2])))
    assert texts(found) == ["20260017"]


def test_a_rule_parts_what_touches(tmp_path: Path) -> None:
    touching = text((50, 300, "1234"), (50 + 4 * 5.56, 300, "5678"))
    assert texts(layer(write(tmp_path / "a.pdf", touching))) == ["12345678"]
    ruled = touching + f"0.5 w {50 + 4 * 5.56} 280 m {50 + 4 * 5.56} 330 l S\n"
    assert texts(layer(write(tmp_path / "b.pdf", ruled))) == ["1234", "5678"]


def test_a_text_that_runs_over_a_rule_stays_whole(tmp_path: Path) -> None:
    content = text((50, 300, "overflowing")) + "0.5 w 65 280 m 65 330 l S\n"
    assert texts(layer(write(tmp_path / "a.pdf", content))) == ["overflowing"]


def test_lines_near_each_other_do_not_mix(tmp_path: Path) -> None:
    content = text((50, 300, "first"), (72, 294, "second"), (100, 300, "third"))
    assert sorted(texts(layer(write(tmp_path / "a.pdf", content)))) == ["first", "second", "third"]


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.2])
def test_a_character_printed_twice_is_read_once(tmp_path: Path, shift: float) -> None:
    content = text((50, 300, "1100"), (50 + shift, 300, "1100"), (50, 250, "1100"))
    assert texts(layer(write(tmp_path / "a.pdf", content))) == ["1100", "1100"]


def test_radicals_are_read_as_the_characters_they_look_like(tmp_path: Path) -> None:
    found = layer(write(tmp_path / "a.pdf", text((50, 300, "abc")), meaning={"a": 0x2F08, "b": 0x2ED3, "c": 0x4E00}))
    assert texts(found) == ["人长一"]


# Turned pages


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("is_turned_back", [True, False])
def test_boxes_lie_on_the_ink_however_the_page_is_turned(tmp_path: Path, rotate: int, is_turned_back: bool) -> None:
    """Text that stands upright on the turned page, and text that is turned with it."""
    left, bottom, right, top = 30, 20, 330, 440
    there = {
        0: f"1 0 0 1 {left} {bottom} cm",
        90: f"0 1 -1 0 {right} {bottom} cm",
        180: f"-1 0 0 -1 {right} {top} cm",
        270: f"0 -1 1 0 {left} {top} cm",
    }[rotate if is_turned_back else 0]
    content = f"{there}\n" + text((60, 200, "Total 1,234.50"), (60, 150, "Outlay 987")) + "1 w 55 140 m 200 140 l S\n"
    path = write(tmp_path / "a.pdf", content, size=(350, 460), rotate=rotate, crop=(left, bottom, right, top))
    found = read_page(str(path), 0, LIMITS)
    assert isinstance(found, TextPage)
    assert sorted(word.text for word in found.words) == ["Outlay 987", "Total 1,234.50"]
    assert found.page.rotation_deg == (0 if is_turned_back else rotate)
    upright = np.rot90(render_page(str(path), 0, 144, LIMITS), k=found.page.rotation_deg // 90)
    assert upright.shape[:2] == (round(found.page.height_pt * 2), round(found.page.width_pt * 2))
    (rule,) = found.rules
    drawn = ink(upright, 144)
    words = bounding_box(word.box for word in found.words)
    assert rule.is_horizontal
    assert (rule.x0, rule.y0, rule.x1) == pytest.approx((drawn.x0, drawn.y1, drawn.x1), abs=1.0)
    assert words.x0 == pytest.approx(60 - 55 + drawn.x0, abs=1.0)
    assert words.y0 == pytest.approx(drawn.y0 - 1.5, abs=1.5)


def test_a_heading_turned_against_the_page_is_read_in_its_own_direction(tmp_path: Path) -> None:
    content = BODY.format(y=300) + "BT /F 10 Tf 0 1 -1 0 40 100 Tm (turned label) Tj ET\n"
    found = layer(write(tmp_path / "a.pdf", content))
    (label,) = (word for word in found.words if word.text == "turned label")
    assert found.rotation_deg == 0
    assert label.box.height > 4 * label.box.width
    assert (label.box.x0, label.box.y1) == pytest.approx((40 - 8.8, 300), abs=0.1)
    assert label.char_x == ()


# Rules and shades


def near(rule: Rule, *sides: float) -> bool:
    return (rule.x0, rule.y0, rule.x1, rule.y1) == pytest.approx(sides, abs=0.3)


def test_rules_come_from_strokes_thin_fills_and_frames(tmp_path: Path) -> None:
    content = "0.5 w 50 350 m 250 350 l S\n" + "50 300 200 0.6 re f\n" + "1 w 60 200 100 50 re S\n"
    rules = layer(write(tmp_path / "a.pdf", content)).rules
    across = [rule for rule in rules if rule.is_horizontal]
    down = [rule for rule in rules if not rule.is_horizontal]
    assert [near(rule, *sides) for rule, sides in zip(
        across, ((50, 50, 250, 50), (50, 99.7, 250, 99.7), (60, 150, 160, 150), (60, 200, 160, 200)), strict=True
    )] == [True] * 4  # fmt: skip
    assert [near(rule, *sides) for rule, sides in zip(
        down, ((60, 150, 60, 200), (160, 150, 160, 200)), strict=True
    )] == [True] * 2  # fmt: skip
    assert across[0].width_pt == pytest.approx(0.5)
    assert across[1].width_pt == pytest.approx(0.6, abs=0.01)


def test_rules_inside_forms_are_moved_with_the_form(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", "q 2 0 0 2 50 100 cm /Box Do Q\n", forms={"Box": "1 w 0 50 m 80 50 l S\n"})
    (rule,) = layer(path).rules
    assert near(rule, 50, 200, 210, 200)
    assert rule.width_pt == pytest.approx(2)


def test_pieces_of_one_line_are_one_rule_and_double_lines_are_two(tmp_path: Path) -> None:
    pieces = "".join(f"{x} 300 m {x + 40} 300 l S\n" for x in (50, 90, 130))
    double = "50 200 m 150 200 l S 50 197.5 m 150 197.5 l S\n"
    rules = layer(write(tmp_path / "a.pdf", "0.5 w\n" + pieces + double)).rules
    assert [round(rule.y0, 1) for rule in rules] == [100, 200, 202.5]
    assert near(rules[0], 50, 100, 170, 100)


def test_shades_white_lines_and_slanted_lines_are_no_rules(tmp_path: Path) -> None:
    content = "0.8 g 50 300 100 40 re f\n1 G 50 250 m 250 250 l S\n0 G 50 100 m 250 180 l S\n1 1 0 rg 10 m\n"
    found = layer(write(tmp_path / "a.pdf", content))
    assert found.rules == ()
    (shade,) = found.fills
    assert shade.box.as_list() == [50, 60, 150, 100]
    assert shade.luminance == pytest.approx(0.8, abs=0.01)


def test_rules_end_at_the_edge_of_the_page(tmp_path: Path) -> None:
    (rule,) = layer(write(tmp_path / "a.pdf", "1 w -500 200 m 5000 200 l S\n")).rules
    assert near(rule, 0, 200, 300, 200)


# Watermarks


def test_leaning_text_is_dropped_and_its_share_told(tmp_path: Path) -> None:
    mark = "0.6 g BT /F 30 Tf 0.8 0.6 -0.6 0.8 60 120 Tm (AUDIT ONLY) Tj ET 0 g\n"
    found = layer(write(tmp_path / "a.pdf", "".join(BODY.format(y=y) for y in (350, 300, 250)) + mark))
    assert "AUDIT" not in "".join(texts(found))
    assert len(found.words) == 3
    # Ten characters of 30 pt on a page of 300 × 400.
    assert found.watermark == pytest.approx(10 * 900 / 120_000, rel=0.3)


@pytest.mark.parametrize("paint", ["0.75 g", "/Pale gs"])
def test_a_pale_phrase_that_comes_back_is_a_mark(tmp_path: Path, paint: str) -> None:
    marks = "".join(f"BT /F 24 Tf 40 {y} Td (INTERNAL) Tj ET\n" for y in (60, 160, 260))
    found = layer(write(tmp_path / "a.pdf", f"q {paint}\n{marks}Q\n" + "".join(BODY.format(y=y) for y in (350, 320))))
    assert texts(found) == ["Water bureau outlay and income of the year in all"] * 2
    assert found.watermark > 0.02


def test_a_pale_phrase_over_text_is_a_mark(tmp_path: Path) -> None:
    lines = "".join(BODY.format(y=y) for y in (350, 340, 330, 320))
    found = layer(write(tmp_path / "a.pdf", f"q 0.7 g BT /F 60 Tf 40 318 Td (DRAFT) Tj ET Q\n{lines}"))
    assert "DRAFT" not in texts(found)


def test_a_pale_or_a_dark_title_is_no_mark(tmp_path: Path) -> None:
    lines = "".join(BODY.format(y=y) for y in (250, 230, 210))
    title = "q 0.6 g BT /F 26 Tf 40 350 Td (Pale title) Tj ET Q\n"
    repeated = "".join(f"BT /F 20 Tf 40 {y} Td (Form) Tj ET\n" for y in (50, 100, 150))
    found = layer(write(tmp_path / "a.pdf", title + lines + repeated))
    assert texts(found).count("Form") == 3
    assert "Pale title" in texts(found)
    assert found.watermark == 0


def test_a_large_pale_artifact_is_dropped_and_a_running_head_is_not(tmp_path: Path) -> None:
    mark = "/Artifact <</Type /Pagination /Subtype /Watermark>> BDC q 0.7 g BT /F 30 Tf 60 100 Td (COPY) Tj ET Q EMC\n"
    head = f"/Artifact <</Type /Pagination /Subtype /Header>> BDC 0.5 g {text((60, 380, 'Head'))} 0 g EMC\n"
    found = layer(write(tmp_path / "a.pdf", BODY.format(y=300) + mark + head))
    assert texts(found) == ["Head", "Water bureau outlay and income of the year in all"]


# Trust

NOISE = np.where(np.random.default_rng(1).random((400, 300)) < 0.2, 0, 255).astype(np.uint8)
WHITE = np.full((400, 300), 255, np.uint8)
PLACED = "q 300 0 0 400 0 0 cm /Im Do Q\n"
LINES = "".join(BODY.format(y=y) for y in (350, 300, 250))


def test_text_with_rules_and_shades_is_trusted_without_a_picture(tmp_path: Path) -> None:
    content = "0.9 g 40 240 220 20 re f 0 g 0.5 w 40 240 220 120 re S\n" + LINES
    assert isinstance(read_page(str(write(tmp_path / "a.pdf", content)), 0, LIMITS), TextPage)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PLACED + f"3 Tr {LINES}", id="hidden text over a scan"),
        pytest.param(LINES + PLACED, id="text under a scan"),
        pytest.param(PLACED + text((140, 20, "3")), id="page number on a scan"),
        pytest.param(PLACED, id="scan alone"),
        pytest.param(PLACED + "0.6 g BT /F 30 Tf .8 .6 -.6 .8 60 120 Tm (AUDIT ONLY) Tj ET\n", id="mark on a scan"),
        pytest.param(
            "".join(
                f"{x} {y} m {x + 8} {y + 9} {x + 2} {y + 3} {x + 7} {y} c f\n"
                for x in range(30, 270, 12)
                for y in range(200, 360, 16)
            ),
            id="text drawn as outlines",
        ),
    ],
)
def test_pages_whose_words_are_in_the_picture_are_read_from_it(tmp_path: Path, content: str) -> None:
    found = read_page(str(write(tmp_path / "a.pdf", content, picture=NOISE)), 0, LIMITS)
    assert isinstance(found, ImagePage)
    assert found.page.source == "ocr"


@pytest.mark.parametrize("first", [0xE000, 0xFFFD])
def test_characters_without_meaning_are_not_believed(tmp_path: Path, first: int) -> None:
    meaning = {char: first if first == 0xFFFD else first + n for n, char in enumerate("aeioutr")}
    path = write(tmp_path / "a.pdf", LINES, meaning=meaning)
    assert layer(path).distrust == "unreal-characters"
    assert isinstance(read_page(str(path), 0, LIMITS), ImagePage)


def test_characters_that_no_one_writes_are_not_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", LINES, meaning={char: 0x9F00 + 3 * n for n, char in enumerate("aeioutr")})
    assert layer(path).distrust == "wrong-characters"


def test_text_over_a_white_background_picture_is_trusted(tmp_path: Path) -> None:
    found = read_page(str(write(tmp_path / "a.pdf", PLACED + LINES, picture=WHITE)), 0, LIMITS)
    assert isinstance(found, TextPage)
    assert len(found.words) == 3


@pytest.mark.parametrize("content", ["", "1 g 10 10 100 100 re f\n", "3 Tr " + LINES])
def test_a_page_without_ink_is_an_empty_text_page(tmp_path: Path, content: str) -> None:
    found = read_page(str(write(tmp_path / "a.pdf", content)), 0, LIMITS)
    assert isinstance(found, TextPage)
    assert found.words == ()


def test_what_is_typed_into_form_fields_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", LINES)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        look = document.make_stream(
            b"BT /F 10 Tf 2 5 Td (8,765.40) Tj ET",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 100, 20],
            Resources=document.pages[0].obj.Resources,
        )
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="amount",
            F=4,
            Rect=[50, 100, 150, 120],
            AP=pikepdf.Dictionary(N=look),
        )
        placed = document.make_indirect(field)
        document.pages[0].obj.Annots = pikepdf.Array([placed])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([placed]))
        document.save(path)
    found = read_page(str(path), 0, LIMITS)
    assert isinstance(found, TextPage)
    assert "8,765.40" in [word.text for word in found.words]
