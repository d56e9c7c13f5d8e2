"""Observations know year and region of their document, so that the latest peers are found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_DOCUMENT = "(SELECT m.{0} FROM archive_memories m WHERE m.id = archive_observations.memory_id)"


def upgrade() -> None:
    op.add_column("archive_observations", sa.Column("year", sa.SmallInteger(), nullable=True))
    op.add_column("archive_observations", sa.Column("region", sa.Text(), nullable=False, server_default=""))
    taken = ", ".join(f"{name} = {OF_DOCUMENT.format(name)}" for name in ("year", "region"))
    op.execute(f"UPDATE archive_observations SET {taken}")  # noqa: S608
    op.drop_index("ix_archive_observations_kind_item_unit", "archive_observations")
    for columns in (["kind", "item", "unit", "year", "id"], ["kind", "item", "unit", "region", "year", "id"]):
        op.create_index(f"ix_archive_observations_{'_'.join(columns)}", "archive_observations", columns)
    op.create_index("ix_archive_memories_region_entity", "archive_memories", ["region", "entity"])
