"""What is remembered of documents, and indexes by the version and the blobs of results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_memories",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_archive_memories_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_memories")),
        sa.UniqueConstraint("document_id", name=op.f("uq_archive_memories_document_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_archive_memories_key_document_id"), "archive_memories", ["key", "document_id"])
    op.create_table(
        "archive_observations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("memory_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("sure", sa.Double(), nullable=False),
        sa.Column("features", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["archive_memories.id"], name=op.f("fk_archive_observations_memory_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_observations")),
    )
    op.create_index(
        op.f("ix_archive_observations_memory_id_kind_id"), "archive_observations", ["memory_id", "kind", "id"]
    )
    op.create_index(op.f("ix_archive_observations_kind_item_unit"), "archive_observations", ["kind", "item", "unit"])
    op.create_table(
        "archive_skeletons",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_skeletons")),
        sa.UniqueConstraint("digest", name=op.f("uq_archive_skeletons_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "archive_excerpts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("memory_id", KEY, nullable=False),
        sa.Column("skeleton_id", KEY, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["archive_memories.id"], name=op.f("fk_archive_excerpts_memory_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["skeleton_id"], ["archive_skeletons.id"], name=op.f("fk_archive_excerpts_skeleton_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_excerpts")),
    )
    op.create_index(op.f("ix_archive_excerpts_memory_id_id"), "archive_excerpts", ["memory_id", "id"])
    op.create_index(op.f("ix_archive_excerpts_skeleton_id_memory_id"), "archive_excerpts", ["skeleton_id", "memory_id"])
    op.drop_index(op.f("ix_documents_version"), "documents")
    op.create_index(op.f("ix_documents_version_state_id"), "documents", ["version", "state", "id"])
    for column in ("document_blob", "report_blob"):
        is_there = sa.text(f"{column} <> ''")
        op.create_index(
            f"ix_documents_{column}", "documents", [column], sqlite_where=is_there, postgresql_where=is_there
        )
