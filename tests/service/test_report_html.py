from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from models.errors import DamagedInput
from models.finding import Equation, RuleOutcome, Skip
from models.page import Page
from models.report import Report, SettingsUsed
from service.export.report_html import report_html

AT = datetime(2026, 3, 1, 9, 30)
VOID = {"meta", "br", "image", "use", "rect", "circle", "link", "img", "input"}


class Outline(HTMLParser):
    """Balance of tags, attributes that make a browser fetch something, and the text outside script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.references: list[str] = []
        self.text: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action", "srcset")
        ]
        self.scripts += tag == "script"
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack[-1] != tag:
            assert self.stack[-1] in ("option", "tr", "li"), f"<{self.stack[-1]}> is closed by </{tag}>"
            self.stack.pop()
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.stack):
            self.text.append(data)


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    return outline


def words(html: str) -> str:
    return re.sub(r"\s+", "", "".join(read(html).text))


@pytest.fixture
def html(report: Report, picture: Callable[..., object]) -> str:
    return report_html(report, picture, at=AT)


def test_is_one_whole_file_without_outside_requests(html: str) -> None:
    outline = read(html)
    assert html.startswith("<!DOCTYPE html>")
    assert outline.stack == []
    assert all(reference.startswith(("#", "data:image/webp;base64,")) for reference in outline.references)
    assert not re.search(r"https?://|url\(|@import", html)
    assert "default-src 'none'" in html


def test_text_from_the_document_stays_text(html: str) -> None:
    assert read(html).scripts == 1
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_says_what_the_document_is(html: str) -> None:
    text = words(html)
    for word in (
        "澄川市水务局2026年部门预算公开.pdf",
        "澄川市水务局",
        "预算公开",
        "2026年",
        "0f" * 32,
        "2026-03-0109:30",
    ):
        assert word in text


def test_the_equation_is_laid_out_term_by_term(html: str) -> None:
    text = words(html)
    assert "合计等于基本支出加项目支出单位：万元" in text
    assert (
        "合计（第1页“基本支出”）21,000.50＋合计（第1页“项目支出”）3200.00＝计算结果1,200.50"
        "合计（第1页“合计”）11,300.50差额（所列－计算）+100.00"
    ) in text


def test_verdict_basis_and_other_readings_are_shown(html: str) -> None:
    text = words(html)
    assert "疑似误识把握99%" in text
    assert "《中华人民共和国预算法》第十四条" in text
    assert "另可读作“1,200.50”（31%）；此处有水印或印章压字，清除时触及笔画；识别把握62%" in text


def test_every_page_with_evidence_is_stored_once_and_boxes_lie_on_it(html: str) -> None:
    assert re.findall(r'<image id="([^"]+)"', html) == ["page-1", "page-2"]
    assert html.count('href="#page-1"') == 2
    assert 'class="box disputed" x="240.0" y="136.0" width="90.0" height="18.0"' in html


def test_cells_are_named_by_row_and_column(html: str) -> None:
    assert "“合计”行“2026年预算数/合计”列" in words(html)


def test_the_mark_that_was_removed_is_told(html: str) -> None:
    assert "第1页 20%。水印文字：“仅供审核”，已去除。" in html


def test_not_checked_is_never_shown_as_consistent(html: str) -> None:
    row = re.search(r"<tr[^>]*><td[^>]*>YR001.*?</tr>", html, re.DOTALL)
    assert row is not None
    assert "未检查" in row.group()
    assert "一致" not in row.group()
    assert "没有提供上年文件" in html


def test_pages_that_could_not_be_read_are_named(html: str) -> None:
    text = words(html)
    assert "第3页未能读取：本页数据已损坏，无法读取" in text
    assert "由图片识别的页面：第1页" in text
    assert "第1页20%" in text


def test_without_findings_it_says_what_was_and_was_not_checked(report: Report, picture: Callable[..., object]) -> None:
    consistent = tuple(replace(o, consistent=o.consistent + o.failed, failed=0) for o in report.outcomes)
    text = words(report_html(replace(report, findings=(), outcomes=consistent), picture, at=AT))
    assert "已运行的7项检查没有发现问题" in text
    assert "另有1项未能检查" in text
    assert "1页未能读取" in text


def test_where_nothing_ran_nothing_is_claimed(report: Report, picture: Callable[..., object]) -> None:
    text = words(
        report_html(replace(report, findings=(), outcomes=(), kind="其他", year=None, entity=""), picture, at=AT)
    )
    assert "没有一项检查能够运行，本底稿不能说明该文件有无问题" in text
    assert "没有发现问题" not in text


def test_a_page_that_cannot_be_pictured_is_shown_by_its_boxes(report: Report) -> None:
    def refuse(page: Page, dpi: float) -> object:
        raise DamagedInput("本页无法生成图像", "请检查该页")

    html = report_html(report, refuse, at=AT)  # type: ignore[arg-type]
    assert "此页图片无法生成，仅示位置" in html
    assert "<image" not in html
    assert 'class="box disputed"' in html


def test_operands_printed_in_different_units_are_shown_in_yuan_as_well(
    report: Report, picture: Callable[..., object]
) -> None:
    finding = next(finding for finding in report.findings if finding.equations)
    equation = finding.equations[0]
    in_yuan = replace(equation.terms[0], text="10,005,000")
    mixed = Equation(equation.name, equation.total, (in_yuan, replace(equation.terms[1], value=None, text="")))
    html = report_html(replace(report, findings=(replace(finding, equations=(mixed,)),)), picture, at=AT)
    text = words(html)
    assert "合计（第1页“基本支出”）210,005,00010,005,000.00" in text
    assert "空白，按零计：合计（第1页“项目支出”）" in text
    assert "计算结果10,005,000.00" in text


def test_a_part_and_its_whole_are_no_sum(report: Report, picture: Callable[..., object]) -> None:
    finding = next(finding for finding in report.findings if finding.equations)
    bound = replace(finding.equations[0], relation="<=")
    text = words(report_html(replace(report, findings=(replace(finding, equations=(bound,)),)), picture, at=AT))
    assert "≤合计" in text
    assert "超出（部分应不大于整体）" in text


def test_rules_that_were_not_applied_for_one_reason_share_a_line(
    report: Report, picture: Callable[..., object]
) -> None:
    outcomes = tuple(
        RuleOutcome(rule, name, 0, 0, 0, 1) for rule, name in (("YR001", "上年衔接"), ("UC004", "同类单价"))
    )
    skips = (
        Skip("YR001", "上年衔接", "没有档案"),
        Skip("AR001", "第3行合计", "内容不是金额"),
        Skip("UC004", "同类单价", "没有档案"),
    )
    text = words(report_html(replace(report, skips=skips, outcomes=outcomes), picture, at=AT))
    assert text.count("没有档案") == 1
    assert "YR001上年衔接、UC004同类单价整项规则没有档案" in re.sub(r"\s", "", text)
    assert "AR001第3行合计内容不是金额" in re.sub(r"\s", "", text)


def test_settings_are_listed_with_every_change(report: Report, picture: Callable[..., object]) -> None:
    used = SettingsUsed("本地.toml", "ab12", ("停用 LG007 文字未写完",))
    text = words(report_html(replace(report, settings=used), picture, at=AT))
    assert "设置文件：本地.toml" in text
    assert "停用LG007文字未写完" in re.sub(r"\s", "", text)


def test_blank_operands_are_not_framed(report: Report, picture: Callable[..., object]) -> None:
    finding = next(finding for finding in report.findings if finding.equations)
    equation = finding.equations[0]
    blank = replace(equation, terms=(equation.terms[0], replace(equation.terms[1], value=None, text="")))
    html = report_html(replace(report, findings=(replace(finding, equations=(blank,)),)), picture, at=AT)
    assert len(re.findall(r'<rect class="box', html)) == 2


def test_failed_checks_are_not_hidden_where_no_finding_names_them(
    report: Report, picture: Callable[..., object]
) -> None:
    text = words(report_html(replace(report, findings=()), picture, at=AT))
    assert "2项检查不符，但没有单独列为问题" in text
    assert "没有发现问题" not in text
