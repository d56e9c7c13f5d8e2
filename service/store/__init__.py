"""The only place with SQL for documents, uploads and findings.

Every function takes a connection, so that a caller decides what belongs to one transaction.
"""

from service.store.documents import (
    count_states,
    find_document,
    find_upload,
    list_documents,
    list_uploads,
    outcomes_of,
    pages_of,
    skips_of,
    tables_of,
)
from service.store.findings import COUNTED_AT_MOST, count_findings, find_finding, list_findings, set_status

__all__ = [
    "COUNTED_AT_MOST",
    "count_findings",
    "count_states",
    "find_document",
    "find_finding",
    "find_upload",
    "list_documents",
    "list_findings",
    "list_uploads",
    "outcomes_of",
    "pages_of",
    "set_status",
    "skips_of",
    "tables_of",
]
