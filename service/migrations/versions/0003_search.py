"""An index of the characters of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.texts import spaced

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# The index keeps no text of its own: it reads that of the table, and these keep the two together.
SQLITE = (
    "CREATE VIRTUAL TABLE finding_texts_search USING fts5(spaced, content='finding_texts', content_rowid='finding_id')",
    (
        "CREATE TRIGGER finding_texts_added AFTER INSERT ON finding_texts BEGIN"
        " INSERT INTO finding_texts_search(rowid, spaced) VALUES (new.finding_id, new.spaced); END"
    ),
    (
        "CREATE TRIGGER finding_texts_gone AFTER DELETE ON finding_texts BEGIN"
        " INSERT INTO finding_texts_search(finding_texts_search, rowid, spaced)"
        " VALUES ('delete', old.finding_id, old.spaced); END"
    ),
)
POSTGRESQL = "CREATE INDEX ix_finding_texts_search ON finding_texts USING gin (to_tsvector('simple', spaced))"


def upgrade() -> None:
    op.create_table(
        "finding_texts",
        sa.Column("finding_id", KEY, nullable=False),
        sa.Column("spaced", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_texts_finding_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding_texts")),
    )
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else (POSTGRESQL,):
        connection.exec_driver_sql(statement)
    texts = sa.table("finding_texts", sa.column("finding_id"), sa.column("spaced"))
    findings = connection.execute(sa.text("SELECT id, message FROM findings")).all()
    if findings:
        rows = [{"finding_id": number, "spaced": spaced(message)} for number, message in findings]
        connection.execute(texts.insert(), rows)
