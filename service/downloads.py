"""Headers under which a browser saves an answer as a file, whatever characters its name has."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]')


def attachment(name: str) -> dict[str, str]:
    """`Content-Disposition` for a file of this name (RFC 6266)."""
    tidy = _UNSAFE.sub("_", name).strip(" .")[:180] or "document"
    plain = tidy.encode("ascii", "replace").decode().replace("?", "_")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(tidy, safe='')}"}
