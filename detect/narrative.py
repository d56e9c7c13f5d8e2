"""Claims to statements: which table cell prints what a sentence says, so that the two can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from detect.checks import Check, Operand, operand_of
from detect.claims import Mention, mentions
from detect.facts import Ledger, Place
from detect.vocabulary import StatementGroup, StatementWords, accounts, statement_groups
from detect.wording import quoted, row_name
from models.document import Document
from models.finding import Skip
from models.money import YUAN_PER_UNIT
from models.report import Line, Report

_TAIL = (
    r"(?:支出|收入)?(?:财政拨款)?(?:预算|决算)?(?:支出)?(?:数|额|总额|金额)?(?:合计|共计|总计)?"
    r"(?:共?安排|列支)?(?:为|是|：)?$"
)
_BEGINS = re.compile(
    r"(?:^|[年度期末初局委办厅处所站中心馆院校队会部门位关府司台室园库团\"的为是由及和与、，；：）\d.．]|其中|包括|安排|用于|合计|总计)$"
)
"""What may stand before the words that name an amount; anything else makes them the end of a longer name
(`政府性基金预算财政拨款收入`, `国内公务接待费`, `聘用人员经费`)."""
_FISCAL = re.compile(r"(?:(?:一般公共预算)?(?:财政)?拨款|一般公共预算)(?:安排的?)?$")
_PLAINLY = re.compile(
    r"^(?:其中|具体|[：:、，和]|[（(]?[一二三四五六七八九十\d]{1,2}[）)、.．]|[①-⑳]|20\d\d年度?|本年度?|当年|全年|(?:本|我)?(?:部门|单位)|安排|财政拨款)*"
    r"(?:因公出国|公务接待|公务用车|会议费|培训费)"
)
_MONEY = re.compile(r"财政拨款|一般公共|基金|国有资本|三公|基本支出|运行经费|采购")
_MARKED = re.compile(r"[（(]([类款项])[）)]")
_LEVEL = re.compile(r"[（(][类款项][)）]")
_ORIGINAL = re.compile(r"(?:年初|全年|调整后?|当年)?预算(?:数|安排)?(?:为)?$")
_BEHIND_LABEL = re.compile(r"：[^：]*$")
_YEARS = re.compile(r"(20\d\d)年")
_FINAL = re.compile(r"^(?:其中)?(?:支出)?决算(?:支出|数|为)*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """An amount in prose with the amounts of the tables that it repeats.

    Attributes:
        rule: id of the rule that compares them.
        name: Chinese name of the amount.
        mention: where and what the prose says.
        places: the table amounts whose sum it repeats; none where that table was not recognised.
        quantity: the same for every statement of one amount, wherever it stands.
    """

    rule: str
    name: str
    mention: Mention
    places: tuple[Place, ...]
    quantity: str = ""

    @property
    def table_value(self) -> Decimal:
        """Sum of the table amounts in yuan; blank cells count as nothing."""
        return sum((place.fact.amount.value for place in self.places if place.fact.amount), Decimal(0))


def prose_operand(document: Document, mention: Mention, name: str, sign: int = 1) -> Operand:
    """The amount or count of a mention as an operand of a check."""
    passage = mention.passage
    position = passage.block_at(mention.start)
    block = document.blocks[passage.blocks[position]]
    page = next((page for page in document.pages if page.index == block.page), None)
    unit = mention.claim.unit
    where = passage.section or passage.part or f"第{block.page + 1}页"
    return Operand(
        sign=sign,
        key=("", passage.blocks[position], mention.start - passage.starts[position]),
        label=name,
        name=f"情况说明“{where[:24]}”中的{name}",
        text=mention.printed,
        state="number",
        amount=mention.amount,
        evidence=passage.evidence(document, mention.start),
        form="text",
        line=where[:2].rstrip("、"),
        column=name,
        unit=unit,
        unit_yuan=YUAN_PER_UNIT.get(unit, Decimal(1)),
        decimals=len(mention.printed.partition(".")[2]),
        confidence=block.confidence,
        from_ocr=page is not None and page.source == "ocr",
    )


def statements(report: Report, found: Sequence[Mention] | None = None, *, printed_only: bool = True) -> list[Statement]:
    """Every amount of the explanation that a recognised table prints too.

    Args:
        report: with its tables recognised.
        found: the mentions of the document, if they are known already.
        printed_only: leave out the amounts whose table was not recognised.
    """
    ledger = Ledger(report)
    document = "final" if report.kind == "决算公开" else "budget"
    groups = [group for group in statement_groups() if group.document == document]
    result: list[Statement] = []
    seen: set[tuple[str, str]] = set()
    previous: Mention | None = None
    for mention in mentions(report.document) if found is None else found:
        if mention.is_stated_amount and mention.passage.section:
            lead = _named(mention, previous)
            matching = ((at, words) for at, group in _sections(mention, groups) for words in group.statements)
            for section, words in matching:
                statement = _statement(ledger, words, mention, lead)
                if statement is None or (printed_only and not statement.places):
                    continue
                key = (section, f"{words.name}{statement.name}")
                if not (words.first and key in seen):
                    result.append(statement)
                seen.add(key)
                break
        previous = mention
    return result


def begins_a_name(lead: str, start: int, headings: str) -> bool:
    """Whether the words from `start` are the whole name of an amount, not the end of a longer one.

    `一般公共预算` or `财政拨款` before a name makes it another amount unless the headings speak of that money, or of
    expenses that are paid from no other (`三公`).
    """
    before = lead[:start]
    if (fiscal := _FISCAL.search(before)) and re.search(r"一般公共|拨款|三公|机关运行|重要事项", headings):
        before = before[: fiscal.start()]
    return bool(_BEGINS.search(before))


def _named(mention: Mention, previous: Mention | None) -> str:
    """The words before the number; `支出决算` alone takes the thing from the budget that is named before it."""
    lead = _BEHIND_LABEL.sub("", quoted(mention.lead))
    if _FINAL.match(lead) and previous is not None and previous.passage_index == mention.passage_index:
        before = quoted(previous.lead)
        if _ORIGINAL.search(before):
            return _ORIGINAL.sub("", before) + "支出决算"
    return lead


def _statement(ledger: Ledger, words: StatementWords, mention: Mention, lead: str) -> Statement | None:
    if "{class}" in words.words:
        form = words.place.partition(":")[0]
        bare = row_name(_LEVEL.sub("", lead))
        for line in ledger.lines_of(form):
            name = row_name(line.name)
            pattern = words.words.replace("{class}", re.escape(name).removesuffix("支出") + "(?:支出)?")
            if len(line.code) == 3 and name and re.search(f"(?:{pattern}){_TAIL}", bare):
                places = _places(ledger, words.place.replace("{class}", line.id))
                return (
                    Statement(words.rule, line.name.strip(), mention, places, words.place.replace("{class}", line.id))
                    if places
                    else None
                )
        return None
    if words.words == "{item}":
        form = words.place.partition(":")[0]
        titles = [found.table.title for found in ledger.report.forms if found.form == form]
        item = _item(ledger, form, lead)
        if item is None or (words.unless_titled and any(words.unless_titled in title for title in titles)):
            return None
        places = _places(ledger, words.place.replace("{item}", item.id))
        name = f"{item.code} {item.name.strip()}"
        return Statement(words.rule, name, mention, places, words.place.replace("{item}", item.id))
    found = re.search(f"(?:{words.words}){_TAIL}", lead)
    if found is None or not begins_a_name(lead, found.start(), mention.passage.section + mention.passage.subsection):
        return None
    if "上年" in lead and "上年" not in words.words:
        return None
    if "年初预算" in lead or ("决算" in ledger.report.kind and _ORIGINAL.search(lead) and "预算" not in words.name):
        return None
    return Statement(words.rule, words.name, mention, _places(ledger, words.place), words.place.partition("|")[0])


def _item(ledger: Ledger, form: str, lead: str) -> Line | None:
    """The line of a 款 or 项 named with its levels (`审计事务（款）行政运行（项）`); None if not just one."""
    parts = _MARKED.split(lead)
    named = {level: row_name(name).removesuffix("支出") for name, level in zip(parts[::2], parts[1::2], strict=False)}
    if "款" not in named or not re.search(rf"^{_TAIL}", parts[-1]):
        return None
    lines = ledger.lines_of(form)
    names = {item.code: item.name for item in accounts().values()} | {line.code: line.name for line in lines}
    lengths = {"类": 3, "款": 5, "项": 7}
    found = [
        line
        for line in lines
        if len(line.code) == lengths["项" if "项" in named else "款"]
        and all(
            row_name(names.get(line.code[: lengths[level]], "")).removesuffix("支出") == name
            for level, name in named.items()
        )
    ]
    return found[0] if len(found) == 1 else None


def _sections(mention: Mention, groups: Sequence[StatementGroup]) -> list[tuple[str, StatementGroup]]:
    """The groups for a paragraph with the heading that calls for them, the nearer heading first.

    A heading of some money (`财政拨款`, `“三公”经费`) holds for all that stands below it, and one below it that names
    money takes a part of the section out of what the section is about.
    """
    section, subsection = quoted(mention.passage.section), quoted(mention.passage.subsection)
    whole = f"{section} {subsection}" if _MONEY.search(subsection) else section
    own: list[tuple[str, StatementGroup]] = []
    for group in groups:
        if subsection and not _MONEY.search(section) and re.search(group.section, subsection):
            own.append((mention.passage.subsection, group))
        elif section and re.search(group.section, section) and re.search(group.section, whole):
            own.append((mention.passage.section, group))
    return sorted(own, key=lambda found: found[0] != mention.passage.subsection)


def _places(ledger: Ledger, address: str) -> tuple[Place, ...]:
    """The places of an address; of alternatives (joined by `|`) those of the first form that the document has."""
    return next((found for one in address.split("|") if (found := _terms(ledger, one))), ())


def _terms(ledger: Ledger, address: str) -> tuple[Place, ...]:
    found = []
    for term in address.split("+"):
        form, _, rest = term.partition(":")
        line, _, column = rest.rpartition("@")
        if (place := ledger.one(form, line, column)) is not None:
            found.append(place)
    return tuple(found)


def table_checks(report: Report, rule: str) -> Iterator[Check | Skip]:
    """The checks of one rule: what the prose states equals what the tables print.

    A statement about blank cells passes when it says nothing or zero.
    """
    own = [statement for statement in statements(report) if statement.rule == rule]
    by_name: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for statement in own:
        by_name[statement.mention.passage.section, statement.name].append(statement)
    for (_, name), same in by_name.items():
        if rule == "TX001" and "总额" not in name and not _is_one_thing(same):
            yield Skip(rule, name, "文字说明中该项目出现多个不同金额，无法确定对应关系")
            continue
        strange = [statement for statement in same if not _may_be(statement)]
        if len({statement.mention.claim.value for statement in strange}) > 1:
            yield Skip(rule, name, "文字说明中该项目出现多个与报表不同的金额，可能分属不同单位或年度，未作核对")
            same = [statement for statement in same if statement not in strange]
        for statement in same:
            if statement in strange and _is_of_another_year(statement, report.year):
                continue
            terms = tuple(operand_of(place, report.document) for place in statement.places)
            if all(term.state == "blank" for term in terms) and not statement.mention.claim.value:
                continue
            total = prose_operand(report.document, statement.mention, statement.name)
            yield Check(f"文字说明的{statement.name}等于报表金额", total, terms)
    yield from _not_stated(report, rule, {statement.name for statement in own})


def _is_one_thing(same: Sequence[Statement]) -> bool:
    """Whether different amounts under one name can only be one thing stated twice, once wrongly.

    They are of several units or years unless there are two of them, one is what the table prints, and the other is
    named without any word that could make it another's.
    """
    values = {statement.mention.claim.value for statement in same}
    if len(values) < 2:
        return True
    strange = [item for item in same if not _may_be(item)]
    return len(values) == 2 and len(strange) < len(same) and all(_PLAINLY.search(item.mention.lead) for item in strange)


def _may_be(statement: Statement) -> bool:
    low, high = statement.mention.amount.interval
    slack = sum((place.fact.amount.step for place in statement.places if place.fact.amount), Decimal(0))
    return low - slack <= statement.table_value <= high + slack


def _is_of_another_year(statement: Statement, year: int | None) -> bool:
    """Whether the words before an amount name years, and not that of the document."""
    named = _YEARS.findall(statement.mention.lead)
    return year is not None and bool(named) and str(year) not in named


def _not_stated(report: Report, rule: str, stated: set[str]) -> Iterator[Skip]:
    """What the tables print and the explanation should state, but no sentence with it was recognised."""
    ledger = Ledger(report)
    for group in statement_groups():
        for words in group.statements:
            if words.rule != rule or words.optional or words.name in stated:
                continue
            if "{class}" in words.place:
                missing = not stated and ledger.is_unique(words.place.partition(":")[0])
            else:
                missing = any(place.fact.amount and place.fact.amount.value for place in _places(ledger, words.place))
            if missing:
                name = "各类支出" if "{class}" in words.name else words.name
                yield Skip(rule, name, "没有识别出文字说明中该项目的金额，未作核对")
                stated = stated | {words.name}
