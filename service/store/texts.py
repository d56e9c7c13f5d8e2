"""Search in the messages of findings: characters one by one, because Chinese has no words that a database could find.

Both databases index the characters of a message in order (SQLite FTS5, PostgreSQL full text); a search finds the
messages that hold the same characters side by side. What is found is then compared as it is written.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, text

from service.schema import FindingRow, FindingTextRow

LOOKED_UP_AT_MOST: Final = 2_000
"""With more matches than this, walking the list in its order meets enough of them soon."""


def spaced(message: str) -> str:
    """Letters and digits with a blank between them; what separates words is left out."""
    return " ".join(character for character in message if unicodedata.category(character)[0] in "LN")


def index_texts(connection: Connection, document_id: int) -> None:
    """Brings the index up to date with a document's findings."""
    mine = select(FindingRow.id, FindingRow.message).where(FindingRow.document_id == document_id)
    rows = [{"finding_id": number, "spaced": spaced(message)} for number, message in connection.execute(mine)]
    ids = select(FindingRow.id).where(FindingRow.document_id == document_id)
    connection.execute(delete(FindingTextRow).where(FindingTextRow.finding_id.in_(ids)))
    if rows:
        connection.execute(insert(FindingTextRow), rows)


def holds(connection: Connection, wanted: str) -> list[ColumnElement[bool]]:
    """The conditions that a finding's message contains a text."""
    as_written: list[ColumnElement[bool]] = [FindingRow.message.contains(wanted, autoescape=True)]
    categories = {unicodedata.category(character)[0] for character in wanted}
    # Marks and control characters are treated differently by the indexes; nobody looks for them.
    if not categories & set("LN") or categories - set("LNPSZ"):
        return as_written
    if connection.dialect.name == "sqlite":
        query = "SELECT rowid FROM finding_texts_search WHERE finding_texts_search MATCH :wanted LIMIT :most"
        searched = f'"{spaced(wanted)}"'
    else:
        query = (
            "SELECT finding_id FROM finding_texts"
            " WHERE finding_texts_search @@ phraseto_tsquery('simple', :wanted) LIMIT :most"
        )
        searched = spaced(wanted)
    values: dict[str, Any] = {"wanted": searched, "most": LOOKED_UP_AT_MOST + 1}
    found = list(connection.execute(text(query), values).scalars())
    if len(found) > LOOKED_UP_AT_MOST:
        return as_written
    return [FindingRow.id.in_(found), *as_written]
