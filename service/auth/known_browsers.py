"""Browsers from which a person has signed in before: wrong passwords from elsewhere do not lock them out there.

An account that locks after some wrong passwords can be kept locked by anybody who knows its name. A browser that has
shown the right password once therefore keeps a mark, and has a count of its own (OWASP: device cookies).
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from service.auth.secrets import same

KNOWN_FOR_S: Final = 180 * 86_400
KNOWN_BROWSER: Final = "known-browser"
"""Kind of rate: failures of one marked browser."""


class KnownBrowsers:
    """Makes marks and recognises them; a new password makes all marks of a person void.

    Args:
        key: secret.
    """

    def __init__(self, key: bytes) -> None:
        self._key: Final = key

    def mark(self, user_id: int, password_hash: str) -> str:
        """A mark for a browser that has just shown the password."""
        return self._signed(secrets.token_urlsafe(12), user_id, password_hash)

    def recognised(self, mark: str, user_id: int, password_hash: str) -> str:
        """What names the browser in counts; empty where the mark is not one of this person."""
        name = mark.partition(".")[0]
        return name if same(mark, self._signed(name, user_id, password_hash)) else ""

    def _signed(self, name: str, user_id: int, password_hash: str) -> str:
        content = f"{name}\0{user_id}\0{password_hash}".encode("utf-8", "surrogatepass")
        return f"{name}.{hmac.new(self._key, content, 'sha256').hexdigest()}"
