"""Brings a database to the shape that this version needs; safe to call from any number of processes at once."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from models.errors import SettingsError
from service.db import Database, sqlite_engine, translated

_SCRIPTS: Final = Path(__file__).parent / "migrations"
# Any number that no other program takes as an advisory lock of the same database: "caishen" read as base 36.
_LOCK: Final = 26_702_105_519


def migrate(database: Database) -> None:
    """Runs the steps that are missing, all in one transaction.

    On SQLite the transaction is the only writer; on PostgreSQL it holds an advisory lock. A second process waits and
    then finds nothing to do. A step that fails leaves the database as it was.

    Raises:
        SettingsError: the database was made by a later version.
        StorageFull, DatabaseUnavailable: as `Database.write`.
    """
    # It tells of every start, not only of steps that it runs.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Replacing a table in SQLite means dropping it, which would delete the rows that refer to it.
    engine = sqlite_engine(database.engine.url, foreign_keys=False) if database.is_sqlite else database.engine
    try:
        with translated(), engine.begin() as connection:
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _upgrade(connection)
    finally:
        if engine is not database.engine:
            engine.dispose()


def maintain(connection: Connection) -> None:
    """Has the database look at how its rows are spread, by which it chooses its ways; cheap when nothing changed."""
    # PostgreSQL does that by itself, but not at once.
    connection.execute(text("PRAGMA optimize=0x10002" if connection.dialect.name == "sqlite" else "ANALYZE"))


def head() -> str:
    """The newest shape that this version knows."""
    newest = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    assert newest is not None
    return newest


def current(connection: Connection) -> str | None:
    """The shape the database has; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    if current(connection) == head():
        return
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SettingsError(
            f"数据库是由更新版本的财审建立的（{current(connection)}）", "请安装该版本，或用备份恢复"
        ) from error
