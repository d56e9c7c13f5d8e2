"""Everything that a web process, a worker or a command works with, opened from one set of settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.blobs import Blobs, open_blobs
from service.db import Database, open_database
from service.migrate import migrate
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Backend:
    """An opened installation.

    Attributes:
        settings: it was opened with.
        database: migrated to the present shape.
        blobs: originals and encoded records.
    """

    settings: Settings
    database: Database
    blobs: Blobs


@contextmanager
def open_backend(settings: Settings) -> Iterator[Backend]:
    """Opens (and where necessary makes or migrates) an installation.

    Raises:
        SettingsError: a setting makes no sense, or the database belongs to a later version.
        StorageFull, DatabaseUnavailable: the database cannot be used now.
    """
    database = open_database(settings)
    try:
        migrate(database)
        yield Backend(settings, database, open_blobs(settings))
    finally:
        database.close()
