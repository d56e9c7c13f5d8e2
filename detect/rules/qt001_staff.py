"""QT001: no more staff on established posts than posts, and the total of the staff is the sum of its kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import CellPlace, Place, conclude, or_passed
from detect.registry import Example, Outcome, rule
from detect.wording import plain
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report
from models.table import Block

_COUNT = re.compile(r"^(\d{1,6})[人名个]?$")
_POSTS = re.compile(r"编制(?:人?数|总数|总额|人员)?(?:为|共|共计|合计)?(\d{1,6})[名人个]")
_ON_POST = re.compile(
    r"(?:实有|现有|实际)?在编(?:在职)?(?:人员|人数|职工|干部)?(?:数)?(?:为|共|共计|合计)?(\d{1,6})[名人]"
)


@rule(
    id="QT001",
    name="在编人数与核定编制",
    severity="error",
    category="quota",
    basis=Citation("《机构编制监督检查工作条例》"),
    example=Example(
        "本馆核定编制40名，实有在编人员43名。",
        near_miss={"在编人员43名": "在职人员43名（含聘用）"},
        because="含编外人员，不能与编制比较",
    ),
)
def staff(report: Report) -> Iterator[Outcome]:
    """在编人员 does not exceed 核定编制, and 实际在职人员总数 is 在编 plus 其他人员.

    ## 查什么
    整体绩效目标表和文字中，在编人数是否超过核定编制；实际在职人员总数是否等于在编加其他人员。

    ## 为什么要查
    超编人员不得由预算供养，基本支出也是按这些人数测算的。

    ## 不报的情形
    编外人员（聘用、临时）；写有几类编制的句子。
    """
    sentences = [item for block in report.document.blocks for item in _sentence(block)]
    for form in report.project_forms:
        if form.kind == "overall":
            yield from or_passed(_form(report, form, [block for block, _, _ in sentences]), f"《{form.title}》人员")
    if any(form.kind == "overall" and _exceeds(form) for form in report.project_forms):
        return
    for block, posts, on_post in sentences:
        if on_post <= posts:
            yield Passed("机构设置说明中的在编人数")
        else:
            yield conclude(
                staff,
                report.document,
                key="text:在编人数",
                message=f"机构设置说明核定编制{posts}名，在编人员{on_post}名，超出编制{on_post - posts}名。",
                places=[block],
                expected=f"不超过{posts}名",
                observed=f"{on_post}名",
                difference=f"{on_post - posts}名",
            )


def _count(text: FormText | None) -> int | None:
    found = _COUNT.match(plain(text.text)) if text is not None else None
    return int(found.group(1)) if found else None


def _exceeds(form: ProjectForm) -> bool:
    posts, on_post = _count(form.text("posts")), _count(form.text("on_post"))
    return posts is not None and on_post is not None and on_post > posts


def _cells(form: ProjectForm, *fields: str) -> list[CellPlace]:
    return [(form.table, text.cell) for field in fields if (text := form.text(field)) is not None]


def _form(report: Report, form: ProjectForm, blocks: list[Block]) -> Iterator[Outcome]:
    posts, on_post = _count(form.text("posts")), _count(form.text("on_post"))
    if posts is not None and on_post is not None and on_post > posts:
        others: list[Place] = [*_cells(form, "posts", "staff"), *blocks]
        yield conclude(
            staff,
            report.document,
            key="overall:在编人数",
            message=(
                f"《{form.title}》在编人员数{on_post}人，核定的人员编制数{posts}人，超出编制{on_post - posts}人。"
            ),
            places=_cells(form, "on_post"),
            others=others,
            expected=f"不超过{posts}人",
            observed=f"{on_post}人",
            difference=f"{on_post - posts}人",
        )
    total, off_post = _count(form.text("staff")), _count(form.text("off_post"))
    if total is not None and on_post is not None and off_post is not None and total != on_post + off_post:
        yield conclude(
            staff,
            report.document,
            key="overall:在职人数",
            message=(
                f"《{form.title}》实际在职人员总数{total}人，其中在编{on_post}人、其他人员{off_post}人，合计应为"
                f"{on_post + off_post}人，相差{abs(Decimal(total - on_post - off_post))}人。"
            ),
            places=_cells(form, "staff"),
            others=_cells(form, "on_post", "off_post"),
            expected=f"{on_post + off_post}人",
            observed=f"{total}人",
            difference=f"{total - on_post - off_post}人",
        )


def _sentence(block: Block) -> Iterator[tuple[Block, int, int]]:
    if block.role not in ("paragraph", "heading"):
        return
    for sentence in re.split(r"[。;；]", plain(block.text)):
        posts = [found for found in _POSTS.finditer(sentence) if "辆" not in found.group()]
        on_post = list(_ON_POST.finditer(sentence))
        if len(posts) == 1 and len(on_post) == 1:
            yield block, int(posts[0].group(1)), int(on_post[0].group(1))
