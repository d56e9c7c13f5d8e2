"""Who makes a request: a person through a browser session, or a program through a token of that person."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.errors import NotAllowed
from service.auth.roles import PERMISSION_LABEL, ROLE_LABEL, Permission, Role, granted


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person.

    Attributes:
        session: digest of the session's token; empty for a program.
        csrf: the token that unsafe requests of the session must carry; empty for a program.
        token: prefix of the API token; empty for a browser.
        scopes: of the token; None for a browser, which has all that the role grants.
    """

    id: int
    name: str
    role: Role
    session: str = ""
    csrf: str = field(default="", repr=False)
    token: str = ""
    scopes: frozenset[Permission] | None = None

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"{self.name}（令牌 {self.token}）" if self.token else self.name

    def may(self, permission: Permission) -> bool:
        """Whether role and token allow it."""
        return permission in granted(self.role, self.scopes)

    def must(self, permission: Permission) -> None:
        """Goes on only where `may` holds.

        Raises:
            NotAllowed: says whether the role or the token is what lacks it.
        """
        if self.may(permission):
            return
        label = PERMISSION_LABEL[permission]
        if permission in granted(self.role):
            raise NotAllowed(f"这个令牌没有“{label}”的权限（{permission}）", "请用带有该权限的令牌")
        raise NotAllowed(f"“{ROLE_LABEL[self.role]}”没有“{label}”的权限", "请联系管理员")
