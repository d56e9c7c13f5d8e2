"""Worker processes and whether they live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.schema import WorkerRow


def present(connection: Connection) -> datetime:
    """The present moment by the clock that all workers share: the database's, or this machine's with SQLite."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def beat(connection: Connection, worker_id: str, *, host: str, pid: int) -> None:
    """Reports that a worker lives."""
    now = present(connection)
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(WorkerRow).values(id=worker_id, host=host, pid=pid, started=now, beat=now, stopped=None)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"beat": now, "pid": pid, "stopped": None})
    )


def stop(connection: Connection, worker_id: str) -> None:
    """Reports that a worker has left in good order."""
    connection.execute(update(WorkerRow).where(WorkerRow.id == worker_id).values(stopped=present(connection)))


def gone(connection: Connection, dead_after: timedelta) -> tuple[str, ...]:
    """Workers that have stopped or were not heard of for so long; what they had in work is free."""
    is_gone = WorkerRow.stopped.is_not(None) | (WorkerRow.beat < present(connection) - dead_after)
    return tuple(connection.execute(select(WorkerRow.id).where(is_gone)).scalars())


def forget(connection: Connection, older_than: timedelta) -> None:
    """Drops workers that left long ago."""
    connection.execute(delete(WorkerRow).where(WorkerRow.beat < present(connection) - older_than))
