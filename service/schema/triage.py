"""What people decided; the pipeline reads these tables and never writes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.schema.columns import Base, BigKey


class VerdictRow(Base):
    """What a person decided about a finding, known by document and finding key, not by the finding's row.

    Attributes:
        status: `confirmed`, `dismissed`, … (`open` again where a decision was taken back).
        version: counts the changes; a change that names an older one is refused.
    """

    __tablename__ = "verdicts"
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id"), primary_key=True)
    finding_key: Mapped[str] = mapped_column(String(400), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(40), default="")
    comment: Mapped[str] = mapped_column(default="")
    assignee: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[datetime]
    updated: Mapped[datetime]

    __table_args__ = (Index(None, "status", "updated"), Index(None, "assignee", "updated"))


class CommentRow(Base):
    """One remark about a finding, in the order they were made."""

    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id"))
    finding_key: Mapped[str] = mapped_column(String(400))
    author: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    created: Mapped[datetime]

    __table_args__ = (Index(None, "document_id", "finding_key", "id"),)


class CorrectionRow(Base):
    """What a person says stands in a cell; the reading itself stays as it was.

    Attributes:
        table_id, row, col: the cell.
        read, text: what the program read when it was corrected, and what the page shows.
    """

    __tablename__ = "corrections"
    document_id: Mapped[int] = mapped_column(BigKey, ForeignKey("documents.id"), primary_key=True)
    table_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    col: Mapped[int] = mapped_column(primary_key=True)
    read: Mapped[str]
    text: Mapped[str]
    author: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[datetime]
    updated: Mapped[datetime]
