"""Fictional bureaus, many of them: documents that differ in a name, a year and some numbers, and an archive of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from detect.archive import ArchiveInMemory
from detect.registry import all_rules
from detect.runner import apply_rules, remember, understand
from models.document import Document
from models.report import Report
from models.table import BlockRole, Table
from tests.detect.conftest import Rows, make_document, make_table

TITLE = "虚构市项目支出绩效目标表"
PLACES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
"""Cities are named by two neighbours of these."""


def city(number: int) -> str:
    return f"{PLACES[number]}{PLACES[number + 1]}市"


def bureau(number: int) -> str:
    return f"{city(number)}天文局"


def disclosure(
    entity: str, year: int, tables: Sequence[Table], texts: Sequence[tuple[BlockRole, str]] = (), *, kind: str = "预算"
) -> Document:
    """A disclosure with its own bytes, whose entity is told by the first table."""
    first = replace(tables[0], meta=(f"单位名称：{entity}",))
    cover: tuple[BlockRole, str] = ("heading", f"{entity}{year}年部门{kind}公开")
    document = make_document([first, *tables[1:]], [cover, *texts])
    return replace(document, sha256=f"{entity}{year}{kind}", name=f"{entity}{year}年{kind}.pdf")


def archive_of(documents: Iterable[Document]) -> ArchiveInMemory:
    return ArchiveInMemory(remember(document) for document in documents)


def compared(document: Document, archive: ArchiveInMemory, *rules: str) -> Report:
    """The document audited by some rules against an archive that knows it, as a run does."""
    archive.add([remember(document)])
    return apply_rules(understand(document), [rule for rule in all_rules() if rule.id in rules], archive)


def training(year: int, *, money: str = "52,000", terms: str = "2", price: str = "26000", name: str = "g1") -> Table:
    """The performance form of a training project."""
    rows: Rows = (
        ("项目名称", ">", "天文讲解员培训费", ">", ">"),
        ("项目资金（元）", "年度资金总额：", money, ">", ">"),
        ("^", "市县财政资金", money, ">", ">"),
        ("项目概况", ">", f"{year}年举办讲解员培训并考核上岗。", ">", ">"),
        ("绩效指标", "一级指标", "二级指标", "三级指标", "指标值"),
        ("^", "产出指标", "数量指标", "举办培训期数", f"{terms}期"),
        ("^", "^", "成本指标", "单期培训成本", f"≤{price}元/期"),
    )
    return make_table(name, TITLE, rows, unit="")
