from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, select, text, update

from models.errors import DatabaseUnavailable, SettingsError
from service import db
from service.backend import Backend, open_backend
from service.db import open_database
from service.migrate import head, migrate
from service.schema import Base, InstallationRow, UserRow
from service.settings import Settings, load_settings

SEARCH = re.compile(r"(ix_)?finding_texts_(search|search_\w+)")


def test_migrations_make_the_tables_of_the_schema(backend: Backend) -> None:
    with backend.database.read() as connection:
        # What an index of characters is made of differs from database to database, and no table row knows of it.
        opts = {"compare_type": True, "include_name": lambda name, *_: not SEARCH.fullmatch(name or "")}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == head()


def test_processes_that_start_together_migrate_once(settings: Settings) -> None:
    problems: list[BaseException] = []

    def start() -> None:
        database = open_database(settings)
        try:
            migrate(database)
        except BaseException as error:  # noqa: BLE001
            problems.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_new_file_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    writer = db.sqlite_driver().connect(settings.root / db.PRODUCT_FILE, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.1, writer.execute, ["ROLLBACK"])
    release.start()
    # Without waiting, SQLite answers at once that the file is locked.
    database = open_database(settings)
    migrate(database)
    database.close()
    release.join()
    writer.close()


def test_a_database_of_a_later_version_is_refused(settings: Settings) -> None:
    with open_backend(settings) as backend, backend.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="更新版本"), open_backend(settings):
        pass


def test_no_update_is_lost_between_reading_and_writing(tmp_path: Path) -> None:
    with open_backend(Settings(data_dir=tmp_path)) as backend:
        with backend.database.write() as connection:
            connection.execute(insert(InstallationRow).values(name="n", value=0))

        def count_up() -> None:
            for _ in range(25):
                with backend.database.write() as connection:
                    n = connection.execute(select(InstallationRow.value)).scalar_one()
                    connection.execute(update(InstallationRow).values(value=n + 1))

        threads = [threading.Thread(target=count_up) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with backend.database.read() as connection:
            assert connection.execute(select(InstallationRow.value)).scalar_one() == 100


def test_reading_does_not_wait_for_a_writer(backend: Backend) -> None:
    with backend.database.write() as writer:
        writer.execute(insert(InstallationRow).values(name="n", value=1))
        with backend.database.read() as reader:
            assert reader.execute(select(func.count()).select_from(InstallationRow)).scalar_one() == 0


def test_a_locked_database_is_named_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 50)
    with open_backend(Settings(data_dir=tmp_path)) as backend:
        with (
            backend.database.write(),
            pytest.raises(DatabaseUnavailable, match="占用"),
            backend.database.write(),
        ):
            pass
        with backend.database.write() as connection:
            connection.execute(insert(InstallationRow).values(name="n", value=1))


def test_an_exception_leaves_nothing_behind(backend: Backend) -> None:
    def write_half() -> None:
        with backend.database.write() as connection:
            connection.execute(insert(InstallationRow).values(name="n", value=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    with backend.database.read() as connection:
        assert connection.execute(select(InstallationRow)).all() == []


def test_moments_come_back_as_they_went_in(backend: Backend) -> None:
    moment = datetime(2026, 3, 1, 20, 15, 30, 123456, tzinfo=UTC)
    with backend.database.write() as connection:
        connection.execute(
            insert(UserRow).values(name="甲", password_hash="x", role="auditor", created=moment, locked_until=None)
        )
    with backend.database.read() as connection:
        found = connection.execute(select(UserRow.created).where(UserRow.created < moment + timedelta(seconds=1)))
        assert found.scalars().all() == [moment]


def test_without_a_safe_version_there_is_no_shared_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "has_safe_wal", lambda: False)
    with open_backend(Settings(data_dir=tmp_path)) as backend, backend.database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "truncate"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"port": "80a"}, "CAISHEN_PORT 应为整数"),
        ({"workers": -1}, "CAISHEN_WORKERS 不能小于 0"),
        ({"database_url": "mysql://x"}, "CAISHEN_DATABASE_URL 只支持 PostgreSQL"),
        ({"blob_url": "s3://"}, "CAISHEN_BLOB_URL 缺少桶的名字"),
    ],
)
def test_settings_that_make_no_sense_are_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(**given)


def test_the_environment_decides_and_secrets_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAISHEN_MAX_PAGES", "7")
    assert load_settings().max_pages == 7
    monkeypatch.setenv("CAISHEN_DATABASE_URL", "oracle://u:geheim@h/d")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "geheim" not in str(refused.value)
