"""Printed percentages against the amounts that they follow from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from detect.claims import Mention
from detect.narrative import Statement
from models.money import Amount

HUNDRED = Decimal(100)
MOST_AMOUNTS = 200
"""Amounts that a percentage is compared with: more than any section states, and without a bound a text of thousands
of percentages would cost their square."""


@dataclass(frozen=True, slots=True)
class Percentage:
    """A printed percentage.

    Attributes:
        value: in per cent.
        step: one unit in the last printed place, which is also by how much a recomputed one may miss it.
    """

    value: Decimal
    step: Decimal

    def follows(self, part: Amount, whole: Amount) -> bool | None:
        """Whether it is part / whole within the printed steps of all three; None when the whole may be nothing."""
        low, high = whole.interval
        if low <= 0 or whole.value <= 0:
            return None
        part_low, part_high = part.interval
        least = HUNDRED * max(part_low, Decimal(0)) / high
        most = HUNDRED * part_high / low
        return least - self.step <= self.value <= most + self.step

    def like(self, part: Decimal, whole: Decimal) -> str:
        """What part / whole is, printed as finely as this percentage and with two decimals at least."""
        places = min(self.step, Decimal("0.01"))
        return f"{(HUNDRED * part / whole).quantize(places, ROUND_HALF_UP)}%"


def percentage_of(mention: Mention) -> Percentage:
    """The percentage that a mention states."""
    return Percentage(mention.claim.value, mention.claim.step)


Printed = Mapping[tuple[int, int], list[Amount]]
"""What tables print of an amount that the prose states, by the paragraph and the offset of the mention."""


def printed_amounts(statements: Iterable[Statement]) -> Printed:
    """The amounts of the tables by the mention that repeats them."""
    found: dict[tuple[int, int], list[Amount]] = defaultdict(list)
    for statement in statements:
        step = sum((place.fact.amount.step for place in statement.places if place.fact.amount), Decimal(0))
        place = statement.mention.passage_index, statement.mention.start
        found[place].append(Amount(statement.table_value, step))
    return found


def readings(mention: Mention, known: Printed) -> list[Amount]:
    """What a stated amount may be: as printed, and as the tables print it where they print the same thing.

    A percentage that follows from the table's amount is right: the fault is the amount, and another rule names it.
    """
    return [mention.amount, *known.get((mention.passage_index, mention.start), ())]


def before_in_sentence(found: Sequence[Mention], position: int) -> list[Mention]:
    """The stated amounts before a mention in its sentence, in order."""
    here = found[position]
    begin, _ = here.passage.sentence_span(here.start)
    return [other for other in before_in_passage(found, position) if other.start >= begin]


def before_in_passage(found: Sequence[Mention], position: int) -> list[Mention]:
    """The nearest stated amounts before a mention in its paragraph, in order."""
    here = found[position]
    own: list[Mention] = []
    for at in range(position - 1, -1, -1):
        other = found[at]
        if other.passage_index != here.passage_index or len(own) >= MOST_AMOUNTS:
            break
        if other.is_stated_amount:
            own.append(other)
    return own[::-1]


def outside_brackets(amounts: Sequence[Mention], here: Mention) -> list[Mention]:
    """The amounts that words at `here` can speak of: not those in a bracket closed before it (`（含利息2万元）`)."""
    return [item for item in amounts if not closes_bracket(here.passage.text[item.end : here.start])]


def closes_bracket(between: str) -> bool:
    """Whether a stretch of text closes a bracket that was opened before it."""
    depth = 0
    for mark in between:
        depth += (mark == "（") - (mark == "）")
        if depth < 0:
            return True
    return False
