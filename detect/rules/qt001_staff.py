"""QT001: no more staff on established posts than posts, and the total of the staff is the sum of its kinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from detect.checks import Passed
from detect.conclude import CellPlace, Place, conclude, or_passed
from detect.prose import passages
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from detect.wording import plain
from models.citation import Citation
from models.form import FormText, ProjectForm
from models.report import Report
from models.table import Block

_COUNT = re.compile(r"^(\d{1,6})[人名个]?$")
_POSTS = re.compile(r"编制(?:人?数|总数|总额|人员)?(?:为|共|共计|合计)?(\d{1,6})[名人个]")
_BY_KIND = re.compile(
    r"编制(?:人数)?\d{1,6}[人名]，其中：?(?P<posts>[^；。]{4,80})[；。](?:现有|实有)(?:在编)?(?:人员|人数)\d{1,6}[人名]，其中：?(?P<staff>[^；。]{4,80})"
)
_KIND = re.compile(r"(?P<kind>行政|事业)(?:单位)?(?:编制|人员)?(?:人数)?(?P<count>\d{1,6})[人名]")
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
    整体绩效目标表和文字中，在编人数是否超过核定编制；实际在职人员总数是否等于在编加其他人员。分别写明行政、事业编制和行政、事业
    实有人员的，同一类实有人员多于编制的只作提示（实有人员可能含过渡期或编外人员）。

    ## 为什么要查
    超编人员不得由预算供养，基本支出也是按这些人数测算的。

    ## 不报的情形
    编外人员（聘用、临时）；写有几类编制而没有分类写明实有人员的句子。
    """
    yield from _by_kind(report)
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


def _by_kind(report: Report) -> Iterator[Outcome]:
    """Administrative staff against administrative posts, institutional staff against theirs, where each stands once."""
    for passage in passages(report.document):
        for found in _BY_KIND.finditer(passage.text):
            posts, held = (_kinds(found.group(side)) for side in ("posts", "staff"))
            both = sorted(posts.keys() & held.keys())
            over = [kind for kind in both if held[kind] > posts[kind]]
            if both and not over:
                yield Passed("机构设置说明中的分类编制和实有人员")
            for kind in over:
                yield conclude(
                    staff,
                    report.document,
                    key=f"text:{kind}编制",
                    severity="hint",
                    message=(
                        f"{kind}编制{posts[kind]}人，实有{kind}人员{held[kind]}人，多{held[kind] - posts[kind]}人，"
                        "请核实是否含过渡期或编外人员。"
                    ),
                    places=[Words(passage, found.start("staff"))],
                    expected=f"不超过{posts[kind]}人",
                    observed=f"{held[kind]}人",
                    difference=f"{held[kind] - posts[kind]}人",
                )


def _kinds(text: str) -> dict[str, int]:
    """How many people of each kind, as far as the kind is stated once."""
    found: list[tuple[str, str]] = _KIND.findall(text)
    once = Counter(kind for kind, _ in found)
    return {kind: int(count) for kind, count in found if once[kind] == 1}


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
