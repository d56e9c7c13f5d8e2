"""One quantity that prose states, with the thing that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from models.geometry import Box

ClaimKind = Literal["amount", "percentage", "price", "count", "staff", "vehicles", "area", "date"]
ClaimRole = Literal["stated", "previous", "change", "growth", "share", "completion", "limit"]
Bound = Literal["=", "≥", "≤", "≈", "range"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A number with its unit in a sentence.

    Attributes:
        kind: what is counted or measured.
        role: `stated` for the thing itself, `previous` for last year's, `change` and `growth` for the difference to
            it, `share` of a whole, `completion` of a plan, `limit` for a threshold (`单价100万元以上`).
        subject: the words before the number that name the thing, as printed; empty when there are none.
        value: in yuan for amounts and prices of money, per cent for percentages, otherwise in `unit`; the lower end
            of a range; `yyyymmdd` as a number for a date, with zeros for what is not stated.
        step: the value of one unit in the last printed place; zero for words (`三个`) and for
            things that are counted.
        unit: as printed (`万元`, `辆`, `元/人/天`).
        direction: +1 for an increase, -1 for a decrease, 0 for neither.
        bound: whether the number is exact, a bound, an estimate or a range.
        upper: the upper end of a range.
        text: number and unit as printed.
        sentence, section: around it, as printed; the section is the numbered heading.
        page: index from 0.
        box: of the lines that hold the sentence, in page points; None when only the page is known.
    """

    kind: ClaimKind
    role: ClaimRole
    subject: str
    value: Decimal
    step: Decimal
    unit: str
    text: str
    sentence: str
    section: str
    page: int
    box: Box | None
    direction: int = 0
    bound: Bound = "="
    upper: Decimal | None = None
