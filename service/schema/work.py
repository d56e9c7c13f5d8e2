"""Uploads, documents, and how far the work on them is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.schema.columns import Base, BigKey, Sha256

_WAITING: Final = text("state = 'queued' AND submitted IS NULL")
_HAS_PAGES: Final = text("document_blob <> ''")
_HAS_REPORT: Final = text("report_blob <> ''")


class UploadRow(Base):
    """One upload: a file, or an archive of files.

    Attributes:
        id: random, fit for an address.
        name: of the file as its owner called it.
        kind: `file` or `zip`.
        sha256, size: of the bytes as they came.
        owner: user id, None for what the command line brought in.
    """

    __tablename__ = "uploads"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(Sha256)
    size: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created: Mapped[datetime]

    __table_args__ = (Index(None, "created", "id"), Index(None, "owner", "created", "id"))


class UploadItemRow(Base):
    """One file of an upload, accepted (it has a document) or refused (it has a code and a message).

    Attributes:
        name: within the archive, with its folders; the upload's name for a single file.
        duplicate: the same bytes had been taken in before.
        code, message: why it was refused; the message is Chinese.
    """

    __tablename__ = "upload_items"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    document_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"))
    duplicate: Mapped[bool] = mapped_column(default=False)
    code: Mapped[str] = mapped_column(String(40), default="")
    message: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("upload_id", "position"), Index(None, "document_id"))


class DocumentRow(Base):
    """One document: the bytes, how far its processing is, and what came of it.

    Attributes:
        sha256: of the file; also its name in the blob store.
        name: the first name it was uploaded under.
        media: `pdf`, `png`, `jpeg`, `tiff`, or `images` (see `service.bundles`).
        kind, year, entity: as the document says; empty or None until known.
        state: see `models.work.DocumentState`.
        stage: the step at work, `pages` or `findings`; empty when none is.
        pages_done, n_pages: progress of reading; `n_pages` is 0 until known.
        priority: 1 is served first; an auditor's upload goes before an archive run.
        attempts: runs that failed since the last success or retry by a person.
        crashes: runs that ended with their worker since then.
        generation: counts the hand-overs to the workers; a run of an older one may write nothing any more.
        submitted: when this generation was handed to the queue; None for what still waits for that.
        failure_code, failure_message: of the last failure; empty after a success.
        next_try: not to be handed over before.
        document_blob, report_blob: encoded records in the blob store (see `models.codec`).
        version: digest of code, models and settings that the results were made with; empty without results.
        n_findings: without those that are absent now; `n_errors`, `n_warnings` and `n_hints` are its parts.
        n_checks, n_skipped: checks that came to an end, and those that could not be made.
    """

    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    sha256: Mapped[str] = mapped_column(Sha256, unique=True)
    name: Mapped[str]
    media: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(32), default="")
    year: Mapped[int | None] = mapped_column(SmallInteger)
    entity: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    stage: Mapped[str] = mapped_column(String(16), default="")
    pages_done: Mapped[int] = mapped_column(default=0)
    n_pages: Mapped[int] = mapped_column(default=0)
    n_tables: Mapped[int] = mapped_column(default=0)
    n_findings: Mapped[int] = mapped_column(default=0)
    n_errors: Mapped[int] = mapped_column(default=0)
    n_warnings: Mapped[int] = mapped_column(default=0)
    n_hints: Mapped[int] = mapped_column(default=0)
    n_checks: Mapped[int] = mapped_column(default=0)
    n_skipped: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=10)
    attempts: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=1)
    submitted: Mapped[datetime | None]
    failure_code: Mapped[str] = mapped_column(String(40), default="")
    failure_message: Mapped[str] = mapped_column(default="")
    next_try: Mapped[datetime | None]
    document_blob: Mapped[str] = mapped_column(Sha256, default="")
    report_blob: Mapped[str] = mapped_column(Sha256, default="")
    version: Mapped[str] = mapped_column(Sha256, default="")
    created: Mapped[datetime]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "created", "id"),
        Index(None, "state", "created", "id"),
        Index(None, "owner", "created", "id"),
        Index(None, "entity", "year"),
        Index(None, "year", "created", "id"),
        Index("ix_documents_waiting", "priority", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        # Documents made with older versions are found in portions, wherever in the archive they are.
        Index(None, "version", "state", "id"),
        Index("ix_documents_document_blob", "document_blob", sqlite_where=_HAS_PAGES, postgresql_where=_HAS_PAGES),
        Index("ix_documents_report_blob", "report_blob", sqlite_where=_HAS_REPORT, postgresql_where=_HAS_REPORT),
    )


class StageCacheRow(Base):
    """What a stage made of an input; a function of the four things that determine it."""

    __tablename__ = "stage_cache"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    input_hash: Mapped[str] = mapped_column(Sha256)
    stage: Mapped[str] = mapped_column(String(16))
    code_version: Mapped[str] = mapped_column(String(64))
    config_hash: Mapped[str] = mapped_column(Sha256)
    blob: Mapped[str] = mapped_column(Sha256)
    created: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("input_hash", "stage", "code_version", "config_hash", name="uq_stage_cache_key"),
        Index(None, "blob"),
    )


class WorkerRow(Base):
    """A worker process and when it was last heard of.

    Attributes:
        id: executor id, `host-slot`; never shared by two live processes.
        beat: when it last reported.
        stopped: when it left in good order; None while it works, and for one that was killed.
    """

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started: Mapped[datetime]
    beat: Mapped[datetime]
    stopped: Mapped[datetime | None]
