"""Passwords: what is accepted as one, and argon2id hashes of them."""

from __future__ import annotations

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import SettingsError

SHORTEST: Final = 10
"""Characters. NIST SP 800-63B asks for 8 with a second factor and 15 without; with the lock-out after few failures
10 is what people still type in Chinese offices."""
LONGEST: Final = 256
# RFC 9106, second recommended option: 64 MiB, three passes, four lanes.
_HASHER = PasswordHasher()
# Every hash takes 64 MiB: more than two at once would let sign-ins push the process over its memory.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_TOO_COMMON: Final = (
    "1234567890",
    "0123456789",
    "0987654321",
    "qwertyuiop",
    "password",
    "caishen",
    "admin",
    "abcdefghij",
)


def hash_password(password: str) -> str:
    """An argon2id hash with its parameters and salt, as text."""
    with _AT_ONCE:
        return _HASHER.hash(_normalised(password))


def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password belongs to the hash; takes as long when there is no hash, so that names cannot be probed."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _nobodys_hash(), _normalised(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def refuse_weak(password: str, user_name: str) -> None:
    """Accepts a new password or says why not.

    Raises:
        SettingsError: too short, too long, made of too few characters, or found in every list of passwords.
    """
    text = _normalised(password)
    plain = text.casefold()
    if len(text) < SHORTEST:
        raise SettingsError(f"密码太短（{len(text)} 个字符）", f"请用至少 {SHORTEST} 个字符，可以是几个不相干的词")
    if len(text) > LONGEST:
        raise SettingsError(f"密码超过 {LONGEST} 个字符", "请缩短")
    if user_name and user_name.casefold() in plain and len(text) - len(user_name) < SHORTEST // 2:
        raise SettingsError("密码里主要是用户名", "请换一个与用户名无关的密码")
    if len(set(plain)) < 5 or any(common in plain and len(text) - len(common) < 4 for common in _TOO_COMMON):
        raise SettingsError("密码太容易猜到", "请换一个不重复、不连号的密码")


def _normalised(password: str) -> str:
    # The same characters from two input methods must be the same password (full width, composed accents).
    # Composing shortens them, at most to a quarter; what is longer is none, and must not cost more than one.
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST + 1])


def _nobodys_hash() -> str:
    global _nobody
    if _nobody is None:
        _nobody = _HASHER.hash("\0nobody")
    return _nobody


_nobody: str | None = None
