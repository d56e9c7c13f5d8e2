"""The audit log as lists show it: the newest first, filtered, and with Chinese words for what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from service.audit import Entry
from service.records import Slice
from service.schema import AuditRow

ACTION_LABEL: Final = {
    "session.start": "登录",
    "session.end": "退出登录",
    "session.refuse": "登录未成功",
    "user.create": "添加用户",
    "user.change": "更改用户",
    "user.invite": "给出设置密码的链接",
    "user.password": "设置密码",
    "identity.link": "关联统一身份",
    "identity.unlink": "解除统一身份",
    "token.create": "建立令牌",
    "token.revoke": "作废令牌",
    "document.upload": "上传",
    "document.retry": "重新处理",
    "document.cancel": "取消处理",
    "document.reprocess": "批量重新处理",
    "document.delete": "删除文件",
    "document.export": "导出",
    "verdict.set": "认定问题",
    "comment.add": "添加意见",
    "correction.set": "更正单元格",
    "rules.change": "更改规则",
    "audit-log.export": "导出操作日志",
}


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries a list shows; an empty field does not restrict it.

    Attributes:
        actor: the name, exactly.
        action: an action, or a family of them (`session`).
        object: such as `document:17`, exactly.
    """

    actor: str = ""
    action: str = ""
    object: str = ""


def list_entries(connection: Connection, wanted: LogFilter, *, before: int | None, limit: int) -> Slice[Entry]:
    """Entries with a smaller number than `before`, the newest first."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.actor:
        conditions.append(AuditRow.actor == wanted.actor)
    if wanted.action:
        family = AuditRow.action.startswith(f"{wanted.action}.", autoescape=True)
        conditions.append((AuditRow.action == wanted.action) | family)
    if wanted.object:
        conditions.append(AuditRow.object == wanted.object)
    if before is not None:
        conditions.append(AuditRow.id < before)
    query = select(AuditRow.__table__).where(*conditions).order_by(AuditRow.id.desc()).limit(limit + 1)
    found = tuple(Entry(**row) for row in connection.execute(query).mappings())
    return Slice(found[:limit], str(found[limit - 1].id) if len(found) > limit else "")
