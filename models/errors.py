"""The one tree of errors: an exception means that the work could not be done.

A bad document is data (a missing form is a finding); these are for bytes that cannot be read at all,
settings that make no sense, and machines that lack something. Every message is Chinese and says what
happened, to which file, page or cell, and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class CaishenError(Exception):
    """Base of all errors that Caishen raises on purpose.

    Attributes:
        code: stable identifier for programs.
        exit_code: of the command line.
        http_status: of the service.
        reason: Chinese, what happened and to what.
        remedy: Chinese, what the user can do.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 5
    http_status: ClassVar[int] = 500

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}。{remedy}。")
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[CaishenError], tuple[str, str]]:
        """Errors cross process borders: they are rebuilt from reason and remedy."""
        return type(self), (self.reason, self.remedy)


class SettingsError(CaishenError):
    """Arguments or settings that make no sense."""

    code = "bad-settings"
    exit_code = 2
    http_status = 400


class InputError(CaishenError):
    """A file that cannot be read; the other inputs are still done."""

    code = "unreadable"
    exit_code = 3
    http_status = 422


class UnsupportedFormat(InputError):
    """The bytes are none of PDF, PNG, JPEG, TIFF, whatever the file's name says."""

    code = "unsupported-format"
    http_status = 415


class EncryptedInput(InputError):
    """The file needs a password to be opened."""

    code = "encrypted"


class DamagedInput(InputError):
    """The file is truncated, empty or malformed beyond reading."""

    code = "damaged"


class InputTooLarge(InputError):
    """The file exceeds a limit on bytes, pages or pixels."""

    code = "too-large"
    http_status = 413


class InputTimeout(InputError):
    """Opening or rendering the file took longer than allowed, or more memory."""

    code = "too-costly"


class MissingResource(CaishenError):
    """The machine lacks something that Caishen needs (model files, libGL, write rights)."""

    code = "missing-resource"
    exit_code = 5
    http_status = 503


class StorageFull(MissingResource):
    """The disk has no room left; nothing was written, and what was acknowledged before is safe."""

    code = "storage-full"
    http_status = 507


class DatabaseUnavailable(MissingResource):
    """The database is locked for too long or cannot be reached; nothing was written."""

    code = "database-unavailable"


class NotFound(CaishenError):
    """What was asked for does not exist, or not any more."""

    code = "not-found"
    exit_code = 2
    http_status = 404


class BlobDamaged(CaishenError):
    """Stored bytes are not those that were put in: the disk, or someone, has changed them."""

    code = "blob-damaged"


class RequestError(CaishenError):
    """A request to the service that cannot be carried out as it was made."""

    code = "bad-request"
    exit_code = 2
    http_status = 400


class NotSignedIn(RequestError):
    """Nobody is signed in, or the session, password or token is not valid."""

    code = "not-signed-in"
    http_status = 401


class NotAllowed(RequestError):
    """The person or the token may not do this, or the request came from another site."""

    code = "not-allowed"
    http_status = 403


class InConflict(RequestError):
    """The request contradicts what is stored by now."""

    code = "in-conflict"
    http_status = 409


class TooManyRequests(RequestError):
    """More requests than allowed in a span of time.

    Attributes:
        wait_s: seconds until the next attempt makes sense.
    """

    code = "too-many-requests"
    http_status = 429

    def __init__(self, reason: str, remedy: str, wait_s: int = 60) -> None:
        super().__init__(reason, remedy)
        self.wait_s = wait_s

    def __reduce__(self) -> tuple[type[CaishenError], tuple[str, str]]:
        return type(self), (self.reason, self.remedy)
