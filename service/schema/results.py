"""What the pipeline made of a document; replaced whenever it is processed again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.schema.columns import Base, BigKey, Json

# What lists filter by; severities are ranges of `rank`.
_FILTERED: Final = ("rule", "status", "year", "category", "reading", "kind", "baseline")


class PageRow(Base):
    """One page of a document; see `models.page.Page`."""

    __tablename__ = "pages"
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    width_pt: Mapped[float]
    height_pt: Mapped[float]
    rotation_deg: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(String(8))
    watermark: Mapped[float]
    problem: Mapped[str]


class TableRow(Base):
    """One table of a document without its cells, which are in the report's blob.

    Attributes:
        table_id: `t1`, `t2`, … in reading order; `position` is the number in it.
        form: id of the statutory form; empty when it is none.
        pages: page indexes from 0.
        n_doubtful: cells that were read with a confidence below one half or whose ink cleaning touched.
    """

    __tablename__ = "tables"
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    table_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int]
    form: Mapped[str] = mapped_column(String(40))
    title: Mapped[str]
    unit: Mapped[str] = mapped_column(String(16))
    pages: Mapped[list[int]] = mapped_column(Json)
    n_rows: Mapped[int]
    n_cols: Mapped[int]
    n_doubtful: Mapped[int] = mapped_column(default=0)


class FindingRow(Base):
    """One finding; a document's findings are known by their `key`, which survives processing again.

    Attributes:
        rank: showing order over all documents: severity first, then confidence; the smaller the graver.
        page: index from 0 of the first evidence; None when it has none.
        kind, year, entity: of the document, repeated so that lists need no join.
        status: a copy of the verdict's status, `open` where there is none; triage keeps it, the pipeline carries it on.
        baseline: SARIF's word for how it stands against the former results: `new`, `unchanged`, `updated`, `absent`.
            An absent finding is kept only where a person has said something about it.
        fingerprint: digest of what is said, by which `updated` is told from `unchanged`.
        evidence, equations: as in `findings.json`, for showing.
        created: when it was first found.
    """

    __tablename__ = "findings"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(400))
    rank: Mapped[int]
    rule: Mapped[str] = mapped_column(String(8))
    category: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(8))
    reading: Mapped[str] = mapped_column(String(20))
    confidence: Mapped[float]
    page: Mapped[int | None]
    message: Mapped[str]
    expected: Mapped[str]
    observed: Mapped[str]
    difference: Mapped[str]
    basis: Mapped[str]
    evidence: Mapped[list[Any]] = mapped_column(Json)
    equations: Mapped[list[Any]] = mapped_column(Json)
    kind: Mapped[str] = mapped_column(String(32))
    year: Mapped[int | None] = mapped_column(SmallInteger)
    entity: Mapped[str]
    status: Mapped[str] = mapped_column(String(16), default="open")
    baseline: Mapped[str] = mapped_column(String(12), default="new")
    fingerprint: Mapped[str] = mapped_column(String(16))
    created: Mapped[datetime]
    updated: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("document_id", "key"),
        Index(None, "document_id", "rank", "id"),
        Index(None, "entity", "rank", "id"),
        # Each of these holds all columns that lists filter by: whatever the combination, rows that do not match are
        # passed over inside the index. The first column leads to the start of a list, the rest costs bytes only.
        Index("ix_findings_rank", "rank", "id", *_FILTERED),
        Index("ix_findings_created", "created", "id", "rank", *_FILTERED),
        Index("ix_findings_rule", "rule", "rank", "id", *_FILTERED[1:]),
        Index("ix_findings_status", "status", "rank", "id", *_FILTERED[:1], *_FILTERED[2:]),
        Index("ix_findings_year", "year", "rank", "id", *_FILTERED[:2], *_FILTERED[3:]),
    )


class FindingTextRow(Base):
    """The characters of a finding's message, for searching; see `service.store.texts`."""

    __tablename__ = "finding_texts"
    finding_id: Mapped[int] = mapped_column(BigKey, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True)
    spaced: Mapped[str]


class SkipRow(Base):
    """A check that could not be made; see `models.finding.Skip`."""

    __tablename__ = "skips"
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(8))
    scope: Mapped[str]
    reason: Mapped[str]


class OutcomeRow(Base):
    """How often one rule was applied in a document and how that ended; see `models.finding.RuleOutcome`."""

    __tablename__ = "outcomes"
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str]
    run: Mapped[int]
    consistent: Mapped[int]
    failed: Mapped[int]
    skipped: Mapped[int]
