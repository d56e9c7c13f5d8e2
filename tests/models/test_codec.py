from __future__ import annotations

import json
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest

from models.claim import Claim
from models.codec import OutdatedRecord, decode, encode
from models.document import Document
from models.fact import Fact
from models.geometry import Box
from models.money import Amount
from models.page import Page, Reading
from models.report import FormTable, Report
from models.table import Block, Cell, Table

CELL = Cell(
    0, 0, "1,200.50", 0, Box(0.1, 0.2, 10.25, 20), raw="1,200\n.50", confidence=0.1 + 0.2,
    alternatives=(Reading("1,200.60", 1 / 3),), damaged=True,
)  # fmt: skip
TABLE = Table("t1", "支出总表", 1, 1, (CELL,), (0,), "万元", "表2", ("单位：甲",), ("注：无",), 1, ruled=False)
DOCUMENT = Document(
    "ab" * 32,
    "甲.pdf",
    (Page(0, 595.0, 842.0, 90, "ocr", 0.25, "本页"),),
    (TABLE,),
    (Block(0, CELL.box, "note", "注"),),
)
REPORT = Report(
    document=DOCUMENT,
    kind="预算公开",
    year=2026,
    entity="甲局",
    forms=(FormTable(TABLE, "b03", "支出总表", "万元", Decimal(10_000), 2, 1, (), (), ()),),
    facts=(Fact("b03", "t1", "total", "total", "合计", Amount(Decimal("12005000.00"), Decimal("100")), CELL),),
    claims=(Claim("amount", "stated", "支出", Decimal("1E+3"), Decimal(0), "元", "1000元", "支出1000元", "", 0, None),),
)


def test_records_come_back_as_they_were() -> None:
    back = decode(Report, encode(REPORT))
    assert back == REPORT
    assert str(back.facts[0].amount) == str(REPORT.facts[0].amount)
    assert str(back.claims[0].value) == "1E+3"
    assert back.document.tables[0].cells[0].confidence == 0.1 + 0.2


def test_what_is_shared_is_written_once_and_shared_again() -> None:
    back = decode(Report, encode(REPORT))
    assert back.forms[0].table is back.document.tables[0]
    assert back.facts[0].cell is back.document.tables[0].cells[0]


def test_equal_records_give_equal_bytes() -> None:
    assert encode(REPORT) == encode(decode(Report, encode(REPORT)))


def test_other_things_are_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        encode(replace(DOCUMENT, pages={1}))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        encode(json.JSONDecoder())


def test_another_kind_is_no_such_record() -> None:
    with pytest.raises(OutdatedRecord, match="Document instead of Report"):
        decode(Report, encode(DOCUMENT))


def changed(change: tuple[str, str], record: object = DOCUMENT) -> bytes:
    return zlib.compress(zlib.decompress(encode(record)).decode().replace(*change).encode())


def test_a_field_that_is_new_has_its_default_and_any_other_change_is_outdated() -> None:
    older = json.loads(zlib.decompress(encode(Page(0, 1.0, 2.0, problem="x", watermark_phrase="样张"))))
    older["kinds"][0][2].pop()
    older["records"][0].pop()
    assert decode(Page, zlib.compress(json.dumps(older).encode())) == Page(0, 1.0, 2.0, problem="x")
    with pytest.raises(OutdatedRecord, match="Page have changed"):
        decode(Document, changed(('"width_pt"', '"width"')))
    with pytest.raises(OutdatedRecord, match="format 0"):
        decode(Document, changed(('"format":1', '"format":0')))


@pytest.mark.parametrize("name", ['"os","system"', '"codec","encode"', '"nothing","Document"', '"..os","Document"'])
def test_bytes_cannot_name_other_code(name: str) -> None:
    with pytest.raises(OutdatedRecord):
        decode(Document, changed(('"document","Document"', name)))


@pytest.mark.parametrize("content", [b"", b"abc", zlib.compress(b"[]"), zlib.compress(b"{}"), encode(DOCUMENT)[:-9]])
def test_damaged_bytes_are_outdated(content: bytes) -> None:
    with pytest.raises(OutdatedRecord):
        decode(Document, content)
