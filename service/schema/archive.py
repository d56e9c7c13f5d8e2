"""What is remembered of every document, so that others can be compared with it; see `models.archive`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from service.schema.columns import Base, BigKey, Json, Sha256


class MemoryRow(Base):
    """One remembered document.

    Attributes:
        id: its place in the archive: the smaller was remembered first, and a document that is read again keeps it.
        digest: of all that is remembered, by which a reading that changed nothing is told.
        key: see `models.archive.Source.key`; of several documents with one key the one taken in last speaks for all.
    """

    __tablename__ = "archive_memories"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id", ondelete="CASCADE"), unique=True)
    digest: Mapped[str] = mapped_column(Sha256)
    key: Mapped[str]
    sha256: Mapped[str] = mapped_column(Sha256)
    name: Mapped[str]
    entity: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32))
    year: Mapped[int | None] = mapped_column(SmallInteger)
    scope: Mapped[str] = mapped_column(String(16))
    region: Mapped[str]

    # A place must never be taken twice: what was compared with a document that is gone is not compared with the next.
    __table_args__ = (
        Index(None, "key", "document_id"),
        Index(None, "region", "entity"),
        {"sqlite_autoincrement": True},
    )


class ObservationRow(Base):
    """One number of a remembered document; see `models.archive.Observation`. Amounts are text: a float is not exact.

    Attributes:
        year, region: of its document, so that the latest of a million are found without looking at the others.
    """

    __tablename__ = "archive_observations"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    memory_id: Mapped[int] = mapped_column(BigKey, ForeignKey("archive_memories.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    item: Mapped[str]
    unit: Mapped[str]
    value: Mapped[str]
    step: Mapped[str]
    label: Mapped[str]
    text: Mapped[str]
    page: Mapped[int]
    sure: Mapped[float]
    features: Mapped[list[Any]] = mapped_column(Json)
    year: Mapped[int | None] = mapped_column(SmallInteger)
    region: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        Index(None, "memory_id", "kind", "id"),
        Index(None, "kind", "item", "unit", "year", "id"),
        Index(None, "kind", "item", "unit", "region", "year", "id"),
    )


class SkeletonRow(Base):
    """One text that passages have in common when they are filled in anew.

    Attributes:
        id: grows in the order in which texts are committed, so that an index in memory can be brought up to date.
        digest: of the text, 16 bytes.
        bands: of its fingerprint, 4 bytes each; see `detect.duplicates.Prints`.
    """

    __tablename__ = "archive_skeletons"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    text: Mapped[str]
    bands: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = ({"sqlite_autoincrement": True},)


class ExcerptRow(Base):
    """One passage of a remembered document; see `models.archive.Excerpt`."""

    __tablename__ = "archive_excerpts"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    memory_id: Mapped[int] = mapped_column(BigKey, ForeignKey("archive_memories.id", ondelete="CASCADE"))
    skeleton_id: Mapped[int] = mapped_column(BigKey, ForeignKey("archive_skeletons.id"))
    field: Mapped[str] = mapped_column(String(40))
    label: Mapped[str]
    text: Mapped[str]
    page: Mapped[int]

    __table_args__ = (Index(None, "memory_id", "id"), Index(None, "skeleton_id", "memory_id"))
