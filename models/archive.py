"""What is remembered of an audited document, so that others can be compared with it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from models.report import DocumentKind

ObservationKind = Literal["price", "project", "total", "ratio"]


@dataclass(frozen=True, slots=True)
class Source:
    """A document that is remembered.

    Attributes:
        sha256: of the document.
        name: of its file.
        entity: the department or unit; empty when it is not stated.
        kind: budget, final accounts, or neither.
        year: that it is about; None when it is not stated.
        scope: `部门` (a department with its units) or `单位` (one unit alone); empty when the title says neither.
        region: the city or county in the entity's name; empty when it names none.
    """

    sha256: str
    name: str
    entity: str
    kind: DocumentKind
    year: int | None
    scope: str = ""
    region: str = ""

    @property
    def key(self) -> str:
        """The same for two versions of one disclosure: the later one takes the place of the earlier."""
        if not self.entity or self.year is None:
            return self.sha256
        return "|".join((self.entity, self.scope, self.kind, str(self.year)))


@dataclass(frozen=True, slots=True)
class Observation:
    """A number that can be compared with the same one of other documents.

    Attributes:
        kind: a price per something, the money of a project, an amount of a form, or money per head or vehicle.
        item: what it is the number of, the same word in all documents (`台式计算机`, `培训`, `b05|c208|total`).
        unit: `元/台`, `元`; for a project the unit that its work is counted in (`人次`), empty when it is not counted.
        value: in yuan (per unit), exact.
        step: half of it to each side is what the printed number may mean; zero for an exact one.
        label: Chinese, as a reader finds it (`项目“…”的“台式计算机单价”`).
        text: as printed.
        page: index from 0.
        sure: probability that it was read right.
        features: of a project: name and value of what else is known of it in numbers.
    """

    kind: ObservationKind
    item: str
    unit: str
    value: Decimal
    step: Decimal
    label: str
    text: str
    page: int
    sure: float = 1.0
    features: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage that can be compared with those of other documents.

    Attributes:
        field: `overview`, `goal_year` and the other fields of a form, `indicators`, or `prose`.
        label: Chinese, where it stands (`项目“…”的年度目标`, `七、“三公”经费…`).
        text: as printed, without white space.
        skeleton: the text without punctuation, with `#` for every number and `◇` for every name of an organisation:
            what stays when the text is filled in anew for another year or another organisation.
        page: index from 0.
    """

    field: str
    label: str
    text: str
    skeleton: str
    page: int


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered of one document."""

    source: Source
    observations: tuple[Observation, ...]
    excerpts: tuple[Excerpt, ...]
