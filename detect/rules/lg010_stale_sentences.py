"""LG010: a sentence that states this year's amount names this year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.narrative import statements
from detect.registry import Outcome, rule
from detect.sentences import conclude_sentence
from models.citation import Citation
from models.report import Report

_YEAR = re.compile(r"(?<![-—–~～至\d])(20\d\d)年(?:度)?")
_COMPARED = re.compile(r"[比较与同和自截从]")


@rule(
    id="LG010",
    name="文字说明的年度",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
)
def stale_sentences(report: Report) -> Iterator[Outcome]:
    """The year before an amount of the explanation is the year of the table that prints the amount.

    ## What it checks
    Statements of the explanation whose amount is that of a recognised table of this document, and that name another
    year right before it.

    ## Why it matters
    The sentence was taken over from another year; only its amounts were replaced.

    ## What it leaves alone
    Sentences whose amount differs from the table (another rule names them); comparisons with other years; amounts of
    nothing.
    """
    year = report.year
    if year is None:
        return
    for statement in statements(report):
        mention = statement.mention
        named = list(_YEAR.finditer(mention.lead))
        if not named or not mention.claim.value or statement.table_value != mention.claim.value:
            continue
        stated = named[-1]
        if int(stated.group(1)) == year:
            yield Passed(f"“{mention.claim.subject[:30]}”的年度")
        elif not _COMPARED.search(mention.lead[: stated.start()][-2:]):
            yield conclude_sentence(
                stale_sentences,
                report.document,
                mention.passage,
                mention.start,
                key=f"text:{statement.name}",
                message=(
                    f"“{mention.claim.subject[-40:]}{mention.claim.text}”所述年度为{stated.group(1)}年，该金额即本文件"
                    f"{year}年度《{statement.places[0].form.name}》所列金额，疑似沿用其他年度的文字。"
                ),
                expected=f"{year}年",
                observed=f"{stated.group(1)}年",
            )
