"""What Alembic runs: the steps in the transaction that `service.migrate` has opened."""

from __future__ import annotations

from alembic import context

from service.schema import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    # True of SQLite as well when the driver does not begin and end transactions by itself.
    transactional_ddl=True,
)
context.run_migrations()
