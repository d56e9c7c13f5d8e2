"""The four roles and what each may do; the scopes of API tokens are the same permissions."""

from __future__ import annotations

from typing import Final, Literal, get_args

Role = Literal["viewer", "auditor", "lead", "administrator"]
Permission = Literal[
    "documents:read",
    "documents:write",
    "documents:delete",
    "documents:manage",
    "verdicts:write",
    "audit:read",
    "metrics:read",
    "people:manage",
]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
PERMISSIONS: Final[tuple[Permission, ...]] = get_args(Permission)

ROLE_LABEL: Final[dict[Role, str]] = {
    "viewer": "查阅",
    "auditor": "审核员",
    "lead": "组长",
    "administrator": "管理员",
}
ROLE_MEANING: Final[dict[Role, str]] = {
    "viewer": "查看文件、问题和报告",
    "auditor": "上传文件、查看报告、对问题作出认定和更正",
    "lead": "同审核员，并可删除文件、查看操作日志",
    "administrator": "全部权限，包括管理用户和令牌",
}
PERMISSION_LABEL: Final[dict[Permission, str]] = {
    "documents:read": "查看文件和问题",
    "documents:write": "上传、重试、取消",
    "documents:delete": "删除文件",
    "documents:manage": "批量重新处理、删除有认定的文件",
    "verdicts:write": "认定和更正",
    "audit:read": "查看操作日志",
    "metrics:read": "读取运行指标",
    "people:manage": "管理用户",
}

_VIEWER: Final = frozenset[Permission]({"documents:read"})
_AUDITOR: Final = _VIEWER | frozenset[Permission]({"documents:write", "verdicts:write"})
_LEAD: Final = _AUDITOR | frozenset[Permission]({"documents:delete", "audit:read"})
GRANTED: Final[dict[Role, frozenset[Permission]]] = {
    "viewer": _VIEWER,
    "auditor": _AUDITOR,
    "lead": _LEAD,
    "administrator": frozenset(PERMISSIONS),
}


def granted(role: Role, scopes: frozenset[Permission] | None = None) -> frozenset[Permission]:
    """What a person of a role may do; through a token only what the token's scopes name as well."""
    return GRANTED[role] if scopes is None else GRANTED[role] & scopes
