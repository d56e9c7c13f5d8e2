"""What the store hands out: one frozen record for every kind of row that people or programs look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from models.finding import Category, ReadingVerdict, Severity
from models.page import PageSource
from models.run import DocumentState

T = TypeVar("T")
Baseline = Literal["new", "unchanged", "updated", "absent"]
FindingOrder = Literal["gravest", "newest"]


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some entries of a list, and where the next ones begin.

    Attributes:
        items: in the list's order.
        next: to be handed back for the entries that follow; empty at the end of the list.
    """

    items: tuple[T, ...]
    next: str


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One document; every attribute is a column of `service.schema.DocumentRow`."""

    id: int
    sha256: str
    name: str
    media: str
    size: int
    owner: int | None
    kind: str
    year: int | None
    entity: str
    state: DocumentState
    stage: str
    pages_done: int
    n_pages: int
    n_tables: int
    n_findings: int
    n_errors: int
    n_warnings: int
    n_hints: int
    n_checks: int
    n_skipped: int
    priority: int
    attempts: int
    crashes: int
    generation: int
    submitted: datetime | None
    failure_code: str
    failure_message: str
    next_try: datetime | None
    document_blob: str
    report_blob: str
    version: str
    created: datetime
    started: datetime | None
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One finding of one document; every attribute is a column of `service.schema.FindingRow`."""

    id: int
    document_id: int
    key: str
    rank: int
    rule: str
    category: Category
    severity: Severity
    reading: ReadingVerdict
    confidence: float
    page: int | None
    message: str
    expected: str
    observed: str
    difference: str
    basis: str
    evidence: list[dict[str, Any]]
    equations: list[dict[str, Any]]
    kind: str
    year: int | None
    entity: str
    status: str
    baseline: Baseline
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page; `index` counts from 0."""

    index: int
    width_pt: float
    height_pt: float
    rotation_deg: int
    source: PageSource
    watermark: float
    problem: str


@dataclass(frozen=True, slots=True)
class TableRecord:
    """One table without its cells."""

    table_id: str
    position: int
    form: str
    title: str
    unit: str
    pages: list[int]
    n_rows: int
    n_cols: int
    n_doubtful: int


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """One upload."""

    id: str
    name: str
    kind: str
    sha256: str
    size: int
    owner: int | None
    created: datetime


@dataclass(frozen=True, slots=True)
class UploadItemRecord:
    """One file of an upload: taken in (`document_id` is set) or refused (`code` and `message` say why).

    Attributes:
        state: of the document; empty for a refused file.
    """

    position: int
    name: str
    document_id: int | None
    duplicate: bool
    code: str
    message: str
    state: str


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents a list shows; an empty field does not restrict it."""

    states: tuple[DocumentState, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    entity: str = ""
    owner: int | None = None
    upload: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings a list shows; an empty field does not restrict it.

    Attributes:
        page: index from 0 of the first evidence.
        text: what the message contains.
        min_confidence: probability between 0 and 1.
        with_absent: also those that a later run did not find again.
    """

    document: int | None = None
    page: int | None = None
    rules: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    severities: tuple[Severity, ...] = ()
    readings: tuple[ReadingVerdict, ...] = ()
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    entity: str = ""
    text: str = ""
    min_confidence: float = 0.0
    created_from: datetime | None = None
    created_before: datetime | None = None
    with_absent: bool = False
