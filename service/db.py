"""The one place that knows database drivers: settings in, an engine whose transactions are safe out.

SQLite transactions that may write begin with BEGIN IMMEDIATE: with the driver's own handling, two processes that read
and then write lose updates in silence (885 of 1,200 in a measurement), with a deferred BEGIN they fail as locked.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from models.errors import DatabaseUnavailable, SettingsError, StorageFull
from service.settings import Settings

BUSY_TIMEOUT_MS: Final = 30_000
# Before this version two processes that write and checkpoint at once can damage a WAL file (fixed in 3.51.3).
SAFE_WAL: Final = (3, 51, 3)
PRODUCT_FILE: Final = "caishen.sqlite3"
JOBS_FILE: Final = "jobs.sqlite3"
JOBS_SCHEMA: Final = "jobs"


def sqlite_driver() -> ModuleType:
    """`pysqlite3`, which brings its own current SQLite, where it is installed; else Python's own."""
    try:
        import pysqlite3.dbapi2
    except ImportError:
        return sqlite3
    driver: ModuleType = pysqlite3.dbapi2
    return driver


def has_safe_wal() -> bool:
    """Whether the SQLite in use may keep a write-ahead log that several processes share."""
    return tuple(sqlite_driver().sqlite_version_info) >= SAFE_WAL


class Database:
    """An engine with the two kinds of transactions.

    Args:
        engine: made by `open_database`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine: Final = engine
        self.is_sqlite: Final = engine.dialect.name == "sqlite"
        self._reader: Final = engine.execution_options(caishen_read_only=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back when an exception leaves it.

        Raises:
            StorageFull: the disk is full; nothing was written.
            DatabaseUnavailable: locked for longer than the busy timeout, or not reachable; nothing was written.
        """
        with translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads; does not wait for writers. Raises as `write` does."""
        with translated(), self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Ends all pooled connections."""
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """The product's database; makes the data directory, not the tables (see `service.migrate`).

    Raises:
        SettingsError: the address makes no sense, or the data directory cannot be used.
    """
    return Database(_engine(settings, PRODUCT_FILE))


def jobs_engine(settings: Settings) -> Engine:
    """The engine of the job queue: a SQLite file of its own, or the same PostgreSQL database.

    Its writers must not hold up the product's. In PostgreSQL its tables lie in the schema `jobs`. In SQLite the driver
    begins the transactions, immediate ones, as DBOS expects it (its migrations begin one by themselves).
    """
    return _engine(settings, JOBS_FILE, begins_itself=True)


def jobs_url(settings: Settings) -> str:
    """The address of the job queue's database, as `jobs_engine` opens it."""
    return _url(settings, JOBS_FILE).render_as_string(hide_password=False)


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the driver that mean "try later" as errors of ours; all others pass."""
    try:
        yield
    except OperationalError as error:
        raise _translation(error) from error
    except InterfaceError as error:
        raise DatabaseUnavailable(f"连接数据库失败（{_first_line(error)}）", "请检查数据库是否在运行") from error


def make_data_dir(folder: Path) -> None:
    """Makes the data directory, readable by its owner only.

    Raises:
        SettingsError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"不能建立数据目录“{folder}”（{error.strerror or error}）", "请检查权限，或用 CAISHEN_DATA_DIR 换一个目录"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"数据目录“{folder}”不能写入", "请检查权限，或用 CAISHEN_DATA_DIR 换一个目录")


def _url(settings: Settings, file: str) -> URL:
    if settings.uses_sqlite:
        return URL.create("sqlite", database=str(settings.root / file))
    try:
        url = make_url(settings.database_url)
    except Exception as error:
        raise SettingsError(
            "CAISHEN_DATABASE_URL 不是数据库地址", "应为 postgresql://用户:密码@主机:端口/库"
        ) from error
    return url.set(drivername="postgresql+psycopg")


def _engine(settings: Settings, file: str, *, begins_itself: bool = False) -> Engine:
    make_data_dir(settings.root)
    url = _url(settings, file)
    if settings.uses_sqlite:
        return sqlite_engine(url, begins_itself=begins_itself)
    return create_engine(url, pool_pre_ping=True, pool_recycle=1800, connect_args={"connect_timeout": 10})


def sqlite_engine(url: URL, *, foreign_keys: bool = True, begins_itself: bool = False) -> Engine:
    """An engine over a SQLite file.

    Args:
        url: of the file.
        foreign_keys: off only for migrations, where replacing a table must not delete what refers to it.
        begins_itself: the driver begins an immediate transaction before the first statement that writes, and none
            before statements that read.
    """
    engine = create_engine(url, module=sqlite_driver(), connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    def on_connect(connection: Any, _record: object) -> None:
        # None: the driver begins no transactions, `on_begin` does.
        connection.isolation_level = "IMMEDIATE" if begins_itself else None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        _set_journal_mode(cursor, "WAL" if has_safe_wal() else "TRUNCATE")
        # FULL: a commit that was answered survives a power cut, also in WAL mode.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA cache_size=-32768")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("caishen_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    if not begins_itself:
        event.listen(engine, "begin", on_begin)
    return engine


def _set_journal_mode(cursor: Any, mode: str) -> None:
    # SQLite answers "locked" at once, without its busy timeout, when two connections give a new file its mode: 6 of 40
    # starts of four processes failed that way.
    end = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute(f"PRAGMA journal_mode={mode}")
        except sqlite_driver().OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        else:
            return
        time.sleep(0.01)


def _translation(error: DBAPIError) -> Exception:
    text = _first_line(error)
    if "disk is full" in text or "disk I/O error" in text or _sqlstate(error) == "53100":
        return StorageFull(f"数据库所在磁盘已满（{text}）", "请腾出空间；已保存的内容没有丢失")
    if "locked" in text or "busy" in text:
        return DatabaseUnavailable(
            "数据库正被其他程序占用", "请稍后再试；若一直如此，请检查是否有备份程序锁住了数据文件"
        )
    if _sqlstate(error) is None and ("no such table" in text or "syntax" in text):
        return error
    return DatabaseUnavailable(f"数据库无法使用（{text}）", "请检查数据库是否在运行、地址和密码是否正确")


def _sqlstate(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0][:200]
