"""What the typesetter set is what the reader reads: from the text layer, from clean scans and from bad ones."""

from pathlib import Path

import pytest
from PIL import Image

from models.document import Document
from models.table import Table
from ocr.pipeline import read_document
from tests.typeset import (
    Damage,
    Gap,
    Item,
    PageStyle,
    Slot,
    TableSpec,
    Text,
    Typeset,
    degrade,
    scans_to_pdf,
    scans_to_tiff,
    typeset,
)

NAMES = ("水利行业业务管理", "水利工程运行与维护", "水资源节约管理与保护以及河湖生态流量监测评估", "防汛", "农村供水")


def amount(n: int, factor: float) -> str:
    return f"{n * factor:,.2f}"


def outlay(n_rows: int = 14, rules: str = "ruled", title: str = "2026年预算支出总表") -> TableSpec:
    """A table of codes, names and amounts under a header of two levels."""
    body = tuple(
        (f"21303{n:02d}", NAMES[n % 5], amount(n, 321.37), amount(n, 300.12) if n % 3 else "", amount(n, 21.25))
        for n in range(1, n_rows + 1)
    )
    return TableSpec(
        (
            (Slot("项目", colspan=2), None, Slot("2026年预算数", colspan=3), None, None),
            ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
            ("合计", "", amount(n_rows, 4000.5), amount(n_rows, 3000.25), amount(n_rows, 1000.25)),
            *body,
        ),
        (1.2, 2.6, 1.4, 1.4, 1.4),
        title=title,
        caption="预算公开表3",
        meta="部门名称：云汀市水务局",
        unit="单位：万元",
        n_header=2,
        align="llrrr",
        rules=rules,  # type: ignore[arg-type]
    )


def balance(rules: str = "ruled") -> TableSpec:
    """Income and outlay side by side, where one header spans two levels."""
    return TableSpec(
        (
            (Slot("收入", colspan=2), None, Slot("支出", colspan=3), None, None),
            ("项目", "2026年", "项目", "合计", "当年安排"),
            ("一、一般公共预算", "1,234.50", "一、农林水支出", "1,100.25", "1,100.25"),
            ("二、单位资金", "", "二、住房保障支出", "134.25", "134.25"),
            ("收入总计", "1,234.50", "支出总计", "1,234.50", "1,234.50"),
        ),
        (2, 1.2, 2, 1.2, 1.2),
        title="2026年预算收支总表",
        unit="单位：万元",
        n_header=2,
        align="lrlrr",
        rules=rules,  # type: ignore[arg-type]
    )


FORM = TableSpec(
    (
        (Slot("项目名称", colspan=2), None, Slot("河道清淤及岸线整治", colspan=3), None, None),
        (Slot("项目资金（元）", rowspan=2), "实施期资金总额", "1,260,000", "年度资金总额", "420,000"),
        (None, "其中：市级资金", "1,260,000", "其中：市级资金", "420,000"),
        (Slot("绩效指标", rowspan=3), "二级指标", Slot("三级指标", colspan=2), None, "指标值"),
        (None, Slot("数量指标", rowspan=2), Slot("清淤河道长度", colspan=2), None, "≥12公里"),
        (None, None, Slot("巡查次数", colspan=2), None, "24次"),
    ),
    (1, 1.4, 1.6, 1.6, 1.4),
    title="云汀市项目支出绩效目标表",
    n_header=0,
)

STYLE = PageStyle(page_number="- {n} -")
EVERYTHING: tuple[Item, ...] = (
    Text("第二部分 2026年部门预算报表", role="heading", size_pt=16, align="center", indent_em=0),
    outlay(40),
    Gap(12),
    balance(),
    Gap(12),
    FORM,
    Text("一、收支预算情况说明", role="heading", indent_em=0),
    Text("云汀市水务局2026年收入预算1,234.50万元，全部为一般公共预算拨款收入，比上年增加12.30万元，增长1.01%。"),
)


def written(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def plain(text: str) -> str:
    return "".join(text.split()).replace("：", ":").replace("（", "(").replace("）", ")").replace("，", ",")


def texts(table: Table) -> dict[tuple[int, int, int, int], str]:
    return {(cell.row, cell.col, cell.rowspan, cell.colspan): plain(cell.text) for cell in table.cells}


def assert_same_tables(read: Document, made: Typeset) -> None:
    assert [plain(table.title) for table in read.tables] == [plain(table.title) for table in made.document.tables]
    for found, true in zip(read.tables, made.document.tables, strict=True):
        assert texts(found) == texts(true)
        assert (found.pages, found.unit) == (true.pages, true.unit)


def test_a_born_digital_document_is_read_exactly(tmp_path: Path) -> None:
    made = typeset(EVERYTHING, STYLE)
    read = read_document(written(tmp_path, made.pdf, "text.pdf"))
    assert_same_tables(read, made)
    assert {page.source for page in read.pages} == {"text"}
    assert read.tables[0].caption == "预算公开表3"
    assert [table.n_header for table in read.tables[:2]] == [2, 2]
    prose = [block.text for block in read.blocks if block.role == "paragraph"]
    assert any(
        text.startswith("云汀市水务局2026年收入预算1,234.50万元") and text.endswith("增长1.01%。") for text in prose
    )
    assert [block.text for block in read.blocks if block.role == "page_number"] == [
        f"- {page.page_number} -" for page in read.pages
    ]


def test_columns_without_rules_are_read_exactly(tmp_path: Path) -> None:
    made = typeset((outlay(12, "three-line"), Gap(20), balance("three-line")), STYLE)
    assert_same_tables(read_document(written(tmp_path, made.pdf, "open.pdf")), made)


def test_cell_boxes_are_the_cells_of_the_page(tmp_path: Path) -> None:
    made = typeset((outlay(6),), STYLE)
    (read,) = read_document(written(tmp_path, made.pdf, "boxes.pdf")).tables
    for found, true in zip(read.cells, made.document.tables[0].cells, strict=True):
        assert found.box.as_list() == pytest.approx(true.box.as_list(), abs=0.6)


@pytest.mark.parametrize(
    "damage",
    [
        Damage(dpi=200, paper=248, skew_deg=0.8, blur_px=0.6, noise=3.0, jpeg_quality=80),
        Damage(dpi=200, turn_deg=90, skew_deg=-0.4, blur_px=0.5, noise=2.0, jpeg_quality=85),
    ],
    ids=["skewed", "sideways"],
)
def test_a_scan_is_read_like_the_page_it_was_made_from(tmp_path: Path, damage: Damage) -> None:
    made = typeset((outlay(10), Gap(12), balance(), Gap(12), FORM), STYLE)
    read = read_document(written(tmp_path, scans_to_pdf(degrade(made.pdf, damage, seed=3)), "scan.pdf"))
    assert_same_tables(read, made)
    assert {page.source for page in read.pages} == {"ocr"}
    assert {page.rotation_deg for page in read.pages} == {damage.turn_deg}
    for found, true in zip(read.tables[0].cells, made.document.tables[0].cells, strict=True):
        shared = found.box.intersection_area(true.box)
        assert shared > 0.5 * min(found.box.area, true.box.area)


def test_a_three_line_table_is_read_from_a_multi_page_tiff(tmp_path: Path) -> None:
    made = typeset((outlay(8, "three-line"), Text("以上为三线表。")), STYLE)
    scans = degrade(made.pdf, Damage(dpi=150, blur_px=0.4, noise=2.0), seed=5)
    read = read_document(written(tmp_path, scans_to_tiff(scans), "scan.tif"))
    assert_same_tables(read, made)


def test_amounts_of_a_scan_carry_confidence_and_other_readings(tmp_path: Path) -> None:
    made = typeset((outlay(5),), STYLE)
    read = read_document(
        written(tmp_path, scans_to_pdf(degrade(made.pdf, Damage(blur_px=0.8, noise=4.0), seed=1)), "s.pdf")
    )
    amounts = [cell for cell in read.tables[0].cells if "." in cell.text]
    assert len(amounts) > 10
    for cell in amounts:
        assert 0.0 < cell.confidence <= 1.0
        assert all(other.text != cell.text and 0.0 < other.probability <= 1.0 for other in cell.alternatives)
    assert any(cell.alternatives for cell in amounts)


def test_a_picture_too_small_to_read_says_so(tmp_path: Path) -> None:
    Image.new("L", (40, 30), 200).save(tmp_path / "tiny.png")
    read = read_document(tmp_path / "tiny.png")
    assert read.tables == ()
    assert "分辨率过低" in read.pages[0].problem
