"""Documents whose results were made with another version of code, models or settings than a given one.

Few versions are ever in use, and documents are indexed by them: whatever the size of the archive, finding the next few
reads no more than these.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, exists, func, select

from service.schema import DocumentRow, StageCacheRow
from service.store import work
from service.versions import Versions


def count_outdated(connection: Connection, present: Versions) -> tuple[int, int]:
    """How many documents there are, and of how many the pages have to be read again; reads them all."""
    n_all = n_unread = 0
    code, config = present.of("pages")
    is_read = exists().where(
        StageCacheRow.input_hash == DocumentRow.sha256,
        StageCacheRow.stage == "pages",
        StageCacheRow.code_version == code,
        StageCacheRow.config_hash == config,
    )
    for version in _others(connection, present.digest):
        of_version = select(func.count()).where(DocumentRow.version == version, DocumentRow.state == "done")
        n_all += connection.execute(of_version).scalar_one()
        n_unread += connection.execute(of_version.where(~is_read)).scalar_one()
    return n_all, n_unread


def submit_outdated(connection: Connection, present: Versions, *, priority: int, limit: int) -> tuple[int, ...]:
    """Asks for a few of them to be processed again, and returns their ids; none when there are none left.

    Documents that are waiting or at work, and those that came to no result, are left alone. What was asked for is not
    found again, so that whoever is interrupted goes on by asking again.
    """
    ids: list[int] = []
    for version in _others(connection, present.digest):
        some = select(DocumentRow.id).where(DocumentRow.version == version, DocumentRow.state == "done")
        ids += connection.execute(some.order_by(DocumentRow.id).limit(limit - len(ids))).scalars()
        if len(ids) == limit:
            break
    work.submit(connection, ids, priority=priority)
    return tuple(ids)


def _others(connection: Connection, present: str) -> Iterator[str]:
    """The versions of results but the present one, each found by one step in the index."""
    last = ""
    while True:
        following = select(func.min(DocumentRow.version)).where(DocumentRow.version > last)
        found = connection.execute(following).scalar()
        if found is None:
            return
        if found != present:
            yield found
        last = found
