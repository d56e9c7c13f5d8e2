"""What one web process works with: the installation, the audit log, and the limits it keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from service.audit import AuditLog
from service.auth.accounts import UNKNOWN_NAME, LockOut
from service.auth.known_browsers import KNOWN_BROWSER, KnownBrowsers
from service.auth.provider import Provider
from service.auth.sessions import Lifetime
from service.backend import Backend
from service.installed_versions import installed_versions
from service.pictures import Pictures
from service.rates import Rates
from service.settings import Settings
from service.versions import Versions

REQUESTS: Final = "requests"
UPLOADS: Final = "uploads"
SIGN_INS: Final = "sign-ins"


@dataclass(frozen=True, slots=True)
class Site:
    """One web process.

    Attributes:
        backend: database and blobs.
        log: the audit log.
        rates: how often one person may ask.
        pictures: of pages.
        clock: the time; an argument so that tests need not wait.
        streams: open progress connections by user id.
        provider: by which people sign in; None when they do with passwords only.
    """

    backend: Backend
    log: AuditLog
    rates: Rates
    pictures: Pictures
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    streams: Counter[int] = field(default_factory=Counter)
    provider: Provider | None = None

    @property
    def settings(self) -> Settings:
        return self.backend.settings

    def versions(self) -> Versions:
        """What results depend on, as it is installed now.

        Raises:
            SettingsError: the settings file of the rules is missing or wrong.
        """
        # What is shipped does not change while the process runs: only the rules are looked at again.
        return installed_versions(self.settings)

    @property
    def lifetime(self) -> Lifetime:
        """Of browser sessions."""
        return Lifetime(
            timedelta(seconds=self.settings.session_idle_s), timedelta(seconds=self.settings.session_longest_s)
        )

    @property
    def known_browsers(self) -> KnownBrowsers:
        """Those from which people have signed in before."""
        return KnownBrowsers(self.log.derived_key("known browsers"))

    @property
    def lock_out(self) -> LockOut:
        """When wrong passwords lock an account."""
        return LockOut(self.settings.lock_after_failures, timedelta(seconds=self.settings.lock_s))


def rates_of(settings: Settings) -> Rates:
    """The limits that the settings name."""
    lock_out = LockOut(settings.lock_after_failures, timedelta(seconds=settings.lock_s))
    return Rates(
        {
            REQUESTS: settings.rate_requests,
            UPLOADS: settings.rate_uploads,
            SIGN_INS: settings.rate_sign_ins,
            UNKNOWN_NAME: lock_out.rate,
            KNOWN_BROWSER: lock_out.rate,
        }
    )
