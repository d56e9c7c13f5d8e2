"""The audit log: who did what to which object, each entry's HMAC covering the one before it.

An entry that is changed, removed or put in between breaks the chain at its place. Entries cut off at the end leave a
valid shorter chain: note the newest hash somewhere else (`caishen audit-log export` prints it) and verify against it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text

from models.errors import SettingsError
from service.schema import AuditRow
from service.settings import Settings

KEY_FILE: Final = "audit.key"
NO_ENTRY: Final = "0" * 64
# Any number that no other program takes as an advisory lock: "caishenlog" read as base 36.
_LOCK: Final = 1_246_898_427_085_264
_AT_A_TIME: Final = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Attributes:
        id: consecutive, from 1.
        action: such as `document.upload`.
        object: what it was done to, such as `document:17`.
        detail: texts and whole numbers only, so that it reads back as it was written.
    """

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an examination of the whole log found.

    Attributes:
        n_entries: that were read and are in order.
        head: hash of the last of them.
        fault: what is wrong, in Chinese, with the number of the entry; empty when nothing is.
    """

    n_entries: int
    head: str
    fault: str


class AuditLog:
    """Appends to the log and examines it.

    Args:
        key: secret; whoever has it can write a log that verifies.
    """

    def __init__(self, key: bytes) -> None:
        self._key: Final = key

    def derived_key(self, purpose: str) -> bytes:
        """A key for something else, which tells nothing of the log's own."""
        return hmac.new(self._key, f"derived: {purpose}".encode(), hashlib.sha256).digest()

    def append(
        self, connection: Connection, actor: str, action: str, about: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Adds an entry in the caller's transaction, so that nothing is done without it.

        Args:
            connection: in a transaction that may write.
            actor: name of the person or token.
            action: what was done.
            about: what it was done to; the entry's `object`.
            detail: texts and whole numbers.
        """
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        last = connection.execute(select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)).first()
        number, previous = (last.id + 1, last.hash) if last is not None else (1, NO_ENTRY)
        at = datetime.now(UTC)
        values = {"id": number, "at": at, "actor": actor[:120], "action": action, "object": about}
        entry = {**values, "detail": dict(detail or {}), "previous_hash": previous}
        connection.execute(insert(AuditRow).values(**entry, hash=self._hash(**entry)))

    def verify(self, connection: Connection, *, expected: tuple[int, str] | None = None) -> Verdict:
        """Reads the whole log in order.

        Args:
            connection: in a transaction.
            expected: number and hash of an entry that were noted earlier elsewhere.
        """
        count, head = 0, NO_ENTRY
        is_met = expected is None or expected[0] == 0
        for entry in entries(connection):
            fault = self._fault(entry, count + 1, head)
            if fault:
                return Verdict(count, head, fault)
            count, head = entry.id, entry.hash
            if expected is not None and entry.id == expected[0]:
                if entry.hash != expected[1]:
                    return Verdict(count, head, f"第 {entry.id} 条与另行记下的校验值不同，日志被整体改写过")
                is_met = True
        if not is_met and expected is not None:
            return Verdict(count, head, f"日志只到第 {count} 条，而另行记下过第 {expected[0]} 条：末尾被删除过")
        return Verdict(count, head, "")

    def _fault(self, entry: Entry, number: int, previous: str) -> str:
        if entry.id != number:
            return f"第 {number} 条缺失（其后是第 {entry.id} 条）"
        if entry.previous_hash != previous:
            return f"第 {entry.id} 条与前一条不衔接"
        fields = ("id", "at", "actor", "action", "object", "detail", "previous_hash")
        if not hmac.compare_digest(self._hash(**{name: getattr(entry, name) for name in fields}), entry.hash):
            return f"第 {entry.id} 条的内容被改动过，或密钥不是写入时的那一个"
        return ""

    def _hash(self, **entry: Any) -> str:
        entry["at"] = entry["at"].astimezone(UTC).isoformat(timespec="microseconds")
        content = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key, content.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def entries(connection: Connection, *, after: int = 0) -> Iterator[Entry]:
    """All entries in order, a few thousand in memory at a time."""
    while True:
        query = select(AuditRow.__table__).where(AuditRow.id > after).order_by(AuditRow.id).limit(_AT_A_TIME)
        rows = connection.execute(query).mappings().all()
        for row in rows:
            yield Entry(**row)
        if len(rows) < _AT_A_TIME:
            return
        after = rows[-1]["id"]


def as_json(entry: Entry) -> str:
    """One entry as one line of JSON."""
    content = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "detail": entry.detail,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
    return json.dumps(content, ensure_ascii=False)


def open_audit_log(settings: Settings) -> AuditLog:
    """The log with the key of this installation: from the settings, else from a file that is made when it is missing.

    Raises:
        SettingsError: the file cannot be read or made, or holds no key.
    """
    given = settings.audit_key.get_secret_value()
    if given:
        return AuditLog(given.encode())
    path = settings.root / KEY_FILE
    try:
        _make_key(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"不能读写操作日志的密钥“{path}”（{error}）", "请检查数据目录的权限") from error
    if len(key) < 32:
        raise SettingsError(f"操作日志的密钥“{path}”残缺", "请从备份恢复该文件；换用新密钥后，原有日志将无法校验")
    return AuditLog(key.encode())


def _make_key(path: Path) -> None:
    """Writes a new key unless there is one; two processes that start together keep the same."""
    if path.exists():
        return
    unfinished = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails where the name exists: whoever was first has made the key.
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink(missing_ok=True)
