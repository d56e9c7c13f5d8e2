"""SHA-256 of files."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_digest(path: Path) -> str:
    """Digest of a file's bytes, read some at a time. Raises what reading raises."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
