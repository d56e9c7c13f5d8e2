"""TX009: the projects that the explanation counts are those that the tables list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from detect.amounts import parse_amount, yuan_per
from detect.checks import Check, Naming, Passed, cell_operand, operand_of
from detect.claims import Mention, mentions
from detect.conclude import conclude
from detect.facts import Ledger, Place
from detect.listing import Listing, listings
from detect.narrative import prose_operand, table_checks
from detect.registry import Example, Outcome, rule
from detect.sentences import thing
from detect.texts import Words
from models.citation import Citation
from models.finding import Skip
from models.form import ProjectForm
from models.report import Report

_HEAD = re.compile(r"(?<!类)项目(?:绩效目标)?(?:共|共计|共有|支出)?$")
_PART = re.compile(r"类(?:二级)?项目(?:支出)?(?:共|共计|共有)?$|[“\"]?[优良中差][”\"]?(?:的|等级|项目)*$")
_MANAGED = re.compile(r"(?:纳入|实行|编报|设置)[^，。；]{0,6}绩效目标")
_EVALUATED = re.compile(r"自评")


@rule(
    id="TX009",
    name="绩效项目个数和金额",
    severity="error",
    category="narrative",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年项目支出预算表（本年预算）》万元
            项目名称 | 合计 | 2031年财政拨款 | > | > | 财政专户管理资金 | 单位资金
            ^ | ^ | 一般公共预算 | 政府性基金预算 | 国有资本经营预算 | ^ | ^
            虚构市天文馆 | 38.00 | 38.00 | | | |
            望远镜镜片养护费 | 18.00 | 18.00 | | | |
            星图印制费 | 20.00 | 20.00 | | | |
            # 十、绩效管理情况
            2031年纳入绩效目标管理的项目2个，涉及金额83.00万元。其中：其他运转类项目1个，金额18.00万元；特定目标类项目1个，金额20.00万元。
            """,
        near_miss={"83.00万元": "38.00万元"},
        because="与项目支出预算表一致",
    ),
)
def projects(report: Report) -> Iterator[Outcome]:
    """The number and the money of the projects in the explanation agree with each other and with the tables.

    ## 查什么
    说明中绩效项目的个数和金额：各类之和与总数、纳入绩效目标管理的项目与表十二（表十三）、自评的项目与所附自评表，是
    否一致。

    ## 为什么要查
    没有目标的钱，就是没有人负责的钱。

    ## 不报的情形
    只公开一部分的项目；各行加不到合计、分不清单位和项目的清单（列入“未检查”）；四舍五入的尾差。
    """
    found = mentions(report.document)
    after = {id(mention): other for mention, other in pairwise(found)}
    counts = [mention for mention in found if mention.claim.unit in ("个", "项") and mention.claim.role == "stated"]
    for listing in listings(
        counts, lambda mention: bool(_HEAD.search(mention.lead)), lambda mention: bool(_PART.search(mention.lead))
    ):
        head = listing.total
        if "绩效" not in head.passage.section + head.passage.text[: head.start]:
            continue
        yield from _kinds(report, listing, after)
        sentence = head.claim.sentence
        money = _money(head, after)
        if money is not None and _EVALUATED.search(sentence) and report.kind == "决算公开":
            yield from _evaluated(report, head, money)
        elif money is not None and _MANAGED.search(sentence) and "公开" not in head.lead:
            kinds = sum((part.claim.value for part in listing.parts), Decimal(0))
            yield from _listed(report, head, money, kinds if len(listing.parts) >= 2 else None)
    yield from table_checks(report, "TX009")


def _money(count: Mention, after: dict[int, Mention]) -> Mention | None:
    """The amount that follows a count in its sentence."""
    other = after.get(id(count))
    if other is None or not other.is_stated_amount or other.passage_index != count.passage_index:
        return None
    return other if other.start < count.passage.sentence_span(count.start)[1] else None


def _kinds(report: Report, listing: Listing, after: dict[int, Mention]) -> Iterator[Check]:
    if len(listing.parts) < 2:
        return
    document, head = report.document, listing.total
    name = "绩效项目"
    yield Check(
        "项目个数等于各类项目个数之和",
        prose_operand(document, head, f"{name}个数"),
        tuple(prose_operand(document, part, f"{thing(part)}个数") for part in listing.parts),
    )
    money = _money(head, after)
    parts = [_money(part, after) for part in listing.parts]
    if money is not None and all(parts):
        yield Check(
            "项目金额等于各类项目金额之和",
            prose_operand(document, money, f"{name}金额"),
            tuple(
                prose_operand(document, amount, f"{thing(part)}金额")
                for part, amount in zip(listing.parts, parts, strict=True)
                if amount is not None
            ),
        )


def _leaves(ledger: Ledger, form_id: str) -> list[Place]:
    lines = [line for line in ledger.lines_of(form_id) if line.id.startswith("row:")]
    places = [place for line in lines for place in ledger.all_of(form_id, line.id, "total")]
    return [place for place in dict.fromkeys(places) if place.fact.amount and place.fact.amount.value]


def _value(places: list[Place]) -> Decimal:
    return sum((place.fact.amount.value for place in places if place.fact.amount), Decimal(0))


def _listed(report: Report, head: Mention, money: Mention, kinds: Decimal | None) -> Iterator[Outcome]:
    """The projects under targets against the list of projects; a number that its kinds contradict is named once."""
    ledger = Ledger(report)
    total = ledger.one("b12", "total", "total")
    own, carried = _leaves(ledger, "b12"), _leaves(ledger, "b13")
    stated = money.claim.value
    if carried and abs(stated - _value(own) - _value(carried)) <= money.amount.half_step * (len(own) + len(carried)):
        own = [*own, *carried]
    elif total is not None and total.fact.amount is not None:
        operand = prose_operand(report.document, money, "纳入绩效目标管理的项目金额")
        yield Check("文字说明的项目金额等于项目支出预算表合计", operand, (operand_of(total, report.document),))
    elif own:
        operand = prose_operand(report.document, money, "纳入绩效目标管理的项目金额")
        terms = tuple(operand_of(place, report.document) for place in own)
        yield Check("文字说明的项目金额等于项目支出预算表各项目之和", operand, terms)
    if not own:
        return
    printed = total.fact.amount.value if total is not None and total.fact.amount else stated
    slack = own[0].fact.amount.step * len(own) if own[0].fact.amount else Decimal(0)
    if abs(_value(own) - printed) > slack:
        yield Skip("TX009", "项目个数", "项目支出预算表所列各行与合计不符，无法确认项目个数，未作核对")
    elif head.claim.value == len(own) or kinds == len(own):
        yield Passed("项目个数")
    else:
        yield conclude(
            projects,
            report.document,
            places=[Words(head.passage, head.start)],
            key="text:项目个数",
            message=(
                f"项目个数写为{head.claim.text}，《{own[0].form.name}》所列项目为{len(own)}个，"
                f"相差{abs(int(head.claim.value) - len(own))}个。"
            ),
            others=[operand_of(own[0], report.document).evidence],
            expected=f"{len(own)}个",
            observed=head.claim.text,
            difference=f"{int(head.claim.value) - len(own)}个",
        )


def _evaluated(report: Report, head: Mention, money: Mention) -> Iterator[Outcome]:
    """The projects that were evaluated against their forms, where as many are printed."""
    forms = [form for form in report.project_forms if form.kind == "self_evaluation"]
    if len(forms) != head.claim.value:
        yield Skip("TX009", "自评项目金额", "自评表份数与文字说明的项目个数不同，可能只公开了一部分，未作核对")
        return
    ways = [_fundings(form) for form in forms]
    if any(not way for way in ways):
        yield Skip("TX009", "自评项目金额", "部分自评表没有识别出项目资金，未作核对")
        return
    sums = [sum(column, Decimal(0)) for column in zip(*ways, strict=False)]
    if any(abs(value - money.claim.value) <= money.amount.half_step * (len(forms) + 1) for value in sums):
        yield Passed("自评项目金额")
        return
    operands = []
    for form in forms:
        funding = form.fundings[0]
        naming = Naming(
            "selfeval", form.project, funding.name, form.project, f"项目“{form.project}”的{funding.name}", funding.unit
        )
        operands.append(cell_operand(report.document, form.table.id, funding.total, naming))
    total = prose_operand(report.document, money, "自评项目金额")
    yield Check("自评项目金额等于各自评表预算金额之和", total, tuple(operands))


def _fundings(form: ProjectForm) -> list[Decimal]:
    """The budget, the money received and the money spent, in yuan; empty when one cannot be read."""
    found = []
    for funding in form.fundings:
        amount = parse_amount(funding.total.text, yuan_per(funding.unit or "万元"))
        if amount is None:
            return []
        found.append(amount.value)
    return found
