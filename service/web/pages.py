"""Templates to pages: one environment, and what every page is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.audit_list import ACTION_LABEL
from service.auth.roles import PERMISSION_LABEL, ROLE_LABEL, ROLE_MEANING
from service.export.wording import percent
from service.static_files import static_address

if TYPE_CHECKING:
    from fastapi import Request

STATE_LABEL: Final = {
    "queued": "排队中",
    "working": "处理中",
    "done": "已完成",
    "failed": "无法读取",
    "quarantined": "处理失败",
    "cancelled": "已取消",
}
STAGE_LABEL: Final = {"pages": "读取页面", "facts": "整理表格", "findings": "检查"}
_OBJECT_LABEL: Final = {
    "user": "用户",
    "token": "令牌",
    "document": "文件",
    "documents": "多份文件",
    "upload": "上传",
    "finding": "问题",
}
_DETAIL_LABEL: Final = {
    "name": "名称",
    "role": "角色",
    "reason": "原因",
    "failures": "连续失败",
    "locked": "已锁定",
    "known": "用过的浏览器",
    "unlocked": "解除锁定",
    "disabled": "停用",
    "scopes": "权限",
    "days": "天数",
    "by": "方式",
    "other": "其他浏览器",
    "issuer": "身份系统",
    "subject": "身份",
    "status": "认定",
    "from": "原来",
    "to": "改为",
    "key": "问题",
    "what": "内容",
    "sha256": "SHA-256",
    "size": "字节",
    "documents": "文件",
    "refused": "拒收",
    "cell": "单元格",
    "first": "第一份",
    "last": "最后一份",
    "verdicts": "认定",
    "comments": "意见",
    "corrections": "更正",
}
_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment of all pages; an undefined name is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader((_TEMPLATES / "web", _TEMPLATES)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(percent=percent, size=size_in_words, moment=moment, iso=iso)
    made.globals.update(
        static=static_address,
        version=version("caishen"),
        role_label=ROLE_LABEL,
        role_meaning=ROLE_MEANING,
        permission_label=PERMISSION_LABEL,
        action_label=ACTION_LABEL,
        object_label=object_label,
        detail_label=detail_label,
        state_label=STATE_LABEL,
        stage_label=STAGE_LABEL,
    )
    return made


def render(request: Request, template: str, **context: object) -> str:
    """A page as HTML.

    Args:
        request: its state knows who is signed in.
        template: under `templates/web`.
        context: what the template needs beside `person`, `csrf` and `path`.
    """
    state = request.scope.get("state", {})
    return (
        environment()
        .get_template(template)
        .render(
            person=state.get("person"),
            csrf=state.get("csrf", ""),
            request_id=state.get("request_id", ""),
            path=request.scope["path"],
            **context,
        )
    )


def object_label(name: str) -> str:
    """What an entry of the audit log is about: `文件 17`."""
    kind, _, rest = name.partition(":")
    return f"{_OBJECT_LABEL.get(kind, kind)} {rest}".strip()


def detail_label(detail: Mapping[str, object]) -> str:
    """The detail of an entry of the audit log in words."""
    return "；".join(f"{_DETAIL_LABEL.get(key, key)}：{_value_label(value)}" for key, value in detail.items())


def _value_label(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(map(_value_label, value))
    if isinstance(value, str):
        role = next((label for role, label in ROLE_LABEL.items() if role == value), value)
        return next((label for permission, label in PERMISSION_LABEL.items() if permission == value), role)
    return str(value)


def size_in_words(n_bytes: int) -> str:
    """`820 B`, `14 KB`, `2.5 MB`."""
    if n_bytes < 1024:
        return f"{n_bytes} B"
    size, unit = n_bytes / 1024, "KB"
    for larger in ("MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} {unit}" if size >= 10 or unit == "KB" else f"{size:.1f} {unit}"


def moment(at: datetime | None) -> str:
    """A time as people in the service's time zone read it; a dash for none."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M") if at is not None else "—"


def iso(at: datetime) -> str:
    """A time for programs, in UTC."""
    return at.isoformat(timespec="seconds")
