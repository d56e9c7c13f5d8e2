"""What results depend on in this installation: shipped code and models, and the settings of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from models.errors import SettingsError
from models.run import Stage
from service.versions import Versions, code_version, digest_of

if TYPE_CHECKING:
    from detect.settings import AuditSettings
    from service.settings import Settings


def installed_versions(settings: Settings) -> Versions:
    """What results depend on in this installation as it is now; takes some tenths of a second.

    Raises:
        SettingsError: the settings file of the rules is missing or wrong.
    """
    return versions_with(rules_of(settings))


def rules_of(settings: Settings) -> AuditSettings | None:
    """The settings of the rules; None where the shipped ones hold. Raises as `installed_versions`."""
    from detect.settings_file import load_settings

    if settings.rules_file is None:
        return None
    if not settings.rules_file.is_file():
        raise SettingsError(f"找不到规则设置文件“{settings.rules_file}”", "请检查 CAISHEN_RULES_FILE")
    return load_settings(settings.rules_file)


def versions_with(rules: AuditSettings | None) -> Versions:
    """What results depend on with these settings of the rules."""
    from ocr.source import DEFAULT_LIMITS

    return Versions(
        {stage: code_version(stage) for stage in get_args(Stage)},
        # Settings of rules do not change what is read: pages need not be read again for them.
        {"pages": digest_of([repr(DEFAULT_LIMITS)]), "findings": "" if rules is None else rules.digest},
    )
