"""A document to the disclosures of the same organisation for other years, or for the other kind, in the archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from detect.archive import Archive
from detect.claims import Mention, mentions
from detect.narrative import Statement, statements
from detect.reconcile import SURE
from detect.remember import source_of
from models.archive import Observation, Source
from models.finding import Skip
from models.money import Amount, yuan_text
from models.report import DocumentKind, Report

NEAR = 40
"""Characters between an amount and what the sentence says of last year's: `，与上年预算数相比` and a bracket."""
_LAST = re.compile(r"上年度?|去年|上一年度?|20\d\d年度?")
_PLANNED = re.compile(r"预算")
_SPENT = re.compile(r"决算|执行")
_ORIGINAL = re.compile(r"年初预算|调整预算|全年预算")
_SAME = re.compile(
    r"^[，、（]?(?:与|同|较|比|和)(?P<last>(?:上年|去年|上一年)度?)(?P<kind>[^，。；、]{0,6}?)(?:相比)?[，]?"
    r"(?:持平|相同|一致|无增减|无变化|没有变化|保持不变|不变)(?=[，。；、）]|$)"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts of a remembered document added up.

    Attributes:
        amount: of those that are printed.
        terms: where they stand.
        is_whole: every term is printed and was read for sure.
        has_forms: the forms of the terms that are not printed are there, so that these may be blank, which is nothing.
    """

    amount: Amount
    terms: tuple[Observation, ...]
    is_whole: bool
    has_forms: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another disclosure of the same organisation.

    Attributes:
        source: the document.
        totals: its amounts by item.
    """

    source: Source
    totals: dict[str, Observation] = field(hash=False)

    def total(self, form: str, line: str, column: str) -> Observation | None:
        """The amount at a place of a form; the column `amount` also means the only column of the line."""
        exact = self.totals.get(f"{form}|{line}|{column}")
        if exact is not None or column != "amount":
            return exact
        begin = f"{form}|{line}|"
        found = [one for item, one in self.totals.items() if item.startswith(begin) and item.endswith(".amount")]
        return found[0] if len(found) == 1 else None

    def sum(self, address: str) -> Sum:
        """The sum of the amounts at `form:line@column+…`."""
        found, has_all, has_forms = [], True, True
        for term in address.split("+"):
            form, _, rest = term.partition(":")
            line, _, column = rest.rpartition("@")
            one = self.total(form, line, column)
            if one is not None and one.sure >= SURE:
                found.append(one)
            else:
                has_all = False
                has_forms = has_forms and one is None and any(item.startswith(f"{form}|") for item in self.totals)
        value = sum((one.value for one in found), Decimal(0))
        return Sum(Amount(value, sum((one.step for one in found), Decimal(0))), tuple(found), has_all, has_forms)

    def words(self, found: Sequence[Observation]) -> str:
        """Where the amounts stand, for messages."""
        named = "、".join(f"{one.label}{yuan_text(one.value, '万元')}（第{one.page + 1}页）" for one in found)
        return f"该单位{self.source.year}年{self.source.kind}文件“{self.source.name}”{named}"


def earlier(
    report: Report, archive: Archive, rule: str, name: str, *, kind: DocumentKind | None = None, years: int = 1
) -> Earlier | Skip:
    """The disclosure of the same organisation `years` before; a skip with the reason where there is none.

    Args:
        report: whose organisation, scope and year decide.
        archive: to be searched.
        rule: id of the rule that asks.
        name: of what cannot be checked without it.
        kind: of the disclosure; that of the report when None.
        years: 0 for the same year.
    """
    source, wanted = source_of(report), kind or report.kind
    if not source.entity or source.year is None:
        missing = "单位名称" if not source.entity else "年度"
        return Skip(rule, name, f"没有识别出本文件的{missing}，无法在档案中查找该单位的其他文件")
    others = [
        scope for scope in ("", "部门", "单位") if scope != source.scope and not (scope and source.scope)
    ]  # a document that says neither may be either, one that says 部门 is not that of one 单位
    for scope in (source.scope, *others):
        found = archive.find(source.entity, scope, wanted, source.year - years)
        if found is not None:
            return Earlier(found, {item.item: item for item in archive.observations(found, "total")})
    return Skip(rule, name, f"档案中没有{source.entity}{source.year - years}年的{wanted}文件，未作比较")


@dataclass(frozen=True, slots=True)
class Previous:
    """What a sentence says of last year's amount.

    Attributes:
        statement: this year's amount, which a table prints too.
        amount: last year's, as stated or as it follows from the change.
        said: the words that say it.
        is_explicit: the sentence prints the amount itself, or names last year's budget or final accounts.
    """

    statement: Statement
    amount: Amount
    said: str
    is_explicit: bool


def previous_amounts(report: Report) -> Iterator[Previous]:
    """Last year's amounts of the explanation: stated, or this year's less the change, or equal to this year's.

    Only the amount that the sentence begins with is taken, where no other stands between it and the change: a change
    behind a list of parts may belong to any of them. Comparisons with other than last year's figure of the same kind
    of document (`比年初预算`, `比上年执行数` in a budget) are left out.
    """
    found = mentions(report.document)
    at = {(mention.passage_index, mention.start): index for index, mention in enumerate(found)}
    for statement in statements(report, found):
        mention = statement.mention
        begin, end = mention.passage.sentence_span(mention.start)
        index = at[mention.passage_index, mention.start]
        before = found[index - 1] if index else None
        if before is not None and before.passage_index == mention.passage_index and before.start >= begin:
            continue
        behind = found[index + 1] if index + 1 < len(found) else None
        if behind is not None and (behind.passage_index != mention.passage_index or behind.start >= end):
            behind = None
        previous = _previous(report, statement, behind)
        if previous is not None:
            yield previous


def _previous(report: Report, statement: Statement, behind: Mention | None) -> Previous | None:
    mention = statement.mention
    text = mention.passage.text
    if same := _SAME.match(text[mention.end :]):
        if not _is_of_kind(report, same.group("kind")):
            return None
        is_named = bool(_PLANNED.search(same.group("kind")) or _SPENT.search(same.group("kind")))
        return Previous(statement, mention.amount, same.group().strip("，、"), is_named)
    if behind is None or behind.claim.kind != "amount" or behind.start - mention.end > NEAR:
        return None
    between = text[mention.end : behind.start]
    if not _LAST.search(between) or not _is_of_kind(report, between):
        return None
    if behind.claim.role == "previous" and behind.claim.bound == "=":
        return Previous(statement, behind.amount, text[mention.end : behind.end].strip("，（"), is_explicit=True)
    if behind.claim.role != "change" or not behind.claim.direction:
        return None
    value = mention.claim.value - behind.claim.direction * behind.claim.value
    is_named = bool(_PLANNED.search(between) or _SPENT.search(between))
    amount = Amount(value, mention.claim.step + behind.claim.step)
    return Previous(statement, amount, text[mention.end : behind.end].strip("，（"), is_named)


def _is_of_kind(report: Report, words: str) -> bool:
    """Whether the words compare with last year's figure of the report's own kind."""
    years = {int(year) for year in re.findall(r"(20\d\d)年", words)}
    if _ORIGINAL.search(words) or (years and report.year is not None and years != {report.year - 1}):
        return False
    return not (_PLANNED if report.kind == "决算公开" else _SPENT).search(words)
