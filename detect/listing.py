"""Lists in prose: a total with the parts that the sentence names behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from detect.checks import Check
from detect.claims import Mention
from detect.narrative import prose_operand
from detect.sentences import thing
from models.report import Report


@dataclass(frozen=True, slots=True)
class Listing:
    """A stated total and the parts named behind it in the same paragraph, in order."""

    total: Mention
    parts: tuple[Mention, ...]


def listings(
    found: Sequence[Mention], is_total: Callable[[Mention], bool], is_part: Callable[[Mention], bool]
) -> Iterator[Listing]:
    """Every total with the parts behind it, up to the next total or the end of the paragraph."""
    total: Mention | None = None
    parts: list[Mention] = []
    for mention in found:
        if total is not None and mention.passage_index != total.passage_index:
            yield Listing(total, tuple(parts))
            total = None
        if is_total(mention):
            if total is not None:
                yield Listing(total, tuple(parts))
            total, parts = mention, []
        elif total is not None and is_part(mention):
            parts.append(mention)
    if total is not None:
        yield Listing(total, tuple(parts))


def sum_check(report: Report, listing: Listing, name: str, of: str) -> Check:
    """The statement that the total is the sum of its parts."""
    return Check(
        name,
        prose_operand(report.document, listing.total, of),
        tuple(prose_operand(report.document, part, thing(part)) for part in listing.parts),
    )


def lead_matches(mention: Mention, pattern: re.Pattern[str]) -> bool:
    """Whether the words before an exactly stated quantity match."""
    return mention.claim.role == "stated" and mention.claim.bound == "=" and bool(pattern.search(mention.lead))
