"""The projects that a department lists (表十二, 表十三) paired with their performance forms, by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from detect.amounts import parse_amount, yuan_per
from detect.facts import Ledger, Place
from detect.wording import row_name, similarity
from models.form import ProjectForm
from models.money import Amount
from models.report import Report

ALIKE = 0.6
"""Similarity of two names from which one may be the other renamed, if the money is the same as well: a name with a
qualification added (`…（二期）`, `重点…`) keeps more than that."""

FEW = 2
"""Renamed projects beyond which, if they outnumber those of the same name, the document names projects in two ways."""
MISREAD = 8
"""Characters of a scanned name among which one may be misread."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Target forms and listed projects.

    Attributes:
        pairs: forms with the one listed project of the same name.
        renamed: forms with the one listed project of the same money and a similar name.
        unlisted: forms that no listed project belongs to.
        listed: every listed project with an amount.
        is_reliable: the lists were read as a whole, at least half of the forms were found by name or money, and most
            of those by name, so that the others can be called missing.
    """

    pairs: tuple[tuple[ProjectForm, Place], ...]
    renamed: tuple[tuple[ProjectForm, Place], ...]
    unlisted: tuple[ProjectForm, ...]
    listed: tuple[Place, ...]
    is_reliable: bool


def year_amount(form: ProjectForm) -> Amount | None:
    """The money of the year in yuan; None when the form states none or it cannot be read."""
    funding = form.funding("year")
    if funding is None or not funding.unit:
        return None
    return parse_amount(funding.total.text, yuan_per(funding.unit))


def agree(one: Amount, other: Amount) -> bool:
    """Whether two printed amounts can be the same one."""
    return abs(one.value - other.value) <= one.half_step + other.half_step


def pair(report: Report) -> Pairing:
    """Pair every target form of one project with the list of projects."""
    ledger = Ledger(report)
    listed = []
    for table in report.forms:
        if table.form in ("b12", "b13"):
            total = next((column for column in table.columns if column.id == "total"), None)
            lines = [line for line in table.lines if line.id.startswith("row:")]
            listed += [place for line in lines if total for place in ledger.at(table, line, total)]
    listed = [place for place in listed if place.fact.amount is not None]
    names = Counter(row_name(place.line.name) for place in listed)
    forms = [form for form in report.project_forms if form.kind == "target" and form.project]
    pairs: list[tuple[ProjectForm, Place]] = []
    renamed: list[tuple[ProjectForm, Place]] = []
    unlisted: list[ProjectForm] = []
    scanned = {page.index for page in report.document.pages if page.source == "ocr"}
    forms = [_as_listed(form, names, scanned) for form in forms]
    used = {row_name(form.project) for form in forms}
    free = [place for place in listed if row_name(place.line.name) not in used]
    for form in forms:
        name = row_name(form.project)
        if names[name]:
            if names[name] == 1:
                pairs.append((form, next(place for place in listed if row_name(place.line.name) == name)))
            continue
        amount = year_amount(form)
        alike = [
            place
            for place in free
            if similarity(row_name(place.line.name), name) >= ALIKE
            and amount is not None
            and place.fact.amount is not None
            and agree(amount, place.fact.amount)
        ]
        if len(alike) == 1:
            renamed.append((form, alike[0]))
        else:
            unlisted.append(form)
    by_name = sum(bool(names[row_name(form.project)]) for form in forms)
    is_whole = not any(table.is_part for table in report.forms if table.form in ("b12", "b13"))
    is_habit = len(renamed) > max(FEW, by_name)
    is_reliable = is_whole and not is_habit and 0 < len(forms) <= (by_name + len(renamed)) * 2
    return Pairing(tuple(pairs), tuple(renamed), tuple(unlisted), tuple(listed), is_reliable)


def _as_listed(form: ProjectForm, names: Counter[str], scanned: set[int]) -> ProjectForm:
    """The form under the listed name that a scanned page shows with a few other characters: a slip of the reading."""
    name = row_name(form.project)
    if names[name] or not scanned.intersection(form.table.pages):
        return form
    close = [
        other
        for other in names
        if len(other) == len(name)
        and sum(a != b for a, b in zip(name, other, strict=True)) <= max(1, len(name) // MISREAD)
    ]
    return replace(form, project=close[0]) if len(close) == 1 else form
