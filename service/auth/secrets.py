"""Random secrets that are shown once and kept only as digests: session tokens, API tokens, invitations."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

TOKEN_MARK: Final = "cst"  # noqa: S105 - no secret, only how one begins
"""API tokens begin with it, so that a leaked one is recognised in code and logs."""


def new_secret() -> str:
    """32 random bytes as URL-safe text (43 characters)."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal. A random secret of 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compares in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


@dataclass(frozen=True, slots=True)
class NewToken:
    """An API token at the moment it is made.

    Attributes:
        shown: the whole token, `cst_<prefix>_<secret>`; never stored.
        prefix: names the token in lists and finds its row.
        digest: of the whole token; what is stored.
    """

    shown: str
    prefix: str
    digest: str


def new_token() -> NewToken:
    """A new API token."""
    prefix = secrets.token_hex(5)
    shown = f"{TOKEN_MARK}_{prefix}_{new_secret()}"
    return NewToken(shown, prefix, digest(shown))


def token_prefix(token: str) -> str | None:
    """The prefix of something that looks like an API token."""
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    return prefix if mark == TOKEN_MARK and len(prefix) == 10 and secret else None
