"""Users and how they sign in, the audit log, and values of the installation as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.schema.columns import Base, BigKey, Json, Sha256


class UserRow(Base):
    """A person who may sign in; never deleted, so that what they decided keeps its name."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    disabled: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created: Mapped[datetime]


class IdentityRow(Base):
    """An identity at the organisation's provider by which a person signs in.

    Attributes:
        issuer: address of the provider.
        subject: names the person there for ever; a name or an address may pass to somebody else.
    """

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    created: Mapped[datetime]


class SignInAttemptRow(Base):
    """A sign-in by the provider that has begun; gone when the browser comes back.

    Attributes:
        browser_sha256: of a secret in a cookie, so that only this browser can end what it began.
        user_id: of the person who links an identity; None for a sign-in.
    """

    __tablename__ = "sign_in_attempts"
    browser_sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    state_sha256: Mapped[str] = mapped_column(Sha256)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))
    next: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires: Mapped[datetime]

    __table_args__ = (Index(None, "expires"), Index(None, "user_id"))


class SessionRow(Base):
    """One signed-in browser; the token itself is not stored."""

    __tablename__ = "sessions"
    token_sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires: Mapped[datetime]
    revoked: Mapped[datetime | None]

    __table_args__ = (Index(None, "user_id"), Index(None, "expires"))


class ApiTokenRow(Base):
    """A token for programs, found by its prefix; the token itself is not stored."""

    __tablename__ = "api_tokens"
    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(Sha256, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120), default="")
    scopes: Mapped[list[str]] = mapped_column(Json)
    created: Mapped[datetime]
    last_used: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]

    __table_args__ = (Index(None, "user_id"),)


class InvitationRow(Base):
    """A one-time link by which a person sets a password; the secret in the link is not stored.

    Attributes:
        user_id: whose password; None for the link by which the first administrator is made.
    """

    __tablename__ = "invitations"
    token_sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created: Mapped[datetime]
    expires: Mapped[datetime]
    used: Mapped[datetime | None]

    __table_args__ = (Index(None, "user_id"),)


class AnsweredRow(Base):
    """An upload that came with an `Idempotency-Key`: the same request again gets the same answer.

    Attributes:
        key: as the program chose it.
        request: digest of what was asked.
        upload_id: what came of it.
    """

    __tablename__ = "answered"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    request: Mapped[str] = mapped_column(Sha256)
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    created: Mapped[datetime]

    __table_args__ = (Index(None, "created"), Index(None, "upload_id"))


class AuditRow(Base):
    """One entry of the audit log; each one's hash covers the one before.

    Attributes:
        actor: name of the user or token, as it was then.
        action: such as `document.upload`; `object` is what it was done to, such as `document:17`.
    """

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str] = mapped_column(Sha256)
    hash: Mapped[str] = mapped_column(Sha256, unique=True)

    __table_args__ = (Index(None, "actor", "id"), Index(None, "action", "id"), Index(None, "object", "id"))


class InstallationRow(Base):
    """Values that belong to the installation as a whole (keys, the set-up link), by name."""

    __tablename__ = "installation"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
