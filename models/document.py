"""A document as it was read: pages, tables and text, before anything is known of budgets."""

from __future__ import annotations

from dataclasses import dataclass

from models.page import Page
from models.table import Block, Table


@dataclass(frozen=True, slots=True)
class Document:
    """One file (or one folder of page images), read.

    Attributes:
        sha256: of the bytes of the file; of the files' hashes in name order for a folder of images.
        name: the file's name as a person gave it.
        pages, tables, blocks: in reading order.
    """

    sha256: str
    name: str
    pages: tuple[Page, ...]
    tables: tuple[Table, ...] = ()
    blocks: tuple[Block, ...] = ()
