"""PostgreSQL keeps the words of messages: comparing two thousand texts without taking them apart again."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

POSTGRESQL = (
    "DROP INDEX ix_finding_texts_search",
    (
        "ALTER TABLE finding_texts ADD COLUMN finding_texts_search tsvector"
        " GENERATED ALWAYS AS (to_tsvector('simple', spaced)) STORED"
    ),
    "CREATE INDEX ix_finding_texts_search ON finding_texts USING gin (finding_texts_search)",
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in POSTGRESQL:
            connection.exec_driver_sql(statement)
