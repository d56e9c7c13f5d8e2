"""XT001 and XT002: what two tables print of the same thing agrees, and no part exceeds its whole."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, Relation, check_of
from detect.facts import Ledger, Place
from detect.registry import Outcome, rule
from detect.vocabulary import CrossIdentity, cross_identities
from models.citation import Citation
from models.finding import Skip
from models.report import Report


@rule(
    id="XT001",
    name="表间勾稽",
    severity="error",
    category="cross_table",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def same_quantity(report: Report) -> Iterator[Outcome]:
    """Tables that print the same quantity print the same amount, or amounts that add up across tables.

    ## What it checks
    The identities of the vocabulary with the relation `=` (收支总表 with 收入总表 and 支出总表, 公开01 with 公开02 …),
    for totals and for every code.

    ## Why it matters
    Two different amounts for one thing: at least one of them is wrong.

    ## What it leaves alone
    Differences within rounding; identities that hold only under a condition that is not met in this document (the
    carry-over is not nothing); documents with two tables of the same form (a skip says so).
    """
    yield from _identities(report, "XT001", "=")


@rule(
    id="XT002",
    name="部分不大于整体",
    severity="error",
    category="cross_table",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def part_of_whole(report: Report) -> Iterator[Outcome]:
    """A part in one table is not greater than its whole in another (general budget and all funds, 基本支出 and “三公”).

    ## What it checks
    The identities of the vocabulary with the relation `<=`.

    ## Why it matters
    A part greater than its whole cannot be explained by scope.

    ## What it leaves alone
    A part smaller than its whole: that is normal; differences within rounding.
    """
    yield from _identities(report, "XT002", "<=")


def _identities(report: Report, rule_id: str, relation: Relation) -> Iterator[Outcome]:
    ledger = Ledger(report)
    present = {form.form for form in report.forms if form.form}
    for identity in cross_identities():
        named = [address.removeprefix("-").partition(":")[0] for address in (identity.total, *identity.terms)]
        if identity.relation != relation or named[0] not in present:
            continue
        if any(form not in present for form in named):
            yield Skip(rule_id, identity.name, "文件中没有识别出参与核对的另一张表")
            continue
        if repeated := [form for form in set(named) & present if not ledger.is_unique(form)]:
            yield Skip(rule_id, identity.name, f"同一报表在文件中出现多次（{repeated[0]}），无法确定以哪张为准")
            continue
        if not all(_is_nothing(ledger, address) for address in identity.needs):
            yield Skip(rule_id, identity.name, "存在上年结转或年终结转，该勾稽关系在本文件中不适用")
            continue
        checks = list(_checks(report, ledger, identity))
        if not checks:
            yield Skip(rule_id, identity.name, "没有识别出参与核对的行或列")
        yield from checks


def _is_nothing(ledger: Ledger, address: str) -> bool:
    form, _, rest = address.partition(":")
    line, _, column = rest.rpartition("@")
    return all(
        place.fact.is_blank or (place.fact.amount is not None and not place.fact.amount.value)
        for place in ledger.all_of(form, line, column)
    )


def _checks(report: Report, ledger: Ledger, identity: CrossIdentity) -> Iterator[Check]:
    form = identity.total.partition(":")[0]
    codes = [""]
    if identity.each:
        codes = [
            line.id for line in ledger.lines_of(form) if line.code and (identity.each == "code" or len(line.code) == 3)
        ]
        if identity.each == "code":
            codes.append("total")
    for code in codes:
        for total in _places(ledger, identity.total, code):
            terms: list[tuple[int, Place]] = []
            complete = True
            for address in identity.terms:
                found = _places(ledger, address.removeprefix("-"), code)
                if len(found) != 1:
                    complete = complete and not found and address in identity.absent_is_nothing
                    continue
                terms.append((-1 if address.startswith("-") else 1, found[0]))
            if complete and terms:
                yield check_of(identity.name, total, terms, report.document, identity.relation)


def _places(ledger: Ledger, address: str, code: str) -> list[Place]:
    form, _, rest = address.partition(":")
    line, _, column = rest.rpartition("@")
    found = ledger.all_of(form, line.replace("{code}", code), column)
    return found if line.startswith("item:") else found if len(found) == 1 else []
